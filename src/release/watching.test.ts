import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createChance } from '../kernel/index.ts'
import { assign, type Counts, driftOf, fairnessOf, holdsBack } from './index.ts'

const bands = { '0-17': 0.2, '18-39': 0.3, '40-64': 0.3, '65+': 0.2 }

function drawn(shares: Readonly<Record<string, number>>, rows: number, next: () => number): Counts {
  const counts: Record<string, number> = {}
  for (let row = 0; row < rows; row += 1) {
    let left = next()
    for (const [name, share] of Object.entries(shares)) {
      left -= share
      if (left > 0 && name !== Object.keys(shares).at(-1)) continue
      counts[name] = (counts[name] ?? 0) + 1
      break
    }
  }
  return counts
}

test('of 200 weekly windows of 100 rows in which nothing drifts, at most 6 alarm', () => {
  const { next } = createChance(5)
  const reference = drawn(bands, 20_000, next)
  const alarms = Array.from({ length: 200 }, () => driftOf(reference, drawn(bands, 100, next))).filter(
    ({ state }) => state === 'alarm',
  )
  expect(alarms.length).toBeLessThanOrEqual(6)
})

test('an age band that goes from a fifth to two fifths alarms in the first window and holds after the second', () => {
  const { next } = createChance(6)
  const reference = drawn(bands, 20_000, next)
  const older = { '0-17': 0.15, '18-39': 0.225, '40-64': 0.225, '65+': 0.4 }
  const windows = [driftOf(reference, drawn(older, 500, next)), driftOf(reference, drawn(older, 500, next))]
  expect(windows.map(({ state }) => state)).toEqual(['alarm', 'alarm'])
  expect(holdsBack(windows.slice(0, 1))).toBe(false)
  expect(holdsBack(windows)).toBe(true)
})

test('the alarm’s chance keeps what it says: without drift about one window in a hundred, whatever its size', () => {
  const { next } = createChance(8)
  const reference = drawn(bands, 50_000, next)
  for (const rows of [60, 400, 3000]) {
    const alarms = Array.from({ length: 1000 }, () => driftOf(reference, drawn(bands, rows, next))).filter(
      ({ state }) => state === 'alarm',
    ).length
    expect(alarms).toBeLessThanOrEqual(25)
  }
})

test('a value never seen before is named, and too little data is no all-clear', () => {
  expect(driftOf({ a: 50, b: 50 }, { a: 40, b: 40, c: 3 }).fresh).toEqual(['c'])
  expect(driftOf({ a: 50, b: 50 }, { a: 1 }).state).toBe('too-few')
  expect(driftOf({}, { a: 100 }).state).toBe('too-few')
})

test('groups of 15, 60 and 800 with one rate: not enough, not enough, equivalent', () => {
  const groups = [
    { name: 'fifteen', events: 3, all: 15 },
    { name: 'sixty', events: 12, all: 60 },
    { name: 'eight hundred', events: 160, all: 800 },
    { name: 'others', events: 400, all: 2000 },
  ]
  const shown = fairnessOf(groups, 0.05)
  expect(shown.map(({ name, state }) => [name, state])).toEqual([
    ['fifteen', 'not-enough'],
    ['sixty', 'not-enough'],
    ['eight hundred', 'equivalent'],
    ['others', 'equivalent'],
  ])
  // Three people of fifteen are not to be told from a rate.
  expect(shown[0]).toEqual({
    name: 'fifteen',
    rate: undefined,
    difference: undefined,
    interval: undefined,
    state: 'not-enough',
  })
})

test('0.30 against 0.20 at 800 is a disparity', () => {
  const [group] = fairnessOf(
    [
      { name: 'these', events: 240, all: 800 },
      { name: 'others', events: 160, all: 800 },
    ],
    0.05,
  )
  expect(group?.state).toBe('disparity')
  expect(group?.difference).toBeCloseTo(0.1, 10)
})

test('no cell of 1 to 10 people can be read from what is shown', () => {
  const group = fc.record({ name: fc.uuid(), events: fc.nat(40), others: fc.nat(40) })
  fc.assert(
    fc.property(fc.array(group, { minLength: 2, maxLength: 6 }), (groups) => {
      const shown = fairnessOf(
        groups.map(({ name, events, others }) => ({ name, events, all: events + others })),
        0.05,
      )
      for (const [index, { events, others }] of groups.entries())
        if ((events > 0 && events < 11) || (others > 0 && others < 11)) expect(shown[index]?.rate).toBe(undefined)
    }),
  )
})

test('a patient stays in the arm it came into, and a growing share only adds', () => {
  const cohort = { name: 'reminders', slices: [], unit: 'patient', zone: 'America/Toronto' } as const
  const patients = Array.from({ length: 4000 }, (_, n) => `Patient/${n}`)
  const canaryAt = (share: number) =>
    new Set(patients.filter((one) => assign({ ...cohort, share }, one, { at: 0 }).arm === 'canary'))
  const [few, more] = [canaryAt(0.1), canaryAt(0.4)]
  expect([...few].every((one) => more.has(one))).toBe(true)
  expect(few.size / 4000).toBeCloseTo(0.1, 1)
  expect(more.size / 4000).toBeCloseTo(0.4, 1)
  const other = new Set(
    patients.filter((one) => assign({ ...cohort, name: 'triage', share: 0.4 }, one, { at: 0 }).arm === 'canary'),
  )
  const both = patients.filter((one) => more.has(one) && other.has(one)).length
  expect(both / 4000).toBeCloseTo(0.16, 1)
})

test('where arms share slots a whole clinic-day is assigned, by the clinic’s own midnight', () => {
  const cohort = {
    name: 'overbooking',
    slices: [{ site: 'north' }],
    unit: 'clinic-day',
    zone: 'America/Toronto',
    share: 0.5,
  } as const
  const at = (text: string, site = 'north') => assign(cohort, 'Patient/1', { site, at: Date.parse(text) })
  expect(at('2026-11-20T23:59:00-05:00').unit).toBe('north/2026-11-20')
  expect(at('2026-11-21T00:01:00-05:00').unit).toBe('north/2026-11-21')
  expect(at('2026-11-21T00:01:00-05:00')).toEqual(at('2026-11-21T22:00:00-05:00'))
  expect(at('2026-11-21T09:00:00-05:00', 'south').arm).toBe('outside')
})
