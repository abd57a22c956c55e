import type { Bundle, CapabilityStatement, OperationOutcome, Patient, Task } from '@medplum/fhirtypes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../testkit/database.ts'
import { type CallContext, CodedError, movedClock, type RouteReply, systemActor } from '../kernel/index.ts'
import { type AuditedAct, createRecord, outcomeOf, recordRoutes } from './index.ts'

let db: FreshDatabase
let context: CallContext
const clock = movedClock(Date.UTC(2026, 2, 1))
const acts: AuditedAct[] = []
const base = 'https://clinic.example/fhir'
beforeAll(async () => {
  db = await freshDatabase()
  context = { tenant: db.alpha, actor: systemActor, clock, requestId: 'test', locale: 'en' }
})
afterAll(() => db.close())

/** Finds the route as the http room would and calls it; a refusal becomes its OperationOutcome. */
async function call(
  method: string,
  url: string,
  options: { body?: unknown; headers?: Record<string, string>; conditionalDelete?: 'multiple' } = {},
): Promise<Required<Omit<RouteReply, 'stream'>>> {
  const path = url.replace(/\?.*$/, '')
  const routes = recordRoutes({
    record: createRecord({ clock }),
    database: db.database,
    baseUrl: base,
    ...(options.conditionalDelete === undefined ? {} : { conditionalDelete: options.conditionalDelete }),
    audit: async (_tx, _context, act) => void acts.push(act),
  })
  const matches = (pattern: string) => new RegExp(`^${pattern.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`).exec(path)
  const found = routes
    .filter((one) => one.method === method && matches(one.path))
    .toSorted((a, b) => a.path.split(':').length - b.path.split(':').length)[0]
  if (!found) throw new Error(`no route ${method} ${path}`)
  const request = {
    params: { ...matches(found.path)?.groups },
    query: {},
    body: options.body,
    headers: options.headers ?? {},
    url,
    ip: '::1',
  }
  const reply = await found.handle(context, request).catch((error: unknown): RouteReply => {
    if (error instanceof CodedError) return { status: error.status, body: JSON.stringify(outcomeOf(error)) }
    throw error
  })
  return {
    status: reply.status ?? 200,
    headers: reply.headers ?? {},
    body: typeof reply.body === 'string' ? JSON.parse(reply.body) : undefined,
  }
}
const patient: Patient = {
  resourceType: 'Patient',
  identifier: [{ system: 'urn:mrn', value: '1' }],
  name: [{ family: 'Núñez' }],
}
const created = async (resource: Patient | Task) =>
  (await call('POST', `/fhir/${resource.resourceType}`, { body: resource })).body as Patient

test('a patient is created, read, changed and deleted, each version with its ETag', async () => {
  const made = await call('POST', '/fhir/Patient', { body: { ...patient, id: 'mine' } })
  const { id = '' } = made.body as Patient
  expect({ ...made, body: undefined }).toEqual({
    status: 201,
    body: undefined,
    headers: {
      'content-type': 'application/fhir+json; charset=utf-8',
      etag: 'W/"1"',
      'last-modified': 'Sun, 01 Mar 2026 00:00:00 GMT',
      location: `${base}/Patient/${id}/_history/1`,
    },
  })
  expect(id).not.toBe('mine')
  expect((await call('GET', `/fhir/Patient/${id}`)).body).toEqual({
    ...patient,
    id,
    meta: { versionId: '1', lastUpdated: '2026-03-01T00:00:00.000Z' },
  })
  expect((await call('GET', `/fhir/Patient/${id}`, { headers: { 'if-none-match': 'W/"1"' } })).status).toBe(304)
  const change = { body: { ...patient, id, active: true }, headers: { 'if-match': 'W/"1"', prefer: 'return=minimal' } }
  expect(await call('PUT', `/fhir/Patient/${id}`, change)).toMatchObject({
    status: 200,
    headers: { etag: 'W/"2"' },
    body: undefined,
  })
  expect(await call('PUT', `/fhir/Patient/${id}`, change)).toMatchObject({
    status: 412,
    body: { issue: [{ code: 'conflict' }] },
  })
  expect((await call('DELETE', `/fhir/Patient/${id}`)).status).toBe(204)
  expect((await call('DELETE', `/fhir/Patient/${id}`)).status).toBe(204)
  expect((await call('GET', `/fhir/Patient/${id}`)).status).toBe(410)
  expect((await call('GET', `/fhir/Patient/${id}/_history/1`)).body).toMatchObject({ name: patient.name })
  const history = (await call('GET', `/fhir/Patient/${id}/_history`)).body as Bundle
  expect(history.entry?.map(({ request, response }) => [request?.method, response?.status, response?.etag])).toEqual([
    ['DELETE', '204', 'W/"3"'],
    ['PUT', '200', 'W/"2"'],
    ['POST', '201', 'W/"1"'],
  ])
  expect(await call('PUT', `/fhir/Patient/${id}`, { body: { ...patient, id } })).toMatchObject({
    status: 201,
    headers: { etag: 'W/"4"' },
  })
  expect(acts.map(({ action, interaction }) => `${action} ${interaction}`).slice(0, 4)).toEqual([
    'C create',
    'R read',
    'R read',
    'U update',
  ])
})

