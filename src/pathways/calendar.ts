/** When a clinic works: its zone, its hours on each weekday (0 Sunday … 6 Saturday, minutes after midnight), its holidays. */
export interface Calendar {
  /** IANA name, e.g. `America/Toronto`. */
  zone: string
  hours: Readonly<Record<number, readonly [open: number, close: number] | undefined>>
  /** Dates `YYYY-MM-DD` on which the clinic is closed. */
  holidays: readonly string[]
}

export interface Duration {
  amount: number
  unit: 'min' | 'h' | 'days' | 'weeks' | 'business days' | 'business hours'
}

const minute = 60_000
const hour = 60 * minute
const dayLength = 24 * hour

const formats = new Map<string, Intl.DateTimeFormat>()
const offsets = new Map<string, number>()

/** Minutes to add to UTC for the zone's local time, at a moment. Intl is asked once per zone and half hour. */
function offsetAt(zone: string, time: number): number {
  // No zone changes its offset other than on a quarter hour of UTC.
  const quarter = Math.floor(time / (15 * minute))
  const key = `${zone} ${quarter}`
  const known = offsets.get(key)
  if (known !== undefined) return known
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formats.set(zone, format)
  }
  const start = quarter * 15 * minute
  const part: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(start)) part[type] = Number(value)
  const local = Date.UTC(
    part['year'] ?? 0,
    (part['month'] ?? 1) - 1,
    part['day'] ?? 1,
    part['hour'] ?? 0,
    part['minute'] ?? 0,
    part['second'] ?? 0,
  )
  const offset = Math.round((local - start) / minute)
  if (offsets.size > 20_000) offsets.clear()
  offsets.set(key, offset)
  return offset
}

/** Local wall time as if it were UTC, so that day arithmetic is plain. */
const toLocal = (calendar: Calendar, time: number): number => time + offsetAt(calendar.zone, time) * minute

/**
 * The moment of a local wall time. A time that the spring change skips becomes the moment after the gap; one that the
 * autumn change repeats is the first of the two.
 */
export function fromLocal(zone: string, local: number): number {
  const early = offsetAt(zone, local - dayLength)
  const late = offsetAt(zone, local + dayLength)
  const first = local - early * minute
  if (offsetAt(zone, first) === early) return first
  const second = local - late * minute
  return offsetAt(zone, second) === late ? second : first
}

const holidaySets = new WeakMap<Calendar, ReadonlySet<string>>()

function openOn(calendar: Calendar, localDay: number): readonly [number, number] | undefined {
  const hours = calendar.hours[new Date(localDay).getUTCDay()]
  if (!hours) return undefined
  let holidays = holidaySets.get(calendar)
  if (!holidays) {
    holidays = new Set(calendar.holidays)
    holidaySets.set(calendar, holidays)
  }
  return holidays.size > 0 && holidays.has(new Date(localDay).toISOString().slice(0, 10)) ? undefined : hours
}

// A calendar that is never open would search for ever.
const furthest = 3 * 366

/**
 * The moment `duration` after `time`. Days and weeks keep the local time of day over a clock change, in `zone` if that is
 * not the clinic's; business days count days on which the clinic opens, and what starts outside hours starts at the next
 * opening; business hours run while it is open. Throws a RangeError when the calendar has no opening within three years.
 */
export function addDuration(calendar: Calendar, time: number, duration: Duration, zone = calendar.zone): number {
  switch (duration.unit) {
    case 'min':
      return time + duration.amount * minute
    case 'h':
      return time + duration.amount * hour
    case 'days':
      return addDays(zone, time, duration.amount)
    case 'weeks':
      return addDays(zone, time, duration.amount * 7)
    case 'business days':
      return addBusinessDays(calendar, time, duration.amount)
    case 'business hours':
      return addBusinessTime(calendar, time, duration.amount * hour)
  }
}

const addDays = (zone: string, time: number, days: number): number =>
  fromLocal(zone, time + offsetAt(zone, time) * minute + days * dayLength)

/**
 * The moment `duration` before `time`, as `addDuration`. Business days count back over open days at the same time of day;
 * business hours run backwards while the clinic is open.
 */
