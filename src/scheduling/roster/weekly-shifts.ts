import { onClock, wallTime } from '../../pathways/index.ts'

interface Time {
  from: number
  until: number
}

/** Somebody's general hours by the days of a week, and times when they do not hold. Milliseconds but in `week`. */
export interface WeeklyHours {
  /** `days`: 0 is Sunday. Minutes after midnight on the clinic's clock; past 1440 is the next day. */
  week: readonly { days: readonly number[]; from: number; until: number }[]
  off: readonly { from?: number; until?: number }[]
  from?: number
  until?: number
}

/**
 * The shifts that general hours make in a window. A day for which the roster has a shift is as the roster says: `rostered`
 * has the beginnings of these.
 */
export function weeklyShifts(
  { week, from = 0, until = Number.MAX_SAFE_INTEGER }: WeeklyHours,
  zone: string,
  window: Time,
  rostered: readonly number[],
): Time[] {
  const dayOf = (at: number) => new Date(wallTime(zone, at)).toISOString().slice(0, 10)
  const busy = new Set(rostered.map(dayOf))
  const found: Time[] = []
  for (let n = -1; ; n += 1) {
    const noon = onClock(zone, window.from, '12:00', n)
    const midnight = onClock(zone, window.from, '00:00', n)
    if (midnight >= window.until) return found.filter((one) => one.until > window.from && one.from < window.until)
    if (busy.has(dayOf(noon))) continue
    const weekday = new Date(wallTime(zone, noon)).getUTCDay()
    for (const hours of week) {
      if (!hours.days.includes(weekday)) continue
      const at = (minutes: number) => onClock(zone, window.from, textOf(minutes % 1440), n + Math.floor(minutes / 1440))
      const shift = { from: Math.max(from, at(hours.from)), until: Math.min(until, at(hours.until)) }
      if (shift.from < shift.until) found.push(shift)
    }
  }
}

/** Minutes after midnight of a FHIR time. */
export function clockOf(text: string | undefined): number | undefined {
  const [, hours, minutes] = /^(\d\d):(\d\d)/.exec(text ?? '') ?? []
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes)
}

const textOf = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
