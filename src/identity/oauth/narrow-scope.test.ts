import { expect, test } from 'vitest'
import { narrowScope } from './narrow-scope.ts'

test('a client gets what its registration and its question have in common', () => {
  const allowed =
    'openid fhirUser launch/patient patient/*.rs patient/Observation.cruds patient/Task.u?status=requested'
  expect(narrowScope('openid offline_access launch/patient patient/Patient.read', allowed)).toEqual([
    'openid',
    'launch/patient',
    'patient/Patient.read',
  ])
  expect(narrowScope('patient/Patient.cruds patient/Observation.* user/Patient.rs', allowed)).toEqual([
    'patient/Patient.rs',
    'patient/Observation.*',
  ])
  expect(narrowScope('patient/*.cruds', allowed)).toEqual([
    'patient/*.rs',
    'patient/Observation.cruds',
    'patient/Task.u?status=requested',
  ])
  expect(narrowScope('patient/Task.u?code=fulfill', allowed)).toEqual(['patient/Task.u?code=fulfill&status=requested'])
  expect(narrowScope('patient/Observation.rs?category=laboratory', allowed)).toEqual([
    'patient/Observation.rs?category=laboratory',
  ])
  expect(narrowScope('system/*.rs nonsense', allowed)).toEqual([])
})
