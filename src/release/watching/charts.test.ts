import { expect, test } from 'vitest'
import { createChance } from '../../kernel/index.ts'
import { pChart, xmrChart } from './charts.ts'

test('an XmR chart has its limits at 2.66 mean moving ranges, and not below zero', () => {
  const { centre, points } = xmrChart([10, 12, 10, 12, 10, 12, 10, 12])
  expect(centre).toBe(11)
  expect(points[0]).toEqual({ value: 10, low: 11 - 2 * 2.66, high: 11 + 2 * 2.66, signals: [] })
  expect(xmrChart([1, 5, 1, 5, 1, 5, 1, 5]).points[0]?.low).toBe(0)
})

test('a p chart’s limits are as wide as each point is small', () => {
  const points = [
    ...Array.from({ length: 8 }, () => ({ events: 10, all: 100 })),
    { events: 1, all: 10 },
    { events: 0, all: 0 },
  ]
  const chart = pChart(points)
  expect(chart.centre).toBeCloseTo(0.1)
  expect(chart.points[0]?.high).toBeCloseTo(0.1 + 3 * Math.sqrt(0.09 / 100))
  expect(chart.points[8]?.high).toBeCloseTo(0.1 + 3 * Math.sqrt(0.09 / 10))
  expect(chart.points[9]).toMatchObject({ value: null, signals: [] })
})

test('each of the three rules marks what it says, and nothing else does', () => {
  const steady = [10, 12, 10, 12, 10, 12, 10, 12, 10, 12, 10, 12]
  const signalsOf = (tail: number[]) => xmrChart([...steady, ...tail]).points.map(({ signals }) => signals)
  expect(signalsOf([10, 12, 10, 12]).flat()).toEqual([])
  expect(signalsOf([10, 12, 10, 40]).at(-1)).toEqual(['outside'])
  // The limit lies at 16.32, two thirds of the way to it at 14.55.
  expect(signalsOf([15, 11.5, 10, 15]).flat()).toEqual([])
  expect(signalsOf([10, 15, 10, 15]).at(-1)).toEqual(['two-of-three'])
  const long = xmrChart([...steady, 12, 12, 12, 12]).points.at(-1)
  expect(long?.signals).toEqual([])
  const shifted = pChart([
    ...Array.from({ length: 20 }, (_none, n) => ({ events: n % 2 === 0 ? 8 : 12, all: 100 })),
    ...Array.from({ length: 8 }, () => ({ events: 12, all: 100 })),
  ])
  expect(shifted.points.at(-1)?.signals).toEqual(['eight-on-one-side'])
})

test('with fewer than eight values nothing is said', () => {
  expect(xmrChart([1, 2, 900])).toEqual({
    centre: null,
    points: [1, 2, 900].map((value) => ({ value, low: null, high: null, signals: [] })),
  })
})

test('where nothing changes, a point is marked now and then and not often', () => {
  const { next } = createChance(9)
  let marked = 0
  for (let run = 0; run < 200; run += 1) {
    const chart = pChart(
      Array.from({ length: 26 }, () => ({
        events: Array.from({ length: 100 }, next).filter((one) => one < 0.2).length,
        all: 100,
      })),
    )
    marked += chart.points.filter(({ signals }) => signals.length > 0).length
  }
  expect(marked / (200 * 26)).toBeLessThan(0.03)
})
