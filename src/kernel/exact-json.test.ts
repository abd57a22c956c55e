import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readExact, writeExact } from './index.ts'

const again = (text: string) => writeExact(readExact(text) as object)

test('a measured 1.50 stays 1.50', () => {
  for (const number of [
    '1.50',
    '0.010',
    '100.0',
    '1e3',
    '1.0E+2',
    '-0.0',
    '0.1234567890123456789',
    '12345678901234567890',
  ])
    expect(again(`{"a":{"value":${number},"unit":"mg"},"b":[${number},1]}`)).toBe(
      `{"a":{"value":${number},"unit":"mg"},"b":[${number},1]}`,
    )
})

test('it lasts through copies, and a changed value is written as it is now', () => {
  const resource = readExact('{"q":{"value":2.50},"factor":1.0}') as { q: { value: number }; factor: number }
  expect(writeExact({ ...resource, id: 'x' })).toBe('{"q":{"value":2.50},"factor":1.0,"id":"x"}')
  expect(writeExact({ ...resource, q: { ...resource.q, value: 3 } })).toBe('{"q":{"value":3},"factor":1.0}')
})

test('what is read is what JSON.parse reads, whatever it is', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const text = JSON.stringify(value)
      if (text.includes('__proto__')) return
      expect(JSON.parse(JSON.stringify(readExact(text)))).toEqual(JSON.parse(text))
      if (typeof value === 'object' && value !== null) expect(JSON.parse(again(text))).toEqual(JSON.parse(text))
    }),
    { numRuns: 300 },
  )
})

test('a key __proto__ reaches no prototype', () => {
  expect(readExact('{"__proto__": {"admin": true}, "a": 1.0}')).toMatchObject({ a: 1 })
  expect(readExact('{"\\u005f_proto__": {"admin": true}}')).toEqual({})
})
