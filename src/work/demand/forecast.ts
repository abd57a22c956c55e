import type { Expected } from './counts.ts'

/** Tasks of a kind for patients of a place, made in one hour. Days are counted from 1 January 1970 on the clinic's clock. */
export interface HourCount {
  kind: string
  place: string
  day: number
  /** 0 to 23. */
  hour: number
  count: number
}

/** What is known of the past: every day from `from` to before `until` in full. An hour without tasks has no entry. */
export interface Past {
  counts: readonly HourCount[]
  from: number
  until: number
}

/** What comes on a day in the hours from `from` to before `until` (0 to 24). */
export type Forecast = (asked: { kind: string; place: string; day: number; from: number; until: number }) => Expected

/** A day counts half as much as one six weeks later: so the forecast follows a trend. */
const halfLife = 42
/** What all places together say of an hour counts as much as three weeks of the place's own. */
const prior = 3
const holiday = 7

/** 0 Sunday … 6 Saturday; 1 January 1970 was a Thursday. */
const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7

/**
 * Learns the demand. In an hour of a weekday the tasks of a kind in a place come as a Poisson process, whose rate is gamma
 * distributed: it begins as the place's share of what all places together have in that hour of the week, and is learned from
 * the place's own hours, newer ones counting more. A holiday of the calendar is a weekday of its own once two were seen, and a
 * Sunday until then. How far whole days stray from it beyond Poisson's law, all places and hours together, widens every law.
 */
export function learn(past: Past, isHoliday: (day: number) => boolean): Forecast {
  const holidays = Array.from({ length: past.until - past.from }, (_none, n) => past.from + n).filter(isHoliday).length
  // One holiday alone says nothing of others, and less of Sundays: it is not learned from.
  const typeOf = (day: number): number => (isHoliday(day) ? holiday : weekdayOf(day))
  const toldBy = (day: number): number => (isHoliday(day) && holidays < 2 ? 0 : typeOf(day))
  const weightOf = (day: number): number => 0.5 ** ((past.until - 1 - day) / halfLife)
  const exposure = Array.from({ length: 8 }, () => 0)
  for (let day = past.from; day < past.until; day += 1) add(exposure, typeOf(day), weightOf(day))

  const own = new Map<string, number>()
  const pooled = new Map<string, number>()
  const ofPlace = new Map<string, number>()
  const ofKind = new Map<string, number>()
  for (const { kind, place, day, hour, count } of past.counts) {
    if (day < past.from || day >= past.until) continue
    const weight = weightOf(day) * count
    const type = typeOf(day)
    more(own, `${kind} ${place} ${type} ${hour}`, weight)
    more(pooled, `${kind} ${type} ${hour}`, weight)
    more(ofPlace, `${kind} ${place}`, weight)
    more(ofKind, kind, weight)
  }
  /** Shape and rate of the gamma law of what comes in an hour. */
  const lawOf = (kind: string, place: string, type: number, hour: number) => {
    const days = exposure[type] ?? 0
    const share = (ofPlace.get(`${kind} ${place}`) ?? 0) / (ofKind.get(kind) ?? 1)
    // One task more, spread over the hours of the week: nothing is impossible because it has not been seen.
    const usual = ((pooled.get(`${kind} ${type} ${hour}`) ?? 0) + 1 / 168) / Math.max(days, 1)
    return {
      shape: share * usual * prior + (own.get(`${kind} ${place} ${type} ${hour}`) ?? 0),
      rate: prior + days,
    }
  }
  const strays = new Map([...ofKind.keys()].map((kind) => [kind, strayOf(kind)]))
  return ({ kind, place, day, from, until }) => {
    if (!ofPlace.has(`${kind} ${place}`)) return { mean: 0, variance: 0 }
    let [mean, unsure] = [0, 0]
    for (let hour = from; hour < until; hour += 1) {
      const { shape, rate } = lawOf(kind, place, toldBy(day), hour)
      mean += shape / rate
      unsure += shape / rate ** 2
    }
    return { mean, variance: mean + unsure + (strays.get(kind) ?? 0) * mean ** 2 }
  }

  /** Variance of what a whole day is multiplied by: (seen − expected)² beyond what Poisson's law gives, beside expected². */
  function strayOf(kind: string): number {
    const seen = new Map<number, number>()
    for (const one of past.counts) if (one.kind === kind) more(seen, one.day, one.count)
    const ofType = Array.from({ length: 8 }, (_none, type) =>
      Array.from({ length: 24 }, (_hour, hour) => pooled.get(`${kind} ${type} ${hour}`) ?? 0).reduce(
        (a, b) => a + b,
        0,
      ),
    )
    let [beyond, squares, days] = [0, 0, 0]
    for (let day = past.from; day < past.until; day += 1) {
      const type = typeOf(day)
      const expected = (ofType[type] ?? 0) / (exposure[type] ?? 1)
      beyond += ((seen.get(day) ?? 0) - expected) ** 2
      squares += expected ** 2
      days += 1
    }
    const total = [...seen.values()].reduce((a, b) => a + b, 0)
    // Each weekday's mean was taken from the same days, which makes them look closer to it than they are.
    const types = ofType.filter((count) => count > 0).length
    return days > types && squares > 0 ? Math.max(0, ((beyond * days) / (days - types) - total) / squares) : 0
  }
}

function add(list: number[], index: number, amount: number): void {
  list[index] = (list[index] ?? 0) + amount
}

function more<K>(map: Map<K, number>, key: K, amount: number): void {
  map.set(key, (map.get(key) ?? 0) + amount)
}
