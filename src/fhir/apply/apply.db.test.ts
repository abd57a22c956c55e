import type { CarePlan, PlanDefinition, Resource } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { useDoor } from '../../../testkit/door.ts'
import { useHouse } from '../../../testkit/house.ts'

const house = useHouse()
const door = useDoor(house)

const plan: PlanDefinition = {
  resourceType: 'PlanDefinition',
  id: 'recall',
  url: 'http://x/recall',
  version: '1',
  status: 'active',
  title: 'Recall',
  action: [
    {
      title: 'Test',
      condition: [{ kind: 'applicability', expression: { language: 'text/fhirpath', expression: "gender = 'male'" } }],
      definitionCanonical: 'http://x/hba1c|2',
    },
  ],
}
const put = async (resource: Resource) => {
  const { status, body } = await door.fhir('PUT', `/fhir/${resource.resourceType}/${resource.id}`, resource)
  expect([200, 201], JSON.stringify(body)).toContain(status)
}
const kept = async () => {
  await put({ resourceType: 'Patient', id: 'p1', gender: 'male' })
  await put({
    resourceType: 'ActivityDefinition',
    id: 'hba1c-1',
    url: 'http://x/hba1c',
    version: '1',
    status: 'retired',
    kind: 'Task',
  })
  await put({
    resourceType: 'ActivityDefinition',
    id: 'hba1c-2',
    url: 'http://x/hba1c',
    version: '2',
    status: 'active',
    kind: 'ServiceRequest',
    code: { text: 'HbA1c' },
  })
  await put(plan)
}
const kinds = ({ contained }: CarePlan) => contained?.map(({ resourceType }) => resourceType)

test('a stored plan is applied to a patient, by its address, its canonical, or as it is sent; nothing is stored', async () => {
  await kept()
  const asked = await Promise.all([
    door.fhir('GET', '/fhir/PlanDefinition/recall/$apply?subject=Patient/p1'),
    door.fhir('GET', '/fhir/PlanDefinition/$apply?url=http://x/recall&version=1&subject=Patient/p1'),
    door.fhir('POST', '/fhir/PlanDefinition/$apply', {
      resourceType: 'Parameters',
      parameter: [
        { name: 'planDefinition', resource: plan },
        { name: 'subject', valueReference: { reference: 'Patient/p1' } },
      ],
    }),
  ])
  for (const { status, body } of asked) {
    expect(status, JSON.stringify(body)).toBe(200)
    expect(kinds(body as unknown as CarePlan)).toEqual(['RequestGroup', 'ServiceRequest'])
  }
  for (const type of ['CarePlan', 'RequestGroup', 'ServiceRequest'])
    expect((await door.fhir('GET', `/fhir/${type}?_summary=count`)).body['total']).toBe(0)
})

test('an activity is applied by itself, and one that nothing can be made of is refused with its reason', async () => {
  await kept()
  const { status, body } = await door.fhir('GET', '/fhir/ActivityDefinition/hba1c-2/$apply?subject=Patient/p1')
  expect([status, body['resourceType'], body['intent'], body['id']]).toEqual([
    200,
    'ServiceRequest',
    'proposal',
    undefined,
  ])
  await put({ resourceType: 'ActivityDefinition', id: 'none', status: 'active' })
  expect(await door.fhir('GET', '/fhir/ActivityDefinition/none/$apply?subject=Patient/p1')).toMatchObject({
    status: 422,
    body: { issue: [{ details: { coding: [{ code: 'kind-missing' }] }, expression: ['ActivityDefinition.kind'] }] },
  })
})

test.each([
  ['no subject', '/fhir/PlanDefinition/recall/$apply', 400, 'subject'],
  ['two subjects', '/fhir/PlanDefinition/recall/$apply?subject=Patient/p1&subject=Patient/p2', 400, 'subject'],
  ['a subject that is no patient', '/fhir/PlanDefinition/recall/$apply?subject=Practitioner/d1', 400, 'subject'],
  ['a subject that is not there', '/fhir/PlanDefinition/recall/$apply?subject=Patient/nobody', 404, 'subject'],
  [
    'an encounter that is not there',
    '/fhir/PlanDefinition/recall/$apply?subject=Patient/p1&encounter=Encounter/e',
    404,
    'encounter',
  ],
  ['no definition', '/fhir/PlanDefinition/$apply?subject=Patient/p1', 400, 'planDefinition'],
  ['a canonical that is not here', '/fhir/PlanDefinition/$apply?url=http://x/none&subject=Patient/p1', 404, 'url'],
  [
    'an activity’s canonical for a plan’s',
    '/fhir/PlanDefinition/$apply?url=http://x/hba1c&subject=Patient/p1',
    404,
    'url',
  ],
])('%s is refused at its place', async (_name, url, status, path) => {
  await kept()
  expect(await door.fhir('GET', url)).toMatchObject({ status, body: { issue: [{ expression: [path] }] } })
})

test('a plan that is no FHIR is refused with its faults', async () => {
  await kept()
  const bad = { ...plan, action: [{ condition: [{ kind: 'sometimes' }] }] }
  const parameter = [
    { name: 'planDefinition', resource: bad },
    { name: 'subject', valueString: 'Patient/p1' },
  ]
  const { status, body } = await door.fhir('POST', '/fhir/PlanDefinition/$apply', {
    resourceType: 'Parameters',
    parameter,
  })
  expect(status).toBe(422)
  expect(JSON.stringify(body['issue'])).toContain('PlanDefinition.action[0].condition[0].kind')
})

test('whoever may not see a patient cannot apply a plan to them', async () => {
  await kept()
  await put({
    resourceType: 'Consent',
    id: 'c1',
    status: 'active',
    scope: { coding: [{ code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: 'Patient/p1' },
    policyRule: { text: 'opt out' },
    provision: {
      type: 'deny',
      actor: [{ role: { text: 'the nurse' }, reference: { reference: 'Practitioner/nurse' } }],
    },
  })
  await put({ resourceType: 'Patient', id: 'p2' })
  const nurse = await door.signIn('nurse@alpha.example')
  const other = await door.call(nurse, 'GET', '/fhir/PlanDefinition/recall/$apply?subject=Patient/p2')
  expect([other.status, JSON.stringify(other.body)]).toEqual([200, expect.any(String)])
  const read = await door.call(nurse, 'GET', '/fhir/Patient/p1')
  const applied = await door.call(nurse, 'GET', '/fhir/PlanDefinition/recall/$apply?subject=Patient/p1')
  expect([read.status, applied.status]).toEqual([404, 404])
})
