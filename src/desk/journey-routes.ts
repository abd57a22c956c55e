import { z } from 'zod'
import { api, type JourneyDetail, overrideReasons } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { mayUse } from '../fhir/index.ts'
import { type Acted, actOnJourney, readLog } from '../journeys/index.ts'
import { type CallContext, type Route, route } from '../kernel/index.ts'
import { explain, type JourneyState, nextOf, pictureOf, waitingFor, why, whyNot } from '../pathways/index.ts'
import { boardOf } from './board.ts'
import { listJourneys } from './list-journeys.ts'
import { type DeskDependencies, explaining, iso, patientsOf } from './desk.ts'
import { refuse } from './errors.ts'
import { explainingEach } from './explaining-each.ts'
import { endingTitle } from './pathway-words.ts'
import { scenarioOfJourney } from './scenario-of-journey.ts'
import { messagesOfJourney } from './message-routes.ts'
import { keepOverride } from '../work/index.ts'
import { workItems } from './work-views.ts'

const journeyNotFound = () =>
  refuse('journey-not-found', { faults: [{ path: 'id', message: 'no journey has this id' }] })

/** A journey whose patient the caller may not see is one that does not exist. */
async function refuseUnseen(tx: Tx, dependencies: DeskDependencies, context: CallContext, id: string): Promise<void> {
  const [row] = await tx.query<{ subject: string }>({
    name: 'subject-of-journey',
    text: 'select subject from journey where tenant_id = $1 and id = $2',
    values: [tx.tenant, id],
  })
  if (!row || !(await mayUse(tx, await dependencies.sight(tx, context), 'read', row.subject))) throw journeyNotFound()
}

async function detailOf(
  tx: Tx,
  dependencies: DeskDependencies,
  context: CallContext,
  id: string,
): Promise<JourneyDetail> {
  const [row] = await tx.query<{
    pathway: string
    version: number
    started_at: Date
    ended_at: Date | null
    state: string
  }>({
    text: 'select pathway, version, started_at, ended_at, state from journey where tenant_id = $1 and id = $2',
    values: [tx.tenant, id],
  })
  const state: JourneyState | undefined = row && JSON.parse(row.state)
  const sight = await dependencies.sight(tx, context)
  if (!row || !state || !(await mayUse(tx, sight, 'read', state.subject))) throw journeyNotFound()
  const how = await explaining(tx, dependencies, context, row.pathway, row.version)
  const { definition } = how
  const log = await readLog(tx, id)
  const then = await explainingEach(tx, dependencies, context, row, log)
  const patients = await patientsOf(tx, dependencies.record, [state.subject], sight)
  const tasks = await tx.query<{ id: string; patient: string | null }>({
    text: 'select id, patient from work_item where tenant_id = $1 and journey = $2 order by created_at, id',
    values: [tx.tenant, id],
  })
  const now = context.clock.now()
  const graph = pictureOf(definition)
  const stateOf = (step: string): JourneyDetail['graph']['nodes'][number]['state'] => {
    const open = state.open[step]
    if (open) return open.due !== undefined && open.due < now ? 'overdue' : open.key === '' ? 'waiting' : 'open'
    const past = state.past[step]
    if (!past || past.n === 0) return 'not-reached'
    if (past.outcome !== null) return 'done'
    const last = log.findLast((entry) => entry.step === step)
    // A step that was open when the journey ended has no outcome either: nobody skipped it.
    return last?.kind === 'ended' ? 'done' : last?.kind === 'skipped' ? 'skipped' : 'stopped'
  }
  const told = why(log, undefined, how)
  return {
    journey: {
      id,
      pathway: row.pathway,
      version: row.version,
      title: definition.title,
      status: state.status,
      outcome: state.outcome,
      outcomeTitle: endingTitle(definition, state.outcome),
      stage: definition.stages.find((stage) => stage.id === state.stage)?.title ?? null,
      startedAt: iso(row.started_at),
      endedAt: row.ended_at === null ? null : iso(row.ended_at),
      patient: patients.get(state.subject) ?? { id: state.subject, name: state.subject, birthDate: null },
      trigger: state.trigger,
    },
    graph: {
      nodes: graph.nodes.map((node) => ({
        ...node,
        state: stateOf(node.id),
        times: state.open[node.id]?.n ?? state.past[node.id]?.n ?? 0,
      })),
      edges: graph.edges,
    },
    timeline: log.map((entry) => ({
      at: iso(entry.at),
      kind: entry.kind,
      sentence: explain(entry, then(entry)),
      step: entry.step,
      rule: entry.rule,
      event: entry.event,
    })),
    tasks: await workItems(tx, dependencies, context, tasks, sight),
    messages: await messagesOfJourney(tx, dependencies, id, sight),
    waitingFor: waitingFor(state, how),
    next: nextOf(state, how),
    why: {
      sentence: told?.sentence ?? '',
      chain: (told?.chain ?? []).map((entry) => ({ ...entry, at: iso(entry.at) })),
    },
    variables: Object.entries(state.variables).map(([name, { value, event }]) => ({ name, value, from: event })),
  }
}

