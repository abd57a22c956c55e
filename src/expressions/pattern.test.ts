import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readPattern } from './pattern.ts'

const fits = (source: string, text: string, how?: 'within') => {
  const pattern = readPattern(source)
  return 'fault' in pattern ? pattern.fault : pattern.test(text, how)
}

test('a pattern that keeps a backtracking machine busy for years is answered at once', () => {
  expect(fits('(a+)+b', 'a'.repeat(5_000))).toBe(false)
  expect(fits('(a|a|aa)*$', `${'a'.repeat(5_000)}!`)).toBe(false)
})

test.each([
  ['(?=a)b', 'looks around or names a group'],
  ['a{9999}{9}', 'counts too far'],
  ['(a', 'has a ( too many'],
  ['a)', 'has a ) too many'],
  ['*a', 'repeats nothing with *'],
  ['[z-a]', 'has a range z-a'],
  ['\\1', 'uses \\1'],
])('%s is refused: it %s', (source, fault) => {
  expect(fits(source, '')).toBe(fault)
})

const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\w', '1')
const source = fc.letrec<{ piece: string }>((tie) => ({
  piece: fc.oneof(
    { maxDepth: 4 },
    atom,
    fc.tuple(tie('piece'), tie('piece')).map(([a, b]) => a + b),
    fc.tuple(tie('piece'), tie('piece')).map(([a, b]) => `(${a}|${b})`),
    fc
      .tuple(tie('piece'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '{2,}'))
      .map(([a, times]) => `(?:${a})${times}`),
  ),
})).piece

test('it says what JavaScript says', () => {
  fc.assert(
    fc.property(source, fc.string({ unit: fc.constantFrom('a', 'b', '1', ' '), maxLength: 8 }), (pattern, text) => {
      expect(fits(pattern, text)).toBe(new RegExp(`^(?:${pattern})$`, 'u').test(text))
      expect(fits(pattern, text, 'within')).toBe(new RegExp(pattern, 'u').test(text))
    }),
    { numRuns: 1_000 },
  )
})
