import { gunzipSync } from 'node:zlib'
import type { Group, Observation, OperationOutcome, Patient, Resource } from '@medplum/fhirtypes'
import { beforeAll, expect, test } from 'vitest'
import { useDoor } from '../../../testkit/door.ts'
import { useHouse } from '../../../testkit/house.ts'
import type { Tx } from '../../db/index.ts'
import { createJobWorker } from '../../jobs/index.ts'
import type { RecordGuard } from '../guard.ts'
import type { ResourceWrite } from '../record.ts'
import type { FlowDeps } from '../subscriptions/seam.ts'
import { createExportHandler } from './run-export.ts'

const house = useHouse()
const door = useDoor(house)

interface Manifest {
  transactionTime: string
  request: string
  requiresAccessToken: boolean
  output: { type: string; url: string; count: number }[]
  deleted: { type: string; url: string; count: number }[]
  error: unknown[]
}

const write = (writes: ResourceWrite[]) =>
  house.database.transaction(house.alpha, (tx: Tx) => house.record.write(tx, house.context, writes))
const create = (resources: Resource[]) => write(resources.map((resource) => ({ interaction: 'create', resource })))
const update = (resource: Resource & { id: string }) => write([{ interaction: 'update', resource }])

const patient = (id: string, family = 'Tremblay'): Patient & { id: string } => ({
  resourceType: 'Patient',
  id,
  name: [{ family }],
})
const observation = (id: string, of: string, more: Partial<Observation> = {}): Observation & { id: string } => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
  subject: { reference: `Patient/${of}` },
  ...more,
})

beforeAll(async () => {
  await create([
    ...Array.from({ length: 5 }, (_, n) => patient(`p${n}`)),
    ...Array.from({ length: 1_200 }, (_, n) =>
      observation(`o${String(n).padStart(4, '0')}`, `p${n % 5}`, n % 3 === 0 ? { status: 'amended' } : {}),
    ),
    { resourceType: 'Practitioner', id: 'dr' },
    {
      resourceType: 'Group',
      id: 'panel',
      type: 'person',
      actual: true,
      member: [
        { entity: { reference: 'Patient/p1' } },
        { entity: { reference: 'Patient/p3' } },
        { entity: { reference: 'Patient/p4' }, inactive: true },
      ],
    } satisfies Group,
    // Of two patients of the group: it must be there once.
    observation('shared', 'p1', { performer: [{ reference: 'Patient/p3' }] }),
  ])
  house.clock.advance(1_000)
})

const async_ = { prefer: 'respond-async' }
const pathOf = (url: string) => url.replace('http://localhost', '')

async function kickOff(path: string, headers: Record<string, string> = async_): Promise<string> {
  const answer = await door.fhir('GET', `/fhir/${path}`, undefined, headers)
  expect(answer).toMatchObject({ status: 202 })
  return pathOf(String(answer.headers['content-location']))
}

/** Works until a transfer has ended; the first page waits for writers that were at work, those of other tests too. */
async function finish(status: string, work: () => Promise<unknown>): Promise<void> {
  const id = status.split('/').at(-1)
  const running = () =>
    house.db.asSuperuser(`select from throughline.fhir_transfer where id = $1 and status = 'running'`, [id])
  while ((await running()).length > 0) {
    await work()
    house.clock.advance(1_000)
  }
}

async function settle(status: string): Promise<Manifest> {
  for (;;) {
    await house.settle()
    const answer = await door.fhir('GET', status)
    if (answer.status !== 202) return answer.body as unknown as Manifest
    expect(answer.headers['retry-after']).toBe('2')
    house.clock.advance(200)
  }
}

async function lines(manifest: Manifest, list: 'output' | 'deleted' = 'output'): Promise<Map<string, Resource[]>> {
  const found = new Map<string, Resource[]>()
  for (const { type, url, count } of manifest[list]) {
    const answer = await door.app.inject({
      method: 'GET',
      url: pathOf(url),
      headers: { authorization: `Bearer ${door.token}` },
    })
    expect(answer.headers['content-type']).toBe('application/fhir+ndjson')
    const each = answer.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Resource)
    expect(each.length).toBe(count)
    found.set(type, [...(found.get(type) ?? []), ...each])
  }
  return found
}
const exported = async (path: string) => lines(await settle(await kickOff(path)))
const ids = (resources: Resource[] | undefined) => (resources ?? []).map(({ id }) => id ?? '').toSorted()
const stored = async (type: string) =>
  house.db.asSuperuser<{ content: string }>(
    `select content from throughline.fhir_resource where tenant_id = 'alpha' and type = $1 and content is not null order by id`,
    [type],
  )

test('the whole record leaves once, as it is stored, with a manifest that counts it', async () => {
  const status = await kickOff('$export')
  const waiting = await door.fhir('GET', status)
  expect(waiting.status).toBe(202)
  const manifest = await settle(status)
  expect(manifest).toMatchObject({
    transactionTime: '2026-03-02T14:00:01.000Z',
    request: 'http://localhost/fhir/$export',
    requiresAccessToken: true,
    deleted: [],
    error: [],
  })
  const all = await lines(manifest)
  expect([...all.keys()].toSorted()).toEqual(['Group', 'Observation', 'Patient', 'Practitioner'])
  for (const [type, resources] of all)
    expect(resources).toEqual((await stored(type)).map(({ content }) => JSON.parse(content) as Resource))
  await door.fhir('DELETE', status)
})

