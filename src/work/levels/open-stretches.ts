import { type Calendar, wallTime } from '../../pathways/index.ts'

const minute = 60_000
const quarter = 15 * minute
const day = 86_400_000

export interface Stretch {
  from: number
  until: number
}

/**
 * The stretches between two moments (milliseconds) during which a calendar is open, in order; without a calendar all of it.
 * Exact when the clock changes: open is whatever the clock on the wall shows as open, an hour that comes twice counts twice.
 */
export function* openStretches(calendar: Calendar | undefined, from: number, until: number): Generator<Stretch> {
  if (!calendar) {
    if (from < until) yield { from, until }
    return
  }
  const { zone, hours } = calendar
  const holidays = new Set(calendar.holidays)
  const offsetAt = (time: number) => wallTime(zone, time) - time
  for (let time = from; time < until; ) {
    const offset = offsetAt(time)
    const midnight = Math.floor((time + offset) / day) * day
    const end = sameOffsetUntil(offsetAt, time, Math.min(midnight + day - offset, until))
    const open = holidays.has(new Date(midnight).toISOString().slice(0, 10))
      ? undefined
      : hours[new Date(midnight).getUTCDay()]
    if (open) {
      const opens = Math.max(time, midnight + open[0] * minute - offset)
      const closes = Math.min(end, midnight + open[1] * minute - offset)
      if (opens < closes) yield { from: opens, until: closes }
    }
    time = end
  }
}

/** `end`, or the moment before it at which the zone changes its clock: no zone does so but on a quarter hour of UTC. */
function sameOffsetUntil(offsetAt: (time: number) => number, from: number, end: number): number {
  const offset = offsetAt(from)
  if (offsetAt(end - 1) === offset) return end
  let [same, other] = [Math.floor(from / quarter), Math.floor((end - 1) / quarter)]
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2)
    if (offsetAt(middle * quarter) === offset) same = middle
    else other = middle
  }
  return other * quarter
}
