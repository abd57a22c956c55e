import type { ServiceRequest } from '@medplum/fhirtypes'
import { evalFhirPath } from '@medplum/core'
import { expect, test } from 'vitest'
import elementTypes from './generated/element-types.json' with { type: 'json' }
import { createCel, fhirPathCondition, fhirPathValue } from './index.ts'

const table = elementTypes.types as unknown as Record<string, Record<string, string>>
const condition = (source: string, type = 'ServiceRequest') => fhirPathCondition(source, type, ['key'], table)
const referral: ServiceRequest = {
  resourceType: 'ServiceRequest',
  id: 'r1',
  status: 'active',
  intent: 'order',
  subject: { reference: 'Patient/p1' },
  category: [{ coding: [{ system: 'http://snomed.info/sct', code: '3457005' }] }],
}

test('a condition on a referral reads the record', () => {
  const compiled = condition(`status = 'active' and category.coding.where(code = '3457005').exists() and id = %key`)
  expect(compiled).toMatchObject({ ok: true })
  if (compiled.ok) {
    expect(compiled.run(referral, { key: 'r1' })).toBe(true)
    expect(compiled.run({ ...referral, status: 'revoked' }, { key: 'r1' })).toBe(false)
  }
})

test.each([
  ["statos = 'active'", 'ServiceRequest has no element statos'],
  ["category.coding.kode = 'x'", 'Coding has no element kode'],
  ['status', 'gives code; a condition must give true or false'],
  ["doNotPerform = 'yes'", 'compares boolean with text'],
  ['id = %patient', 'there is no variable %patient here; known are %key'],
  ['status = ', 'is not FHIRPath'],
])('an author is told what is wrong with %s', (source, message) => {
  const compiled = condition(source)
  expect(compiled.ok ? 'accepted' : compiled.message).toContain(message)
})

test.each([
  ['Observation', `interpretation.coding.code in ('H' | 'HH') or value.exists() or value.ofType(Quantity).value > 5`],
  ['Appointment', `status = 'noshow' and basedOn.reference = 'ServiceRequest/' + %key`],
  ['Patient', `name.where(use = 'official').given.first() = 'Ann' and extension('http://x').value.exists()`],
  ['Observation', `component.referenceRange.low.value < 3`],
])('an ordinary condition on %s is accepted', (type, source) => {
  expect(condition(source, type)).toMatchObject({ ok: true })
})

/** All functions of FHIRPath 2 and of its trial use, called with arguments that they take. */
const calls = [
  ...`empty exists allTrue anyTrue allFalse anyFalse count distinct isDistinct not single first last tail toBoolean
    convertsToBoolean toInteger convertsToInteger toDate convertsToDate toDateTime convertsToDateTime toDecimal
    convertsToDecimal toQuantity convertsToQuantity toString convertsToString toTime convertsToTime upper lower length toChars
    trim escape unescape abs ceiling exp floor ln sqrt truncate children descendants resolve hasValue getValue type sum min max
    avg lowBoundary highBoundary comparable precision elementDefinition`
    .split(/\s+/)
    .map((name) => `${name}()`),
  ...`all(true); where(true); select($this); repeat($this); subsetOf($this); supersetOf($this); ofType(Patient); is(Patient);
    as(Patient); skip(0); take(1); round(0); log(2); power(2); intersect($this); exclude({}); union($this); combine($this);
    iif(true, 1, 2); aggregate($this); indexOf(','); substring(0); startsWith(','); endsWith(','); contains(',');
    replace(',', ''); matches('.'); replaceMatches('.', ''); join(','); split(','); encode('hex'); decode('hex'); trace('t');
    extension('u'); memberOf('u'); subsumes($this); subsumedBy($this); conformsTo('u'); slice('u', 'v'); checkModifiers('u');
    defineVariable('v'); coalesce($this)`.split(/;\s*/),
]
const inputs = [
  '$this',
  'name.given',
  'name.given.first()',
  '1',
  '2.5',
  `'a,b'`,
  `'616263'`,
  'true',
  '@2000-01-01',
  `5 'mg'`,
]

test('a function is either refused with its name, or the library answers something to it', () => {
  const patient = { resourceType: 'Patient', name: [{ given: ['a', 'b'] }], extension: [{ url: 'u' }] }
  const silent = calls.filter((call) => {
    const name = call.slice(0, call.indexOf('('))
    const compiled = fhirPathValue(call, 'Patient', [], table)
    if (!compiled.ok) {
      expect(compiled).toMatchObject({ code: 'function-not-offered', message: expect.stringContaining(`${name}()`) })
      return false
    }
    return !inputs.some((input) => {
      try {
        return evalFhirPath(`(${input}).${call}`, patient).length > 0
      } catch {
        return false
      }
    })
  })
  expect(silent).toEqual([])
  for (const name of [
    'repeat',
    'descendants',
    'children',
    'trim',
    'sum',
    'memberOf',
    'resolve',
    'now',
    'today',
    'nonsense',
  ])
    expect(fhirPathValue(`name.select(${name}())`, 'Patient', [], table)).toMatchObject({
      code: 'function-not-offered',
    })
})

test('a value is the first of the answer, or null', () => {
  const value = fhirPathValue(`iif(priority.exists(), priority, 'routine')`, 'ServiceRequest', [], table)
  expect(value.ok && value.run(referral, {})).toBe('routine')
  const none = fhirPathValue('occurrence.ofType(dateTime)', 'ServiceRequest', [], table)
  expect(none.ok && none.run(referral, {})).toBe(null)
})

test('a CEL condition is checked against declared variables', () => {
  const cel = createCel({ complete: 'bool', tries: 'int', reason: 'string' })
  const run = (source: string, variables: Record<string, boolean | number | string>) => {
    const compiled = cel.condition(source)
    return compiled.ok ? compiled.run(variables) : compiled.message
  }
  expect(run('!complete', {})).toBe(true)
  expect(run('complete && tries < 3', { complete: true, tries: 2 })).toBe(true)
  expect(run('tries', { tries: 2 })).toContain('gives int')
  expect(run('tries == reason', {})).toContain('==')
  expect(run('missing', {})).toContain('missing')
})
