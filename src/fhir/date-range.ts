/** An instant, a day, a month, a year or a period as a half-open range in milliseconds since 1970. */
export interface DateRange {
  low: number
  high: number
}

/** Open ends. Milliseconds beyond any date that FHIR can write, and exact in a double. */
export const beginning = -8_640_000_000_000_000
export const end = 8_640_000_000_000_000

const shape =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/

const startOf = (year: number, month: number, day: number): number => {
  const date = new Date(0)
  // Date.UTC takes years below 100 for 19xx.
  date.setUTCFullYear(year, month, day)
  return date.getTime()
}

/**
 * Reads a FHIR date, dateTime or instant of any precision, and the times without seconds that searches may use. A value
 * without an offset is taken in UTC. Undefined when it is none of these or no day of the calendar.
 */
export function readDate(text: string): DateRange | undefined {
  const match = shape.exec(text)
  if (!match) return undefined
  const [, yearText, monthText, dayText, hourText, minuteText, secondText, fraction, zone] = match
  const year = Number(yearText)
  if (monthText === undefined) return { low: startOf(year, 0, 1), high: startOf(year + 1, 0, 1) }
  const month = Number(monthText) - 1
  if (month < 0 || month > 11) return undefined
  if (dayText === undefined) return { low: startOf(year, month, 1), high: startOf(year, month + 1, 1) }
  const day = Number(dayText)
  const low = startOf(year, month, day)
  if (new Date(low).getUTCDate() !== day) return undefined
  if (hourText === undefined) return { low, high: low + 86_400_000 }
  const hour = Number(hourText)
  const minute = Number(minuteText)
  const second = Number(secondText ?? '0')
  if (hour > 23 || minute > 59 || second > 60) return undefined
  let at = low + hour * 3_600_000 + minute * 60_000 + second * 1000
  if (zone !== undefined && zone !== 'Z') {
    const offset = (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4))) * 60_000
    at += zone.startsWith('-') ? offset : -offset
  }
  if (secondText === undefined) return { low: at, high: at + 60_000 }
  if (fraction === undefined) return { low: at, high: at + 1000 }
  const millisecond = at + Math.floor(Number(`0.${fraction}`) * 1000 + 1e-6)
  const width = fraction.length >= 3 ? 1 : 10 ** (3 - fraction.length)
  return { low: millisecond, high: millisecond + width }
}

/** A Period; an end that is not given is open. Undefined when neither end can be read. */
export function readPeriod(period: { start?: string; end?: string }): DateRange | undefined {
  const start = period.start === undefined ? undefined : readDate(period.start)
  const stop = period.end === undefined ? undefined : readDate(period.end)
  if (!start && !stop) return undefined
  return { low: start?.low ?? beginning, high: stop?.high ?? end }
}
