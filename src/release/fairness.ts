import { wilson } from './distributions.ts'

export interface Group {
  name: string
  /** How many had the outcome. */
  events: number
  all: number
}

export interface Fairness {
  name: string
  /** Undefined where a number would tell about single people. */
  rate: number | undefined
  /** This group's rate less that of all others. */
  difference: number | undefined
  /** 90 % interval of the difference. */
  interval: { low: number; high: number } | undefined
  state: 'equivalent' | 'disparity' | 'not-enough'
}

/** Cells with fewer people than this are never shown (CMS cell size suppression policy: 1 to 10 are hidden). */
export const smallestCell = 11

/** A count that would tell about single people. */
export const isSmall = (count: number): boolean => count > 0 && count < smallestCell

/**
 * Each group's rate against that of everybody else. *Equivalent*: the whole 90 % interval of the difference lies within the
 * margin (two one-sided tests at 5 %). *Disparity*: the interval does not hold zero and the difference is at least the
 * margin. Otherwise there is *not enough* evidence, and nobody may read it as fair. The interval is Newcombe's of 1998,
 * from two Wilson intervals: it stays honest in small groups.
 * @param margin absolute difference of rates that would matter, 0.05 = five in a hundred
 */
export function fairnessOf(groups: readonly Group[], margin: number): Fairness[] {
  const events = groups.reduce((sum, one) => sum + one.events, 0)
  const all = groups.reduce((sum, one) => sum + one.all, 0)
  return groups.map((group) => {
    const others = { events: events - group.events, all: all - group.all }
    const unseen: Fairness = {
      name: group.name,
      rate: undefined,
      difference: undefined,
      interval: undefined,
      state: 'not-enough',
    }
    if (group.all === 0 || others.all === 0) return unseen
    if ([group.events, group.all - group.events].some(isSmall) || group.all < smallestCell) return unseen
    const rate = group.events / group.all
    const other = others.events / others.all
    const difference = rate - other
    const a = wilson(group.events, group.all, 1.6449)
    const b = wilson(others.events, others.all, 1.6449)
    const interval = {
      low: difference - Math.hypot(rate - a.low, b.high - other),
      high: difference + Math.hypot(a.high - rate, other - b.low),
    }
    const equivalent = interval.low > -margin && interval.high < margin
    const apart = (interval.low > 0 || interval.high < 0) && Math.abs(difference) >= margin
    return {
      name: group.name,
      rate,
      difference,
      interval,
      state: equivalent ? 'equivalent' : apart ? 'disparity' : 'not-enough',
    }
  })
}
