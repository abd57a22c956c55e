import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Calendar, wallTime } from '../../pathways/index.ts'
import { levelAt, type LevelPolicy, momentOfShare, type Moments, nextRung } from './level.ts'

const minute = 60_000
const hour = 60 * minute
const clinic: Calendar = {
  zone: 'America/Toronto',
  hours: { 1: [480, 1020], 2: [480, 1020], 3: [480, 1020], 4: [480, 1020], 5: [480, 1020] },
  holidays: ['2026-04-03'],
}
const policyOf = (more: Partial<LevelPolicy>): LevelPolicy => ({
  id: 'p',
  title: { en: 'P', fr: 'P' },
  for: {},
  goal: 4 * hour,
  atRisk: 0.75,
  calendarId: 'clinic',
  calendar: clinic,
  longestPause: 24 * hour,
  ladder: [],
  ...more,
})
const at = (text: string) => Date.parse(text)
const open = (start: string, pauses: Moments['pauses'] = []): Moments => ({ start: at(start), end: undefined, pauses })

test('four hours that begin on Friday at three end on Monday at ten', () => {
  const moments = open('2026-03-06T15:00-05:00')
  expect(levelAt(policyOf({}), moments, at('2026-03-06T15:30-05:00'))).toEqual({
    status: 'on-time',
    // The clock went forward on Sunday.
    goalAt: at('2026-03-09T10:00-04:00'),
    atRiskAt: at('2026-03-09T09:00-04:00'),
    pausedUntil: undefined,
  })
  const status = (now: string) => levelAt(policyOf({}), moments, at(now)).status
  expect(
    ['2026-03-09T08:59-04:00', '2026-03-09T09:00-04:00', '2026-03-09T10:00-04:00', '2026-03-09T10:01-04:00'].map(
      status,
    ),
  ) //
    .toEqual(['on-time', 'at-risk', 'at-risk', 'breached'])
})

test('waiting for the patient stops the clock, and no longer than the policy lets it', () => {
  const pauses = [{ from: at('2026-03-03T09:00-05:00'), until: at('2026-03-05T09:00-05:00') }]
  const moments = open('2026-03-03T08:00-05:00', pauses)
  const during = levelAt(policyOf({}), moments, at('2026-03-03T12:00-05:00'))
  // Twenty-four of the forty-eight hours count: from Wednesday at nine the clock runs again.
  expect(during).toEqual({
    status: 'paused',
    goalAt: at('2026-03-04T12:00-05:00'),
    atRiskAt: at('2026-03-04T11:00-05:00'),
    pausedUntil: at('2026-03-04T09:00-05:00'),
  })
  expect(levelAt(policyOf({}), moments, at('2026-03-04T13:00-05:00')).status).toBe('breached')
  expect(levelAt(policyOf({}), { ...moments, end: at('2026-03-04T11:30-05:00') }, at('2027-01-01T00:00Z')).status).toBe(
    'on-time',
  )
})

test('a rung nobody acknowledges brings the next one; one that somebody did waits for its share', () => {
  const policy = policyOf({
    calendar: undefined,
    ladder: [
      { share: 0.5, to: 'charge-nurse', onCall: false, acknowledge: 30 * minute },
      { share: 1, to: 'physician', onCall: true, acknowledge: undefined },
    ],
  })
  const moments = open('2026-03-03T08:00-05:00')
  const start = moments.start
  expect(nextRung(policy, moments, [])).toEqual({ rung: 0, at: start + 2 * hour })
  const climbed = { rung: 0, at: start + 2 * hour, acknowledgedAt: undefined }
  expect(nextRung(policy, moments, [climbed])).toEqual({ rung: 1, at: start + 2.5 * hour })
  expect(nextRung(policy, moments, [{ ...climbed, acknowledgedAt: start + 2.1 * hour }])).toEqual({
    rung: 1,
    at: start + 4 * hour,
  })
  expect(nextRung(policy, moments, [climbed, { ...climbed, rung: 1 }])).toBe(undefined)
})

