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

test('an auditor finds the acts on a patient through FHIR, and that look is found by the next', async () => {
  const admin = await door.signIn('admin@alpha.example')
  const get = (url: string) => door.call(admin, 'GET', url)
  const found = await get('/fhir/AuditEvent?patient=p1&subtype=http://hl7.org/fhir/restful-interaction|read&_count=1')
  expect(found.status).toBe(200)
  expect(found.body).toMatchObject({
    resourceType: 'Bundle',
    type: 'searchset',
    entry: [{ resource: { resourceType: 'AuditEvent', action: 'R' }, search: { mode: 'match' } }],
  })
  const [first] = found.body['entry'] as { resource: { id: string } }[]
  expect((await get(`/fhir/AuditEvent/${first?.resource.id}`)).body).toMatchObject({ resourceType: 'AuditEvent' })
  const again = await get('/api/audit?entity=Patient/p1&code=audit-read')
  const items = again.body['items'] as { actor: string; entities: string[] }[]
  expect(items.map(({ actor, entities }) => [actor, entities])).toEqual([
    ['admin of alpha', [`AuditEvent/${first?.resource.id}`, 'Patient/p1']],
    ['admin of alpha', ['Patient/p1']],
  ])
})

test('audit events are found by date, person, outcome and act, page by page', async () => {
  const admin = await door.signIn('admin@alpha.example')
  const entries = async (query: string) => {
    const { body } = await door.call(admin, 'GET', `/fhir/AuditEvent?${query}`)
    return ((body['entry'] ?? []) as { resource: { id: string; subtype: { code: string }[] } }[]).map(
      ({ resource }) => resource,
    )
  }
  const codes = async (query: string) => (await entries(query)).map(({ subtype }) => subtype[0]?.code).sort()
  expect(await codes('outcome=4')).toEqual(['refused', 'refused'])
  expect(await codes('date=2026-03-02&outcome=4')).toHaveLength(2)
  expect(await codes('date=lt2026-03-02')).toEqual([])
  expect(await codes('date=ge2026-03-02T00:00:00Z&subtype=urn:throughline:act|vread')).toEqual([])
  expect(await codes('agent=Practitioner/nurse')).toEqual(['refused', 'sign-in'])
  expect(await codes('agent-name=NURSE&outcome=4')).toEqual(['refused'])
  const all = (await entries('_count=500&date=2026-03-02')).map(({ id }) => id)
  const paged: string[] = []
  const asked = new Set(all)
  for (let url: string | undefined = '/fhir/AuditEvent?_count=3'; url !== undefined; ) {
    const { body } = await door.call(admin, 'GET', url)
    const page = (body['entry'] ?? []) as { resource: { id: string } }[]
    paged.push(...page.map(({ resource }) => resource.id))
    const next = (body['link'] as { relation: string; url: string }[]).find(({ relation }) => relation === 'next')
    url = next && next.url.replace('http://localhost', '')
  }
  expect(paged.filter((id) => asked.has(id))).toEqual(all)
})

test('what audit events cannot be searched by is named, and refused when asked to be strict', async () => {
  const admin = await door.signIn('admin@alpha.example')
  const lax = await door.call(admin, 'GET', '/fhir/AuditEvent?policy=x&_count=1')
  expect(lax.body['entry']).toMatchObject([
    {},
    { resource: { issue: [{ code: 'not-supported', expression: ['policy'] }] }, search: { mode: 'outcome' } },
  ])
  const answer = await door.app.inject({
    url: '/fhir/AuditEvent?policy=x',
    headers: { cookie: admin, prefer: 'handling=strict' },
  })
  expect(answer.statusCode).toBe(400)
  for (const query of ['date=yesterday', '_count=x', '_sort=agent'])
    expect((await door.call(admin, 'GET', `/fhir/AuditEvent?${query}`)).body).toMatchObject({
      issue: [{ code: 'value' }],
    })
})

test('nobody writes, changes or deletes an audit event, and only auditors read one', async () => {
  const admin = await door.signIn('admin@alpha.example')
  const nurse = await door.signIn('nurse@alpha.example')
  expect((await door.call(nurse, 'GET', '/fhir/AuditEvent')).status).toBe(403)
  expect((await door.call(admin, 'POST', '/fhir/AuditEvent', { resourceType: 'AuditEvent' })).status).toBe(405)
  expect((await door.call(admin, 'DELETE', '/fhir/AuditEvent/x')).status).toBe(405)
  expect((await door.fhir('POST', '/fhir/AuditEvent', { resourceType: 'AuditEvent' })).status).toBe(403)
  const entry = { request: { method: 'POST', url: 'AuditEvent' }, resource: { resourceType: 'AuditEvent' } }
  const bundle = { resourceType: 'Bundle', type: 'transaction', entry: [entry] }
  expect((await door.fhir('POST', '/fhir', bundle)).status).toBe(400)
  expect((await door.fhir('GET', '/fhir/AuditEvent/_history')).status).toBe(403)
  const { body } = await door.fhir('GET', '/fhir/metadata')
  const [rest] = body['rest'] as { resource: { type: string; interaction: { code: string }[] }[] }[]
  expect(rest?.resource.find(({ type }) => type === 'AuditEvent')?.interaction).toEqual([
    { code: 'read' },
    { code: 'search-type' },
  ])
})

test('the console learns how the checkpoints stand, verifies, and gets a proof', async () => {
  const admin = await door.signIn('admin@alpha.example')
  expect((await door.call(admin, 'GET', '/api/audit/seals')).body).toMatchObject({ state: 'none', checkpoints: 0 })
  await house.seals.seal(house.alpha)
  const { body } = await door.call(admin, 'POST', '/api/audit/verify')
  expect(body).toMatchObject({
    state: 'holds',
    checkpoints: 1,
    firstBad: null,
    verified: { sealed: expect.any(Number) },
  })
  const list = await door.call(admin, 'GET', '/api/audit?code=refused')
  expect(list.body['chain']).toMatchObject({ verified: true, firstBad: null })
  const [item] = list.body['items'] as { id: string }[]
  expect((await door.call(admin, 'GET', `/api/audit/${item?.id}/proof`)).body).toMatchObject({ event: item?.id })
})