test('the history of a type goes page by page and holds every version', async () => {
  for (let i = 0; i < 7; i += 1) await created({ resourceType: 'Task', status: 'requested', intent: 'order' })
  const seen: string[] = []
  let url = '/fhir/Task/_history?_count=3'
  while (url !== '') {
    const page = (await call('GET', url)).body as Bundle
    seen.push(...(page.entry ?? []).map(({ fullUrl }) => fullUrl ?? ''))
    url = page.link?.find(({ relation }) => relation === 'next')?.url?.replace('https://clinic.example', '') ?? ''
  }
  expect(new Set(seen).size).toBe(7)
  expect(seen.length).toBe(7)
})

test('what cannot be taken is refused with the path of the fault', async () => {
  const paths = async (reply: Promise<Required<Omit<RouteReply, 'stream'>>>) => {
    const { status, body } = await reply
    return [status, (body as OperationOutcome).issue[0]?.expression?.[0]]
  }
  expect(
    await paths(call('POST', '/fhir/Patient', { body: { resourceType: 'Patient', birthDate: '2020-13' } })),
  ).toEqual([422, 'Patient.birthDate'])
  expect(await paths(call('POST', '/fhir/Patient', { body: 'text' }))).toEqual([400, 'resourceType'])
  expect(await paths(call('POST', '/fhir/Patient', { body: { resourceType: 'Task' } }))).toEqual([400, 'resourceType'])
  expect(await paths(call('PUT', '/fhir/Patient/a', { body: { resourceType: 'Patient', id: 'b' } }))).toEqual([
    400,
    'Patient.id',
  ])
  expect(await paths(call('GET', '/fhir/Patent/a'))).toEqual([404, 'resourceType'])
  expect(await paths(call('GET', '/fhir/Patient/none'))).toEqual([404, 'Patient/none'])
  expect(await paths(call('GET', '/fhir/Patient/none/_history/x'))).toEqual([404, 'Patient/none/_history/x'])
  expect(
    await paths(
      call('PUT', '/fhir/Patient/a', { body: { resourceType: 'Patient', id: 'a' }, headers: { 'if-match': 'x' } }),
    ),
  ).toEqual([400, 'If-Match'])
  expect(await paths(call('GET', '/fhir/Patient?_format=xml'))).toEqual([406, '_format'])
  expect(await paths(call('GET', '/fhir/Observation?value-quantity=five'))).toEqual([400, 'value-quantity'])
})

test('an unknown search parameter is named beside the results, and refused when the caller is strict', async () => {
  const lenient = (await call('GET', '/fhir/Patient?colour=red&family=nunez')).body as Bundle
  expect(lenient.entry?.map(({ search }) => search?.mode)).toContain('outcome')
  expect(lenient.link?.[0]?.url).toBe(`${base}/Patient?family=nunez`)
  expect((await call('GET', '/fhir/Patient?colour=red', { headers: { prefer: 'handling=strict' } })).status).toBe(400)
  const form = (await call('POST', '/fhir/Patient/_search', { body: 'family=nunez' })).body as Bundle
  expect(form.entry?.length).toBe((lenient.entry?.length ?? 0) - 1)
})

test('ten calls that create the same patient on a condition make one patient', async () => {
  const body = { ...patient, identifier: [{ system: 'urn:mrn', value: 'race' }] }
  const replies = await Promise.all(
    Array.from({ length: 10 }, () =>
      call('POST', '/fhir/Patient', { body, headers: { 'if-none-exist': 'identifier=urn:mrn|race' } }),
    ),
  )
  expect(replies.map(({ status }) => status).sort()).toEqual([...Array.from({ length: 9 }, () => 200), 201])
  expect(((await call('GET', '/fhir/Patient?identifier=urn:mrn|race')).body as Bundle).total).toBe(1)
})

const entry = (method: 'POST' | 'PUT' | 'DELETE' | 'GET', url: string, resource?: object, more: object = {}) => ({
  ...more,
  ...(resource ? { resource } : {}),
  request: {
    method,
    url,
    ...('ifNoneExist' in more ? { ifNoneExist: more.ifNoneExist } : {}),
    ...('ifMatch' in more ? { ifMatch: more.ifMatch } : {}),
  },
})
const bundle = (type: string, entries: object[]) => ({ resourceType: 'Bundle', type, entry: entries })
const task = (reference: string): Task => ({
  resourceType: 'Task',
  status: 'requested',
  intent: 'order',
  description: 'call',
  for: { reference },
})

