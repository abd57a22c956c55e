import type { Tx } from '../../db/index.ts'
import { enqueueJobs, type JobRequest } from '../../jobs/index.ts'
import { type CallContext, newId } from '../../kernel/index.ts'
import { type AnswerPool, type Assumption, parse, type Tally, type Template } from '../../pathways/index.ts'
import { refuse } from '../errors.ts'
import type { PublishedPathways } from '../published-pathways.ts'
import { readDraft } from '../versions/draft-store.ts'
import type { JourneyResult } from './engine-protocol.ts'

export type ReplayStatus = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'

/** Why a run failed: the event that was used before it was known, and whose journey; or what the program said. */
export interface ReplayFault {
  code: 'look-ahead' | 'failed'
  event: string | null
  journey: string | null
  message: string
}

/** One run. Times in milliseconds. */
export interface Replay {
  id: string
  pathway: string
  version: number | null
  draft: string | null
  source: string
  from: number
  until: number
  assume: Assumption
  /** An Organization or a Location; null: all clinics. */
  clinic: string | null
  status: ReplayStatus
  askedBy: string
  askedAt: number
  endedAt: number | null
  patients: number | null
  patientsDone: number
  hash: string | null
  tally: Tally | null
  fault: ReplayFault | null
}

interface Row {
  id: string
  pathway: string
  version: number | null
  draft: string | null
  source: string
  from_at: Date
  until_at: Date
  assume: Assumption
  clinic: string | null
  status: ReplayStatus
  asked_by: string
  asked_at: Date
  ended_at: Date | null
  patients: number | null
  patients_done: number
  hash: string | null
  tally: Tally | null
  fault: ReplayFault | null
}

const columns =
  'id, pathway, version, draft, source, from_at, until_at, assume, clinic, status, asked_by, asked_at, ended_at, patients, patients_done, hash, tally, fault'

const replayOf = (row: Row): Replay => ({
  id: row.id,
  pathway: row.pathway,
  version: row.version,
  draft: row.draft,
  source: row.source,
  from: row.from_at.getTime(),
  until: row.until_at.getTime(),
  assume: row.assume,
  clinic: row.clinic,
  status: row.status,
  askedBy: row.asked_by,
  askedAt: row.asked_at.getTime(),
  endedAt: row.ended_at === null ? null : row.ended_at.getTime(),
  patients: row.patients,
  patientsDone: row.patients_done,
  hash: row.hash,
  tally: row.tally,
  fault: row.fault,
})

export const replayJob = 'replay'
const jobOf = (id: string): JobRequest => ({
  kind: replayJob,
  key: `replay/${id}`,
  payload: { reference: `replay/${id}` },
})

/** What is tried: a published version, a draft, or a text that is kept nowhere else. */
export interface Tried {
  source: string
  templates: readonly Template[]
  version: number | null
  draft: string | null
}

/** What a version or a draft holds, to be tried. */
export async function triedOf(
  tx: Tx,
  pathways: PublishedPathways,
  asked: { pathway: string; version: number } | { draft: string } | { source: string },
): Promise<Tried> {
  if ('source' in asked) return { source: asked.source, templates: [], version: null, draft: null }
  if ('draft' in asked) {
    const { source, templates } = await readDraft(tx, asked.draft)
    return { source, templates, version: null, draft: asked.draft }
  }
  const source = await pathways.source(tx, asked.pathway, asked.version)
  return { source, templates: [], version: asked.version, draft: null }
}

/** The definition of a source; of a draft only when the checker finds no error, else a refusal with what it found. */
export async function triedDefinition(tx: Tx, pathways: PublishedPathways, { source, templates, version }: Tried) {
  const findings = version === null ? (await pathways.check(tx, { source, templates })).findings : []
  const faults = findings.filter(({ severity }) => severity === 'error')
  const { definition } = parse(source)
  if (!definition || faults.length > 0)
    throw refuse('pathway-refused', { faults: faults.map(({ code, path, message }) => ({ code, path, message })) })
  return definition
}

/**
 * Asks for a replay of [from, until) on a published version or on a draft's source; it runs as a job. Refuses a source
 * that the checker refuses, and a period that is not past.
 */
export async function askReplay(
  tx: Tx,
  context: CallContext,
  pathways: PublishedPathways,
  asked: Tried & { from: number; until: number; assume: Assumption; clinic?: string | undefined },
): Promise<string> {
  if (!(asked.from < asked.until) || asked.until > context.clock.now())
    throw refuse('replay-period', { faults: [{ path: 'until', message: 'must be after from, and not in the future' }] })
  const definition = await triedDefinition(tx, pathways, asked)
  const id = newId(context.clock)
  await tx.run({
    text: `insert into replay (tenant_id, id, pathway, version, source, from_at, until_at, assume, status, asked_by, asked_at, draft, clinic)
      values ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9, $10, $11, $12)`,
    values: [
      tx.tenant,
      id,
      definition.pathway,
      asked.version,
      asked.source,
      new Date(asked.from),
      new Date(asked.until),
      asked.assume,
      context.actor.name,
      new Date(context.clock.now()),
      asked.draft,
      asked.clinic ?? null,
    ],
  })
  await enqueueJobs(tx, context.clock, [jobOf(id)])
  return id
}