test('a resource that changes while it is exported leaves as it was when it was asked for', async () => {
  const status = await kickOff('$export?_type=Patient,Practitioner')
  house.clock.advance(1_000)
  await update(patient('p0', 'Gagnon'))
  await create([patient('p9')])
  await write([{ interaction: 'delete', resourceType: 'Practitioner', id: 'dr' }])
  const all = await lines(await settle(status))
  expect(ids(all.get('Patient'))).toEqual(['p0', 'p1', 'p2', 'p3', 'p4'])
  expect(all.get('Patient')?.[0]).toMatchObject({ name: [{ family: 'Tremblay' }] })
  expect(ids(all.get('Practitioner'))).toEqual(['dr'])
})

test('since a moment, only what was written after it leaves, and what was deleted is told', async () => {
  const since = new Date(house.clock.now()).toISOString()
  house.clock.advance(1_000)
  await update(patient('p1', 'Roy'))
  await write([{ interaction: 'delete', resourceType: 'Patient', id: 'p9' }])
  house.clock.advance(1_000)
  const manifest = await settle(await kickOff(`$export?_since=${since}`))
  expect(ids((await lines(manifest)).get('Patient'))).toEqual(['p1'])
  expect((await lines(manifest, 'deleted')).get('Bundle')).toEqual([
    {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ request: { method: 'DELETE', url: 'Patient/p9' } }],
    },
  ])
})

test('a type is filtered by any of several searches, and no resource leaves twice', async () => {
  const filter = (query: string) => `_typeFilter=${encodeURIComponent(`Observation?${query}`)}`
  const all = await exported(`$export?_type=Observation&${filter('status=amended')}&${filter('patient=p1')}`)
  const wanted = (await stored('Observation'))
    .map(({ content }) => JSON.parse(content) as Observation)
    .filter(({ status, subject }) => status === 'amended' || subject?.reference === 'Patient/p1')
  expect(ids(all.get('Observation'))).toEqual(ids(wanted))
})

test('the records of a group are those of its active members, what is of two of them once', async () => {
  const all = await exported('Group/panel/$export')
  expect(ids(all.get('Patient'))).toEqual(['p1', 'p3'])
  const wanted = (await stored('Observation'))
    .map(({ content }) => JSON.parse(content) as Observation)
    .filter(({ subject }) => ['Patient/p1', 'Patient/p3'].includes(subject?.reference ?? ''))
  expect(ids(all.get('Observation'))).toEqual(ids(wanted))
  expect(all.has('Practitioner')).toBe(false)
  expect(ids((await exported('Patient/$export?_type=Patient,Observation')).get('Observation')).length).toBe(1_201)
  const post = await door.fhir(
    'POST',
    '/fhir/Patient/$export',
    {
      resourceType: 'Parameters',
      parameter: [
        { name: 'patient', valueReference: { reference: 'Patient/p2' } },
        { name: '_type', valueString: 'Patient' },
      ],
    },
    async_,
  )
  const one = await lines(await settle(pathOf(String(post.headers['content-location']))))
  expect(ids(one.get('Patient'))).toEqual(['p2'])
})

test('only the elements asked for leave, marked as incomplete', async () => {
  const all = await exported('$export?_type=Observation&_elements=code')
  expect(all.get('Observation')?.[0]).toEqual({
    resourceType: 'Observation',
    id: 'o0000',
    meta: expect.objectContaining({ tag: [expect.objectContaining({ code: 'SUBSETTED' })] }),
    status: 'amended',
    code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
  })
})

test('an export and its files are for whoever asked for it, until it is taken away or has been kept for a day', async () => {
  const status = await kickOff('$export?_type=Patient')
  const manifest = await settle(status)
  const url = pathOf(manifest.output[0]?.url ?? '')
  const lead = await door.signIn('lead@alpha.example')
  expect((await door.call(lead, 'GET', status)).status).toBe(404)
  expect((await door.call(lead, 'GET', url)).status).toBe(404)
  expect((await door.app.inject({ method: 'GET', url })).statusCode).toBe(401)
  const packed = await door.app.inject({
    method: 'GET',
    url,
    headers: { authorization: `Bearer ${door.token}`, 'accept-encoding': 'gzip' },
  })
  expect(packed.headers['content-encoding']).toBe('gzip')
  expect(gunzipSync(packed.rawPayload).toString().split('\n').length - 1).toBe(manifest.output[0]?.count)
  const listed = (await door.call(lead, 'GET', '/api/transfers')).body['items'] as { id: string }[]
  expect(listed.find(({ id }) => status.endsWith(id))).toMatchObject({ kind: 'export', status: 'done', done: 5 })
  expect((await door.fhir('DELETE', status)).status).toBe(202)
  expect((await door.fhir('GET', status)).status).toBe(404)
  expect((await door.fhir('GET', url)).status).toBe(404)
  await settle(await kickOff('$export?_type=Patient'))
  house.clock.advance(25 * 3_600_000)
  await house.settle()
  expect(await house.db.asSuperuser('select from throughline.fhir_transfer_part')).toEqual([])
})

