import { expect, test } from 'vitest'
import { createChance } from '../../kernel/index.ts'
import { alphaOf, type Evidence, harm, noEvidence, noWorseThan, sampleRatio, weigh } from '../index.ts'
import { type Metric, missingOf, type Standing, verdictOf } from './verdict.ts'

const alpha = alphaOf(0.1, 0)
const minute = 60_000
const fresh = (change: Partial<Metric> = {}): Metric => ({
  name: 'emergency-visit',
  kind: 'harm',
  margin: 1.5,
  worse: noEvidence(harm),
  noWorse: noEvidence(noWorseThan(1.5)),
  toldAt: 0,
  freshFor: 60 * minute,
  grace: 30 * minute,
  ...change,
})
const standing = (metrics: Metric[], change: Partial<Standing> = {}): Standing => ({
  metrics,
  assignments: noEvidence(sampleRatio),
  alpha,
  hardStop: undefined,
  ...change,
})
const many = (hypotheses: typeof harm, canary: number, control: number): Evidence => {
  let evidence = noEvidence(hypotheses)
  for (let n = 0; n < canary; n += 1) evidence = weigh(hypotheses, evidence, { canary: true, share: 0.5 })
  for (let n = 0; n < control; n += 1) evidence = weigh(hypotheses, evidence, { canary: false, share: 0.5 })
  return evidence
}

test('a crooked sample with harm proven is rolled back, and not called unhealthy', () => {
  const crooked = many(sampleRatio, 100, 400)
  const harmed = fresh({ worse: many(harm, 40, 5) })
  expect(verdictOf(standing([fresh()], { assignments: crooked }), 0)).toMatchObject({
    does: 'hold',
    because: 'sample-ratio',
  })
  const verdict = verdictOf(standing([harmed], { assignments: crooked }), 0)
  expect(verdict).toMatchObject({ does: 'kill', because: 'emergency-visit' })
  expect(verdict.does === 'kill' && (verdict.strength ?? 0) >= 1 / alpha).toBe(true)
})

test('harm whose data stopped coming holds at the limit and steps down after the grace; nothing is green meanwhile', () => {
  // Proven to be no worse, so that only the silence speaks against it.
  const safe = standing([fresh({ noWorse: many(noWorseThan(1.5), 5, 60) })])
  expect(verdictOf(safe, 60 * minute)).toEqual({ does: 'promotable' })
  expect(verdictOf(safe, 60 * minute + 1)).toEqual({
    does: 'hold',
    because: 'late: emergency-visit',
    missing: ['fresh: emergency-visit'],
  })
  expect(verdictOf(safe, 90 * minute)).toMatchObject({ does: 'hold' })
  expect(verdictOf(safe, 90 * minute + 1)).toEqual({ does: 'step-down', because: 'emergency-visit' })
  // Quality that is late holds too, and never steps down.
  const quality = standing([fresh({ kind: 'quality', noWorse: many(noWorseThan(1.5), 5, 60) })])
  expect(verdictOf(quality, 24 * 60 * minute)).toMatchObject({ does: 'hold', missing: ['fresh: emergency-visit'] })
})

test('what is proven neither way holds, and names what is missing', () => {
  expect(verdictOf(standing([fresh()]), 0)).toEqual({
    does: 'hold',
    because: 'inconclusive',
    missing: ['no-worse: emergency-visit'],
  })
  expect(missingOf(standing([fresh(), fresh({ name: 'wait', kind: 'quality' })]), 0)).toEqual([
    'no-worse: emergency-visit',
    'no-worse: wait',
  ])
})

test('a never event needs no statistics', () => {
  expect(verdictOf(standing([fresh()], { hardStop: 'wrong-patient' }), 0)).toEqual({
    does: 'kill',
    because: 'wrong-patient',
    strength: undefined,
  })
})

test('worse quality holds and does not kill', () => {
  const slow = fresh({ name: 'wait', kind: 'quality', worse: many(harm, 40, 5) })
  expect(verdictOf(standing([slow]), 0)).toMatchObject({ does: 'hold', because: 'wait' })
})

test('over 1,000 releases that harm nobody more, looked at after every event, at most 5 % are killed and none is promoted at twice the harm', () => {
  let killed = 0
  let wronglyPromoted = 0
  const run = (seed: number, ratio: number) => {
    const random = createChance(seed).next
    let metric = fresh()
    for (let patients = 0; patients < 600; patients += 1) {
      const canary = random() < 0.5
      if (random() >= 0.1 * (canary ? ratio : 1)) continue
      const event = { canary, share: 0.5 }
      metric = {
        ...metric,
        worse: weigh(harm, metric.worse, event),
        noWorse: weigh(noWorseThan(1.5), metric.noWorse, event),
      }
      const { does } = verdictOf(standing([metric]), 0)
      if (does !== 'hold') return does
    }
    return 'hold'
  }
  for (let seed = 1; seed <= 1000; seed += 1) {
    if (run(seed, 1) === 'kill') killed += 1
    if (run(seed + 5000, 2) === 'promotable') wronglyPromoted += 1
  }
  expect(killed).toBeLessThanOrEqual(50)
  expect(wronglyPromoted).toBeLessThanOrEqual(50)
})