export function subtractDuration(calendar: Calendar, time: number, duration: Duration, zone = calendar.zone): number {
  if (duration.unit === 'business days') {
    let local = toLocal(calendar, time)
    let left = duration.amount
    for (let day = 0; left > 0; day += 1) {
      if (day > furthest) throw new RangeError('the calendar is never open')
      local -= dayLength
      if (openOn(calendar, startOfDay(local))) left -= 1
    }
    return fromLocal(calendar.zone, local)
  }
  if (duration.unit !== 'business hours')
    return addDuration(calendar, time, { ...duration, amount: -duration.amount }, zone)
  const local = toLocal(calendar, time)
  let left = duration.amount * hour
  for (let start = startOfDay(local), n = 0; n <= furthest; start -= dayLength, n += 1) {
    const hours = openOn(calendar, start)
    if (!hours) continue
    const opens = start + hours[0] * minute
    const worked = Math.max(0, Math.min(local, start + hours[1] * minute) - opens)
    if (worked >= left) return fromLocal(calendar.zone, opens + worked - left)
    left -= worked
  }
  throw new RangeError('the calendar is never open')
}

/** The moment when the clock of `zone` shows `clock` (`09:00`) on the local day of `time`, `days` later. */
export function onClock(zone: string, time: number, clock: string, days = 0): number {
  const local = time + offsetAt(zone, time) * minute
  return fromLocal(zone, startOfDay(local) + days * dayLength + minutesOf(clock) * minute)
}

/** The first moment at or after `time` when the clock of `zone` shows `clock`. */
export function nextAt(zone: string, time: number, clock: string): number {
  const today = onClock(zone, time, clock)
  return today >= time ? today : onClock(zone, time, clock, 1)
}

/** The local date of a moment, as `2026-03-08`. */
export const dayOf = (zone: string, time: number): string =>
  new Date(time + offsetAt(zone, time) * minute).toISOString().slice(0, 10)

/** Minutes after midnight of `09:00`. */
export const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))

/** The same time of day on the first open day at or after `time`. */
export function onOpenDay(calendar: Calendar, time: number): number {
  let local = toLocal(calendar, time)
  for (let day = 0; day <= furthest; day += 1, local += dayLength)
    if (openOn(calendar, startOfDay(local))) return fromLocal(calendar.zone, local)
  throw new RangeError('the calendar is never open')
}

/** A FHIR date or dateTime as a moment; a date alone is its midnight in `zone`. NaN when it is neither. */
export function momentOf(text: string, zone: string): number {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? fromLocal(zone, Date.parse(`${text}T00:00:00Z`)) : Date.parse(text)
}

function addBusinessDays(calendar: Calendar, time: number, amount: number): number {
  let local = nextOpen(calendar, toLocal(calendar, time))
  let left = amount
  for (let day = 0; left > 0; day += 1) {
    if (day > furthest) throw new RangeError('the calendar is never open')
    local += dayLength
    if (openOn(calendar, startOfDay(local))) left -= 1
  }
  return fromLocal(calendar.zone, local)
}

function addBusinessTime(calendar: Calendar, time: number, amount: number): number {
  let local = nextOpen(calendar, toLocal(calendar, time))
  let left = amount
  for (let day = 0; day <= furthest; day += 1) {
    const start = startOfDay(local)
    const close = start + (openOn(calendar, start)?.[1] ?? 0) * minute
    if (local + left <= close) return fromLocal(calendar.zone, local + left)
    left -= close - local
    local = nextOpen(calendar, start + dayLength)
  }
  throw new RangeError('the calendar is never open')
}

const startOfDay = (local: number): number => Math.floor(local / dayLength) * dayLength

function nextOpen(calendar: Calendar, local: number): number {
  for (let day = startOfDay(local), n = 0; n <= furthest; day += dayLength, n += 1) {
    const hours = openOn(calendar, day)
    if (hours && local < day + hours[1] * minute) return Math.max(local, day + hours[0] * minute)
  }
  throw new RangeError('the calendar is never open')
}

/** Reads `4 h`, `30 min`, `2 days`, `6 weeks`, `2 business days`, `8 business hours`. Undefined when it is none of these, or nothing long. */
export function parseDuration(text: string): Duration | undefined {
  const [, amount, unit] =
    /^([1-9]\d{0,3})\s*(min|h|days?|weeks?|business days?|business hours?)$/.exec(text.trim()) ?? []
  if (amount === undefined || unit === undefined) return undefined
  const plural = /(?:day|week|hour)$/.test(unit) ? `${unit}s` : unit
  return { amount: Number(amount), unit: plural as Duration['unit'] }
}
