import type { Period } from '../routing/index.ts'

/**
 * A FHIR Period in milliseconds. Its end is included there: one that is a date alone lasts through that day, so that the
 * first moment outside is the next midnight.
 */
export function spanOf(
  period: { start?: string; end?: string } | undefined,
  momentOf: (text: string) => number,
): Period {
  const from = period?.start === undefined ? 0 : momentOf(dayOf(period.start, false))
  if (period?.end === undefined) return { from }
  return { from, until: momentOf(dayOf(period.end, true)) }
}

/** A partial date as its first day, or as the day after its last. */
function dayOf(text: string, after: boolean): string {
  const parts = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(text)
  if (!parts) return text
  const [, year, month, day] = parts.map(Number)
  const moved = (unit: number | undefined, first: number) => (unit === undefined || Number.isNaN(unit) ? first : unit)
  const plus = after ? 1 : 0
  const date =
    parts[2] === undefined
      ? Date.UTC(moved(year, 0) + plus, 0, 1)
      : parts[3] === undefined
        ? Date.UTC(moved(year, 0), moved(month, 1) - 1 + plus, 1)
        : Date.UTC(moved(year, 0), moved(month, 1) - 1, moved(day, 1) + plus)
  return new Date(date).toISOString().slice(0, 10)
}
