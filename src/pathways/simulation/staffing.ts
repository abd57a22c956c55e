import { type Calendar, dayOf, onClock } from '../calendar.ts'
import type { Shift } from './settings.ts'

/** From `at` on (milliseconds) so many people are at work. */
export interface Staffed {
  at: number
  staff: number
}

/**
 * How many people of a role are at work, each moment at which that changes, in order: the clinic's clock decides, also on
 * days on which it is put forward or back; nobody works on the clinic's holidays. A shift that ends at or before it
 * begins goes over midnight.
 */
export function staffing(shifts: readonly Shift[], calendar: Calendar, from: number, days: number): Staffed[] {
  const { zone } = calendar
  const moves = new Map<number, number>()
  const move = (at: number, by: number) => moves.set(at, (moves.get(at) ?? 0) + by)
  const noon = onClock(zone, from, '12:00')
  // A day more at each end: a night's shift may lie across them.
  for (let day = -1; day <= days + 1; day += 1) {
    const date = dayOf(zone, onClock(zone, noon, '12:00', day))
    if (calendar.holidays.includes(date)) continue
    const weekday = new Date(`${date}T12:00:00Z`).getUTCDay()
    for (const shift of shifts) {
      if (!shift.days.includes(weekday) || shift.staff === 0) continue
      const overnight = shift.to <= shift.from
      move(onClock(zone, noon, shift.from, day), shift.staff)
      move(onClock(zone, noon, shift.to, overnight ? day + 1 : day), -shift.staff)
    }
  }
  let staff = 0
  const changes = [...moves]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([at, by]): Staffed[] => {
      if (by === 0) return []
      staff += by
      return [{ at, staff }]
    })
  const first = changes.findLast(({ at }) => at <= from)
  return [{ at: from, staff: first?.staff ?? 0 }, ...changes.filter(({ at }) => at > from)]
}
