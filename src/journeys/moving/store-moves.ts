import type { MoveCohort, MoveMapping, MoveReason, MoveRowStatus } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import type { MoveDecision } from '../../pathways/index.ts'

export type MoveStatus = 'draft' | 'approved' | 'running' | 'paused' | 'stopped'

/** A move of journeys between two versions of a pathway, as it is kept. */
export interface StoredMove {
  id: string
  pathway: string
  from: number
  to: number
  status: MoveStatus
  note: string
  mapping: MoveMapping
  madeBy: string
  madeAt: Date
  writers: string[]
  approvedBy: string | null
  approvedAt: Date | null
}

const columns = `id, pathway, from_version as "from", to_version as "to", status, note, mapping, made_by as "madeBy", made_at as "madeAt",
  writers, approved_by as "approvedBy", approved_at as "approvedAt"`

/** The moves of a tenant, of one pathway if told, the newest first. */
export function listMoves(tx: Tx, pathway?: string): Promise<StoredMove[]> {
  return tx.query<StoredMove>({
    text: `select ${columns} from journey_move where tenant_id = $1 and ($2::text is null or pathway = $2) order by made_at desc, id desc limit 200`,
    values: [tx.tenant, pathway ?? null],
  })
}

/** One move; `lock` holds it against others who would change it. */
export async function readMove(tx: Tx, id: string, lock: 'lock' | 'read' = 'read'): Promise<StoredMove | undefined> {
  const [row] = await tx.query<StoredMove>({
    text: `select ${columns} from journey_move where tenant_id = $1 and id = $2${lock === 'lock' ? ' for update' : ''}`,
    values: [tx.tenant, id],
  })
  return row
}

export interface StoredCohort {
  n: number
  cohort: MoveCohort
  at: Date
  by: string
  journeys: number
}

export const cohortsOf = (tx: Tx, move: string): Promise<StoredCohort[]> =>
  tx.query<StoredCohort>({
    text: 'select n, cohort, at, by_name as by, journeys from journey_move_cohort where tenant_id = $1 and move = $2 order by n',
    values: [tx.tenant, move],
  })

/** A resource that a move wrote: its version then, and what it was before; null when the move made it. */
export interface WrittenByMove {
  reference: string
  version: number
  former: unknown
}

/** Why a journey was not moved back. */
export type NotUndone = 'went-on' | 'resource-changed' | 'message-stopped' | 'journey-begun' | 'ended'

export interface MoveRow {
  move: string
  journey: string
  bucket: number
  status: MoveRowStatus
  decision: MoveDecision | null
  reasons: (MoveReason | { code: NotUndone | 'failed' | 'elsewhere'; step: string | null })[]
  at: Date | null
  stateBefore: string | null
  stateAfter: string | null
  written: WrittenByMove[] | null
}

const rowColumns = `r.move, r.journey, r.bucket, r.status, r.decision, r.reasons, r.at, r.state_before as "stateBefore", r.state_after as "stateAfter", r.written`

/** Buckets in which a move has something to do: journeys that wait, that went on since they were looked at, or that go back. */
export async function bucketsToMove(tx: Tx): Promise<number[]> {
  const rows = await tx.query<{ bucket: number }>({
    name: 'buckets-to-move',
    text: `select distinct bucket from (${toDo('r.bucket')} limit 2000) as soonest`,
    values: [tx.tenant],
  })
  return rows.map((row) => row.bucket)
}

const toDo = (what: string) => `
  select ${what} from journey_move_row r
    join journey_move m on m.tenant_id = $1 and m.id = r.move
    join journey j on j.tenant_id = $1 and j.id = r.journey
  where r.tenant_id = $1 and r.status in ('waiting', 'later', 'undoing')
    and (r.status = 'undoing' or (m.status = 'running' and (r.status = 'waiting' or j.lines <> r.seen)))`

