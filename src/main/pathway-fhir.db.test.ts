import type { Bundle } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'

const house = useHouse()
const door = useDoor(house)

test.each(['referral-intake', 'lab-follow-up'])('%s leaves as valid FHIR and comes back as it went', async (id) => {
  const lead = await door.signIn('lead@alpha.example')
  const { status, body } = await door.call(lead, 'GET', `/api/pathways/${id}/versions/1/fhir`)
  expect([status, body['resourceType'], body['type']]).toEqual([200, 'Bundle', 'collection'])
  const outcomes = await Promise.all(
    [body, ...((body as unknown as Bundle).entry ?? []).map(({ resource }) => resource)].map(async (resource) => {
      const type = (resource as { resourceType: string }).resourceType
      const answer = await door.fhir('POST', `/fhir/${type}/$validate`, resource)
      return (answer.body['issue'] as { severity: string; diagnostics: string }[]).filter(
        ({ severity }) => severity === 'error',
      )
    }),
  )
  expect(outcomes.flat()).toEqual([])
  const imported = await door.call(lead, 'POST', '/api/pathways/import', body)
  expect(imported).toMatchObject({ status: 200, body: { origin: 'own', report: [], findings: [] } })
  const published = await door.call(lead, 'GET', `/api/pathways/${id}/versions/1`)
  // Its comments are not part of what it says.
  expect(String(imported.body['source'])).toContain(`pathway: ${id}`)
  const again = await door.call(lead, 'POST', '/api/pathways/check', { source: imported.body['source'] })
  expect(again.body['findings']).toEqual(published.body['findings'])
})

test('what is no plan is told so, a version that is not there is not found, and a stranger is refused', async () => {
  const lead = await door.signIn('lead@alpha.example')
  expect(await door.call(lead, 'POST', '/api/pathways/import', { resourceType: 'Patient' })).toMatchObject({
    status: 200,
    body: { source: null, origin: 'none', report: [{ kind: 'refused', code: 'not-a-plan', path: 'resourceType' }] },
  })
  expect((await door.call(lead, 'POST', '/api/pathways/import', ['x'])).status).toBe(400)
  expect((await door.call(lead, 'GET', '/api/pathways/referral-intake/versions/9/fhir')).status).toBe(404)
  expect((await door.call('', 'GET', '/api/pathways/referral-intake/versions/1/fhir')).status).toBe(401)
})

test('published versions are read at the FHIR door as they are exported, found by canonical and status, applied, and not written', async () => {
  const lead = await door.signIn('lead@alpha.example')
  const exported = await door.call(lead, 'GET', '/api/pathways/referral-intake/versions/1/fhir')
  const [plan] = (exported.body as unknown as Bundle).entry?.map(({ resource }) => resource) ?? []
  const read = await door.fhir('GET', '/fhir/PlanDefinition/referral-intake.1')
  expect(read).toMatchObject({ status: 200, body: { url: 'urn:throughline:pathway:referral-intake', version: '1' } })
  const same = ({ meta: _meta, ...rest }: Record<string, unknown>) => rest
  expect(same(read.body)).toEqual(same(plan as unknown as Record<string, unknown>))
  const ids = async (query: string) => {
    const { body } = await door.fhir('GET', `/fhir/${query}`)
    return ((body as unknown as Bundle).entry ?? []).map(({ resource }) => resource?.id)
  }
  expect(await ids('PlanDefinition?url=urn:throughline:pathway:referral-intake&version=1')).toEqual([
    'referral-intake.1',
  ])
  expect(await ids('PlanDefinition?status=retired')).toEqual([])
  expect(await ids('ActivityDefinition?url=urn:throughline:activity:referral-intake:triage')).toEqual([
    'referral-intake.1.triage',
  ])
  expect(await ids('PlanDefinition?title=refer')).toEqual(['referral-intake.1'])
  await door.fhir('PUT', '/fhir/Patient/p1', { resourceType: 'Patient', id: 'p1' })
  const applied = await door.fhir('GET', '/fhir/PlanDefinition/referral-intake.1/$apply?subject=Patient/p1')
  expect(applied).toMatchObject({
    status: 200,
    body: { resourceType: 'CarePlan', title: 'Referral intake to first visit' },
  })
  expect(JSON.stringify(applied.body)).toContain('urn:throughline:activity:referral-intake:triage|1')
  expect((await door.fhir('PUT', '/fhir/PlanDefinition/referral-intake.1', plan)).status).toBe(405)
  const nurse = await door.signIn('nurse@alpha.example')
  expect((await door.call(nurse, 'GET', '/fhir/PlanDefinition/referral-intake.1')).status).toBe(200)
})
