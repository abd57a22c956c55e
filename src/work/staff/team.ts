import type { Tx } from '../../db/index.ts'
import { listPeople } from '../../identity/index.ts'
import type { Licence, Period, Person } from '../routing/index.ts'

/** Times at work and away, by `Practitioner/…`; the scheduling room's answer. */
export type RosterOf = (
  tx: Tx,
  window: { from: number; until: number },
) => Promise<ReadonlyMap<string, Pick<Person, 'shifts' | 'leave'>>>

/** Somebody of the house: what routing knows of them, and the roles in whose queues they work. */
export interface Member extends Person {
  name: string
  roles: readonly string[]
  licences: readonly (Licence & { number: string | undefined })[]
  /** Minutes of open work that they hold. */
  held: number
}

const day = 86_400_000
/** How far ahead shifts are looked at, for who comes next. */
const ahead = 14 * day

interface Card {
  credentials: (Period & { id: string })[]
  languages: string[]
}

const span = (from: Date, until: Date | null): Period => ({
  from: from.getTime(),
  ...(until === null ? {} : { until: until.getTime() }),
})

/** Everybody who can hold tasks, as of a moment (milliseconds), in the order of their names. */
export async function loadTeam(tx: Tx, rosterOf: RosterOf, at: number): Promise<Member[]> {
  const people = await listPeople(tx)
  const ids = people.map(({ reference }) => reference.slice('Practitioner/'.length))
  const staff = await tx.query<{ id: string; card: Card }>({
    name: 'team-cards',
    text: 'select id, card from staff where tenant_id = $1 and id = any ($2)',
    values: [tx.tenant, ids],
  })
  const licences = await tx.query<{
    practitioner: string
    credential: string
    jurisdiction: string
    number: string | null
    status: Licence['status']
    from_at: Date
    until_at: Date | null
    compact: string | null
    excludes: string[]
  }>({
    name: 'team-licences',
    text: 'select * from licence where tenant_id = $1 and practitioner = any ($2) order by practitioner, n',
    values: [tx.tenant, ids],
  })
  const posts = await tx.query<{
    practitioner: string
    skills: string[]
    sites: string[]
    capacity: number
    from_at: Date
    until_at: Date | null
  }>({
    name: 'team-posts',
    text: 'select * from staff_post where tenant_id = $1 and practitioner = any ($2) order by id',
    values: [tx.tenant, ids],
  })
  const held = await tx.query<{ owner: string; minutes: number }>({
    name: 'team-load',
    text: `select w.owner, sum(coalesce(n.minutes, 15))::int as minutes from work_item w
           left join work_need n on n.tenant_id = w.tenant_id and n.id = w.id
           where w.tenant_id = $1 and w.open and w.owner = any ($2) group by w.owner`,
    values: [tx.tenant, people.map(({ reference }) => reference)],
  })
  const roster = await rosterOf(tx, { from: at - day, until: at + ahead })
  const cards = new Map(staff.map(({ id, card }) => [id, card]))
  const loads = new Map(held.map(({ owner, minutes }) => [owner, minutes]))
  return people.map(({ reference, name, roles }) => {
    const id = reference.slice('Practitioner/'.length)
    const own = posts.filter(({ practitioner }) => practitioner === id)
    const { shifts, leave } = roster.get(reference) ?? { shifts: [], leave: [] }
    return {
      reference,
      name,
      roles,
      credentials: cards.get(id)?.credentials ?? [],
      languages: cards.get(id)?.languages ?? [],
      licences: licences
        .filter(({ practitioner }) => practitioner === id)
        .map(({ credential, jurisdiction, number, status, from_at, until_at, compact, excludes }) => ({
          credential,
          jurisdiction,
          number: number ?? undefined,
          status,
          ...span(from_at, until_at),
          ...(compact === null ? {} : { compact }),
          ...(excludes.length > 0 ? { excludes } : {}),
        })),
      skills: own.flatMap(({ skills, from_at, until_at }) =>
        skills.map((skill) => ({ id: skill, ...span(from_at, until_at) })),
      ),
      privileges: own.flatMap(({ sites, from_at, until_at }) =>
        sites.map((site) => ({ site, ...span(from_at, until_at) })),
      ),
      shifts,
      leave,
      share: shareOf(own, at),
      capacity: Math.floor(minutesLeft({ shifts, leave }, at) * shareOf(own, at)),
      held: loads.get(reference) ?? 0,
    }
  })
}

/** Of several posts that hold, the greatest part: somebody with one half-time and one whole post has all their time. */
function shareOf(posts: readonly { capacity: number; from_at: Date; until_at: Date | null }[], at: number): number {
  const present = posts.filter(
    ({ from_at, until_at }) => from_at.getTime() <= at && (until_at === null || at < until_at.getTime()),
  )
  return present.length === 0 ? 1 : Math.max(...present.map(({ capacity }) => capacity)) / 100
}

/** Minutes of the present shift that are left before its end or a leave. */
function minutesLeft({ shifts, leave }: Pick<Person, 'shifts' | 'leave'>, at: number): number {
  if (leave.some(({ from, until }) => from <= at && at < until)) return 0
  const ends = shifts.flatMap(({ from, until }) => (from <= at && at < until ? [until] : []))
  const next = leave.flatMap(({ from }) => (from > at ? [from] : []))
  return ends.length === 0 ? 0 : Math.max(0, Math.floor((Math.min(Math.max(...ends), ...next) - at) / 60_000))
}
