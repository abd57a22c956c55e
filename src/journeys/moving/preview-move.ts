import type { Tx } from '../../db/index.ts'
import { type Calendar, catchUp, type JourneyState, type MovePlan, planMove } from '../../pathways/index.ts'
import type { PublishedPathways } from '../published-pathways.ts'
import { moveEvent } from './move-journeys.ts'
import { readRow, type StoredMove } from './store-moves.ts'

export interface PreviewDependencies {
  pathways: PublishedPathways
  calendar: Calendar
}

/** What would become of one journey if it were moved at `now`. */
export interface Previewed {
  journey: string
  subject: string
  before: JourneyState
  plan: MovePlan
}

/**
 * The next running journeys on the old version, in order of their ids, with what would become of each: the very plan that
 * moving them follows, on the states as they stand. Reads `limit` journeys at most; pure but for that reading.
 */
export async function previewMove(
  tx: Tx,
  { pathways, calendar }: PreviewDependencies,
  move: StoredMove,
  { now, after, limit }: { now: number; after: string; limit: number },
): Promise<Previewed[]> {
  const rows = await tx.query<{ id: string; state: string; decision: 'keep' | 'move' | null }>({
    text: `select j.id, j.state, r.decision from journey j
             left join journey_move_row r on r.tenant_id = $1 and r.move = $2 and r.journey = j.id
           where j.tenant_id = $1 and j.pathway = $3 and j.version = $4 and j.status = 'active' and j.id > $5 order by j.id limit $6`,
    values: [tx.tenant, move.id, move.pathway, move.from, after, limit],
  })
  const from = await pathways.version(tx, move.pathway, move.from)
  const to = await pathways.version(tx, move.pathway, move.to)
  return rows.map(({ id, state, decision }) => {
    // What is due by now has happened before the move.
    const before = catchUp(from, JSON.parse(state), now + 1, calendar).state
    const context = { event: moveEvent(move.id, id), now, calendar }
    return {
      journey: id,
      subject: before.subject,
      before,
      plan: planMove(from, to, before, move.mapping, context, decision ?? undefined),
    }
  })
}

/** One journey of a move: as it would be moved now, or as it was moved. */
export async function previewOne(
  tx: Tx,
  { pathways, calendar }: PreviewDependencies,
  move: StoredMove,
  journey: string,
  now: number,
): Promise<Previewed | undefined> {
  const [row] = await tx.query<{ state: string; at: Date | null }>({
    text: `select case when r.status in ('moved', 'undoing', 'not-undone') then r.state_before else j.state end as state, r.at
           from journey j left join journey_move_row r on r.tenant_id = $1 and r.move = $2 and r.journey = j.id
           where j.tenant_id = $1 and j.id = $3 and j.pathway = $4`,
    values: [tx.tenant, move.id, journey, move.pathway],
  })
  if (!row) return undefined
  const from = await pathways.version(tx, move.pathway, move.from)
  const to = await pathways.version(tx, move.pathway, move.to)
  const kept = await readRow(tx, move.id, journey)
  const wasMoved = kept?.stateBefore !== undefined && kept.stateBefore !== null && kept.status !== 'undone'
  const at = wasMoved ? (row.at?.getTime() ?? now) : now
  const stored: JourneyState = JSON.parse(row.state)
  const before = wasMoved ? stored : catchUp(from, stored, now + 1, calendar).state
  const context = { event: moveEvent(move.id, journey), now: at, calendar }
  return {
    journey,
    subject: before.subject,
    before,
    plan: planMove(from, to, before, move.mapping, context, kept?.decision ?? undefined),
  }
}
