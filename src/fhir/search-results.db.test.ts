import type { Bundle, OperationOutcome, Patient, Resource } from '@medplum/fhirtypes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../testkit/database.ts'
import { type CallContext, movedClock, systemActor } from '../kernel/index.ts'
import { type Bind, createRecord, type RecordGuard, recordRoutes, type Visible } from './index.ts'

const clock = movedClock(Date.UTC(2026, 2, 1))
const record = createRecord({ clock })
let db: FreshDatabase
let context: CallContext
let hidden: string[] = []
let hiddenElements: Record<string, string[]> = {}
const visible: Visible = Object.assign(
  (type: string, alias: string, bind: Bind) =>
    `not (${bind(type, 'text')} || '/' || ${alias}.id = any (${bind(hidden, 'text[]')}))`,
  { hidden: (type: string) => hiddenElements[type] ?? [] },
)
const guard: RecordGuard = {
  sight: async () => {
    const hidden = (type: string) => hiddenElements[type] ?? []
    return { visible: () => Object.assign(visible, { hidden }), hidden }
  },
}

const reference = (to: string) => ({ reference: to })
const resources = [
  { resourceType: 'Organization', id: 'trust', name: 'Trust' },
  { resourceType: 'Organization', id: 'ward', name: 'Ward', partOf: reference('Organization/trust') },
  {
    resourceType: 'Patient',
    id: 'ana',
    meta: { tag: [{ system: 'urn:t', code: 'vip' }] },
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Ana</div>' },
    name: [{ family: 'Núñez', given: ['Ana'] }],
    birthDate: '1990-02-03',
    contact: [{ name: { family: 'Roy' } }],
    managingOrganization: reference('Organization/ward'),
  },
  { resourceType: 'Patient', id: 'bo', name: [{ family: 'Bo' }] },
  {
    resourceType: 'Observation',
    id: 'pulse',
    status: 'final',
    code: { text: 'Pulse' },
    subject: reference('Patient/ana'),
    note: [{ text: 'At rest' }],
  },
  {
    resourceType: 'Observation',
    id: 'weight',
    status: 'amended',
    code: { text: 'Weight' },
    subject: reference('Patient/ana'),
  },
  {
    resourceType: 'Provenance',
    id: 'who',
    target: [reference('Observation/pulse')],
    recorded: '2026-03-01T00:00:00Z',
    agent: [{ who: { display: 'Somebody' } }],
  },
  { resourceType: 'Questionnaire', id: 'form', url: 'http://forms.example/intake', status: 'active' },
  {
    resourceType: 'QuestionnaireResponse',
    id: 'filled',
    status: 'completed',
    questionnaire: 'http://forms.example/intake|2',
    subject: reference('Patient/ana'),
  },
  {
    resourceType: 'Location',
    id: 'clinic',
    name: 'Clinic',
    position: { latitude: 45.5019, longitude: -73.5674 },
  },
  { resourceType: 'Location', id: 'far', name: 'Far', position: { latitude: 46.8139, longitude: -71.208 } },
] as unknown as (Resource & { id: string })[]

beforeAll(async () => {
  db = await freshDatabase()
  context = { tenant: db.alpha, actor: systemActor, clock, requestId: 'test', locale: 'en' }
  await db.database.transaction(db.alpha, (tx) =>
    record.write(
      tx,
      context,
      resources.map((resource) => ({ interaction: 'update', resource })),
    ),
  )
})
afterAll(() => db.close())

async function call(url: string, headers: Record<string, string> = {}): Promise<{ status: number; body: Bundle }> {
  const path = url.replace(/\?.*$/, '')
  const type = /^\/fhir\/([A-Z]\w+)/.exec(path)?.[1]
  const wanted = type === undefined ? path : path.replace(type, ':type')
  const route = recordRoutes({ record, database: db.database, audit: async () => {}, guard, baseUrl: '' }).find(
    (one) => one.method === 'GET' && one.path === wanted,
  )
  const reply = await route?.handle(context, { params: { type }, query: {}, body: undefined, headers, url, ip: '' })
  return { status: reply?.status ?? 200, body: JSON.parse(String(reply?.body)) as Bundle }
}
const keys = ({ body }: { body: Bundle }, mode: string) =>
  (body.entry ?? [])
    .flatMap(({ resource, search }) => (search?.mode === mode ? [`${resource?.resourceType}/${resource?.id}`] : []))
    .sort()
const first = async (url: string) => (await call(url)).body.entry?.[0]?.resource as Patient & Record<string, unknown>

test('what a match refers to and what refers to it stand beside it, each once', async () => {
  const answer = await call('/fhir/Observation?_include=Observation:subject&_revinclude=Provenance:target')
  expect([keys(answer, 'match'), keys(answer, 'include'), answer.body.total]).toEqual([
    ['Observation/pulse', 'Observation/weight'],
    ['Patient/ana', 'Provenance/who'],
    2,
  ])
})

