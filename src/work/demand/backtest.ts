import { type Expected, intervalOf } from './counts.ts'
import { type Forecast, learn, type Past } from './forecast.ts'

/** How often what came lay inside the intervals that would have been told a week before. */
export interface Backtest {
  /** Hours (or days) of a kind and a place that were looked at. */
  looked: number
  /** Shares that lay inside the intervals of 80 and 95 in a hundred. */
  inside80: number
  inside95: number
  /** What these intervals promise: counts are whole, so that an interval holds more than was asked of it. */
  mass80: number
  mass95: number
}

/** Too rare to say anything: nearly every such hour is empty and lies inside any interval. */
const rare = 0.05

/**
 * Tells each of the last `weeks` weeks from the days before it, and counts. Hours in which less than one task in twenty
 * hours is expected are left out, so that nights do not make the forecast look better than it is.
 */
export function backtest(
  past: Past,
  isHoliday: (day: number) => boolean,
  weeks = 4,
): { hours: Backtest; days: Backtest } | undefined {
  const tallies = { hours: empty(), days: empty() }
  const pairs = [...new Map(past.counts.map(({ kind, place }) => [`${kind} ${place}`, { kind, place }])).values()]
  for (let week = weeks; week >= 1; week -= 1) {
    const until = past.until - week * 7
    // Two weeks are the least from which a week can be told.
    if (until - past.from < 14) continue
    const known = past.counts.filter(({ day }) => day < until)
    const forecast = learn({ counts: known, from: past.from, until }, isHoliday)
    const came = new Map(
      past.counts
        .filter(({ day }) => day >= until && day < until + 7)
        .map((one) => [`${one.kind} ${one.place} ${one.day} ${one.hour}`, one.count]),
    )
    for (const pair of pairs) for (let day = until; day < until + 7; day += 1) look(forecast, came, { ...pair, day })
  }
  return tallies.hours.looked === 0 && tallies.days.looked === 0
    ? undefined
    : { hours: shares(tallies.hours), days: shares(tallies.days) }

  function look(
    forecast: Forecast,
    came: ReadonlyMap<string, number>,
    { kind, place, day }: { kind: string; place: string; day: number },
  ): void {
    let whole = 0
    for (let hour = 0; hour < 24; hour += 1) {
      const law = forecast({ kind, place, day, from: hour, until: hour + 1 })
      const count = came.get(`${kind} ${place} ${day} ${hour}`) ?? 0
      whole += count
      if (law.mean >= rare) tally(tallies.hours, law, count)
    }
    const law = forecast({ kind, place, day, from: 0, until: 24 })
    if (law.mean >= rare) tally(tallies.days, law, whole)
  }
}

const empty = (): Backtest => ({ looked: 0, inside80: 0, inside95: 0, mass80: 0, mass95: 0 })

function tally(into: Backtest, law: Expected, count: number): void {
  const [narrow, wide] = [intervalOf(law, 0.8), intervalOf(law, 0.95)]
  into.looked += 1
  if (narrow.low <= count && count <= narrow.high) into.inside80 += 1
  if (wide.low <= count && count <= wide.high) into.inside95 += 1
  into.mass80 += narrow.mass
  into.mass95 += wide.mass
}

const shares = ({ looked, inside80, inside95, mass80, mass95 }: Backtest): Backtest => ({
  looked,
  inside80: inside80 / Math.max(1, looked),
  inside95: inside95 / Math.max(1, looked),
  mass80: mass80 / Math.max(1, looked),
  mass95: mass95 / Math.max(1, looked),
})