test('a transaction links what it creates, finds what it names by condition, and answers in order', async () => {
  const known = await created({ ...patient, identifier: [{ system: 'urn:mrn', value: 'known' }] })
  const reply = await call('POST', '/fhir', {
    body: bundle('transaction', [
      entry('GET', `Patient/${known.id}`),
      entry('POST', 'Task', task('urn:uuid:05b5e1a7-0000-4000-8000-000000000001')),
      entry('POST', 'Patient', patient, { fullUrl: 'urn:uuid:05b5e1a7-0000-4000-8000-000000000001' }),
      entry('POST', 'Task', task('Patient?identifier=urn:mrn|known')),
      entry('POST', 'Patient', patient, {
        fullUrl: 'urn:uuid:05b5e1a7-0000-4000-8000-000000000002',
        ifNoneExist: 'identifier=urn:mrn|known',
      }),
      entry('PUT', 'Task/t9', { ...task('urn:uuid:05b5e1a7-0000-4000-8000-000000000002'), id: 't9' }),
    ]),
    headers: { prefer: 'return=representation' },
  })
  const answer = reply.body as Bundle
  expect(answer.entry?.map(({ response }) => response?.status)).toEqual(['200', '201', '201', '201', '200', '201'])
  const [, first, made, second, , third] = answer.entry?.map(({ resource }) => resource) ?? []
  expect([first, second, third].map((one) => (one as Task).for?.reference)).toEqual([
    `Patient/${made?.id}`,
    `Patient/${known.id}`,
    `Patient/${known.id}`,
  ])
})

test.each([
  [
    'a bad resource',
    entry('POST', 'Task', { ...task('Patient/a'), status: 'soon' }),
    422,
    'Bundle.entry[1].resource.status',
  ],
  [
    'a stale version',
    entry('PUT', 'Task/t9', { ...task('Patient/a'), id: 't9' }, { ifMatch: 'W/"7"' }),
    412,
    'Task/t9',
  ],
  [
    'a condition that finds nothing',
    entry('POST', 'Task', task('Patient?identifier=urn:mrn|nobody')),
    400,
    'Bundle.entry[1].resource',
  ],
  ['a read of what is not there', entry('GET', 'Patient/nobody'), 404, 'Patient/nobody'],
  ['the same resource twice', entry('PUT', 'Patient/atomic', { ...patient, id: 'atomic' }), 400, 'Bundle.entry[1]'],
  ['a request without a method', { request: { url: 'Patient' } }, 400, 'Bundle.entry[1].request.method'],
])('a transaction with %s leaves nothing behind', async (_, broken, status, path) => {
  const reply = await call('POST', '/fhir', {
    body: bundle('transaction', [entry('PUT', 'Patient/atomic', { ...patient, id: 'atomic' }), broken]),
  })
  expect([reply.status, (reply.body as OperationOutcome).issue[0]?.expression]).toEqual([status, [path]])
  expect((await call('GET', '/fhir/Patient/atomic')).status).toBe(404)
})

test('in a batch each entry stands for itself', async () => {
  const reply = await call('POST', '/fhir', {
    body: bundle('batch', [
      entry('PUT', 'Patient/alone', { ...patient, id: 'alone' }),
      entry('POST', 'Task', { ...task('Patient/alone'), status: 'soon' }),
      entry('GET', 'Task?patient=Patient/nobody'),
    ]),
  })
  const answer = reply.body as Bundle
  expect(answer.entry?.map(({ response }) => response?.status)).toEqual(['201', '422', '200'])
  expect(answer.entry?.[1]?.response?.outcome?.issue[0]?.expression).toEqual(['Task.status'])
  expect((await call('GET', '/fhir/Patient/alone')).status).toBe(200)
})

test('the capability statement names every type and only searches that work', async () => {
  const statement = (await call('GET', '/fhir/metadata')).body as CapabilityStatement
  const observation = statement.rest?.[0]?.resource?.find(({ type }) => type === 'Observation')
  const names = observation?.searchParam?.map(({ name }) => name) ?? []
  expect(names).toContain('combo-code')
  expect(names).toContain('code-value-quantity')
  for (const name of names) {
    const reply = await call('GET', `/fhir/Observation?${name}:missing=true`)
    if (!name.startsWith('_')) expect([name, reply.status]).toEqual([name, 200])
  }
})

test('where the operator allows it, a conditional delete deletes all that match, over HTTP and in a transaction', async () => {
  const many = async (value: string) => {
    const ids = []
    for (let n = 0; n < 3; n += 1)
      ids.push((await created({ ...patient, identifier: [{ system: 'urn:many', value }] })).id)
    return ids
  }
  const allow = { conditionalDelete: 'multiple' } as const
  const gone = async (ids: (string | undefined)[]) =>
    Promise.all(ids.map(async (id) => (await call('GET', `/fhir/Patient/${id}`)).status))
  const first = await many('a')
  expect((await call('DELETE', '/fhir/Patient?identifier=urn:many|a', allow)).status).toBe(204)
  expect(await gone(first)).toEqual([410, 410, 410])
  const second = await many('b')
  const body = bundle('transaction', [entry('DELETE', 'Patient?identifier=urn:many|b')])
  expect((await call('POST', '/fhir', { body, ...allow })).status).toBe(200)
  expect(await gone(second)).toEqual([410, 410, 410])
})