test('an include that iterates goes on from what it found, and one that does not stays', async () => {
  const steps = '_include=Observation:patient&_include:iterate=Patient:organization'
  expect(keys(await call(`/fhir/Observation?${steps}`), 'include')).toEqual(['Organization/ward', 'Patient/ana'])
  expect(keys(await call(`/fhir/Observation?${steps}&_include:iterate=Organization:partof`), 'include')).toEqual([
    'Organization/trust',
    'Organization/ward',
    'Patient/ana',
  ])
  expect(keys(await call('/fhir/Observation?_include=Patient:organization'), 'include')).toEqual([])
  const wide = await call(
    '/fhir/Patient?_id=ana&_revinclude=Observation:*&_revinclude:iterate=Provenance:target&_include=*',
  )
  expect(keys(wide, 'include')).toEqual([
    'Observation/pulse',
    'Observation/weight',
    'Organization/ward',
    'Provenance/who',
  ])
})

test('an include may name its target, and a canonical leads to the resource that has it', async () => {
  expect(keys(await call('/fhir/Observation?_include=Observation:subject:Group'), 'include')).toEqual([])
  expect(
    keys(await call('/fhir/QuestionnaireResponse?_include=QuestionnaireResponse:questionnaire'), 'include'),
  ).toEqual(['Questionnaire/form'])
})

test('what is hidden is not included, not counted, and leads nowhere', async () => {
  hidden = ['Patient/ana', 'Provenance/who']
  const answer = await call('/fhir/Observation?_include=Observation:subject&_revinclude=Provenance:target')
  expect(keys(answer, 'include')).toEqual([])
  expect(keys(await call('/fhir/Observation?patient.name=nunez'), 'match')).toEqual([])
  expect(keys(await call('/fhir/Observation?_has:Provenance:target:recorded=2026-03'), 'match')).toEqual([])
  expect((await call('/fhir/Patient?_summary=count')).body.total).toBe(1)
  hidden = []
})

test('nobody searches, sorts or includes by what they are not shown', async () => {
  hiddenElements = { Patient: ['birthDate', 'name.family', 'managingOrganization'], Observation: ['value'] }
  for (const query of [
    '/fhir/Patient?birthdate=1990',
    '/fhir/Patient?birthdate:missing=true',
    '/fhir/Patient?name=nunez',
    '/fhir/Patient?_sort=family',
    '/fhir/Patient?organization.name=ward',
    '/fhir/Observation?patient.family=nunez',
    '/fhir/Organization?_has:Patient:organization:gender=female',
    '/fhir/Patient?family=nunez&_summary=count',
  ])
    await expect(call(query)).rejects.toMatchObject({ code: 'search-parameter-hidden' })
  expect(keys(await call('/fhir/Patient?_id=ana&_include=Patient:organization'), 'include')).toEqual([])
  expect(keys(await call('/fhir/Patient?given=ana&_tag=vip'), 'match')).toEqual(['Patient/ana'])
  hiddenElements = {}
})

test('a summary holds the marked elements, those asked for, or none, and says that it is incomplete', async () => {
  const subsetted = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }
  const tag = [{ system: 'urn:t', code: 'vip' }, subsetted]
  const meta = { versionId: '1', lastUpdated: '2026-03-01T00:00:00.000Z', tag }
  const whole = { resourceType: 'Patient', id: 'ana', meta }
  const [name, birthDate] = [[{ family: 'Núñez', given: ['Ana'] }], '1990-02-03']
  const managingOrganization = reference('Organization/ward')
  expect(await first('/fhir/Patient?_id=ana&_summary=true')).toEqual({
    ...whole,
    name,
    birthDate,
    managingOrganization,
  })
  expect(await first('/fhir/Patient?_id=ana&_summary=text')).toEqual({ ...whole, text: (resources[2] as Patient).text })
  expect(await first('/fhir/Patient?_id=ana&_elements=birthDate,Patient.contact,Task.status')).toEqual({
    ...whole,
    birthDate,
    contact: [{ name: { family: 'Roy' } }],
  })
  expect(Object.keys(await first('/fhir/Patient?_id=ana&_summary=data'))).not.toContain('text')
  expect((await first('/fhir/Patient?_id=ana&_summary=false')).meta?.tag).toEqual([{ system: 'urn:t', code: 'vip' }])
  // What must be there stays, so that the rest is still an Observation.
  expect(Object.keys(await first('/fhir/Observation?_id=pulse&_elements=subject')).sort()).toEqual([
    'code',
    'id',
    'meta',
    'resourceType',
    'status',
    'subject',
  ])
  const counted = (await call('/fhir/Patient?_summary=count')).body
  expect([counted.total, counted.entry]).toEqual([2, undefined])
})

test('the total is told when it is asked for or known, and not when it is unwanted', async () => {
  expect((await call('/fhir/Observation?_count=1')).body.total).toBeUndefined()
  expect((await call('/fhir/Observation?_count=1&_total=accurate')).body.total).toBe(2)
  expect((await call('/fhir/Observation?_count=1&_total=estimate')).body.total).toBe(2)
  expect((await call('/fhir/Observation?_total=none')).body.total).toBeUndefined()
})

