import { expect, test } from 'vitest'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'

const house = useHouse()
const door = useDoor(house)

// What a route leaves is held against this at each call, in every test that goes through the door.
test('every route says what it leaves in the audit, or why nothing', () => {
  const silent = door.routes.filter(({ audits }) =>
    audits === undefined ? true : 'nothing' in audits ? audits.nothing.length < 10 : audits.length === 0,
  )
  expect(silent.map(({ method, path }) => `${method} ${path}`)).toEqual([])
  expect(door.routes.length).toBeGreaterThan(40)
})

const eventsOf = async (code: string) => {
  const rows = await house.db.asSuperuser<{ content: string }>(
    `select content from throughline.audit_event where content like $1 order by seq`,
    [`%"urn:throughline:act","code":"${code}"%`],
  )
  return rows.map((row) => JSON.parse(row.content))
}

test('a read of a patient’s observation names who, from where, what and whose it is', async () => {
  await door.fhir('PUT', '/fhir/Patient/p1', { resourceType: 'Patient', id: 'p1' })
  await door.fhir('PUT', '/fhir/Observation/o1', {
    resourceType: 'Observation',
    id: 'o1',
    status: 'final',
    code: { text: 'Measured' },
    subject: { reference: 'Patient/p1' },
  })
  await door.fhir('GET', '/fhir/Observation/o1')
  const [event] = await eventsOf('read')
  expect(event).toMatchObject({
    type: { code: 'rest' },
    subtype: [{ code: 'read' }, { system: 'http://hl7.org/fhir/restful-interaction', code: 'read' }],
    action: 'R',
    outcome: '0',
    agent: [
      { type: { coding: [{ code: 'IRCP' }] }, name: 'client', requestor: true },
      { type: { coding: [{ code: '110152' }] }, network: { address: '127.0.0.1', type: '2' } },
      { type: { coding: [{ code: '110153' }] }, network: { type: '1' } },
    ],
    entity: [
      { what: { reference: 'Observation/o1' }, type: { code: '2' }, role: { code: '4' } },
      { what: { reference: 'Patient/p1' }, type: { code: '1' }, role: { code: '1' } },
      { type: { code: 'XrequestId' } },
    ],
  })
})

test('a search is kept as it was asked, with the patients it showed', async () => {
  await door.fhir('GET', '/fhir/Observation?subject=Patient/p1&status=final')
  const [event] = await eventsOf('search')
  const entities: { role?: { code: string }; query?: string; what?: { reference?: string } }[] = event.entity
  const asked = entities.find(({ role }) => role?.code === '24')
  expect(Buffer.from(asked?.query ?? '', 'base64').toString()).toBe('Observation?subject=Patient%2Fp1&status=final')
  expect(entities.filter(({ role }) => role?.code === '1').map(({ what }) => what?.reference)).toEqual(['Patient/p1'])
})

test('what was refused is kept under the name of whoever asked', async () => {
  const cookie = await door.signIn('nurse@alpha.example')
  expect((await door.call(cookie, 'GET', '/api/audit')).status).toBe(403)
  expect((await door.fhir('GET', '/fhir/Patient/nobody')).status).toBe(404)
  const kept = await eventsOf('refused')
  expect(
    kept.map(({ outcome, outcomeDesc, agent, entity }) => [outcome, outcomeDesc, agent[0].name, entity[0].what]),
  ).toEqual([
    ['4', 'forbidden', 'nurse of alpha', { identifier: { system: 'urn:throughline:route', value: 'GET /api/audit' } }],
    ['4', 'resource-not-found', 'client', { reference: 'Patient/nobody' }],
  ])
})
