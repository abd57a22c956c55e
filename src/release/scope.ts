import { localMoment } from './local-moment.ts'

/** Hours of the clinic's wall clock: from `start` (included) to `end` (not included), `HH:MM`; past midnight when end ≤ start. */
export interface Shift {
  start: string
  end: string
  /** IANA zone. */
  zone: string
  /** Weekdays on which the shift begins, 0 Sunday … 6 Saturday; all when absent. */
  days?: readonly number[]
}

/**
 * Where something holds: everything that is named must fit; what is not named fits anything. An empty scope is the whole
 * tenant.
 */
export interface Scope {
  site?: string
  department?: string
  providerGroup?: string
  /** `pathway/step`, or a pathway alone. */
  step?: string
  shift?: Shift
  /** Acuities, e.g. FHIR request priorities: `routine`, `urgent`. */
  acuity?: readonly string[]
  /** Least confidence of the automation, 0 to 1. */
  confidence?: number
}

/** One case to be decided. */
export interface Case {
  site?: string
  department?: string
  providerGroup?: string
  step?: string
  acuity?: string
  confidence?: number
  /** Milliseconds. */
  at: number
}

const named = ['site', 'department', 'providerGroup'] as const

export function matches(scope: Scope, given: Case): boolean {
  return (
    named.every((name) => scope[name] === undefined || scope[name] === given[name]) &&
    (scope.step === undefined || scope.step === given.step || given.step?.startsWith(`${scope.step}/`) === true) &&
    (scope.acuity === undefined || (given.acuity !== undefined && scope.acuity.includes(given.acuity))) &&
    (scope.confidence === undefined || (given.confidence ?? 0) >= scope.confidence) &&
    (scope.shift === undefined || inShift(scope.shift, given.at))
  )
}

/** Whether everything that falls in `inner` falls in `outer` too, as far as their words tell. */
export function contains(outer: Scope, inner: Scope): boolean {
  return (
    named.every((name) => outer[name] === undefined || outer[name] === inner[name]) &&
    (outer.step === undefined || outer.step === inner.step || inner.step?.startsWith(`${outer.step}/`) === true) &&
    (outer.acuity === undefined ||
      (inner.acuity !== undefined && inner.acuity.every((one) => outer.acuity?.includes(one)))) &&
    (outer.confidence === undefined || (inner.confidence ?? 0) >= outer.confidence) &&
    (outer.shift === undefined || (inner.shift !== undefined && sameShift(outer.shift, inner.shift)))
  )
}

export const sameScope = (a: Scope, b: Scope): boolean => contains(a, b) && contains(b, a)

const sameShift = (a: Shift, b: Shift): boolean =>
  a.start === b.start &&
  a.end === b.end &&
  a.zone === b.zone &&
  [...(a.days ?? everyDay)].sort().join() === [...(b.days ?? everyDay)].sort().join()

const everyDay = [0, 1, 2, 3, 4, 5, 6]

const minutesOf = (clock: string): number => {
  const [, hours, minutes] = /^(\d\d):(\d\d)$/.exec(clock) ?? []
  return Number(hours) * 60 + Number(minutes)
}

/** By the wall clock: the hour that autumn repeats belongs to the shift both times, the one that spring skips to nobody. */
export function inShift({ start, end, zone, days = everyDay }: Shift, at: number): boolean {
  const { minutes, weekday } = localMoment(zone, at)
  const from = minutesOf(start)
  const to = minutesOf(end)
  if (from < to) return minutes >= from && minutes < to && days.includes(weekday)
  // Past midnight: the morning's part belongs to the day before.
  if (minutes >= from) return days.includes(weekday)
  return minutes < to && days.includes((weekday + 6) % 7)
}
