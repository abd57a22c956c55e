import type { HouseOntology } from '../ontology/house-ontology.ts'
import { type Bar, type Licence, permit } from '../routing/index.ts'
import type { Member } from '../staff/team.ts'
import { minutesOf, timesAtWork } from '../staff/time-at-work.ts'
import { Allotment } from './allot.ts'
import { type Expected, intervalOf } from './counts.ts'
import type { Forecast } from './forecast.ts'

/** How it stands with a kind of task in a place on a day. */
export type Standing =
  /** Hardly anything is expected: less than one task in twenty days. */
  | 'quiet'
  /** Even the upper end of what may come is done. */
  | 'covered'
  /** What is expected is done, the upper end of the 80 % interval is not. */
  | 'tight'
  /** Not all that is expected can be done by those at work who may. */
  | 'short'
  /** Nobody who may do it is at work that day. */
  | 'nobody'

export interface CoverageCell {
  kind: string
  place: string
  /** 0 is today. */
  day: number
  /** Tasks that will be made, and the ends of the interval of 80 in a hundred. */
  expected: number
  low: number
  high: number
  /** Tasks that wait already and are due that day (or late, today). */
  waiting: number
  /** Minutes that all of these take, and those of them that can be given to somebody. */
  needed: number
  served: number
  /** People at work that day who may do it. */
  people: string[]
  standing: Standing
}

export interface CoverageGap {
  kind: string
  place: string
  /** First and last day; days on which nothing is expected lie between them too. */
  from: number
  until: number
  /** Tasks that nobody will do, as far as can be told. */
  missing: number
  /** Those who could do it otherwise, and why they do not on its first day. */
  because: Absent[]
}

/** Why somebody does not do a kind of task in a place on a day: away, off, or barred. */
export interface Absent {
  person: string
  why: 'away' | 'off' | Bar
}

/** A licence that would gain most: minutes served beside what is served now, over all days. */
export interface LicenceGain {
  person: string
  credential: string
  place: string
  minutes: number
}

/** The days to come, as moments: a day begins at one of them and ends at the next. */
export interface CoverageAsked {
  ontology: HouseOntology
  team: readonly Member[]
  /** Kinds and places that there has been any task of, and in whose queues these stood. */
  pairs: readonly { kind: string; place: string; roles: readonly string[] }[]
  /** What will be made on a day that still is to come (of today: what is left of it). */
  expected(pair: { kind: string; place: string }, day: number): Expected
  waiting: ReadonlyMap<string, number>
  midnights: readonly number[]
  now: number
}

interface DayPlan {
  /** For each pair, people (by index) at work who may. */
  able: number[][]
  minutes: number[]
  allotment: Allotment
}

export interface CoveragePlan {
  cells: CoverageCell[]
  gaps: CoverageGap[]
  gains(most: number): LicenceGain[]
}

/** A task in twenty days: less is not worth a word. */
const rare = 0.05
/** Less than a twentieth of what is expected is no shortage. */
const noticeable = 0.05

export const waitingKey = (pair: { kind: string; place: string }, day: number): string =>
  `${pair.kind} ${pair.place} ${day}`

/**
 * Demand of each day beside the people at work on it: who may do what is asked once for a person's day, in the middle of
 * their time at work; an hour of theirs counts once, for whatever they may do. Being on call is not being at work here.
 */
