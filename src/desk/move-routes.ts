import { z } from 'zod'
import { api } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { sightings } from '../fhir/index.ts'
import {
  approveMove,
  decideMove,
  editMove,
  listMoves,
  makeMove,
  previewMove,
  previewOne,
  readMove,
  readRow,
  rowsOf,
  startCohort,
  type StoredMove,
  turnMove,
  undoMove,
} from '../journeys/index.ts'
import { type CallContext, type Route, route } from '../kernel/index.ts'
import { type DeskDependencies, patientsOf } from './desk.ts'
import { refuse } from './errors.ts'
import { editorOf, movedJourneyOf, sumsOf, viewsOf } from './move-views.ts'

const params = z.object({ id: z.string().max(60) })
const journeyParams = params.extend({ journey: z.string().max(200) })
const previewPage = 500
const rowsPage = 100

const notFound = () => refuse('move-not-found', { faults: [{ path: 'id', message: 'no move has this id' }] })

async function moveOf(tx: Tx, id: string): Promise<StoredMove> {
  const move = await readMove(tx, id)
  if (!move) throw notFound()
  return move
}

/** Moving running journeys to another version, over HTTP. */
export function moveRoutes(dependencies: DeskDependencies): Route[] {
  const { database, pathways, record } = dependencies
  const inTx = <T>(context: CallContext, work: (tx: Tx) => Promise<T>) => database.transaction(context.tenant, work)
  const noPatient = { nothing: 'a plan for journeys, and no patient' }
  const reads = { access: { permission: 'pathways.read' }, style: 'api', audits: noPatient } as const
  const writes = { access: { permission: 'pathways.write' }, style: 'api', audits: ['move-written'] } as const
  const carriesOut = { method: 'POST', access: { permission: 'journeys.move' }, style: 'api' } as const
  const note = (tx: Tx, context: CallContext, code: string, entities: string[] = []) =>
    dependencies.audit(tx, context, [{ action: 'U', code, entities }])
  const calendar = dependencies.library.calendar
  return [
    route({
      ...reads,
      method: 'GET',
      path: '/api/moves',
      summary: 'Moves of running journeys between versions, the newest first',
      query: z.object({ pathway: z.string().max(60).optional() }),
      reply: api.moveList,
      handle: (context, { query }) =>
        inTx(context, async (tx) => {
          const views = await viewsOf(tx, dependencies, await listMoves(tx, query.pathway))
          return { body: { items: views.map(({ mapping: _mapping, cohorts: _cohorts, ...rest }) => rest) } }
        }),
    }),
    route({
      ...writes,
      method: 'POST',
      path: '/api/moves',
      summary: 'Begin a move as a draft, with the mapping that the system proposes',
      body: api.moveAsked,
      reply: api.moveMade,
      handle: (context, { body }) =>
        inTx(context, async (tx) => {
          const id = await makeMove(tx, context, dependencies, body)
          await note(tx, context, 'move-written')
          return { status: 201, body: { id } }
        }),
    }),
    route({
      ...reads,
      method: 'GET',
      path: '/api/moves/:id',
      summary: 'A move: its mapping, its cohorts, and how far it is',
      params,
      reply: api.move,
      handle: (context, request) =>
        inTx(context, async (tx) => {
          const [view] = await viewsOf(tx, dependencies, [await moveOf(tx, request.params.id)])
          return { body: view }
        }),
    }),
    route({
      ...reads,
      method: 'GET',
      path: '/api/moves/:id/mapping',
      summary:
        'What a mapping is edited by: both versions, who stands where, which steps fit, and why pairs are proposed',
      params,
      reply: api.moveEditor,
      handle: (context, request) =>
        inTx(context, async (tx) => ({ body: await editorOf(tx, dependencies, await moveOf(tx, request.params.id)) })),
    }),
    route({
      ...writes,
      method: 'PUT',
      path: '/api/moves/:id/mapping',
      summary: 'Change the mapping of a draft',
      params,
      body: api.moveMapping,
      handle: (context, request) =>
        inTx(context, async (tx) => {
          await editMove(tx, context, dependencies, request.params.id, request.body)
          await note(tx, context, 'move-written')
          return { status: 204 }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/moves/:id/approve',
      summary: 'Approve a move, as a second person',
      access: { permission: 'pathways.approve' },
      style: 'api',
      audits: ['move-approved'],
      params,
      handle: (context, request) =>
        inTx(context, async (tx) => {
          await approveMove(tx, context, request.params.id)
          await note(tx, context, 'move-approved')
          return { status: 204 }
        }),
    }),
    route({
      ...carriesOut,
      path: '/api/moves/:id/cohorts',
      summary: 'Start moving some of the running journeys, or all',
      audits: ['move-started'],
      params,
      body: api.moveCohort,
      reply: api.moveCounted,
      handle: (context, request) =>
        inTx(context, async (tx) => {
          const journeys = await startCohort(tx, context, dependencies, request.params.id, request.body)
          await note(tx, context, 'move-started')
          return { body: { journeys } }
        }),
    }),
    route({
      ...carriesOut,
      path: '/api/moves/:id/turn',
      summary: 'Pause, resume or stop a move; what is moved stays moved',
      audits: ['move-turned'],
      params,
      body: z.strictObject({ turn: z.enum(['pause', 'resume', 'stop']) }),
      handle: (context, request) =>
        inTx(context, async (tx) => {
          await turnMove(tx, request.params.id, request.body.turn)
          await note(tx, context, 'move-turned')
          return { status: 204 }
        }),
    }),
    route({
      ...carriesOut,
      path: '/api/moves/:id/undo',
      summary: 'Take moved journeys back: all, or those of a list; each as long as nothing has happened to it since',
      audits: ['move-undone'],
      params,
      body: z.strictObject({ journeys: z.array(z.string().max(200)).min(1).max(10_000).optional() }),
      reply: api.moveCounted,
      handle: (context, request) =>
        inTx(context, async (tx) => {
          const journeys = await undoMove(tx, request.params.id, request.body.journeys)
          await note(tx, context, 'move-undone')
          return { body: { journeys } }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/moves/:id/preview',
      summary: 'What would become of the next running journeys; page by page through all',
      access: { permission: 'journeys.read' },
      style: 'api',
      audits: ['move-preview'],
      params,
      query: z.object({ after: z.string().max(200).default('') }),
      reply: api.movePreview,
      handle: (context, request) =>
        inTx(context, async (tx) => {
          const move = await moveOf(tx, request.params.id)
          const now = context.clock.now()
          const { after } = request.query
          const page = await previewMove(tx, { pathways, calendar }, move, { now, after, limit: previewPage })
          const seen = await inSightOf(tx, dependencies, context, page)
          const items = seen.shown.map(({ journey, subject, plan }) => ({
            journey,
            patient: seen.patients.get(subject) ?? { id: subject, name: subject },
            fate: plan.fate,
            sums: sumsOf(plan),
          }))
          await dependencies.audit(tx, context, [
            { action: 'R', code: 'move-preview', entities: seen.shown.map(({ subject }) => subject) },
          ])
          return {
            body: {
              items,
              fates: counted(page.map(({ plan }) => ({ [plan.fate]: 1 }))),
              sums: counted(page.map(({ plan }) => (plan.fate === 'now' ? sumsOf(plan) : {}))),
              next: page.length < previewPage ? null : (page.at(-1)?.journey ?? null),
            },
          }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/moves/:id/journeys',
      summary: 'Journeys of the cohorts so far, by how they stand',
      access: { permission: 'journeys.read' },
      style: 'api',
      audits: ['move-list'],
      params,
      query: z.object({ status: api.moveRowStatus.optional(), after: z.string().max(200).default('') }),
      reply: api.moveRows,
      handle: (context, request) =>
        inTx(context, async (tx) => {
          const { status, after } = request.query
          const page = await rowsOf(tx, request.params.id, { status, after, limit: rowsPage })
          const seen = await inSightOf(tx, dependencies, context, page)
          await dependencies.audit(tx, context, [
            { action: 'R', code: 'move-list', entities: seen.shown.map(({ subject }) => subject) },
          ])
          const items = seen.shown.map(({ journey, subject, at, ...row }) => ({
            journey,
            patient: seen.patients.get(subject) ?? { id: subject, name: subject },
            status: row.status,
            at: at?.toISOString() ?? null,
          }))
          return { body: { items, next: page.length < rowsPage ? null : (page.at(-1)?.journey ?? null) } }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/moves/:id/journeys/:journey',
      summary: 'One journey before and after the move, with each thing that changes',
      access: { permission: 'journeys.read' },
      style: 'api',
      audits: ['moved-journey-read'],
      params: journeyParams,
      reply: api.movedJourney,
      handle: (context, request) =>
        inTx(context, async (tx) => {
          const move = await moveOf(tx, request.params.id)
          const { journey } = request.params
          const found = await previewOne(tx, { pathways, calendar }, move, journey, context.clock.now())
          const seen = found && (await inSightOf(tx, dependencies, context, [found]))
          if (!found || !seen || seen.shown.length === 0)
            throw refuse('journey-not-found', { faults: [{ path: 'journey', message: 'no journey has this id' }] })
          const row = await readRow(tx, move.id, journey)
          await dependencies.audit(tx, context, [
            { action: 'R', code: 'moved-journey-read', entities: [found.subject] },
          ])
          return { body: await movedJourneyOf(tx, dependencies, context, move, found, row) }
        }),
    }),
    route({
      ...carriesOut,
      path: '/api/moves/:id/journeys/:journey/decision',
      summary: 'Say of a journey that asks: keep it on its version, or withdraw what has no counterpart and move it',
      audits: ['move-decided'],
      params: journeyParams,
      body: z.strictObject({ decision: z.enum(['keep', 'move']) }),
      handle: (context, request) =>
        inTx(context, async (tx) => {
          const { id, journey } = request.params
          await decideMove(tx, id, journey, request.body.decision)
          await note(tx, context, 'move-decided')
          return { status: 204 }
        }),
    }),
  ]

  /** Of a page those whose patients the caller may see, with their names. */
  async function inSightOf<T extends { subject: string }>(
    tx: Tx,
    desk: DeskDependencies,
    context: CallContext,
    page: readonly T[],
  ) {
    const sight = await desk.sight(tx, context)
    const subjects = [...new Set(page.map(({ subject }) => subject))]
    const seen = sight && (await sightings(tx, sight, 'read', subjects))
    const shown = page.filter(({ subject }) => !seen || seen.get(subject) === true)
    return { shown, patients: await patientsOf(tx, record, subjects, sight) }
  }
}

function counted(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const one of all) for (const [what, n] of Object.entries(one)) sums[what] = (sums[what] ?? 0) + n
  return sums
}
