import type { Bundle, CarePlan, RequestGroup, Task } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { useDoor } from '../../testkit/door.ts'
import { referral, useHouse } from '../../testkit/house.ts'
import { actOnJourney } from './index.ts'

const house = useHouse()
const door = useDoor(house)

const refer = async (id: string) => {
  await door.fhir('PUT', `/fhir/Patient/${id}-patient`, { resourceType: 'Patient', id: `${id}-patient` })
  await door.fhir('PUT', `/fhir/ServiceRequest/${id}`, referral(id))
  await house.settle()
}
const search = async (query: string) => {
  const { status, body } = await door.fhir('GET', `/fhir/CarePlan?${query}`)
  expect(status, JSON.stringify(body)).toBe(200)
  const bundle = body as unknown as Bundle
  return {
    total: bundle.total,
    plans: (bundle.entry ?? []).flatMap(({ resource }) => (resource?.resourceType === 'CarePlan' ? [resource] : [])),
    told: (bundle.entry ?? []).flatMap(({ resource }) =>
      resource?.resourceType === 'OperationOutcome' ? [resource] : [],
    ),
  }
}
const planOf = async (id: string): Promise<CarePlan> => {
  const { plans } = await search(`patient=${id}-patient`)
  expect(plans.length).toBe(1)
  return plans[0] as CarePlan
}
const requestsOf = ({ contained }: CarePlan) => (contained?.[0] as RequestGroup | undefined)?.action ?? []
const complete = async (reference: string | undefined, outcome: string) => {
  const { body } = await door.fhir('GET', `/fhir/${reference}`)
  const output = [{ type: { coding: [{ code: 'outcome' }] }, valueCode: outcome }]
  await door.fhir('PUT', `/fhir/${reference}`, { ...(body as unknown as Task), status: 'completed', output })
  await house.settle()
}

test('a running journey is a CarePlan of its patient, with what it asked for and what it waits for', async () => {
  await refer('a')
  const plan = await planOf('a')
  expect(plan).toMatchObject({
    instantiatesCanonical: ['urn:throughline:pathway:referral-intake|1'],
    status: 'active',
    intent: 'plan',
    title: 'Referral intake to first visit',
    subject: { reference: 'Patient/a-patient' },
    period: { start: '2026-03-02T14:00:00.000Z' },
    supportingInfo: [{ reference: 'ServiceRequest/a' }],
  })
  expect(requestsOf(plan)).toEqual([
    expect.objectContaining({
      id: 'triage.1.1',
      resource: { reference: `Task/${plan.id}.1` },
      timingDateTime: expect.any(String),
    }),
  ])
  await complete(requestsOf(plan)[0]?.resource?.reference, 'accept')
  const later = requestsOf(await planOf('a'))
  expect(later.map(({ id, relatedAction }) => [id, relatedAction?.map(({ actionId }) => actionId)])).toEqual([
    ['triage.1.1', undefined],
    ['ask-for-visit.1.2', ['triage.1.1']],
    ['book.1.3', ['ask-for-visit.1.2']],
  ])
  expect(later[0]?.timingDateTime).toBe(undefined)
  const read = await door.fhir('GET', `/fhir/CarePlan/${plan.id}`)
  expect([read.status, read.headers['etag'], (read.body['meta'] as { versionId: string }).versionId]).toEqual([
    200,
    expect.stringMatching(/^W\/"\d+"$/),
    expect.any(String),
  ])
  const { body } = await door.fhir('POST', '/fhir/CarePlan/$validate', read.body)
  expect(body['issue']).toEqual([expect.objectContaining({ severity: 'information' })])
})

test('a wait is an activity; a rest, an end and a withdrawal are its status', async () => {
  await refer('b')
  const plan = await planOf('b')
  await complete(requestsOf(plan)[0]?.resource?.reference, 'accept')
  await complete(`Task/${plan.id}.3`, 'booked')
  expect((await planOf('b')).activity).toEqual([
    { reference: { reference: '#requests' } },
    { detail: { status: 'in-progress', description: 'The visit' } },
  ])
  await house.database.transaction(house.alpha, (tx) =>
    actOnJourney(tx, house.context, house, plan.id ?? '', { act: { do: 'pause' }, reason: 'holidays' }),
  )
  expect(await planOf('b')).toMatchObject({ status: 'on-hold' })
  await door.fhir('PUT', '/fhir/ServiceRequest/b', referral('b', { status: 'revoked' }))
  await house.settle()
  expect(await planOf('b')).toMatchObject({ status: 'revoked', period: { end: expect.any(String) } })
})

test('journeys are found by patient, subject, status and id beside stored plans, and a search that cannot find them says so', async () => {
  await refer('c')
  const plan = await planOf('c')
  const stored = {
    resourceType: 'CarePlan',
    id: 'stored',
    status: 'active',
    intent: 'plan',
    subject: { reference: 'Patient/c-patient' },
  }
  await door.fhir('PUT', '/fhir/CarePlan/stored', stored)
  const ids = async (query: string) => (await search(query)).plans.map(({ id }) => id)
  expect(await ids('subject=Patient/c-patient')).toEqual([plan.id, 'stored'])
  expect(await ids('patient=Patient/c-patient&status=active')).toEqual([plan.id, 'stored'])
  expect(await ids('patient=c-patient&status=completed,revoked')).toEqual([])
  expect(await ids(`_id=${plan.id}`)).toEqual([plan.id])
  expect(await ids('patient=c-patient&category=assess-plan')).toEqual([])
  expect((await search('patient=c-patient&_total=accurate')).total).toBe(2)
  expect((await search('patient=c-patient&_summary=count')).total).toBe(2)
  for (const query of ['status=active', 'patient=c-patient&date=2026'])
    expect((await search(query)).told).toMatchObject([{ issue: [{ severity: 'warning', code: 'incomplete' }] }])
})

test('nobody writes over a journey’s plan', async () => {
  await refer('d')
  const plan = await planOf('d')
  const put = await door.fhir('PUT', `/fhir/CarePlan/${plan.id}`, { ...plan, status: 'revoked' })
  expect(put).toMatchObject({ status: 405, body: { issue: [{ details: { coding: [{ code: 'resource-made' }] } }] } })
  expect((await door.fhir('DELETE', `/fhir/CarePlan/${plan.id}`)).status).toBeGreaterThanOrEqual(400)
  expect(await planOf('d')).toMatchObject({ status: 'active' })
})

test('whoever may not see the patient is not told of the journey, by read or by search', async () => {
  await refer('e')
  const plan = await planOf('e')
  const nurse = await door.signIn('nurse@alpha.example')
  const look = async () => {
    const read = await door.call(nurse, 'GET', `/fhir/CarePlan/${plan.id}`)
    const found = await door.call(nurse, 'GET', '/fhir/CarePlan?patient=e-patient')
    return [read.status, ((found.body as unknown as Bundle).entry ?? []).length]
  }
  expect(await look()).toEqual([200, 1])
  await door.fhir('PUT', '/fhir/Consent/c1', {
    resourceType: 'Consent',
    id: 'c1',
    status: 'active',
    scope: { coding: [{ code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: 'Patient/e-patient' },
    policyRule: { text: 'opt out' },
    provision: {
      type: 'deny',
      actor: [{ role: { text: 'the nurse' }, reference: { reference: 'Practitioner/nurse' } }],
    },
  })
  house.clock.advance(2_000)
  expect(await look()).toEqual([404, 0])
})
