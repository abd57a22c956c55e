import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createChance } from '../kernel/index.ts'
import {
  alphaOf,
  type Evidence,
  harm,
  noEvidence,
  noWorseThan,
  refutes,
  sampleRatio,
  strength,
  weigh,
} from './index.ts'

const alpha = alphaOf(0.1, 0)

/** Patients come one by one, half to the canary; returns how many had come when harm was proven. */
function rollout(
  seed: number,
  baseline: number,
  ratio: number,
  most: number,
): { patients: number; at: number } | undefined {
  const random = createChance(seed).next
  let evidence = noEvidence(harm)
  for (let patients = 1; patients <= most; patients += 1) {
    const canary = random() < 0.5
    if (random() >= baseline * (canary ? ratio : 1)) continue
    evidence = weigh(harm, evidence, { canary, share: 0.5 })
    if (refutes(harm, evidence, alpha)) return { patients, at: strength(harm, evidence) }
  }
  return undefined
}

test('a canary that harms three times as often is proven harmful within 150 patients, at the median of 200 rollouts', () => {
  const kills = Array.from({ length: 200 }, (_, seed) => rollout(seed + 1, 0.1, 3, 5000))
  expect(kills.every((kill) => kill !== undefined && kill.at >= 1 / alpha)).toBe(true)
  const patients = kills.map((kill) => kill?.patients ?? Infinity).toSorted((a, b) => a - b)
  expect(patients[100]).toBeLessThanOrEqual(150)
})

test('of 1,000 rollouts that harm nobody more, looked at after every event, at most 5 % are killed', () => {
  const kills = Array.from({ length: 1000 }, (_, seed) => rollout(seed + 1, 0.1, 1, 2000)).filter(Boolean)
  expect(kills.length).toBeLessThanOrEqual(50)
  // A test that never kills would pass the line above.
  expect(kills.length).toBeGreaterThan(0)
})

test('the mean of the evidence stays 1 under the null, also when the share changes on the way', () => {
  // Exactly, by going through every outcome of five events.
  const shares = [0.05, 0.05, 0.2, 0.5, 0.5]
  for (const hypotheses of [harm, noWorseThan(1.5), sampleRatio]) {
    let mean = 0
    for (let outcome = 0; outcome < 2 ** shares.length; outcome += 1) {
      let probability = 1
      let evidence: Evidence = noEvidence(hypotheses)
      for (const [index, share] of shares.entries()) {
        const canary = ((outcome >> index) & 1) === 1
        const chance = (share * hypotheses.refute) / (share * hypotheses.refute + 1 - share)
        probability *= canary ? chance : 1 - chance
        evidence = weigh(hypotheses, evidence, { canary, share })
      }
      mean += probability * strength(hypotheses, evidence)
    }
    expect(mean).toBeCloseTo(1, 10)
  }
})

test('the order in which events come changes nothing', () => {
  const event = fc.record({ canary: fc.boolean(), share: fc.constantFrom(0.05, 0.25, 0.5) })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const of = (list: typeof events) =>
        strength(
          harm,
          list.reduce((evidence, one) => weigh(harm, evidence, one), noEvidence(harm)),
        )
      const one = of(events)
      expect(Math.abs(of(events.toReversed()) - one) / one).toBeLessThan(1e-9)
    }),
  )
})

test('a share that compares nobody with nobody is refused', () => {
  for (const share of [0, 1, -0.1, Number.NaN])
    expect(() => weigh(harm, noEvidence(harm), { canary: true, share })).toThrow(RangeError)
})

test('an assignment that leaves every second canary out is found by the sample ratio, a fair one is not', () => {
  const run = (lossy: boolean) => {
    const random = createChance(7).next
    let evidence = noEvidence(sampleRatio)
    for (let n = 0; n < 2000; n += 1) {
      const canary = random() < 0.5
      if (lossy && canary && random() < 0.5) continue
      evidence = weigh(sampleRatio, evidence, { canary, share: 0.5 })
    }
    return strength(sampleRatio, evidence)
  }
  expect(run(true)).toBeGreaterThan(1000)
  expect(run(false)).toBeLessThan(20)
})

test('all attempts together never spend more than the alpha that was given', () => {
  const spent = Array.from({ length: 50 }, (_, attempt) => alphaOf(0.1, attempt)).reduce((a, b) => a + b, 0)
  expect(spent).toBeLessThanOrEqual(0.1)
})
