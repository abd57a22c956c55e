import type { MoveCohort, MoveMapping } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import { type CallContext, newId } from '../../kernel/index.ts'
import { checkMapping, type CompiledPathway, type MoveDecision, proposeMapping } from '../../pathways/index.ts'
import { refuse } from '../errors.ts'
import type { PublishedPathways } from '../published-pathways.ts'
import { personOf } from '../versions/put-live.ts'
import { readMove, type MoveStatus, type StoredMove } from './store-moves.ts'

export interface MoveDependencies {
  pathways: PublishedPathways
  record: FhirRecord
}

const notFound = () => refuse('move-not-found', { faults: [{ path: 'id', message: 'no move has this id' }] })

/** A move that is held against others who would change it. */
async function held(tx: Tx, id: string, allowed: readonly MoveStatus[]): Promise<StoredMove> {
  const move = await readMove(tx, id, 'lock')
  if (!move) throw notFound()
  if (!allowed.includes(move.status))
    throw refuse('move-not-so', {
      faults: [{ path: 'status', message: `is ${move.status}; this wants ${allowed.join(' or ')}` }],
    })
  return move
}

async function versionsOf(
  tx: Tx,
  { pathways }: MoveDependencies,
  { pathway, from, to }: { pathway: string; from: number; to: number },
): Promise<{ from: CompiledPathway; to: CompiledPathway }> {
  if (from === to) throw refuse('move-refused', { faults: [{ path: 'to', message: 'is the version they are on' }] })
  return { from: await pathways.version(tx, pathway, from), to: await pathways.version(tx, pathway, to) }
}

function refuseFaults(from: CompiledPathway, to: CompiledPathway, mapping: MoveMapping): void {
  const faults = checkMapping(from.definition, to.definition, mapping)
  if (faults.length > 0)
    throw refuse('move-refused', {
      faults: faults.map(({ code, path, message }) => ({ code, path: `mapping.${path}`, message })),
    })
}

export interface AskedMove {
  pathway: string
  from: number
  to: number
  note: string
  /** The proposed one unless given. */
  mapping?: MoveMapping | undefined
}

/** Begins a move as a draft; gives its id. */
export async function makeMove(
  tx: Tx,
  context: CallContext,
  dependencies: MoveDependencies,
  asked: AskedMove,
): Promise<string> {
  const { from, to } = await versionsOf(tx, dependencies, asked)
  const mapping = asked.mapping ?? proposeMapping(from.definition, to.definition).mapping
  refuseFaults(from, to, mapping)
  const id = newId(context.clock)
  await tx.run({
    text: `insert into journey_move (tenant_id, id, pathway, from_version, to_version, status, note, mapping, made_by, made_at, writers)
           values ($1, $2, $3, $4, $5, 'draft', $6, $7, $8, $9, $10)`,
    values: [
      tx.tenant,
      id,
      asked.pathway,
      asked.from,
      asked.to,
      asked.note,
      JSON.stringify(mapping),
      context.actor.name,
      new Date(context.clock.now()),
      [personOf(context).id],
    ],
  })
  return id
}

/** Changes a draft's mapping; whoever does is one of its writers from now on. */
export async function editMove(
  tx: Tx,
  context: CallContext,
  dependencies: MoveDependencies,
  id: string,
  mapping: MoveMapping,
): Promise<void> {
  const move = await held(tx, id, ['draft'])
  const { from, to } = await versionsOf(tx, dependencies, move)
  refuseFaults(from, to, mapping)
  await tx.run({
    text: `update journey_move set mapping = $3, writers = $4 where tenant_id = $1 and id = $2`,
    values: [tx.tenant, id, JSON.stringify(mapping), [...new Set([...move.writers, personOf(context).id])]],
  })
}

/** A second person stands for it: whoever wrote in it cannot. */
export async function approveMove(tx: Tx, context: CallContext, id: string): Promise<void> {
  const move = await held(tx, id, ['draft'])
  if (context.actor.kind !== 'account')
    throw refuse('needs-a-person', { faults: [{ path: 'actor', message: 'is a program' }] })
  if (move.writers.includes(personOf(context).id))
    throw refuse('approves-own-move', { faults: [{ path: 'actor', message: 'has written in it' }] })
  await tx.run({
    text: `update journey_move set status = 'approved', approved_by = $3, approved_at = $4 where tenant_id = $1 and id = $2`,
    values: [tx.tenant, id, context.actor.name, new Date(context.clock.now())],
  })
}

const turns = {
  pause: { from: ['running'], to: 'paused' },
  resume: { from: ['paused'], to: 'running' },
  stop: { from: ['approved', 'running', 'paused'], to: 'stopped' },
} as const satisfies Record<string, { from: readonly MoveStatus[]; to: MoveStatus }>
export type MoveTurn = keyof typeof turns