test('a calendar that never opens has no goal, and is on time for ever', () => {
  expect(
    levelAt(policyOf({ calendar: { ...clinic, hours: {} } }), open('2026-03-03T08:00Z'), at('2030-01-01T00:00Z')),
  ).toEqual({
    status: 'on-time',
    goalAt: undefined,
    atRiskAt: undefined,
    pausedUntil: undefined,
  })
})

// The oracle knows no stretches: it goes from minute to minute and looks at the clock on the wall.
function naive(policy: LevelPolicy, moments: Moments, days: number): (number | undefined)[] {
  const wanted = [1, 0.75].map((share) => Math.round((policy.goal * share) / minute))
  const reached: (number | undefined)[] = [undefined, undefined]
  let paused = 0
  let ran = 0
  for (let now = moments.start; now < moments.start + days * 24 * hour; now += minute) {
    const waiting = moments.pauses.some(({ from, until }) => from <= now && now < until)
    if (waiting && paused < policy.longestPause / minute) {
      paused += 1
      continue
    }
    if (policy.calendar) {
      const wall = new Date(wallTime(policy.calendar.zone, now))
      const hours = policy.calendar.hours[wall.getUTCDay()]
      const clock = wall.getUTCHours() * 60 + wall.getUTCMinutes()
      if (policy.calendar.holidays.includes(wall.toISOString().slice(0, 10))) continue
      if (!hours || clock < hours[0] || clock >= hours[1]) continue
    }
    ran += 1
    for (const [index, minutes] of wanted.entries()) if (ran === minutes) reached[index] = now + minute
    if (reached[0] !== undefined) break
  }
  return reached
}

const span = fc
  .tuple(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 1, max: 1440 }))
  .map(([from, length]) => [from, Math.min(1440, from + length)] as const)
// Clocks that go forward and back, one at half past, one at midnight, and one that does not change.
const zones = ['America/Toronto', 'America/St_Johns', 'Australia/Lord_Howe', 'America/Santiago', 'America/Regina']
const changes = ['2026-03-08', '2026-11-01', '2026-04-05', '2026-10-04', '2026-09-06', '2026-06-01']
const calendars = fc.option(
  fc.record({
    zone: fc.constantFrom(...zones),
    hours: fc.record(
      { 0: span, 1: span, 2: span, 3: span, 4: span, 5: span, 6: span },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Calendar['hours']>,
    holidays: fc.subarray(changes),
  }),
  { nil: undefined, freq: 8 },
)

test('the goal is where counting minutes puts it: any calendar, any pauses, any change of the clock', {
  timeout: 120_000,
}, () => {
  fc.assert(
    fc.property(
      calendars,
      fc.constantFrom(...changes),
      fc.integer({ min: -3000, max: 1500 }),
      fc.integer({ min: 1, max: 4000 }),
      fc.array(fc.tuple(fc.integer({ min: -200, max: 8000 }), fc.integer({ min: 1, max: 3000 })), { maxLength: 4 }),
      fc.integer({ min: 0, max: 4000 }),
      fc.integer({ min: -100, max: 20_000 }),
      (calendar, day, shift, goal, waits, longest, later) => {
        const start = Date.parse(`${day}T00:00:00Z`) + shift * minute
        const moments: Moments = {
          start,
          end: undefined,
          pauses: waits.map(([from, length]) => ({
            from: start + from * minute,
            until: start + (from + length) * minute,
          })),
        }
        const policy = policyOf({ calendar, goal: goal * 4 * minute, longestPause: longest * minute })
        const days = 20
        const within = (time: number | undefined) =>
          time !== undefined && time <= start + days * 24 * hour ? time : undefined
        const [goalAt, atRiskAt] = naive(policy, moments, days)
        expect(within(momentOfShare(policy, moments, 1))).toBe(goalAt)
        expect(within(momentOfShare(policy, moments, 0.75))).toBe(atRiskAt)
        const now = start + later * minute
        const { status } = levelAt(policy, moments, now)
        if (goalAt !== undefined && now > goalAt) expect(status).toBe('breached')
        else if (status !== 'paused')
          expect(status).toBe(atRiskAt !== undefined && now >= atRiskAt ? 'at-risk' : 'on-time')
        else expect(moments.pauses.some(({ from, until }) => from <= now && now < until)).toBe(true)
      },
    ),
    { numRuns: 100 },
  )
})
