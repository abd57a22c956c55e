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

/** Counted up to here; of what is at risk or breached, so many rows are looked at. */
const most = 500
const looked = 2_000

const bounded = (count: number): Bounded => ({ count: Math.min(count, most), more: count > most })

const countsOf = (row: { unowned: number; held: number; atrisk: number; breached: number }): QueueCounts => {
  const whole = row.atrisk + row.breached === looked
  return {
    open: { count: Math.min(row.unowned + row.held, most), more: row.unowned + row.held > most },
    unowned: bounded(row.unowned),
    atRisk: { ...bounded(row.atrisk), ...(whole ? { more: true } : {}) },
    breached: { ...bounded(row.breached), ...(whole ? { more: true } : {}) },
  }
}

/**
 * How many tasks stand in the queue of each role, are held by its people, and are at risk or breached as of now
 * (milliseconds): short reads of three indexes, whatever the size of the queues. Numbers over all patients, names of none.
 */
export async function countQueues(tx: Tx, roles: readonly string[], now: number): Promise<Map<string, QueueCounts>> {
  const rows = await tx.query<{ role: string; unowned: number; held: number; atrisk: number; breached: number }>(
    prepared({
      text: `
        select r.role, u.n as unowned, h.n as held, l.atrisk, l.breached from unnest($2::text[]) as r (role)
        cross join lateral (select count(*)::int as n from (
          select from work_queue w where w.tenant_id = $1 and w.role = r.role and (w.hidden_until is null or w.hidden_until <= $3) limit ${most + 1}) q) u
        cross join lateral (select count(*)::int as n from (
          select from work_item w where w.tenant_id = $1 and w.role = r.role and w.open and w.owner is not null limit ${most + 1}) q) h
        cross join lateral (
          select count(*) filter (where q.goal is null or q.goal > $3)::int as atrisk, count(*) filter (where q.goal <= $3)::int as breached from (
            select w.goal from work_item w
            where w.tenant_id = $1 and w.role = r.role and w.open and w.at_risk is not null and w.at_risk <= $3
            order by w.at_risk limit ${looked}) q) l`,
      values: [tx.tenant, roles, new Date(now)],
    }),
  )
  return new Map(rows.map(({ role, ...row }) => [role, countsOf(row)]))
}

/** The same of the open tasks of a kind by where their patients are; of each place at most 500 are looked at. */
export async function countPlaces(tx: Tx, places: readonly string[], now: number): Promise<Map<string, QueueCounts>> {
  const rows = await tx.query<{ place: string; open: number; unowned: number; atrisk: number; breached: number }>(
    prepared({
      text: `
        select p.place, c.* from unnest($2::text[]) as p (place)
        cross join lateral (
          select count(*)::int as open, count(*) filter (where i.owner is null)::int as unowned,
            count(*) filter (where i.at_risk <= $3 and (i.goal is null or i.goal > $3))::int as atrisk, count(*) filter (where i.goal <= $3)::int as breached
          from (select n.id from work_need n where n.tenant_id = $1 and n.jurisdiction = p.place limit ${most + 1}) n
          join work_item i on i.tenant_id = $1 and i.id = n.id) c
        where c.open > 0`,
      values: [tx.tenant, places, new Date(now)],
    }),
  )
  return new Map(
    rows.map(({ place, open, unowned, atrisk, breached }) => {
      const more = open > most
      const of = (count: number): Bounded => ({ count: Math.min(count, most), more })
      return [place, { open: of(open), unowned: of(unowned), atRisk: of(atrisk), breached: of(breached) }]
    }),
  )
}
