import { z } from 'zod'
import { api, type ReplayDetail, type ReplayJourney } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { mayUse } from '../fhir/index.ts'
import {
  askReplay,
  cancelReplay,
  listReplayed,
  listReplays,
  oneReplayed,
  type Replay,
  readReplay,
  triedOf,
} from '../journeys/index.ts'
import { type CallContext, type Route, route } from '../kernel/index.ts'
import {
  type Definition,
  explain,
  type Explaining,
  type LogEntry,
  medianHours,
  momentOf,
  parse,
  sideBySide,
  type Stays,
} from '../pathways/index.ts'
import { type DeskDependencies, inSight, iso, patientsOf } from './desk.ts'
import { refuse } from './errors.ts'
import { reasonSentence, startedSentence } from './replay-words.ts'

const definitionOf = (replay: Replay): Definition | undefined => parse(replay.source).definition

function shown(replay: Replay): ReplayDetail['replay'] {
  const { id, pathway, version, draft, assume, clinic, status, askedBy, patients, patientsDone, hash, fault } = replay
  return {
    id,
    pathway,
    title: definitionOf(replay)?.title ?? { en: pathway, fr: pathway },
    version,
    draft,
    from: iso(replay.from),
    until: iso(replay.until),
    assume,
    clinic,
    status,
    askedBy,
    askedAt: iso(replay.askedAt),
    endedAt: replay.endedAt === null ? null : iso(replay.endedAt),
    patients,
    patientsDone,
    hash,
    fault,
  }
}

const stays = (one: Stays) => ({
  n: one.n,
  open: one.open,
  meanHours: one.n === 0 ? null : one.hours / one.n,
  medianHours: medianHours(one),
})

function detailOf(replay: Replay, { library }: DeskDependencies): ReplayDetail {
  const { tally } = replay
  if (!tally) return { replay: shown(replay), result: null }
  const { counts, work, stages, ...sums } = tally
  const definition = definitionOf(replay)
  const order = definition?.stages.map(({ id }) => id) ?? []
  return {
    replay: shown(replay),
    result: {
      ...sums,
      counts: Object.entries(counts)
        .map(([kind, n]) => {
          const [what = '', change = ''] = kind.split(' ')
          return { what, change, n }
        })
        .toSorted((a, b) => b.n - a.n),
      work: Object.entries(work)
        .map(([role, byDay]) => {
          const days = Object.entries(byDay)
            .map(([day, [before, after]]) => ({ day, before, after }))
            .toSorted((a, b) => (a.day < b.day ? -1 : 1))
          return {
            role,
            title: library.roles.find((one) => one.id === role)?.title ?? { en: role, fr: role },
            before: days.reduce((sum, one) => sum + one.before, 0),
            after: days.reduce((sum, one) => sum + one.after, 0),
            days,
          }
        })
        .toSorted((a, b) => b.before + b.after - (a.before + a.after)),
      stages: Object.entries(stages)
        .map(([stage, { before, after }]) => ({
          stage,
          title: definition?.stages.find((one) => one.id === stage)?.title ?? { en: stage, fr: stage },
          before: stays(before),
          after: stays(after),
        }))
        .toSorted((a, b) => order.indexOf(a.stage) - order.indexOf(b.stage)),
    },
  }
}

async function journeyOf(
  tx: Tx,
  dependencies: DeskDependencies,
  context: CallContext,
  ids: { replay: string; journey: string },
): Promise<ReplayJourney> {
  const { pathways, library, record } = dependencies
  const replay = await readReplay(tx, ids.replay)
  const one = await oneReplayed(tx, { pathways, record, calendar: library.calendar }, replay, ids.journey)
  const sight = await dependencies.sight(tx, context)
  if (!(await mayUse(tx, sight, 'read', one.subject)))
    throw refuse('journey-not-found', { faults: [{ path: 'journey', message: 'is not in this replay' }] })
  const patients = await patientsOf(tx, record, [one.subject], sight)
  const draft = definitionOf(replay)
  const kept = one.version === null ? undefined : (await pathways.version(tx, replay.pathway, one.version)).definition
  const how = (definition: Definition, version: number): Explaining => ({
    definition,
    version,
    roles: library.roles,
    locale: context.locale,
    zone: library.calendar.zone,
  })
  const line = (entry: LogEntry | null, definition: Definition | undefined, version: number | null) =>
    entry && definition
      ? {
          at: iso(entry.at),
          sentence:
            version === null && entry.kind === 'started'
              ? startedSentence(entry, context.locale)
              : explain(entry, how(definition, version ?? 0)),
          rule: entry.rule,
          event: entry.event,
          assumed: entry.event.startsWith('assumed/'),
        }
      : null
  const pairs = sideBySide(
    one.before && kept ? { log: one.before, definition: kept } : null,
    one.after && draft ? { log: one.after.log, definition: draft } : null,
  )
  const first = pairs.find(({ changes }) => changes.length > 0)
  return {
    journey: one.journey,
    patient: patients.get(one.subject) ?? { id: one.subject, name: one.subject, birthDate: null },
    version: one.version,
    faithful: one.faithful,
    differences: one.differences.length,
    rows: pairs.map((pair) => ({
      changes: pair.changes,
      first: pair === first,
      before: line(pair.before, kept, one.version ?? 0),
      after: line(pair.after, draft, replay.version),
      why: pair.reason && reasonSentence(pair.reason, context.locale),
    })),
  }
}

