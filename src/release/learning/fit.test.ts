import { expect, test } from 'vitest'
import { createChance } from '../../kernel/index.ts'
import { calibration, discrimination, fitLogistic, type Sample } from './fit.ts'

/** Cases whose chance follows known weights. */
function drawn(seed: number, count: number, intercept: number, weights: readonly number[]): Sample[] {
  const { next } = createChance(seed)
  // Near enough to normal: the sum of twelve uniforms.
  const normal = () => Array.from({ length: 12 }, next).reduce((sum, one) => sum + one, -6)
  return Array.from({ length: count }, () => {
    const x = weights.map(normal)
    const z = x.reduce((sum, one, n) => sum + one * (weights[n] ?? 0), intercept)
    return { x, happened: next() < 1 / (1 + Math.exp(-z)) }
  })
}

test('weights that made the data are found again, and a weight that made nothing stays near 0', () => {
  const { intercept, weights } = fitLogistic(drawn(3, 20_000, -1, [0.8, -0.5, 0]), 1)
  expect(intercept).toBeCloseTo(-1, 1)
  expect(weights.map((one) => Math.round(one * 10) / 10 + 0)).toEqual([0.8, -0.5, 0])
})

test('with one input of 0 and 1 and no ridge it is the table’s own log odds', () => {
  // 10 of 40 without, 30 of 40 with: log(1/3) and log(3) − log(1/3).
  const cases = (x: number, happened: boolean, count: number) =>
    Array.from({ length: count }, () => ({ x: [x], happened }))
  const found = fitLogistic(
    [...cases(0, true, 10), ...cases(0, false, 30), ...cases(1, true, 30), ...cases(1, false, 10)],
    0,
  )
  expect(found.intercept).toBeCloseTo(Math.log(1 / 3), 9)
  expect(found.weights[0]).toBeCloseTo(2 * Math.log(3), 9)
})

test('an input that tells the outcomes apart wholly gets a finite weight', () => {
  const { weights } = fitLogistic(
    [-2, -1, 1, 2].map((x) => ({ x: [x], happened: x > 0 })),
    1,
  )
  expect(weights[0]).toBeGreaterThan(0.5)
  expect(weights[0]).toBeLessThan(3)
})

test('the area is the share of pairs in the right order, ties half', () => {
  const cases = [
    { score: 0.9, happened: true },
    { score: 0.4, happened: true },
    { score: 0.4, happened: false },
    { score: 0.1, happened: false },
  ]
  // Pairs: 0.9 beats both; 0.4 ties with 0.4 and beats 0.1: 3.5 of 4.
  const found = discrimination(cases)
  expect(found?.area).toBe(0.875)
  // Placements 1 and 0.75, and 0.75 and 1: variances 1/32 each, over two: √(1/32).
  expect(found?.atLeast).toBeCloseTo(0.875 - 1.6449 * Math.sqrt(1 / 32), 9)
  expect(discrimination(cases.slice(0, 3))).toBeUndefined()
})

test('true chances have slope 1 and as many events as foreseen; doubled log odds are too bold', () => {
  const { next } = createChance(11)
  const cases = Array.from({ length: 20_000 }, () => {
    const score = 0.05 + 0.6 * next()
    return { score, happened: next() < score }
  })
  const honest = calibration(cases)
  expect(honest.slope).toBeCloseTo(1, 1)
  expect(honest.observedPerExpected).toBeCloseTo(1, 1)
  expect(honest.brier).toBeLessThan(honest.brierOfNone)
  expect(honest.fifths.map(({ cases: n }) => n)).toEqual([4_000, 4_000, 4_000, 4_000, 4_000])
  const bold = cases.map(({ score, happened }) => {
    const odds = (score / (1 - score)) ** 2
    return { score: odds / (1 + odds), happened }
  })
  expect(calibration(bold).slope).toBeCloseTo(0.5, 1)
})