/** What is to be done in buckets whose locks the caller holds. */
export const rowsToMove = (tx: Tx, buckets: readonly number[], limit: number): Promise<MoveRow[]> =>
  tx.query<MoveRow>({
    name: 'rows-to-move',
    text: `${toDo(rowColumns)} and r.bucket = any($2::smallint[]) order by r.journey, r.move limit $3`,
    values: [tx.tenant, buckets, limit],
  })

export async function readRow(tx: Tx, move: string, journey: string): Promise<MoveRow | undefined> {
  const [row] = await tx.query<MoveRow>({
    text: `select ${rowColumns} from journey_move_row r where r.tenant_id = $1 and r.move = $2 and r.journey = $3`,
    values: [tx.tenant, move, journey],
  })
  return row
}

/** Journeys of a move by how they stand, in order of their ids. */
export const rowsOf = (
  tx: Tx,
  move: string,
  { status, after, limit }: { status: MoveRowStatus | undefined; after: string; limit: number },
): Promise<(Pick<MoveRow, 'journey' | 'status' | 'at'> & { subject: string })[]> =>
  tx.query({
    text: `select r.journey, r.status, r.at, j.subject from journey_move_row r join journey j on j.tenant_id = $1 and j.id = r.journey
           where r.tenant_id = $1 and r.move = $2 and ($3::text is null or r.status = $3) and r.journey > $4 order by r.journey limit $5`,
    values: [tx.tenant, move, status ?? null, after, limit],
  })

/** How many journeys of each move stand how. */
export async function progressOf(tx: Tx, moves: readonly string[]): Promise<Map<string, Record<string, number>>> {
  const rows = await tx.query<{ move: string; status: string; n: number }>({
    text: 'select move, status, count(*)::int as n from journey_move_row where tenant_id = $1 and move = any($2) group by move, status',
    values: [tx.tenant, moves],
  })
  const progress = new Map<string, Record<string, number>>()
  for (const { move, status, n } of rows) progress.set(move, { ...progress.get(move), [status]: n })
  return progress
}

/** How a row stands from now on; `journal` when the journey has been moved. */
export interface RowChange {
  move: string
  journey: string
  status: MoveRowStatus
  seen: number
  reasons: MoveRow['reasons']
  journal?: { before: string; after: string; effects: unknown; written: readonly WrittenByMove[] }
}

export async function storeRows(tx: Tx, now: number, changes: readonly RowChange[]): Promise<void> {
  if (changes.length === 0) return
  await tx.run({
    name: 'store-move-rows',
    text: `update journey_move_row r set status = c.status, seen = c.seen, reasons = c.reasons::jsonb, at = $2,
             state_before = coalesce(c.before, r.state_before), state_after = coalesce(c.after, r.state_after),
             effects = coalesce(c.effects::jsonb, r.effects), written = coalesce(c.written::jsonb, r.written)
           from unnest($3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
             as c (move, journey, status, seen, reasons, before, after, effects, written)
           where r.tenant_id = $1 and r.move = c.move and r.journey = c.journey`,
    values: [
      tx.tenant,
      new Date(now),
      changes.map((one) => one.move),
      changes.map((one) => one.journey),
      changes.map((one) => one.status),
      changes.map((one) => one.seen),
      changes.map((one) => JSON.stringify(one.reasons)),
      changes.map((one) => one.journal?.before ?? null),
      changes.map((one) => one.journal?.after ?? null),
      changes.map((one) => (one.journal ? JSON.stringify(one.journal.effects) : null)),
      changes.map((one) => (one.journal ? JSON.stringify(one.journal.written) : null)),
    ],
  })
}

/** The version that journeys are on from now on. */
export async function storeVersions(tx: Tx, journeys: readonly { id: string; version: number }[]): Promise<void> {
  if (journeys.length === 0) return
  await tx.run({
    name: 'store-journey-versions',
    text: `update journey j set version = v.version from unnest($2::text[], $3::int[]) as v (id, version) where j.tenant_id = $1 and j.id = v.id`,
    values: [tx.tenant, journeys.map((one) => one.id), journeys.map((one) => one.version)],
  })
}