const id = z.object({ id: z.string().max(64) })
// A date is its midnight on the clinic's clock.
const moment = z.union([z.iso.datetime(), z.iso.date()])
const period = {
  from: moment,
  until: moment,
  assume: z.enum(['open', 'alike']).default('open'),
  /** One clinic alone. */
  clinic: z
    .string()
    .regex(/^(?:Organization|Location)\/[A-Za-z0-9.-]{1,64}$/)
    .optional(),
}

/** Replays of past journeys on a draft: asked for, followed, read, and one journey side by side. */
export function replayRoutes(dependencies: DeskDependencies): Route[] {
  const { database, pathways } = dependencies
  return [
    route({
      method: 'POST',
      path: '/api/replays',
      summary: 'Replay a past period on a published version or on the source of a draft; runs in the background',
      access: { permission: 'pathways.write' },
      style: 'api',
      audits: ['replay-asked'],
      body: z.union([
        z.strictObject({ draft: z.string().max(64), ...period }),
        z.strictObject({ source: z.string().max(400_000), ...period }),
        z.strictObject({ pathway: z.string().max(60), version: z.int(), ...period }),
      ]),
      reply: api.replayAsked,
      handle: (context, { body }) =>
        database.transaction(context.tenant, async (tx) => {
          const { zone } = dependencies.library.calendar
          const { assume, clinic } = body
          const times = { from: momentOf(body.from, zone), until: momentOf(body.until, zone) }
          const asked = { ...(await triedOf(tx, pathways, body)), ...times, assume, clinic }
          const made = await askReplay(tx, context, pathways, asked)
          await dependencies.audit(tx, context, [
            { action: 'E', code: 'replay-asked', entities: [], about: [{ kind: 'replay', id: made }] },
          ])
          return { status: 202, body: { id: made } }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/replays',
      summary: 'The last replays of a pathway',
      access: { permission: 'journeys.read' },
      style: 'api',
      audits: { nothing: 'numbers over many patients, and none of them' },
      query: z.object({ pathway: z.string().max(60) }),
      reply: api.replayList,
      handle: (context, { query }) =>
        database.transaction(context.tenant, async (tx) => ({
          body: { items: (await listReplays(tx, query.pathway)).map(shown) },
        })),
    }),
    route({
      method: 'GET',
      path: '/api/replays/:id',
      summary: 'A replay: how far it is, and what it came to',
      access: { permission: 'journeys.read' },
      style: 'api',
      audits: { nothing: 'numbers over many patients, and none of them' },
      params: id,
      reply: api.replayDetail,
      handle: (context, { params }) =>
        database.transaction(context.tenant, async (tx) => ({
          body: detailOf(await readReplay(tx, params.id), dependencies),
        })),
    }),
    route({
      method: 'POST',
      path: '/api/replays/:id/cancel',
      summary: 'Stop a replay that waits or runs',
      access: { permission: 'pathways.write' },
      style: 'api',
      audits: ['replay-cancelled'],
      params: id,
      handle: (context, { params }) =>
        database.transaction(context.tenant, async (tx) => {
          await cancelReplay(tx, context, params.id)
          await dependencies.audit(tx, context, [
            { action: 'U', code: 'replay-cancelled', entities: [], about: [{ kind: 'replay', id: params.id }] },
          ])
          return { body: {} }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/replays/:id/journeys',
      summary: 'Journeys in which something differs, those with most differences first',
      access: { permission: 'journeys.read' },
      style: 'api',
      audits: ['replay-journeys'],
      params: id,
      query: z.object({ kind: z.string().max(60).optional(), after: z.string().max(200).optional() }),
      reply: api.replayJourneys,
      handle: (context, { params, query }) =>
        database.transaction(context.tenant, async (tx) => {
          await readReplay(tx, params.id)
          const sight = await dependencies.sight(tx, context)
          const asked = { replay: params.id, kind: query.kind, after: query.after }
          const { rows, next } = await listReplayed(tx, asked, (values) => inSight(sight, values, 'subject'))
          const patients = await patientsOf(
            tx,
            dependencies.record,
            rows.map((row) => row.subject),
            sight,
          )
          const items = rows.map(({ subject, ...row }) => ({
            ...row,
            patient: patients.get(subject) ?? { id: subject, name: subject, birthDate: null },
          }))
          await dependencies.audit(tx, context, [
            { action: 'R', code: 'replay-journeys', entities: rows.map((row) => row.subject) },
          ])
          return { body: { items, next } }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/replays/:id/journeys/:journey',
      summary: 'One journey of a replay: the recorded log beside the log on the draft, with why each line differs',
      access: { permission: 'journeys.read' },
      style: 'api',
      audits: ['replay-journey'],
      params: id.extend({ journey: z.string().max(300) }),
      reply: api.replayJourney,
      handle: (context, { params }) =>
        database.transaction(context.tenant, async (tx) => {
          const body = await journeyOf(tx, dependencies, context, { replay: params.id, journey: params.journey })
          await dependencies.audit(tx, context, [
            { action: 'R', code: 'replay-journey', entities: [`Patient/${body.patient.id}`] },
          ])
          return { body }
        }),
    }),
  ]
}
