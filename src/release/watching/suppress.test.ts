import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Group } from '../fairness.ts'
import { publishGroups } from './suppress.ts'

const group = (name: string, events: number, all: number): Group => ({ name, events, all })

test('a group that could be worked out from the total is hidden with the next smallest', () => {
  const shown = publishGroups([group('a', 3, 60), group('b', 40, 200), group('c', 30, 100)], 0.05)
  expect(shown.map(({ name, all }) => [name, all])).toEqual([
    ['a', undefined],
    ['b', 200],
    ['c', undefined],
  ])
})

test('two small groups that are small together take a third with them', () => {
  const shown = publishGroups([group('a', 2, 40), group('b', 3, 50), group('c', 30, 100), group('d', 90, 400)], 0.05)
  expect(shown.map(({ all }) => all)).toEqual([undefined, undefined, undefined, 400])
})

test('whoever subtracts what is shown from the totals cannot tell a small cell, nor that it is small', () => {
  const cells = fc.record({ events: fc.nat(40), others: fc.nat(40) })
  let small = 0
  fc.assert(
    fc.property(fc.array(cells, { minLength: 2, maxLength: 6 }), (table) => {
      const shown = publishGroups(
        table.map((row, n) => group(`g${n}`, row.events, row.events + row.others)),
        0.05,
      ).map(({ all, rate }) =>
        all === undefined || rate === undefined
          ? undefined
          : { events: Math.round(all * rate), others: all - Math.round(all * rate) },
      )
      const seen = table.filter((row) => row.events + row.others > 0)
      for (const cell of ['events', 'others'] as const) {
        const total = table.reduce((sum, row) => sum + row[cell], 0)
        const left = total - shown.reduce((sum, row) => sum + (row?.[cell] ?? 0), 0)
        const hidden = table.filter((row, n) => shown[n] === undefined && row.events + row.others > 0)
        for (const [n, row] of table.entries()) {
          if (row[cell] < 1 || row[cell] > 10) continue
          small += 1
          expect(shown[n]).toBe(undefined)
          // What is left is one group's alone, or too little for any of them to be large: only when nothing is shown at all.
          if (hidden.length < 2 || left < 11) expect(hidden.length).toBe(seen.length)
        }
      }
    }),
    { numRuns: 3_000, seed: 7 },
  )
  expect(small).toBeGreaterThan(1_000)
})

test('where even the total is small, nothing is shown', () => {
  expect(publishGroups([group('a', 2, 40), group('b', 3, 400)], 0.05).every(({ all }) => all === undefined)).toBe(true)
})
