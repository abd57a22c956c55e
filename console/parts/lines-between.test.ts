import { expect, test } from 'vitest'
import { linesBetween } from './lines-between.ts'

const told = (before: string, after: string) =>
  linesBetween(before, after).map((one) => [one.before?.text ?? null, one.after?.text ?? null])

test('equal lines stand beside each other, and what changed is first taken away and then added', () => {
  expect(told('a\nb\nc\n', 'a\nx\nc\nd\n')).toEqual([
    ['a', 'a'],
    ['b', null],
    [null, 'x'],
    ['c', 'c'],
    [null, 'd'],
  ])
})

test('line numbers are those of their own text', () => {
  expect(linesBetween('a\nb', 'new\na\nb').at(-1)).toEqual({ before: { n: 2, text: 'b' }, after: { n: 3, text: 'b' } })
})

test('every line of both texts is told once and in order', () => {
  const before = Array.from({ length: 40 }, (_none, index) => `line ${index % 7}`).join('\n')
  const after = Array.from({ length: 37 }, (_none, index) => `line ${(index * 3) % 7}`).join('\n')
  const lines = linesBetween(before, after)
  expect(lines.flatMap((one) => one.before?.text ?? []).join('\n')).toBe(before)
  expect(lines.flatMap((one) => one.after?.text ?? []).join('\n')).toBe(after)
})
