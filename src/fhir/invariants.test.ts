import { expect, test } from 'vitest'
import { fhirPathConstraint } from '../expressions/index.ts'
import { allInvariants } from './invariants.ts'
import { findFaults } from './validate.ts'

test('every invariant of the base definitions is one that our FHIRPath reads', () => {
  const all = allInvariants()
  expect(all.length).toBeGreaterThan(500)
  for (const { text } of all) {
    const expression = text.replace(/^\S+ \S+ /, '')
    expect([text, fhirPathConstraint(expression) !== undefined]).toEqual([text, true])
  }
})

const period = (start: string, end: string) => ({ start, end })
const encounter = (more: object) => ({ resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' }, ...more })
const observation = (more: object) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ code: 'a' }] },
  ...more,
})

test.each([
  [encounter({ period: period('2026-02-01', '2026-01-01') }), 'Encounter.period', 'per-1'],
  [encounter({ period: period('2026-02-01T10:00:00Z', '2026-02-01T09:00:00Z') }), 'Encounter.period', 'per-1'],
  [encounter({ period: period('2026-02-01T10:00:00Z', '2026-02-01T11:30:00+02:00') }), 'Encounter.period', 'per-1'],
  [observation({ valueQuantity: { value: 1, code: 'mg' } }), 'Observation.valueQuantity', 'qty-3'],
  [observation({ valueString: 'x', dataAbsentReason: { text: 'y' } }), 'Observation', 'obs-6'],
  [observation({ valueString: 'x', component: [{ code: { coding: [{ code: 'a' }] } }] }), 'Observation', 'obs-7'],
  [observation({ referenceRange: [{ age: { low: { value: 1 } } }] }), 'Observation.referenceRange[0]', 'obs-3'],
  [
    { resourceType: 'Organization', name: 'x', telecom: [{ system: 'phone', value: '1', use: 'home' }] },
    'Organization.telecom[0]',
    'org-3',
  ],
  [
    {
      resourceType: 'Bundle',
      type: 'searchset',
      entry: [{ resource: { resourceType: 'Patient', contact: [{ gender: 'male' }] } }],
    },
    'Bundle.entry[0].resource.contact[0]',
    'pat-1',
  ],
])('an invariant that is broken is told with its path and its key', (resource, path, key) => {
  expect(findFaults(resource)).toContainEqual({ path, code: 'invariant', message: `breaks the rule ${key}` })
})

test.each([
  [encounter({ period: period('2026-01-01', '2026-01-01') })],
  [encounter({ period: { start: '2026-02-01T10:00:00Z' } })],
  [observation({ valueQuantity: { value: 1.5, system: 'http://unitsofmeasure.org', code: 'mg' } })],
  [observation({ component: [{ code: { coding: [{ code: 'a' }] } }] })],
])('what keeps to the invariants is accepted', (resource) => {
  expect(findFaults(resource)).toEqual([])
})
