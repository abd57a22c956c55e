import { evalFhirPathTyped, parseFhirPath, toTypedValue } from '@medplum/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileFast, notFast } from './fhirpath-fast.ts'

const code = fc.constantFrom('active', 'H', 'HH', 'x', 'ServiceRequest/r1')
/** FHIR has no empty objects. */
const filled = <T extends object>(one: fc.Arbitrary<T>) => one.filter((value) => Object.keys(value).length > 0)
const codings = fc.array(filled(fc.record({ code }, { requiredKeys: [] })), { maxLength: 3 })
const moment = fc.constantFrom(
  '2026-01-02',
  '2026-01-03',
  '2026-01-02T10:00:00Z',
  '2026-01-02T09:30:00+01:00',
  '2026-01',
)
const resource = fc.record(
  {
    resourceType: fc.constant('Observation'),
    id: fc.constantFrom('a', 'b'),
    status: code,
    category: fc.array(filled(fc.record({ coding: codings }, { requiredKeys: [] })), { maxLength: 2 }),
    interpretation: fc.array(filled(fc.record({ coding: codings }, { requiredKeys: [] })), { maxLength: 2 }),
    basedOn: fc.array(filled(fc.record({ reference: code }, { requiredKeys: [] })), { maxLength: 3 }),
    valueString: code,
    effectivePeriod: filled(fc.record({ start: moment, end: moment }, { requiredKeys: [] })),
  },
  { requiredKeys: ['resourceType'] },
)
const path = fc.constantFrom(
  'status',
  'id',
  'category.coding.code',
  'basedOn.reference',
  'interpretation.coding.code',
  'value',
  'basedOn.first().reference',
  '%key',
)
const literal = fc.constantFrom(`'active'`, `'H'`, '%key', `'a'`)
const atom = fc.oneof(
  fc.tuple(path, fc.constantFrom('=', '!='), literal).map((parts) => parts.join(' ')),
  fc.tuple(path, fc.constantFrom('.exists()', '.empty()', '.exists().not()')).map((parts) => parts.join('')),
  fc
    .tuple(
      fc.constantFrom('basedOn.where(reference', 'interpretation.coding.where(code', 'category.coding.where(code'),
      literal,
    )
    .map(([start, end]) => `${start} = ${end}).exists()`),
  fc.constant(`status in ('active' | 'H')`),
  fc.constant(
    'effective.start.hasValue().not() or effective.end.hasValue().not() or (effective.start <= effective.end)',
  ),
  fc.constant('effective.empty() or value.exists()'),
  fc.constant(`interpretation.coding.where(code in ('H' | 'HH')).exists()`),
)
const expression = fc.oneof(
  atom,
  fc
    .tuple(atom, fc.constantFrom('and', 'or', 'xor', 'implies'), atom)
    .map(([a, operator, b]) => `(${a}) ${operator} (${b})`),
)

test('the fast closures answer as the whole language does, wherever they answer', () => {
  let answered = 0
  fc.assert(
    fc.property(expression, resource, (source, value) => {
      const parsed = parseFhirPath(source)
      const fast = compileFast(parsed)
      if (!fast) return true
      let ours: unknown
      try {
        ours = fast([value], { key: 'ServiceRequest/r1' })[0] === true
      } catch (error) {
        return error === notFast
      }
      answered += 1
      let theirs = false
      try {
        theirs =
          evalFhirPathTyped(parsed, [toTypedValue(value)], {
            '%key': { type: 'string', value: 'ServiceRequest/r1' },
          })[0]?.value === true
      } catch {
        // The library refuses a comparison of many with one in places where the answer is simply not true.
      }
      return ours === theirs
    }),
    { numRuns: 3_000 },
  )
  expect(answered).toBeGreaterThan(1_000)
})
