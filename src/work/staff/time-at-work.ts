import type { Person } from '../routing/index.ts'

interface Span {
  from: number
  until: number
}

/**
 * Times that somebody is at work between two moments (milliseconds), without leave, in order. Shifts that overlap (on call
 * over a shift) count once.
 */
export function timesAtWork({ shifts, leave }: Pick<Person, 'shifts' | 'leave'>, from: number, until: number): Span[] {
  let times = mergedOf(shifts)
  for (const away of leave)
    times = times.flatMap((one) =>
      away.until <= one.from || one.until <= away.from
        ? [one]
        : [
            { from: one.from, until: away.from },
            { from: away.until, until: one.until },
          ].filter((part) => part.from < part.until),
    )
  return times
    .map((one) => ({ from: Math.max(one.from, from), until: Math.min(one.until, until) }))
    .filter((one) => one.from < one.until)
}

/** Minutes of times that do not overlap. */
export const minutesOf = (times: readonly Span[]): number =>
  times.reduce((sum, one) => sum + one.until - one.from, 0) / 60_000

function mergedOf(periods: readonly Span[]): Span[] {
  const merged: Span[] = []
  for (const one of periods.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last && one.from <= last.until) last.until = Math.max(last.until, one.until)
    else merged.push({ from: one.from, until: one.until })
  }
  return merged
}
