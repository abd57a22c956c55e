import type { Tx } from '../../db/index.ts'
import { onClock } from '../../pathways/index.ts'
import type { HouseOntology } from '../ontology/house-ontology.ts'
import { costOf } from '../routing/index.ts'
import { ruleFor } from '../routing/ontology.ts'
import type { Routing } from './routing.ts'
import type { Member } from './team.ts'
import { minutesOf, timesAtWork } from './time-at-work.ts'

/** What somebody worked in a time. All in minutes but `done`. */
export interface Workload {
  member: Member
  /** At work by the roster, without leave; on call is apart. */
  worked: number
  onCall: number
  /** Of the time at work: before seven, after nineteen, at weekends and on holidays. */
  unsocial: number
  /** Tasks completed. */
  done: number
  /** Work of a kind that was done, by what its kinds take on average, and what of it somebody less costly may do there. */
  ofKind: number
  above: number
}

/** What everybody who holds tasks worked in a window (milliseconds), by the roster and the tasks they completed. */
export async function readWorkload(
  tx: Tx,
  routing: Routing,
  { zone, holidays }: { zone: string; holidays: readonly string[] },
  window: { from: number; until: number },
): Promise<Workload[]> {
  const team = await routing.team(tx, window.until)
  const roster = await routing.rosterOf(tx, window)
  const rows = await tx.query<{ owner: string; kind: string | null; place: string | null; count: number }>({
    name: 'work-done-in',
    text: `select w.owner, m.kind, m.jurisdiction as place, count(*)::int as count from work_item w
           left join work_made m on m.tenant_id = w.tenant_id and m.id = w.id
           where w.tenant_id = $1 and not w.open and w.status = 'completed' and w.owner = any ($2) and w.updated_at >= $3 and w.updated_at < $4
           group by 1, 2, 3`,
    values: [tx.tenant, team.map(({ reference }) => reference), new Date(window.from), new Date(window.until)],
  })
  const closed = new Set(holidays)
  return team.map((member): Workload => {
    const { shifts, leave } = roster.get(member.reference) ?? { shifts: [], leave: [] }
    const own = (onCall: boolean) =>
      timesAtWork(
        { shifts: shifts.filter((shift) => (shift.onCall === true) === onCall), leave },
        window.from,
        window.until,
      )
    const times = own(false)
    const done = rows.filter(({ owner }) => owner === member.reference)
    const minutes = done.flatMap(({ kind, place, count }) =>
      kind === null ? [] : [levelOf(routing.ontology, member, { kind, place: place ?? '' }, count, window.until)],
    )
    return {
      member,
      worked: minutesOf(times),
      onCall: minutesOf(own(true)),
      unsocial: minutesOf(times) - minutesOf(times.flatMap((one) => socialPart(one, zone, closed))),
      done: done.reduce((sum, { count }) => sum + count, 0),
      ofKind: minutes.reduce((sum, one) => sum + one.minutes, 0),
      above: minutes.reduce((sum, one) => sum + (one.above ? one.minutes : 0), 0),
    }
  })
}

/** Whether what somebody did could have been done there by a credential that costs less than the least costly one they have for it. */
function levelOf(
  ontology: HouseOntology,
  member: Member,
  { kind, place }: { kind: string; place: string },
  count: number,
  at: number,
): { minutes: number; above: boolean } {
  const rule = ruleFor(ontology, kind, place, at)
  const ways = [...(rule?.may ?? []), ...(rule?.supervised ?? []).map(({ credential }) => credential)]
  const own = member.credentials.map(({ id }) => id).filter((id) => ways.includes(id))
  const least = (ids: readonly string[]) => Math.min(...ids.map((id) => costOf(ontology, id)))
  return {
    minutes: count * (ontology.kinds.find(({ id }) => id === kind)?.minutes ?? 0),
    above: own.length > 0 && least(own) > least(ways),
  }
}

/** The parts of a time that lie between seven and nineteen of a working day. */
function socialPart(
  { from, until }: { from: number; until: number },
  zone: string,
  holidays: ReadonlySet<string>,
): { from: number; until: number }[] {
  const parts: { from: number; until: number }[] = []
  for (let n = 0; onClock(zone, from, '00:00', n) < until; n += 1) {
    const [opens, closes] = [onClock(zone, from, '07:00', n), onClock(zone, from, '19:00', n)]
    const date = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format(opens)
    const weekday = new Date(`${date}T00:00:00Z`).getUTCDay()
    if (weekday === 0 || weekday === 6 || holidays.has(date)) continue
    const part = { from: Math.max(from, opens), until: Math.min(until, closes) }
    if (part.from < part.until) parts.push(part)
  }
  return parts
}
