const units: Readonly<Record<string, { part: 'year' | 'month' | 'day' | 'millisecond'; times: number }>> = {
  year: { part: 'year', times: 1 },
  a: { part: 'year', times: 1 },
  month: { part: 'month', times: 1 },
  mo: { part: 'month', times: 1 },
  week: { part: 'day', times: 7 },
  wk: { part: 'day', times: 7 },
  day: { part: 'day', times: 1 },
  d: { part: 'day', times: 1 },
  hour: { part: 'millisecond', times: 3_600_000 },
  h: { part: 'millisecond', times: 3_600_000 },
  minute: { part: 'millisecond', times: 60_000 },
  min: { part: 'millisecond', times: 60_000 },
  second: { part: 'millisecond', times: 1_000 },
  s: { part: 'millisecond', times: 1_000 },
}

/**
 * A FHIR date or dateTime moved by a quantity of time (http://hl7.org/fhirpath/N1/#datetime-arithmetic): the precision
 * stays, and the last day of a shorter month stands for one that it does not have. Undefined when it is no such sum.
 */
export function addToDate(date: unknown, quantity: unknown, sign: 1 | -1): string | undefined {
  if (typeof date !== 'string' || typeof quantity !== 'object' || quantity === null) return undefined
  const { value, unit, code } = quantity as { value?: unknown; unit?: unknown; code?: unknown }
  const name = typeof unit === 'string' ? unit : typeof code === 'string' ? code : ''
  const known = units[name.replaceAll(/[{}']/g, '').replace(/(?<=.)s$/, '')]
  const parts = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(T.*)?)?)?$/.exec(date)
  if (typeof value !== 'number' || !known || !parts) return undefined
  const [, year = '', month, day, time] = parts
  const amount = Math.trunc(value * known.times) * sign
  if (known.part === 'millisecond') {
    const at = time === undefined ? Number.NaN : Date.parse(date)
    return Number.isNaN(at) ? undefined : moveTime(date, at + amount)
  }
  const months =
    Number(year) * 12 +
    Number(month ?? 1) -
    1 +
    (known.part === 'year' ? amount * 12 : known.part === 'month' ? amount : 0)
  const first = new Date(Date.UTC(Math.floor(months / 12), months % 12, 1))
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate()
  first.setUTCDate(Math.min(Number(day ?? 1), last))
  if (known.part === 'day') first.setUTCDate(first.getUTCDate() + amount)
  const moved = first.toISOString()
  const length = day !== undefined ? 10 : month !== undefined ? 7 : 4
  return moved.slice(0, length) + (time ?? '')
}

/** In the zone that the text was in. */
function moveTime(date: string, at: number): string {
  const zone = /(?:Z|[+-]\d\d:\d\d)$/.exec(date)?.[0] ?? ''
  const [, sign, hours = '0', minutes = '0'] = /([+-])(\d\d):(\d\d)/.exec(zone) ?? []
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000)
  return `${new Date(at + offset).toISOString().slice(0, zone === '' ? 23 : 19)}${zone}`
}
