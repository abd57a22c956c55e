import { expect, test } from 'vitest'
import { findFaults } from './validate.ts'

const patient = {
  resourceType: 'Patient',
  id: 'ana',
  name: [{ family: 'Núñez', given: ['Ana'] }],
  gender: 'female',
  birthDate: '1980-02-03',
}

test('a well-formed patient is accepted, with extensions on a primitive and nulls beside them', () => {
  expect(findFaults(patient)).toEqual([])
  expect(
    findFaults({
      ...patient,
      _birthDate: {
        extension: [
          { url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime', valueDateTime: '1980-02-03T04:05:06Z' },
        ],
      },
      name: [{ given: ['Ana', null], _given: [null, { extension: [{ url: 'urn:x', valueCode: 'unknown' }] }] }],
    }),
  ).toEqual([])
})

test.each([
  [{ ...patient, gendre: 'female' }, 'Patient.gendre', 'structure'],
  [{ ...patient, gender: 'f' }, 'Patient.gender', 'code-invalid'],
  [{ ...patient, birthDate: '1980-02-31' }, 'Patient.birthDate', 'value'],
  [{ ...patient, birthDate: 1980 }, 'Patient.birthDate', 'value'],
  [{ ...patient, name: { family: 'X' } }, 'Patient.name', 'structure'],
  [{ ...patient, name: [] }, 'Patient.name', 'structure'],
  [{ ...patient, name: [{}] }, 'Patient.name[0]', 'invariant'],
  [{ ...patient, active: [true] }, 'Patient.active', 'structure'],
  [{ ...patient, name: [{ given: ['', 'Ana'] }] }, 'Patient.name[0].given[0]', 'value'],
  [{ ...patient, deceasedBoolean: false, deceasedDateTime: '2020' }, 'Patient.deceased[x]', 'structure'],
  [{ ...patient, link: [{ type: 'seealso' }] }, 'Patient.link[0].other', 'required'],
  [{ ...patient, contained: [{ resourceType: 'Organisation' }] }, 'Patient.contained[0].resourceType', 'value'],
  [{ ...patient, extension: [{ url: 'urn:x' }] }, 'Patient.extension[0]', 'invariant'],
  [{ resourceType: 'Observation', status: 'final' }, 'Observation.code', 'required'],
  [{ resourceType: 'Agent' }, 'Resource.resourceType', 'value'],
  [null, 'Resource', 'structure'],
])('a fault is named with its path: %#', (resource, path, code) => {
  expect(findFaults(resource).map((fault) => ({ path: fault.path, code: fault.code }))).toEqual([{ path, code }])
})

test('hostile nesting ends', () => {
  let item: object = { linkId: 'x' }
  for (let i = 0; i < 5000; i += 1) item = { linkId: 'x', item: [item] }
  expect(findFaults({ resourceType: 'QuestionnaireResponse', status: 'completed', item: [item] }).at(0)).toMatchObject({
    message: 'is nested too deeply',
  })
})
