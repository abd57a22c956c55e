import fc from 'fast-check'
import { expect, test } from 'vitest'
import { end, readDate, readPeriod } from './date-range.ts'

test('a date holds every moment that its precision leaves open', () => {
  const at = (text: string) => Date.parse(text)
  expect(readDate('2024')).toEqual({ low: at('2024-01-01T00:00:00Z'), high: at('2025-01-01T00:00:00Z') })
  expect(readDate('2024-02')).toEqual({ low: at('2024-02-01T00:00:00Z'), high: at('2024-03-01T00:00:00Z') })
  expect(readDate('2024-02-29')).toEqual({ low: at('2024-02-29T00:00:00Z'), high: at('2024-03-01T00:00:00Z') })
  expect(readDate('2024-02-29T10:30:15+02:00')).toEqual({
    low: at('2024-02-29T08:30:15Z'),
    high: at('2024-02-29T08:30:16Z'),
  })
  expect(readDate('2024-02-29T10:30:15.250Z')).toEqual({
    low: at('2024-02-29T10:30:15.250Z'),
    high: at('2024-02-29T10:30:15.251Z'),
  })
})

test.each(['2023-02-29', '2024-13', '24', '2024-01-01T25:00:00Z', 'yesterday', ''])('%j is no date', (text) => {
  expect(readDate(text)).toBeUndefined()
})

test('a stay that has not ended is open', () => {
  expect(readPeriod({ start: '2024-01-01' })).toEqual({ low: Date.UTC(2024, 0, 1), high: end })
  expect(readPeriod({})).toBeUndefined()
})

test('each precision lies within the coarser one', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('0100-01-01'), max: new Date('9990-01-01'), noInvalidDate: true }), (date) => {
      const text = date.toISOString()
      const ranges = [4, 7, 10].map((length) => readDate(text.slice(0, length)))
      ranges.push(readDate(`${text.slice(0, 19)}Z`), readDate(text))
      for (let i = 1; i < ranges.length; i += 1) {
        const [outer, inner] = [ranges[i - 1], ranges[i]]
        expect(
          outer &&
            inner &&
            outer.low <= inner.low &&
            inner.high <= outer.high &&
            inner.low <= date.getTime() &&
            date.getTime() < inner.high,
        ).toBe(true)
      }
    }),
  )
})
