import { type Calendar, dayOf } from '../calendar.ts'
import type { LogEntry } from '../state.ts'
import type { Replayed } from './replay.ts'

/** How long journeys stood in a stage: finished stays, their hours, and how many stays fall into each class of length. */
export interface Stays {
  n: number
  hours: number
  /** Stays still open at the end of the period; not among the others. */
  open: number
  /** By the power of the square root of 2 hours, from 2 minutes on. */
  classes: Record<string, number>
}

/** What a replay came to, all journeys together; plain JSON. */
export interface Tally {
  events: number
  journeys: number
  /** Journeys in which nothing differs. */
  same: number
  differing: number
  onlyBefore: number
  onlyAfter: number
  /** Journeys whose recorded log the recorded version does not give again: what differs there may not be the draft's doing. */
  unfaithful: number
  assumed: number
  /** By `what change`. */
  counts: Record<string, number>
  /** Tasks asked of each role on each local day: recorded, draft. */
  work: Record<string, Record<string, [before: number, after: number]>>
  stages: Record<string, { before: Stays; after: Stays }>
}

export const emptyTally = (): Tally => ({
  events: 0,
  journeys: 0,
  same: 0,
  differing: 0,
  onlyBefore: 0,
  onlyAfter: 0,
  unfaithful: 0,
  assumed: 0,
  counts: {},
  work: {},
  stages: {},
})

const noStays = (): Stays => ({ n: 0, hours: 0, open: 0, classes: {} })

export function tally(into: Tally, one: Replayed, calendar: Calendar): void {
  into.journeys += 1
  if (one.differences.length === 0) into.same += 1
  else into.differing += 1
  if (!one.after) into.onlyBefore += 1
  if (!one.before) into.onlyAfter += 1
  if (one.faithful === false) into.unfaithful += 1
  into.assumed += one.after?.assumed ?? 0
  for (const { what, changes } of one.differences)
    for (const change of changes) into.counts[`${what} ${change}`] = (into.counts[`${what} ${change}`] ?? 0) + 1
  add(into, one.before ?? [], 0, calendar)
  add(into, one.after?.log ?? [], 1, calendar)
}

function add(into: Tally, log: readonly LogEntry[], side: 0 | 1, calendar: Calendar): void {
  let since: { stage: string; at: number } | undefined
  const leave = (at: number | undefined) => {
    if (!since) return
    const stage = (into.stages[since.stage] ??= { before: noStays(), after: noStays() })
    const stays = side === 0 ? stage.before : stage.after
    if (at === undefined) stays.open += 1
    else {
      const hours = (at - since.at) / 3_600_000
      const name = String(Math.max(-10, Math.ceil(2 * Math.log2(Math.max(hours, 1 / 60)))))
      stays.n += 1
      stays.hours += hours
      stays.classes[name] = (stays.classes[name] ?? 0) + 1
    }
    since = undefined
  }
  for (const { kind, at, data } of log) {
    if (kind === 'opened') {
      const role = (into.work[String(data['role'])] ??= {})
      const day = (role[dayOf(calendar.zone, at)] ??= [0, 0])
      day[side] += 1
    } else if (kind === 'stage') {
      leave(at)
      since = { stage: String(data['stage']), at }
    } else if (kind === 'ended' || kind === 'cancelled') leave(at)
  }
  leave(undefined)
}

/** Hours below which half of the stays lie, to within a factor of 1.19; null when none has ended. */
export function medianHours({ n, classes }: Stays): number | null {
  if (n === 0) return null
  let seen = 0
  for (const name of Object.keys(classes)
    .map(Number)
    .toSorted((a, b) => a - b)) {
    seen += classes[name] ?? 0
    if (seen * 2 >= n) return 2 ** ((name - 0.5) / 2)
  }
  return null
}

/** Adds one tally to another. */
export function merge(into: Tally, from: Tally): void {
  for (const name of [
    'events',
    'journeys',
    'same',
    'differing',
    'onlyBefore',
    'onlyAfter',
    'unfaithful',
    'assumed',
  ] as const)
    into[name] += from[name]
  for (const [name, n] of Object.entries(from.counts)) into.counts[name] = (into.counts[name] ?? 0) + n
  for (const [role, days] of Object.entries(from.work)) {
    const own = (into.work[role] ??= {})
    for (const [day, [before, after]] of Object.entries(days)) {
      const [a, b] = own[day] ?? [0, 0]
      own[day] = [a + before, b + after]
    }
  }
  for (const [stage, { before, after }] of Object.entries(from.stages)) {
    const own = (into.stages[stage] ??= { before: noStays(), after: noStays() })
    addStays(own.before, before)
    addStays(own.after, after)
  }
}

function addStays(into: Stays, from: Stays): void {
  into.n += from.n
  into.hours += from.hours
  into.open += from.open
  for (const [name, n] of Object.entries(from.classes)) into.classes[name] = (into.classes[name] ?? 0) + n
}