/** Why, as a code beside the words, and the minutes that it cost. */
const cause = { code: z.enum(overrideReasons).optional(), lost: z.number().int().min(0).max(1_440).optional() }
const reason = z.string().trim().min(1).max(500)

const undone = {
  resting: { path: 'do', message: 'the journey rests: resume it first' },
  'not-resting': { path: 'do', message: 'the journey does not rest' },
  'unknown-step': { path: 'step', message: 'the pathway has no such step' },
  'not-discretionary': { path: 'step', message: 'the pathway does not leave this step to people' },
  open: { path: 'step', message: 'is open already' },
  'not-open': { path: 'step', message: 'is not open now' },
}

function refuseUndone(acted: Acted): void {
  if (acted === 'done') return
  if (acted === 'unknown') throw journeyNotFound()
  if (acted === 'ended') throw refuse('journey-ended', { faults: [{ path: 'status', message: 'is not active' }] })
  throw refuse('act-not-possible', { faults: [undone[acted]] })
}

export function journeyRoutes(dependencies: DeskDependencies): Route[] {
  const { database } = dependencies
  return [
    route({
      method: 'GET',
      path: '/api/journeys',
      summary: "The journeys behind the board's numbers, the longest in their stage first",
      access: { permission: 'journeys.read' },
      style: 'api',
      audits: ['journey-list'],
      query: z.object({
        pathway: z.string().max(60),
        stage: z.string().max(60).optional(),
        status: z.enum(['active', 'ended']).default('active'),
        overdue: z.enum(['true', 'false']).optional(),
        after: z.string().max(120).optional(),
      }),
      reply: api.journeyList,
      handle: (context, { query }) =>
        database.transaction(context.tenant, async (tx) => {
          const body = await listJourneys(tx, dependencies, context, { ...query, overdue: query.overdue === 'true' })
          await dependencies.audit(tx, context, [
            { action: 'R', code: 'journey-list', entities: body.items.map((item) => `Patient/${item.patient.id}`) },
          ])
          return { body }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/journeys/board',
      summary: 'Running journeys of a pathway by stage',
      access: { permission: 'journeys.read' },
      style: 'api',
      audits: ['board'],
      query: z.object({ pathway: z.string().max(60) }),
      reply: api.board,
      handle: (context, { query }) =>
        database.transaction(context.tenant, async (tx) => ({
          body: await boardOf(tx, dependencies, context, query.pathway),
        })),
    }),
    route({
      method: 'GET',
      path: '/api/journeys/:id',
      summary: 'A journey: picture, log, tasks, messages, and what it waits for',
      access: { permission: 'journeys.read' },
      style: 'api',
      audits: ['journey-read'],
      params: z.object({ id: z.string() }),
      reply: api.journeyDetail,
      handle: (context, { params }) =>
        database.transaction(context.tenant, async (tx) => {
          const body = await detailOf(tx, dependencies, context, params.id)
          await dependencies.audit(tx, context, [
            { action: 'R', code: 'journey-read', entities: [`Patient/${body.journey.patient.id}`] },
          ])
          return { body }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/journeys/:id/scenario',
      summary: 'A scenario made from a journey, moved in time and with nothing of the patient in it',
      access: { permission: 'journeys.read' },
      style: 'api',
      audits: ['journey-read'],
      params: z.object({ id: z.string() }),
      reply: api.recordedScenario,
      handle: (context, { params }) =>
        database.transaction(context.tenant, async (tx) => {
          await refuseUnseen(tx, dependencies, context, params.id)
          const { scenario, subject } = await scenarioOfJourney(tx, dependencies, context, params.id)
          await dependencies.audit(tx, context, [{ action: 'R', code: 'journey-read', entities: [subject] }])
          return { body: scenario }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/journeys/:id/why',
      summary: 'Why a journey stands where it stands, why it made one task or message, or why a step has not happened',
      access: { permission: 'journeys.read' },
      style: 'api',
      audits: ['journey-why'],
      params: z.object({ id: z.string() }),
      query: z.object({ effect: z.string().max(64).optional(), step: z.string().max(60).optional() }),
      reply: api.why,
      handle: (context, { params, query }) =>
        database.transaction(context.tenant, async (tx) => {
          const [row] = await tx.query<{ pathway: string; version: number; subject: string; state: string }>({
            text: 'select pathway, version, subject, state from journey where tenant_id = $1 and id = $2',
            values: [tx.tenant, params.id],
          })
          if (!row) throw journeyNotFound()
          await refuseUnseen(tx, dependencies, context, params.id)
          const log = await readLog(tx, params.id)
          const how = await explaining(tx, dependencies, context, row.pathway, row.version)
          const silence =
            query.step === undefined ? undefined : whyNot(query.step, JSON.parse(row.state) as JourneyState, log, how)
          if (query.step !== undefined && silence === undefined)
            throw refuse('step-not-found', { faults: [undone['unknown-step']] })
          const told = silence === undefined ? why(log, query.effect, how) : { sentence: silence, chain: [] }
          if (!told) throw journeyNotFound()
          await dependencies.audit(tx, context, [{ action: 'R', code: 'journey-why', entities: [row.subject] }])
          return {
            body: { sentence: told.sentence, chain: told.chain.map((entry) => ({ ...entry, at: iso(entry.at) })) },
          }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/journeys/:id/cancel',
      summary: 'Stop a journey, with a reason',
      access: { permission: 'journeys.act' },
      style: 'api',
      audits: ['journey-cancelled'],
      params: z.object({ id: z.string() }),
      body: z.object({ reason, ...cause }),
      handle: (context, { params, body }) =>
        database.transaction(context.tenant, async (tx) => {
          await refuseUnseen(tx, dependencies, context, params.id)
          refuseUndone(
            await actOnJourney(tx, context, dependencies.batch, params.id, {
              act: { do: 'cancel' },
              reason: body.reason,
            }),
          )
          await keepOverride(tx, context, { kind: 'cancel', journey: params.id, code: body.code, lost: body.lost })
          await dependencies.audit(tx, context, [
            { action: 'U', code: 'journey-cancelled', entities: [], about: [{ kind: 'journey', id: params.id }] },
          ])
          return { body: {} }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/journeys/:id/acts',
      summary: 'Pause or resume a journey; skip or add a step where the pathway lets people; with a reason',
      access: { permission: 'journeys.act' },
      style: 'api',
      audits: ['journey-acted-on'],
      params: z.object({ id: z.string() }),
      body: z.discriminatedUnion('do', [
        z.object({ do: z.enum(['pause', 'resume']), reason }),
        z.object({ do: z.enum(['skip', 'add']), step: z.string().max(60), reason, ...cause }),
      ]),
      handle: (context, { params, body }) =>
        database.transaction(context.tenant, async (tx) => {
          const { reason } = body
          const act = 'step' in body ? { do: body.do, step: body.step } : { do: body.do }
          await refuseUnseen(tx, dependencies, context, params.id)
          refuseUndone(await actOnJourney(tx, context, dependencies.batch, params.id, { act, reason }))
          if ('step' in body)
            await keepOverride(tx, context, {
              kind: body.do,
              journey: params.id,
              step: body.step,
              code: body.code,
              lost: body.lost,
            })
          await dependencies.audit(tx, context, [
            { action: 'U', code: 'journey-acted-on', entities: [], about: [{ kind: 'journey', id: params.id }] },
          ])
          return { body: {} }
        }),
    }),
  ]
}