test('a search over several types pages through them in one order', async () => {
  const seen: string[] = []
  for (let url: string | undefined = '/fhir?_type=Patient,Observation&_sort=-_id&_count=1'; url !== undefined; ) {
    const page: { body: Bundle } = await call(url)
    seen.push(...keys(page, 'match'))
    const next: string | undefined = page.body.link?.find(({ relation }) => relation === 'next')?.url
    url = next === undefined ? undefined : `/fhir${next}`
  }
  expect(seen).toEqual(['Patient/bo', 'Patient/ana', 'Observation/weight', 'Observation/pulse'])
  const tagged = await call('/fhir?_tag=urn:t|vip&_total=accurate')
  expect([keys(tagged, 'match'), tagged.body.total]).toEqual([['Patient/ana'], 1])
  const all = await call('/fhir?_lastUpdated=ge2026&_sort=_lastUpdated&_count=4')
  expect(keys(all, 'match').length).toBe(4)
})

test('what only some of the types can be searched by is named, and refused when the caller is strict', async () => {
  const answer = await call('/fhir?_type=Patient,Observation&birthdate=1990-02-03')
  const told = answer.body.entry?.find(({ search }) => search?.mode === 'outcome')?.resource as OperationOutcome
  expect(told.issue.map(({ expression }) => expression)).toEqual([['birthdate']])
  await expect(
    call('/fhir?_type=Patient,Observation&birthdate=1990-02-03', { prefer: 'handling=strict' }),
  ).rejects.toMatchObject({ code: 'search-parameter-unknown' })
})

test('places are found by their distance', async () => {
  expect(keys(await call('/fhir/Location?near=45.5088|-73.5540|2|km'), 'match')).toEqual(['Location/clinic'])
  expect(keys(await call('/fhir/Location?near=45.5088|-73.5540|300|km'), 'match')).toEqual([
    'Location/clinic',
    'Location/far',
  ])
  expect(keys(await call('/fhir/Location?near=45.5088|-73.5540|1|m'), 'match')).toEqual([])
})

test('the plan of a search is shown to an operator, and names its indexes', async () => {
  const routes = recordRoutes({ record, database: db.database, audit: async () => {} })
  expect(routes.find(({ path }) => path === '/fhir/:type/$explain')?.access).toEqual({ permission: 'jobs.manage' })
  const { body } = await call('/fhir/Observation/$explain?patient=ana&_total=accurate')
  const parts = (body as unknown as { parameter: { part: { name: string; valueString: string }[] }[] }).parameter
  expect(parts.map(({ part }) => part.map(({ name }) => name))).toEqual([
    ['sql', 'plan'],
    ['sql', 'plan'],
  ])
  expect(parts[0]?.part[1]?.valueString).toContain('Scan')
})

test.each([
  ['/fhir/Patient?_text=smoker', 'search-parameter-unsupported', '_text'],
  ['/fhir/Patient?_content=smoker', 'search-parameter-unsupported', '_content'],
  ['/fhir/Patient?_filter=name eq x', 'search-parameter-unsupported', '_filter'],
  ['/fhir/Patient?birthdate:exact=1990', 'search-parameter-unsupported', 'birthdate:exact'],
  ['/fhir/Patient?gender:in=urn:set', 'search-parameter-unsupported', 'gender:in'],
  ['/fhir/Patient?_list=$current-problems', 'search-parameter-unsupported', '_list'],
  ['/fhir/Patient?_summary=some', 'search-value-invalid', '_summary'],
  ['/fhir/Patient?_total=all', 'search-value-invalid', '_total'],
  ['/fhir/Patient?_elements=name.family', 'search-value-invalid', '_elements'],
  ['/fhir/Patient?_include=Observation', 'search-value-invalid', '_include'],
  ['/fhir/Patient?_revinclude=*', 'search-parameter-unsupported', '_revinclude'],
  ['/fhir/Patient?_include:always=Patient:organization', 'search-parameter-unsupported', '_include:always'],
  ['/fhir/Patient?_has:Observation:code=1', 'search-value-invalid', '_has:Observation:code'],
  ['/fhir/Patient?_has:Observation:device:code=1', 'search-value-invalid', '_has:Observation:device:code'],
  ['/fhir/Observation?subject:Task.status=draft', 'search-value-invalid', 'subject:Task.status'],
  ['/fhir/Task?focus.status=active', 'search-parameter-unsupported', 'focus.status'],
  ['/fhir/Observation?value-quantity=much', 'search-value-invalid', 'value-quantity'],
  ['/fhir/Observation?code-value-quantity=1', 'search-value-invalid', 'code-value-quantity'],
  ['/fhir/Location?near=95|0', 'search-value-invalid', 'near'],
  ['/fhir/Patient?identifier:of-type=MR', 'search-value-invalid', 'identifier:of-type'],
  ['/fhir?_type=Patience', 'resource-type-unknown', 'resourceType'],
])('%s is refused as %s at %s', async (url, code, path) => {
  await expect(call(url)).rejects.toMatchObject({ code, faults: [{ path }] })
})
