import type { Tx } from '../../db/index.ts'
import { prepared } from '../../fhir/index.ts'

export interface Bounded {
  count: number
  more: boolean
}
export interface QueueCounts {
  open: Bounded
  unowned: Bounded
  atRisk: Bounded
  breached: Bounded
}

/** Counted up to here: the most urgent of them. */
const most = 500

interface Row {
  open: number
  unowned: number
  atrisk: number
  breached: number
}

function countsOf({ open, unowned, atrisk, breached }: Row): QueueCounts {
  const more = open > most
  const of = (count: number): Bounded => ({ count: Math.min(count, most), more })
  return { open: of(open), unowned: of(unowned), atRisk: of(atrisk), breached: of(breached) }
}

const counts = `
  count(*)::int as open, count(*) filter (where i.owner is null)::int as unowned,
  count(*) filter (where i.at_risk <= $3)::int as atrisk, count(*) filter (where i.goal <= $3)::int as breached`

/**
 * How many tasks stand in the queue of each role or are held by its people, and how many of those are at risk or breached as
 * of now (milliseconds): short ordered reads of two indexes, whatever the size of the queues. Numbers over all patients.
 */
export async function countQueues(tx: Tx, roles: readonly string[], now: number): Promise<Map<string, QueueCounts>> {
  const rows = await tx.query<Row & { role: string }>(
    prepared({
      text: `
        select r.role, c.* from unnest($2::text[]) as r (role) cross join lateral (
          select ${counts} from (
            select s.id from (
              (select w.rank, w.due, w.id from work_queue w where w.tenant_id = $1 and w.role = r.role
                order by w.rank, w.due, w.id limit ${most + 1})
              union all
              (select w.rank, coalesce(w.due, 'infinity'), w.id from work_item w
                where w.tenant_id = $1 and w.role = r.role and w.open and w.owner is not null
                order by w.rank, coalesce(w.due, 'infinity'), w.id limit ${most + 1})) s
            order by s.rank, s.due, s.id limit ${most + 1}) s
          join work_item i on i.tenant_id = $1 and i.id = s.id) c`,
      values: [tx.tenant, roles, new Date(now)],
    }),
  )
  return new Map(rows.map(({ role, ...row }) => [role, countsOf(row)]))
}

/** The same of the open tasks of a kind by where their patients are. */
export async function countPlaces(tx: Tx, places: readonly string[], now: number): Promise<Map<string, QueueCounts>> {
  const rows = await tx.query<Row & { place: string }>(
    prepared({
      text: `
        select p.place, c.* from unnest($2::text[]) as p (place) cross join lateral (
          select ${counts} from (select n.id from work_need n where n.tenant_id = $1 and n.jurisdiction = p.place limit ${most + 1}) n
          join work_item i on i.tenant_id = $1 and i.id = n.id) c
        where c.open > 0`,
      values: [tx.tenant, places, new Date(now)],
    }),
  )
  return new Map(rows.map(({ place, ...row }) => [place, countsOf(row)]))
}
