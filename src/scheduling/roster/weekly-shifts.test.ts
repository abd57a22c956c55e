import { expect, test } from 'vitest'
import { weeklyShifts } from './weekly-shifts.ts'

const zone = 'America/Toronto'
const at = (text: string) => Date.parse(text)
const times = (list: readonly { from: number; until: number }[]) =>
  list.map(
    ({ from, until }) => `${new Date(from).toISOString().slice(0, 16)} ${new Date(until).toISOString().slice(0, 16)}`,
  )

test('general hours keep to the clock on the wall when it changes, and give way on a day that the roster has', () => {
  const hours = { week: [{ days: [0, 1, 2], from: 480, until: 960 }], off: [] }
  const window = { from: at('2026-03-07T00:00-05:00'), until: at('2026-03-11T00:00-04:00') }
  expect(times(weeklyShifts(hours, zone, window, []))).toEqual([
    // The clock went forward in the night before.
    '2026-03-08T12:00 2026-03-08T20:00',
    '2026-03-09T12:00 2026-03-09T20:00',
    '2026-03-10T12:00 2026-03-10T20:00',
  ])
  expect(times(weeklyShifts(hours, zone, window, [at('2026-03-09T20:00-04:00')]))).toEqual([
    '2026-03-08T12:00 2026-03-08T20:00',
    '2026-03-10T12:00 2026-03-10T20:00',
  ])
})

test('a night shift of the day before reaches into the window, and a post’s end cuts it', () => {
  const hours = { week: [{ days: [1], from: 1320, until: 1440 + 360 }], off: [], until: at('2026-06-02T04:00-04:00') }
  const window = { from: at('2026-06-02T00:00-04:00'), until: at('2026-06-03T00:00-04:00') }
  expect(times(weeklyShifts(hours, zone, window, []))).toEqual(['2026-06-02T02:00 2026-06-02T08:00'])
})
