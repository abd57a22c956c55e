import type { ServiceRequest } from '@medplum/fhirtypes'
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
