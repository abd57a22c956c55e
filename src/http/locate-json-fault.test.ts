import fc from 'fast-check'
import { expect, test } from 'vitest'
import { locateJsonFault } from './locate-json-fault.ts'

const parses = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test.each([
  ['{"a": tru}', 6],
  ['{"a": 1,}', 8],
  ['{bad', 1],
  ['{"a": "x\ny"}', 6],
  ['{"a" 1}', 5],
  ['[1 2]', 3],
  ['[1, 2', 5],
  ['{} x', 3],
  ['01', 1],
  ['', 0],
])('the place where %j breaks is found', (text, offset) => {
  expect(locateJsonFault(text)).toBe(offset)
})

test('whatever is JSON is read to its end, however it is spaced', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      expect(locateJsonFault(text)).toBe(text.length)
    }),
  )
})

test('a broken text breaks somewhere within it', () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.nat(),
      fc.constantFrom('}', ']', ',', ':', '"', '\u0001', 'x'),
      (value, at, sign) => {
        const whole = JSON.stringify(value)
        const cut = at % (whole.length + 1)
        const text = whole.slice(0, cut) + sign + whole.slice(cut)
        fc.pre(!parses(text))
        const offset = locateJsonFault(text)
        expect(offset).toBeGreaterThanOrEqual(0)
        expect(offset).toBeLessThanOrEqual(text.length)
      },
    ),
  )
})

test('a deep body does not exhaust the stack', () => {
  expect(locateJsonFault('['.repeat(300_000))).toBe(300_000)
})
