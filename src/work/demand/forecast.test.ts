import { expect, test } from 'vitest'
import { type Chance, createChance } from '../../kernel/index.ts'
import { backtest } from './backtest.ts'
import { intervalOf } from './counts.ts'
import { type HourCount, learn, type Past } from './forecast.ts'

const never = () => false
/** 5 January 1970: a Monday. */
const monday = 4

/** By multiplication of uniform numbers (Knuth): a law of its own, no code of the forecast's. */
function poisson(chance: Chance, mean: number): number {
  let product = chance.next()
  let count = 0
  for (const end = Math.exp(-mean); product > end; count += 1) product *= chance.next()
  return count
}

/** Series whose rate is known for every hour. */
function lived(days: number, seed: number, rateOf: (place: number, day: number, hour: number) => number): Past {
  const chance = createChance(seed)
  const counts: HourCount[] = []
  for (let day = 0; day < days; day += 1)
    for (let place = 0; place < 5; place += 1)
      for (let hour = 0; hour < 24; hour += 1) {
        const count = poisson(chance, rateOf(place, day, hour))
        if (count > 0) counts.push({ kind: 'call', place: `P${place}`, day: monday + day, hour, count })
      }
  return { counts, from: monday, until: monday + days }
}
const nine = { from: 9, until: 10 }
const working = (day: number, hour: number) => day % 7 < 5 && hour >= 8 && hour < 17
const steady = (place: number, day: number, hour: number) =>
  working(day, hour) ? (place + 1) * (day % 7 === 0 ? 1.6 : 0.8) * (hour < 12 ? 1.3 : 0.7) : 0.02

test('an interval holds its share of the law, and not a count more than it must', () => {
  expect(intervalOf({ mean: 2, variance: 2 }, 0.8)).toEqual({ low: 0, high: 4, mass: expect.closeTo(0.947347, 5) })
  expect(intervalOf({ mean: 0, variance: 0 }, 0.95)).toEqual({ low: 0, high: 0, mass: 1 })
  // Geometric: a gamma-Poisson law of shape 1 and mean 3, whose tail beyond n is (3/4)^(n+1).
  const { low, high } = intervalOf({ mean: 3, variance: 12 }, 0.8)
  expect([low, high]).toEqual([0, Math.ceil(Math.log(0.1) / Math.log(0.75)) - 1])
  expect(intervalOf({ mean: 10_000, variance: 10_000 }, 0.95)).toMatchObject({ low: 9_804, high: 10_196 })
})

test('the rates of a known series are found again, by place, weekday and hour', () => {
  const forecast = learn(lived(182, 1, steady), never)
  for (const [place, day, hour] of [
    [0, 0, 9],
    [4, 0, 9],
    [2, 3, 15],
  ] as const) {
    const { mean } = forecast({
      kind: 'call',
      place: `P${place}`,
      day: monday + 182 + day,
      from: hour,
      until: hour + 1,
    })
    expect(Math.abs(mean / steady(place, day, hour) - 1)).toBeLessThan(0.25)
  }
  const night = forecast({ kind: 'call', place: 'P4', day: monday + 182, from: 3, until: 4 })
  expect(night.mean).toBeLessThan(0.15)
  expect(forecast({ kind: 'call', place: 'elsewhere', day: monday + 182, ...nine })).toEqual({ mean: 0, variance: 0 })
})

test.each([
  ['steady', steady],
  [
    'rising by a half in half a year',
    (place: number, day: number, hour: number) => steady(place, day, hour) * (1 + day / 364),
  ],
])('what comes lies inside the intervals as often as they say: a series %s', (_name, rateOf) => {
  const held = backtest(lived(182, 2, rateOf), never)
  if (!held) throw new Error('nothing was looked at')
  for (const { looked, inside80, inside95, mass80, mass95 } of [held.hours, held.days]) {
    expect(looked).toBeGreaterThan(100)
    // Three standard errors of a share of that many.
    expect(Math.abs(inside80 - mass80)).toBeLessThan(3 * Math.sqrt((0.8 * 0.2) / looked))
    expect(Math.abs(inside95 - mass95)).toBeLessThan(3 * Math.sqrt((0.95 * 0.05) / looked))
  }
})

test('a series that comes in bursts gets wider intervals, and they hold too; an interval that is too narrow would be found', () => {
  const chance = createChance(9)
  // Whole days that are three times as busy, or a third: more scatter than Poisson’s law has.
  const moods = Array.from({ length: 182 }, () => chance.pick([3, 1, 1 / 3]))
  const past = lived(182, 3, (place, day, hour) => steady(place, day, hour) * (moods[day] ?? 1))
  const calm = learn(lived(182, 3, steady), never)
  const wild = learn(past, never)
  const at = { kind: 'call', place: 'P2', day: monday + 182, ...nine }
  expect(wild(at).variance / wild(at).mean).toBeGreaterThan(2 * (calm(at).variance / calm(at).mean))
  const held = backtest(past, never)
  for (const share of [held?.hours, held?.days]) {
    expect(share?.inside80).toBeGreaterThan(0.75)
    expect(share?.inside95).toBeGreaterThan(0.92)
  }
  // Four times as much as ever before: the test can fail.
  const planted = past.counts.map((one) => ({ ...one, count: one.day >= past.until - 28 ? one.count * 4 : one.count }))
  expect(backtest({ ...past, counts: planted }, never)?.hours.inside80).toBeLessThan(0.7)
})

test('a holiday is a Sunday until two were seen, and then what holidays are', () => {
  const closed = new Set([monday + 21, monday + 56, monday + 182])
  const past = lived(182, 4, (place, day, hour) => (closed.has(monday + day) ? 0.01 : steady(place, day, hour)))
  const at = { kind: 'call', place: 'P4', day: monday + 182, ...nine }
  expect(learn(past, never)(at).mean).toBeGreaterThan(5)
  expect(learn(past, (day) => closed.has(day))(at).mean).toBeLessThan(1)
  expect(learn(past, (day) => day === monday + 182)(at).mean).toBeLessThan(1)
})