export async function readReplay(tx: Tx, id: string): Promise<Replay> {
  const [row] = await tx.query<Row>({
    text: `select ${columns} from replay where tenant_id = $1 and id = $2`,
    values: [tx.tenant, id],
  })
  if (!row) throw refuse('replay-not-found', { faults: [{ path: 'id', message: 'no replay has this id' }] })
  return replayOf(row)
}

/** The last replays of a pathway, the newest first. */
export async function listReplays(tx: Tx, pathway: string): Promise<Replay[]> {
  const rows = await tx.query<Row>({
    text: `select ${columns} from replay where tenant_id = $1 and pathway = $2 order by asked_at desc, id limit 50`,
    values: [tx.tenant, pathway],
  })
  return rows.map(replayOf)
}

/** Stops a run that waits or is under way; what it has found is kept no longer. */
export async function cancelReplay(tx: Tx, context: CallContext, id: string): Promise<void> {
  const stopped = await tx.run({
    text: `update replay set status = 'cancelled', ended_at = $3 where tenant_id = $1 and id = $2 and status in ('waiting', 'running')`,
    values: [tx.tenant, id, new Date(context.clock.now())],
  })
  if (stopped > 0) return forgetResults(tx, id)
  await readReplay(tx, id)
  throw refuse('replay-over', { faults: [{ path: 'status', message: 'is over' }] })
}

/** A run begins, or begins anew after the program was stopped. Undefined when somebody has cancelled it. */
export async function beginReplay(tx: Tx, id: string): Promise<Replay | undefined> {
  const rows = await tx.query<Row>({
    text: `update replay set status = 'running', patients = null, patients_done = 0
      where tenant_id = $1 and id = $2 and status in ('waiting', 'running') returning ${columns}`,
    values: [tx.tenant, id],
  })
  const [row] = rows
  if (!row) return undefined
  await forgetResults(tx, id)
  return replayOf(row)
}

/** Writes how far a run is, and the rows it has found; false when somebody has cancelled it. */
export async function keepProgress(
  tx: Tx,
  id: string,
  { patients, done, rows }: { patients: number; done: number; rows: readonly JourneyResult[] },
): Promise<boolean> {
  const running = await tx.run({
    text: `update replay set patients = $3, patients_done = $4 where tenant_id = $1 and id = $2 and status = 'running'`,
    values: [tx.tenant, id, patients, done],
  })
  if (running === 0) return false
  if (rows.length > 0)
    await tx.run({
      // Kinds travel joined: an array of arrays of unequal length is none.
      text: `insert into replay_journey (tenant_id, replay, journey, subject, differs, assumed, faithful, side, kinds)
        select $1, $2, journey, subject, differs, assumed, faithful, side, string_to_array(kinds, ',')
        from unnest($3::text[], $4::text[], $5::int[], $6::int[], $7::boolean[], $8::text[], $9::text[]) as v (journey, subject, differs, assumed, faithful, side, kinds)`,
      values: [
        tx.tenant,
        id,
        rows.map((row) => row.journey),
        rows.map((row) => row.subject),
        rows.map((row) => row.differs),
        rows.map((row) => row.assumed),
        rows.map((row) => row.faithful),
        rows.map((row) => row.side),
        rows.map((row) => row.kinds.join()),
      ],
    })
  await tx.run({
    text: `select pg_notify('throughline_feed', $1)`,
    values: [JSON.stringify({ tenant: tx.tenant, topic: 'replays', ids: [id] })],
  })
  return true
}

export async function finishReplay(
  tx: Tx,
  id: string,
  now: number,
  came: { hash: string; tally: Tally; pool: AnswerPool } | { fault: ReplayFault },
): Promise<void> {
  const failed = 'fault' in came
  await tx.run({
    text: `update replay set status = $3, ended_at = $4, hash = $5, tally = $6, pool = $7, fault = $8
      where tenant_id = $1 and id = $2 and status = 'running'`,
    values: [
      tx.tenant,
      id,
      failed ? 'failed' : 'done',
      new Date(now),
      failed ? null : came.hash,
      failed ? null : JSON.stringify(came.tally),
      failed ? null : JSON.stringify(came.pool),
      failed ? JSON.stringify(came.fault) : null,
    ],
  })
  if (failed) await forgetResults(tx, id)
  await tx.run({
    text: `select pg_notify('throughline_feed', $1)`,
    values: [JSON.stringify({ tenant: tx.tenant, topic: 'replays', ids: [id] })],
  })
}

const forgetResults = async (tx: Tx, id: string): Promise<void> => {
  await tx.run({ text: 'delete from replay_journey where tenant_id = $1 and replay = $2', values: [tx.tenant, id] })
}
