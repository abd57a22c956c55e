import { expect, test } from 'vitest'
import { runsShort, spanOf } from './spans.ts'

test('a span is told in the largest unit that still says something', () => {
  expect([0, 59.9, 60, -90, 35 * 60, 36 * 60, 3 * 1440 + 5].map(spanOf)).toEqual([
    { count: 0, unit: 'minute' },
    { count: 59, unit: 'minute' },
    { count: 1, unit: 'hour' },
    { count: 1, unit: 'hour' },
    { count: 35, unit: 'hour' },
    { count: 1, unit: 'day' },
    { count: 3, unit: 'day' },
  ])
})

test('a task runs short when four fifths of its time have passed, and not once it is late', () => {
  const item = { createdAt: '2026-01-01T00:00:00Z', due: '2026-01-01T10:00:00Z', overdue: false }
  const at = (hour: number) => Date.parse(item.createdAt) + hour * 3_600_000
  expect([
    runsShort(item, at(7)),
    runsShort(item, at(8)),
    runsShort({ ...item, overdue: true }, at(11)),
    runsShort({ ...item, due: null }, at(9)),
  ]).toEqual([false, true, false, false])
})
