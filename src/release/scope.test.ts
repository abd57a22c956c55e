import { expect, test } from 'vitest'
import { createChance } from '../kernel/index.ts'
import { type Case, matches, type Scope } from './index.ts'

const zone = 'America/Toronto'

/** Written apart: walks the wall clock of each zone by known offsets (EDT until 2026-11-01 06:00 UTC, EST after). */
function oracle(given: Case): boolean {
  const offset = given.at < Date.UTC(2026, 10, 1, 6) ? -4 : -5
  const local = new Date(given.at + offset * 3_600_000)
  const hour = local.getUTCHours()
  return (
    (hour >= 19 || hour < 7) &&
    given.department === 'cardiology' &&
    given.acuity !== 'urgent' &&
    given.acuity !== 'stat'
  )
}

test('night shift, cardiology, not urgent: of 500 mixed cases over the clock change exactly those match that the oracle names', () => {
  const scope: Scope = {
    department: 'cardiology',
    acuity: ['routine', 'elective'],
    shift: { start: '19:00', end: '07:00', zone },
  }
  const chance = createChance(11)
  const cases = Array.from(
    { length: 500 },
    (): Case => ({
      department: chance.pick(['cardiology', 'cardiology', 'oncology']),
      acuity: chance.pick(['routine', 'elective', 'urgent', 'stat']),
      // Two days around the hour that comes twice.
      at: Date.UTC(2026, 9, 31, 12) + chance.below(48 * 60) * 60_000,
    }),
  )
  const named = cases.filter(oracle)
  expect(named.length).toBeGreaterThan(50)
  expect(cases.filter((given) => matches(scope, given))).toEqual(named)
})

test('a night shift that begins on Friday holds on Saturday morning and not on Saturday night', () => {
  const scope: Scope = { shift: { start: '19:00', end: '07:00', zone, days: [5] } }
  const at = (text: string) => matches(scope, { at: Date.parse(text) })
  expect(at('2026-11-20T23:00:00-05:00')).toBe(true)
  expect(at('2026-11-21T06:59:00-05:00')).toBe(true)
  expect(at('2026-11-21T07:00:00-05:00')).toBe(false)
  expect(at('2026-11-21T23:00:00-05:00')).toBe(false)
  expect(at('2026-11-20T06:00:00-05:00')).toBe(false)
})

test('what a scope names and a case does not say does not match', () => {
  expect(matches({ site: 'north' }, { at: 0 })).toBe(false)
  expect(matches({ acuity: ['routine'] }, { at: 0 })).toBe(false)
  expect(matches({ confidence: 0.8 }, { at: 0 })).toBe(false)
  expect(matches({ confidence: 0.8 }, { at: 0, confidence: 0.8 })).toBe(true)
  expect(matches({ step: 'referral-intake' }, { at: 0, step: 'referral-intake/triage' })).toBe(true)
  expect(matches({ step: 'referral' }, { at: 0, step: 'referral-intake/triage' })).toBe(false)
  expect(matches({}, { at: 0 })).toBe(true)
})
