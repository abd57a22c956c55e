import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseScope, parseScopes, type SmartScope, scopesFor, scopeText } from './index.ts'

test('a scope of the second version is read with its letters and its filter', () => {
  expect(
    parseScope(
      'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory&status=final',
    ),
  ).toEqual({
    level: 'patient',
    type: 'Observation',
    may: { c: false, r: true, u: false, d: false, s: true },
    query: 'category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory&status=final',
  })
})

test('the words of the first version mean the letters of the second', () => {
  expect(parseScopes('user/Patient.read user/Patient.write system/*.*').map(scopeText)).toEqual([
    'user/Patient.rs',
    'user/Patient.cud',
    'system/*.cruds',
  ])
})

test('what is no scope over resources, or malformed, grants nothing', () => {
  for (const text of [
    'openid fhirUser launch launch/patient offline_access',
    'patient/Observation.sr',
    'patient/Observation.',
    'patient/Observation',
    'patient/observation.rs',
    'patient/Observation.rs?',
    'patient/Observation.read?category=x',
    'practitioner/Observation.rs',
    'xpatient/Observation.rs',
    'patient/Observation.rsx',
    '',
  ])
    expect(parseScopes(text)).toEqual([])
})

test('any scope survives being written and read again', () => {
  const bit = fc.boolean()
  const scopes = fc
    .record(
      {
        level: fc.constantFrom<SmartScope['level']>('patient', 'user', 'system'),
        type: fc.constantFrom('*', 'Patient', 'Observation', 'MedicationRequest'),
        may: fc.record({ c: bit, r: bit, u: bit, d: bit, s: bit }),
        query: fc.constantFrom('category=a|b', 'status=final&code=x,y'),
      },
      { requiredKeys: ['level', 'type', 'may'] },
    )
    .filter(({ may }) => Object.values(may).some(Boolean))
  fc.assert(
    fc.property(scopes, (scope) => {
      expect(parseScopes(scopeText(scope))).toEqual([scope])
    }),
  )
})

test('an act is allowed by the scopes that name its type or all types', () => {
  const scopes = parseScopes('patient/*.r patient/Observation.rs?category=laboratory user/Patient.cud')
  expect(scopesFor(scopes, 'Observation', 's').map(scopeText)).toEqual(['patient/Observation.rs?category=laboratory'])
  expect(scopesFor(scopes, 'Patient', 'r').map(scopeText)).toEqual(['patient/*.r'])
  expect(scopesFor(scopes, 'Patient', 's')).toEqual([])
})