test('a right that is taken away while an export runs holds from its next page on', async () => {
  await create(Array.from({ length: 1_500 }, (_, n) => observation(`z${String(n).padStart(4, '0')}`, 'p0')))
  house.clock.advance(1_000)
  const status = await kickOff('$export?_type=Observation')
  let pages = 0
  // As if the consent for everything were withdrawn after the first pages.
  const guard: RecordGuard = {
    sight: async () => {
      pages += 1
      return { visible: () => () => (pages > 2 ? 'false' : 'true'), hidden: () => ['code'] }
    },
  }
  const worker = createJobWorker({
    database: house.database,
    clock: house.clock,
    log: house.log,
    handlers: [createExportHandler({ ...house.flows, guard })],
  })
  await finish(status, () => worker.drain(house.alpha))
  const all = (await lines(await settle(status))).get('Observation') ?? []
  expect(all.length).toBe(2_000)
  // What this owner is not shown does not leave either.
  expect(all.some((one) => 'code' in one)).toBe(false)
  await door.fhir('DELETE', status)
})

test('a consent that is withdrawn while an export runs stops what is that patient’s', async () => {
  const status = await kickOff('$export?_type=Observation')
  let runs = 0
  // The patient withdraws between two strides of the export.
  const actorNow: FlowDeps['actorNow'] = async (tx, asker) => {
    runs += 1
    if (runs === 3)
      await create([
        {
          resourceType: 'Consent',
          id: 'withdrawn',
          status: 'active',
          scope: {
            coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
          },
          category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
          patient: { reference: 'Patient/p0' },
          dateTime: new Date(house.clock.now()).toISOString(),
          policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
          provision: { type: 'deny' },
        },
      ])
    return house.flows.actorNow(tx, asker)
  }
  const worker = createJobWorker({
    database: house.database,
    clock: house.clock,
    log: house.log,
    handlers: [createExportHandler({ ...house.flows, actorNow })],
  })
  await finish(status, () => worker.drain(house.alpha))
  const all = (await lines(await settle(status))).get('Observation') as Observation[]
  const late = all.filter(({ id = '' }) => id.startsWith('z'))
  // 1,201 observations come before those that begin with z, all of them of this patient; 2,000 are one stride.
  expect(late.length).toBe(799)
  await door.fhir('DELETE', status)
  const again = (await exported('$export?_type=Observation')).get('Observation') as Observation[]
  expect(again.filter(({ subject }) => subject?.reference === 'Patient/p0')).toEqual([])
  expect(again.length).toBe(961)
})

test('what cannot be exported as asked is refused with its place', async () => {
  const refused = async (path: string, headers: Record<string, string> = async_) => {
    const { status, body } = await door.fhir('GET', `/fhir/${path}`, undefined, headers)
    return [status, (body as unknown as OperationOutcome).issue.map(({ expression }) => expression?.[0])]
  }
  expect(await refused('$export', {})).toEqual([400, ['headers.prefer']])
  expect(await refused('$export?_type=Colour')).toEqual([400, ['_type']])
  expect(await refused('$export?_since=yesterday')).toEqual([400, ['_since']])
  expect(await refused('$export?_outputFormat=text/csv')).toEqual([400, ['_outputFormat']])
  expect(await refused('$export?_typeFilter=Observation%3Fcolour%3Dred')).toEqual([400, ['_typeFilter']])
  expect(await refused('$export?includeAssociatedData=LatestProvenanceResources')).toEqual([
    400,
    ['includeAssociatedData'],
  ])
  expect(await refused('$export?patient=Patient/p1')).toEqual([400, ['patient']])
  expect(await refused('Group/none/$export')).toEqual([404, ['Group/none']])
  const lenient = await kickOff('$export?_type=Patient&organizeOutputBy=Patient', {
    prefer: 'respond-async, handling=lenient',
  })
  await door.fhir('DELETE', lenient)
  const nurse = await door.signIn('nurse@alpha.example')
  expect((await door.call(nurse, 'GET', '/fhir/$export')).status).toBe(403)
})

test('a client has two exports under way at most, and one that lost its right to export gets no further page', async () => {
  await house.settle()
  const [first, second] = [await kickOff('$export'), await kickOff('$export')]
  expect((await door.fhir('GET', '/fhir/$export', undefined, async_)).status).toBe(429)
  await door.fhir('DELETE', second)
  await house.db.asSuperuser(`update throughline.api_token set roles = '{}'`)
  await finish(first, house.settle)
  await house.db.asSuperuser(`update throughline.api_token set roles = '{client-write}'`)
  expect((await door.fhir('GET', first)).status).toBe(500)
  const parts = 'select from throughline.fhir_transfer_part where transfer = $1'
  expect(await house.db.asSuperuser(parts, [first.split('/').at(-1)])).toEqual([])
})
