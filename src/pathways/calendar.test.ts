import fc from 'fast-check'
import { DateTime } from 'luxon'
import { expect, test } from 'vitest'
import { addDuration, type Calendar, fromLocal, parseDuration } from './calendar.ts'

const weekdays = Object.fromEntries([1, 2, 3, 4, 5].map((day) => [day, [8 * 60, 17 * 60] as const]))
const toronto: Calendar = { zone: 'America/Toronto', hours: weekdays, holidays: ['2026-07-01', '2026-12-25'] }
const at = (text: string, zone = toronto.zone) => DateTime.fromISO(text, { zone }).toMillis()
const show = (time: number) => DateTime.fromMillis(time, { zone: toronto.zone }).toISO({ suppressMilliseconds: true })

test('two business days from Thursday afternoon end on Monday at the same hour', () => {
  expect(show(addDuration(toronto, at('2026-03-05T15:00'), { amount: 2, unit: 'business days' }))).toBe(
    '2026-03-09T15:00:00-04:00',
  )
})

test('what arrives on Saturday starts when the clinic opens on Monday', () => {
  expect(show(addDuration(toronto, at('2026-03-14T22:00'), { amount: 1, unit: 'business days' }))).toBe(
    '2026-03-17T08:00:00-04:00',
  )
})

test('a holiday is no business day', () => {
  expect(show(addDuration(toronto, at('2026-06-30T09:00'), { amount: 1, unit: 'business days' }))).toBe(
    '2026-07-02T09:00:00-04:00',
  )
})

test('business hours stop at closing and go on at opening', () => {
  expect(show(addDuration(toronto, at('2026-03-06T16:00'), { amount: 4, unit: 'business hours' }))).toBe(
    '2026-03-09T11:00:00-04:00',
  )
})

test('a calendar that never opens is refused, not waited for', () => {
  expect(() => addDuration({ zone: 'UTC', hours: {}, holidays: [] }, 0, { amount: 1, unit: 'business days' })).toThrow(
    RangeError,
  )
})

const zones = [
  'America/Toronto',
  'America/St_Johns',
  'Europe/Paris',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'UTC',
  'America/Sao_Paulo',
]
const moment = fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2035, 0, 1) })

test('adding days agrees with an independent library in every zone, over every clock change', () => {
  fc.assert(
    fc.property(fc.constantFrom(...zones), moment, fc.integer({ min: 0, max: 400 }), (zone, time, amount) => {
      const ours = addDuration({ zone, hours: {}, holidays: [] }, time, { amount, unit: 'days' })
      const theirs = DateTime.fromMillis(time, { zone }).plus({ days: amount })
      const wall = DateTime.fromMillis(time, { zone })
      // In the repeated autumn hour the library keeps the offset it came from; the first of the two is meant here.
      const same = ours === theirs.toMillis()
      const ambiguous =
        theirs.getPossibleOffsets().length > 1 && theirs.getPossibleOffsets().some((one) => one.toMillis() === ours)
      return same || ambiguous || wall.getPossibleOffsets().length > 1
    }),
    { numRuns: 2_000 },
  )
})

test('business hours counted by a naive minute-by-minute walk give the same moment', () => {
  const naive = (time: number, hours: number) => {
    let left = hours * 60
    let now = time
    const open = (t: number) => {
      const local = DateTime.fromMillis(t, { zone: toronto.zone })
      const minutes = local.hour * 60 + local.minute
      return (
        local.weekday <= 5 && !toronto.holidays.includes(local.toISODate() ?? '') && minutes >= 480 && minutes < 1020
      )
    }
    while (left > 0) {
      if (open(now)) left -= 1
      now += 60_000
    }
    return now
  }
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 * 24 * 365 }), fc.integer({ min: 1, max: 20 }), (minutes, hours) => {
      const time = Date.UTC(2026, 0, 1) + minutes * 60_000
      return addDuration(toronto, time, { amount: hours, unit: 'business hours' }) === naive(time, hours)
    }),
    { numRuns: 25 },
  )
})

test('a wall time that the spring change skips is the moment after the gap', () => {
  const local = Date.UTC(2026, 2, 8, 2, 30)
  expect(show(fromLocal('America/Toronto', local))).toBe('2026-03-08T03:30:00-04:00')
})

test.each([
  ['4 h', { amount: 4, unit: 'h' }],
  ['1 business day', { amount: 1, unit: 'business days' }],
  ['soon', undefined],
  ['-1 h', undefined],
])('%s is read as %o', (text, duration) => {
  expect(parseDuration(text)).toEqual(duration)
})