/** Pauses, resumes or stops a move: what is moved stays moved; what waits goes on waiting, or is kept for good. */
export async function turnMove(tx: Tx, id: string, turn: MoveTurn): Promise<void> {
  await held(tx, id, turns[turn].from)
  await setStatus(tx, id, turns[turn].to)
  if (turn === 'stop')
    await tx.run({
      text: `update journey_move_row set status = 'kept' where tenant_id = $1 and move = $2 and status in ('waiting', 'later', 'ask')`,
      values: [tx.tenant, id],
    })
}

const setStatus = (tx: Tx, id: string, status: MoveStatus) =>
  tx.run({
    text: 'update journey_move set status = $3 where tenant_id = $1 and id = $2',
    values: [tx.tenant, id, status],
  })

/** Wakes the workers: they look for what is to be moved. */
const hint = (tx: Tx) => tx.run({ text: `select pg_notify('throughline_change', $1)`, values: [tx.tenant] })

/** Adds running journeys to a move and starts it; gives how many were added. Those in it already are not counted. */
export async function startCohort(
  tx: Tx,
  context: CallContext,
  { record }: MoveDependencies,
  id: string,
  cohort: MoveCohort,
): Promise<number> {
  const move = await held(tx, id, ['approved', 'running', 'paused'])
  const patients = cohort.of === 'clinic' ? await patientsOfClinic(tx, record, cohort.organization) : null
  const [last] = await tx.query<{ n: number }>({
    text: 'select coalesce(max(n), 0)::int as n from journey_move_cohort where tenant_id = $1 and move = $2',
    values: [tx.tenant, id],
  })
  const n = (last?.n ?? 0) + 1
  const added = await tx.query({
    text: `insert into journey_move_row (tenant_id, move, journey, bucket, cohort, status)
           select $1, $2, j.id, j.bucket, $3, 'waiting' from journey j
           where j.tenant_id = $1 and j.pathway = $4 and j.version = $5 and j.status = 'active'
             and ($6::text[] is null or j.id = any($6)) and ($7::text[] is null or j.subject = any($7))
             and not exists (select from journey_move_row r where r.tenant_id = $1 and r.move = $2 and r.journey = j.id)
           order by j.started_at, j.id limit $8 returning 1`,
    values: [
      tx.tenant,
      id,
      n,
      move.pathway,
      move.from,
      cohort.of === 'list' ? cohort.journeys : null,
      patients,
      cohort.of === 'first' ? cohort.count : null,
    ],
  })
  if (added.length === 0)
    throw refuse('nobody-to-move', {
      faults: [{ path: 'of', message: 'names no running journey that is not in this move' }],
    })
  await tx.run({
    text: 'insert into journey_move_cohort (tenant_id, move, n, cohort, at, by_name, journeys) values ($1, $2, $3, $4, $5, $6, $7)',
    values: [tx.tenant, id, n, JSON.stringify(cohort), new Date(context.clock.now()), context.actor.name, added.length],
  })
  if (move.status === 'approved') await setStatus(tx, id, 'running')
  await hint(tx)
  return added.length
}

/** `Patient/…` whose managing organisation this is. */
async function patientsOfClinic(tx: Tx, record: FhirRecord, organization: string): Promise<string[]> {
  const patients: string[] = []
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const query: URLSearchParams = new URLSearchParams({
      organization,
      _count: '1000',
      ...(cursor ? { _cursor: cursor } : {}),
    })
    const page: Awaited<ReturnType<FhirRecord['search']>> = await record.search(tx, 'Patient', query)
    patients.push(...page.resources.map((patient) => `Patient/${patient.id}`))
    cursor = page.next
  }
  return patients
}

/** What a person says of a journey that asks: keep it, or withdraw what has no counterpart and move it. It is looked at again. */
export async function decideMove(tx: Tx, id: string, journey: string, decision: MoveDecision): Promise<void> {
  await held(tx, id, ['running', 'paused'])
  const changed = await tx.query({
    text: `update journey_move_row set decision = $4, status = 'waiting' where tenant_id = $1 and move = $2 and journey = $3 and status in ('ask', 'later', 'waiting') returning 1`,
    values: [tx.tenant, id, journey, decision],
  })
  if (changed.length === 0)
    throw refuse('journey-not-in-move', { faults: [{ path: 'journey', message: 'does not wait for a decision here' }] })
  await hint(tx)
}

/** Wishes journeys back as they were: all that were moved, or those of a list. Gives how many; each is told on when it is done. */
export async function undoMove(tx: Tx, id: string, journeys: readonly string[] | undefined): Promise<number> {
  const move = await held(tx, id, ['running', 'paused', 'stopped'])
  // Nothing is to be moved on while others go back.
  if (journeys === undefined && move.status === 'running') await setStatus(tx, id, 'paused')
  const wished = await tx.query({
    text: `update journey_move_row set status = 'undoing' where tenant_id = $1 and move = $2 and status = 'moved' and ($3::text[] is null or journey = any($3)) returning 1`,
    values: [tx.tenant, id, journeys ?? null],
  })
  if (wished.length === 0)
    throw refuse('nobody-to-move', { faults: [{ path: 'journeys', message: 'none of them was moved' }] })
  await hint(tx)
  return wished.length
}