export function planCoverage(asked: CoverageAsked): CoveragePlan {
  const { ontology, team, pairs, midnights, now } = asked
  const workers = team.map((member) => ({ ...member, shifts: member.shifts.filter(({ onCall }) => onCall !== true) }))
  const minutesPer = pairs.map(({ kind }) => ontology.kinds.find(({ id }) => id === kind)?.minutes ?? 0)
  const days = midnights.slice(1).map((end, day) => dayOf(day, Math.max(now, midnights[day] ?? now), end))
  const cells = days.flatMap(({ laws, plan }, day) => pairs.map((_pair, index) => cellOf(index, day, laws, plan)))
  return { cells, gaps: gapsOf(cells), gains }

  function mayOf(member: Member, index: number, at: number): boolean {
    const pair = pairs[index]
    if (!pair || (pair.roles.length > 0 && !pair.roles.some((role) => role === '' || member.roles.includes(role))))
      return false
    return permit(ontology, { kind: pair.kind, jurisdiction: pair.place }, member, at, workers).credential !== undefined
  }

  function dayOf(day: number, from: number, end: number): { laws: Expected[]; plan: DayPlan } {
    const laws = pairs.map((pair) => asked.expected(pair, day))
    const times = workers.map((member) => timesAtWork(member, from, end))
    const minutes = times.map((one, n) => Math.floor(minutesOf(one) * (workers[n]?.share ?? 1)))
    const able = pairs.map((_pair, index) =>
      workers.flatMap((member, person) => {
        const middle = middleOf(times[person] ?? [])
        return middle !== undefined && mayOf(member, index, middle) ? [person] : []
      }),
    )
    const work = pairs.map((pair, index) => needOf(pair, index, day, laws[index]?.mean ?? 0))
    const links = able.flatMap((people, index) => people.map((person) => ({ person, work: index })))
    return { laws, plan: { able, minutes, allotment: new Allotment({ people: minutes, work, links }) } }
  }

  function needOf(pair: { kind: string; place: string }, index: number, day: number, mean: number): number {
    return (mean + (asked.waiting.get(waitingKey(pair, day)) ?? 0)) * (minutesPer[index] ?? 0)
  }

  function cellOf(index: number, day: number, laws: readonly Expected[], { able, allotment }: DayPlan): CoverageCell {
    const pair = pairs[index] ?? { kind: '', place: '', roles: [] }
    const law = laws[index] ?? { mean: 0, variance: 0 }
    const waiting = asked.waiting.get(waitingKey(pair, day)) ?? 0
    const { low, high } = intervalOf(law, 0.8)
    const needed = needOf(pair, index, day, law.mean)
    const served = allotment.served[index] ?? 0
    const people = (able[index] ?? []).map((person) => workers[person]?.reference ?? '')
    const more = Math.max(0, high - law.mean) * (minutesPer[index] ?? 0)
    const standing = (): Standing => {
      if (law.mean + waiting < rare) return 'quiet'
      if (people.length === 0) return 'nobody'
      if (needed - served > noticeable * needed) return 'short'
      return allotment.room(index, more) < more - 0.01 ? 'tight' : 'covered'
    }
    return {
      kind: pair.kind,
      place: pair.place,
      day,
      expected: law.mean,
      low,
      high,
      waiting,
      needed,
      served,
      people,
      standing: standing(),
    }
  }

  /** Licences that somebody could add to a credential they have, where something is missing; the most useful first. */
  function gains(most: number): LicenceGain[] {
    const short = new Set(cells.filter(isGap).map(({ place }) => place))
    const found = team.flatMap((member, person) => {
      const credentials = [...new Set(member.credentials.map(({ id }) => id))].filter(
        (id) => ontology.credentials.find((one) => one.id === id)?.licensed === true,
      )
      return credentials.flatMap((credential) =>
        [...short].map((place) => ({
          person: member.reference,
          credential,
          place,
          minutes: gainOf(member, person, { credential, jurisdiction: place, status: 'active', from: 0 }),
        })),
      )
    })
    return found
      .filter(({ minutes }) => minutes >= 1)
      .toSorted((a, b) => b.minutes - a.minutes || (a.person < b.person ? -1 : 1))
      .slice(0, most)
  }

  function gainOf(member: Member, person: number, licence: Licence): number {
    const licensed = { ...member, licences: [...member.licences, { ...licence, number: undefined }] }
    return days.reduce((sum, { plan }, day) => {
      const middle = middleOf(
        timesAtWork(workers[person] ?? member, Math.max(now, midnights[day] ?? now), midnights[day + 1] ?? now),
      )
      if (middle === undefined) return sum
      const more = pairs.flatMap((pair, index) =>
        pair.place === licence.jurisdiction &&
        plan.able[index]?.includes(person) !== true &&
        mayOf(licensed, index, middle)
          ? [index]
          : [],
      )
      return more.length === 0 ? sum : sum + plan.allotment.gain(person, more)
    }, 0)
  }

  function gapFrom({ kind, place }: { kind: string; place: string }, index: number, day: number): CoverageGap {
    const because = workers.flatMap((member, person): Absent[] => {
      const usual = days.some(({ plan }) => plan.able[index]?.includes(person))
      const [from, until] = [midnights[day] ?? now, midnights[day + 1] ?? now]
      const middle = middleOf(timesAtWork(member, from, until))
      const { bars } = permit(ontology, { kind, jurisdiction: place }, member, middle ?? from, workers)
      const [bar, ...others] = bars
      if (usual && member.leave.some((away) => away.from < until && from < away.until))
        return [{ person: member.reference, why: 'away' }]
      if (usual && middle === undefined) return [{ person: member.reference, why: 'off' }]
      const near = bar !== undefined && others.length === 0 && lapsed.includes(bar.code)
      return bar && (usual || near) ? [{ person: member.reference, why: bar }] : []
    })
    return { kind, place, from: day, until: day, missing: 0, because }
  }

  function gapsOf(all: readonly CoverageCell[]): CoverageGap[] {
    return pairs.flatMap((pair, index) => {
      const gaps: CoverageGap[] = []
      let open: CoverageGap | undefined
      for (const cell of all.filter((one) => one.kind === pair.kind && one.place === pair.place)) {
        if (cell.standing === 'quiet') continue
        if (!isGap(cell)) {
          open = undefined
          continue
        }
        if (!open) gaps.push((open = gapFrom(pair, index, cell.day)))
        open.until = cell.day
        open.missing += (cell.needed - cell.served) / (minutesPer[index] ?? 1)
      }
      return gaps
    })
  }
}

/** Licences that somebody has and that do not count: what a lead can mend. */
const lapsed: readonly Bar['code'][] = ['licence-ended', 'licence-not-yet', 'licence-suspended']

const isGap = ({ standing }: CoverageCell): boolean => standing === 'short' || standing === 'nobody'

/** The middle of somebody's time at work: of its longest part. */
function middleOf(times: readonly { from: number; until: number }[]): number | undefined {
  const longest = times.toSorted((a, b) => b.until - b.from - (a.until - a.from))[0]
  return longest && (longest.from + longest.until) / 2
}

/** What is left of a day to come: of today, the rest of the hour that runs and the hours after it. */
export function restOf(
  forecast: Forecast,
  pair: { kind: string; place: string },
  { day, hour, share }: { day: number; hour: number; share: number },
): Expected {
  const after = forecast({ ...pair, day, from: hour + 1, until: 24 })
  const running = forecast({ ...pair, day, from: hour, until: hour + 1 })
  return {
    mean: after.mean + running.mean * share,
    variance: after.variance + running.variance * share,
  }
}
