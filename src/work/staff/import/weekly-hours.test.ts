import { expect, test } from 'vitest'
import { readWeeklyHours, writeWeeklyHours } from './weekly-hours.ts'

test('general hours are read in FHIR’s form and written back as short as they were', () => {
  const hours = readWeeklyHours('mon-thu 08:00-16:00; fri 08:00-12:00; sat sun 20:00-24:00')
  expect(hours).toEqual([
    { daysOfWeek: ['mon', 'tue', 'wed', 'thu'], availableStartTime: '08:00:00', availableEndTime: '16:00:00' },
    { daysOfWeek: ['fri'], availableStartTime: '08:00:00', availableEndTime: '12:00:00' },
    { daysOfWeek: ['sat', 'sun'], availableStartTime: '20:00:00' },
  ])
  expect(writeWeeklyHours(hours ?? [])).toBe('mon-thu 08:00-16:00; fri 08:00-12:00; sat sun 20:00-24:00')
  expect(writeWeeklyHours([{ allDay: true, daysOfWeek: ['mon'] }])).toBe('mon 00:00-24:00')
  expect(readWeeklyHours('')).toEqual([])
})

test('hours that end before they begin, days that are none and half a word are refused', () => {
  for (const text of [
    'mon 16:00-08:00',
    'lun 08:00-16:00',
    'fri-mon 08:00-16:00',
    'mon 8-16',
    'mon 08:00',
    'mon- 08:00-09:00',
  ])
    expect(readWeeklyHours(text)).toBe(undefined)
})
