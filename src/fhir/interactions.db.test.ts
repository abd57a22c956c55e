import type { Bundle, BundleEntry, OperationOutcome, Parameters, Patient, Resource } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'

const house = useHouse()
const door = useDoor(house)

/** Calls as a FHIR client does; the text of the answer stays at hand, for what JSON.parse would hide. */
async function call(method: string, url: string, body?: unknown, headers: Record<string, string> = {}) {
  const payload = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body)
  const answer = await door.app.inject({
    method: method as 'GET',
    url: `/fhir/${url}`,
    headers: {
      authorization: `Bearer ${door.token}`,
      ...(payload === undefined ? {} : { 'content-type': 'application/fhir+json' }),
      ...headers,
    },
    ...(payload === undefined ? {} : { payload }),
  })
  const text = answer.body
  return { status: answer.statusCode, text, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) }
}
const stored = async (resource: { resourceType: string; id: string; [element: string]: unknown }) => {
  const { body } = await call('PUT', `${resource.resourceType}/${resource.id}`, resource)
  return body as Resource & { id: string }
}
const said = ({ status, body }: { status: number; body: OperationOutcome }) => [
  status,
  body.issue[0]?.details?.coding?.[0]?.code,
  body.issue[0]?.expression?.[0],
]
const patch = (url: string, operations: unknown, headers: Record<string, string> = {}) =>
  call('PATCH', url, operations, { 'content-type': 'application/json-patch+json', ...headers })
const fhirPath = (...operations: Record<string, unknown>[]): Parameters => ({
  resourceType: 'Parameters',
  parameter: operations.map((parts) => ({
    name: 'operation',
    part: Object.entries(parts).map(([name, value]) => ({
      name,
      ...(name === 'value'
        ? (value as object)
        : typeof value === 'number'
          ? { valueInteger: value }
          : name === 'type'
            ? { valueCode: String(value) }
            : { valueString: String(value) }),
    })),
  })),
})
const mrn = (value: string) => [{ system: 'urn:mrn', value }]
const entry = (method: string, url: string, resource?: object, more: object = {}): BundleEntry =>
  ({ request: { method, url, ...more }, ...(resource ? { resource } : {}) }) as BundleEntry
const bundle = (type: string, ...entries: object[]) =>
  call('POST', '', { resourceType: 'Bundle', type, entry: entries })

test('a JSON Patch changes what it names and nothing else, as one version', async () => {
  await stored({ resourceType: 'Patient', id: 'p', name: [{ family: 'Roy', given: ['Ana', 'B'] }], active: true })
  const done = await patch('Patient/p', [
    { op: 'test', path: '/name/0/family', value: 'Roy' },
    { op: 'replace', path: '/active', value: false },
    { op: 'add', path: '/name/0/given/-', value: 'C' },
    { op: 'remove', path: '/name/0/given/1' },
    { op: 'add', path: '/birthDate', value: '1980-02-03' },
    { op: 'copy', from: '/name/0', path: '/name/1' },
    { op: 'move', from: '/name/1/family', path: '/name/1/text' },
  ])
  expect([done.status, done.headers['etag']]).toEqual([200, 'W/"2"'])
  expect(done.body).toEqual({
    resourceType: 'Patient',
    id: 'p',
    active: false,
    birthDate: '1980-02-03',
    name: [
      { family: 'Roy', given: ['Ana', 'C'] },
      { given: ['Ana', 'C'], text: 'Roy' },
    ],
    meta: expect.objectContaining({ versionId: '2' }),
  })
})

test.each([
  [{ op: 'add', path: '/name/x/family', value: 'X' }, [422, 'patch-failed', '[0].path']],
  [{ op: 'remove', path: '/nothing' }, [422, 'patch-failed', '[0].path']],
  [{ op: 'test', path: '/active', value: true }, [422, 'patch-failed', '[0].path']],
  [{ op: 'replace', path: '/id', value: 'other' }, [422, 'patch-failed', 'id']],
  [{ op: 'replace', path: '/active', value: 'yes' }, [422, 'value', 'Patient.active']],
  [{ op: 'add', path: 'active', value: true }, [400, 'patch-invalid', '[0].path']],
  [{ op: 'increase', path: '/active' }, [400, 'patch-invalid', '[0].op']],
  [{ op: 'add', path: '/active' }, [400, 'patch-invalid', '[0].value']],
  [{ op: 'move', from: '/name', path: '/name/0/x' }, [422, 'patch-failed', '[0].path']],
  [{ op: 'add', path: '/__proto__/polluted', value: 1 }, [422, 'patch-failed', '[0].path']],
])('a JSON Patch that cannot be carried out is refused whole: %j', async (operation, refused) => {
  await stored({ resourceType: 'Patient', id: 'p2', active: false, name: [{ family: 'X' }] })
  const before = (await call('GET', 'Patient/p2')).text
  expect(said(await patch('Patient/p2', [operation]))).toEqual(refused)
  expect(said(await patch('Patient/p2', [{ op: 'add', path: '/gender', value: 'female' }, operation]))[0]).toBe(
    refused[0],
  )
  expect((await call('GET', 'Patient/p2')).text).toBe(before)
})

test('a FHIRPath Patch adds, inserts, replaces, moves and deletes', async () => {
  await stored({
    resourceType: 'Patient',
    id: 'fp',
    identifier: mrn('1'),
    name: [{ given: ['A', 'B', 'C'] }],
    telecom: [
      { system: 'phone', value: '1' },
      { system: 'email', value: 'a@b.example' },
    ],
    deceasedBoolean: false,
  })
  const done = await call(
    'PATCH',
    'Patient/fp',
    fhirPath(
      { type: 'add', path: 'Patient', name: 'birthDate', value: { valueDate: '1980-02-03' } },
      {
        type: 'add',
        path: 'Patient',
        name: 'contact',
        value: { part: [{ name: 'name', valueHumanName: { text: 'Eve' } }] },
      },
      { type: 'replace', path: `Patient.telecom.where(system = 'email').value`, value: { valueString: 'c@d.example' } },
      { type: 'replace', path: 'Patient.deceased', value: { valueDateTime: '2026-01-02' } },
      { type: 'insert', path: 'Patient.name[0].given', index: 1, value: { valueString: 'Z' } },
      { type: 'move', path: 'Patient.name.given', source: 3, destination: 0 },
      { type: 'delete', path: `Patient.telecom.where(system = 'phone')` },
      { type: 'delete', path: 'Patient.gender' },
    ),
  )
  expect([done.status, done.body]).toEqual([
    200,
    {
      resourceType: 'Patient',
      id: 'fp',
      identifier: mrn('1'),
      name: [{ given: ['C', 'A', 'Z', 'B'] }],
      telecom: [{ system: 'email', value: 'c@d.example' }],
      deceasedDateTime: '2026-01-02',
      birthDate: '1980-02-03',
      contact: [{ name: { text: 'Eve' } }],
      meta: expect.objectContaining({ versionId: '2' }),
    },
  ])
})

test.each([
  [{ type: 'add', path: 'Patient', name: 'nothing', value: { valueString: 'x' } }, 'patch-invalid'],
  [{ type: 'add', path: 'Patient', name: 'active', value: { valueBoolean: true } }, 'patch-failed'],
  [{ type: 'replace', path: 'Patient.birthDate', value: { valueDate: '2000' } }, 'patch-failed'],
  [{ type: 'replace', path: 'Patient.name.given', value: { valueString: 'x' } }, 'patch-failed'],
  [{ type: 'insert', path: 'Patient.name', index: 9, value: { valueHumanName: { text: 'x' } } }, 'patch-failed'],
  [{ type: 'delete', path: 'Patient.name.resolve()' }, 'patch-invalid'],
  [{ type: 'delete', path: 'Patient.name[' }, 'patch-invalid'],
  [{ type: 'delete', path: "Patient.name.where(text.matches('(a+)+b'))" }, 'patch-invalid'],
  [{ type: 'twist', path: 'Patient.name' }, 'patch-invalid'],
])('a FHIRPath Patch that cannot be carried out is refused: %j', async (operation, code) => {
  await stored({ resourceType: 'Patient', id: 'fp2', active: true, name: [{ given: ['A', 'B'] }] })
  const answer = await call('PATCH', 'Patient/fp2', fhirPath(operation))
  expect(said(answer)[1]).toBe(code)
  expect((await call('GET', 'Patient/fp2')).headers['etag']).toMatch(/^W\/"\d+"$/)
  expect((await call('GET', 'Patient/fp2')).body.name).toEqual([{ given: ['A', 'B'] }])
})

test('a patch of a version that is no longer the newest is refused', async () => {
  await stored({ resourceType: 'Patient', id: 'stale', active: true })
  await stored({ resourceType: 'Patient', id: 'stale', active: false })
  const answer = await patch('Patient/stale', [{ op: 'remove', path: '/active' }], { 'if-match': 'W/"1"' })
  expect(said(answer).slice(0, 2)).toEqual([412, 'version-stale'])
  expect(said(await patch('Patient/none', []))).toEqual([404, 'resource-not-found', 'Patient/none'])
})

test('a measured 1.50 stays 1.50 through a write, a patch of something else, a search and a history', async () => {
  const text = `{"resourceType":"Observation","id":"exact","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50,"unit":"mg"},"referenceRange":[{"low":{"value":0.10}}]}`
  const made = await call('PUT', 'Observation/exact', text)
  expect(made.text).toContain('"value":1.50')
  await patch('Observation/exact', [{ op: 'add', path: '/note', value: [{ text: 'seen' }] }])
  await call('PATCH', 'Observation/exact', fhirPath({ type: 'delete', path: 'Observation.note' }))
  await patch('Observation/exact', `[{"op":"replace","path":"/referenceRange/0/low/value","value":0.200}]`)
  for (const url of [
    'Observation/exact',
    'Observation?_id=exact',
    'Observation/exact/_history',
    'Observation/exact?_pretty=true',
  ])
    expect((await call('GET', url)).text).toMatch(/"value": ?1\.50,[^]*0\.200/)
  const request = '{"method":"PUT","url":"Observation/exact"}'
  const whole = await call(
    'POST',
    '',
    `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":${text},"request":${request}}]}`,
  )
  expect(whole.status).toBe(200)
  expect((await call('GET', 'Observation/exact')).text).toContain('"low":{"value":0.10}')
})

test('a conditional read answers 304 to whoever has it already', async () => {
  await stored({ resourceType: 'Patient', id: 'cond', active: true })
  const { headers } = await call('GET', 'Patient/cond')
  const given = async (more: Record<string, string>) => (await call('GET', 'Patient/cond', undefined, more)).status
  expect(await given({ 'if-none-match': String(headers['etag']) })).toBe(304)
  expect(await given({ 'if-none-match': 'W/"9"' })).toBe(200)
  expect(await given({ 'if-modified-since': String(headers['last-modified']) })).toBe(304)
  expect(await given({ 'if-modified-since': 'Mon, 02 Mar 2020 00:00:00 GMT' })).toBe(200)
  expect(await given({ 'if-modified-since': 'yesterday' })).toBe(200)
})

test('a conditional update creates, then updates the one match, and refuses two', async () => {
  const one = { resourceType: 'Patient', identifier: mrn('cu') }
  const first = await call('PUT', 'Patient?identifier=urn:mrn|cu', one)
  expect(first.status).toBe(201)
  const second = await call('PUT', 'Patient?identifier=urn:mrn|cu', { ...one, active: true })
  expect([second.status, second.body.id, second.body.active]).toEqual([200, first.body.id, true])
  expect(said(await call('PUT', 'Patient?identifier=urn:mrn|cu', { ...one, id: 'another' })).slice(0, 2)).toEqual([
    400,
    'resource-id-wrong',
  ])
  expect((await call('PUT', 'Patient?identifier=urn:mrn|cu-new', { ...one, id: 'own-id' })).body.id).toBe('own-id')
  await call('POST', 'Patient', one)
  expect(said(await call('PUT', 'Patient?identifier=urn:mrn|cu', one)).slice(0, 2)).toEqual([412, 'match-ambiguous'])
  expect(said(await call('PUT', 'Patient', one)).slice(0, 2)).toEqual([400, 'search-value-invalid'])
  expect(said(await call('PUT', 'Patient?shoe=44', one)).slice(0, 2)).toEqual([400, 'search-parameter-unknown'])
})

test('a conditional patch changes the one match', async () => {
  await stored({ resourceType: 'Patient', id: 'cp', identifier: mrn('cp') })
  const change = [{ op: 'add', path: '/gender', value: 'female' }]
  expect((await patch('Patient?identifier=urn:mrn|cp', change)).body).toMatchObject({ id: 'cp', gender: 'female' })
  expect(said(await patch('Patient?identifier=urn:mrn|nobody', change)).slice(0, 2)).toEqual([404, 'not-matched'])
})

test('a conditional delete deletes one, and several only where the operator allows it', async () => {
  for (const id of ['cd1', 'cd2']) await stored({ resourceType: 'Patient', id, identifier: mrn('cd') })
  expect(said(await call('DELETE', 'Patient?identifier=urn:mrn|cd')).slice(0, 2)).toEqual([412, 'match-ambiguous'])
  await call('DELETE', 'Patient/cd1')
  expect((await call('DELETE', 'Patient?identifier=urn:mrn|cd')).status).toBe(204)
  expect((await call('GET', 'Patient/cd2')).status).toBe(410)
  expect((await call('DELETE', 'Patient?identifier=urn:mrn|cd')).status).toBe(204)
})

test('a transaction resolves urn, relative, absolute and conditional references, also to what it brings itself', async () => {
  await stored({ resourceType: 'Organization', id: 'known', identifier: mrn('org'), name: 'Known' })
  const urn = 'urn:uuid:6c2b1f3e-0000-4000-8000-000000000001'
  const answer = await bundle(
    'transaction',
    {
      fullUrl: urn,
      ...entry('POST', 'Patient', {
        resourceType: 'Patient',
        identifier: [...mrn('bundle-1'), { system: 'urn:ietf:rfc:3986', value: urn }],
        managingOrganization: { reference: 'Organization?identifier=urn:mrn|org' },
        text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${urn}">x</a></div>` },
      }),
    },
    {
      fullUrl: 'https://old.example/fhir/Practitioner/7',
      ...entry('POST', 'Practitioner', { resourceType: 'Practitioner' }),
    },
    {
      fullUrl: 'https://old.example/fhir/ServiceRequest/8',
      ...entry('POST', 'ServiceRequest', {
        resourceType: 'ServiceRequest',
        status: 'active',
        intent: 'order',
        subject: { reference: urn },
        requester: { reference: 'Practitioner/7' },
        performer: [{ reference: 'http://localhost/fhir/Organization/known' }, { reference: 'Organization/other' }],
        insurance: [{ reference: 'Patient?identifier=urn:mrn|bundle-1' }],
        instantiatesUri: [urn],
      }),
    },
    entry('GET', 'Patient?identifier=urn:mrn|bundle-1'),
  )
  expect(answer.status).toBe(200)
  const ids = (answer.body as Bundle).entry?.map(({ response }) => response?.location?.split('/').at(-3)) ?? []
  const [patient, practitioner, request] = ids
  expect((await call('GET', `ServiceRequest/${request}`)).body).toMatchObject({
    subject: { reference: `Patient/${patient}` },
    requester: { reference: `Practitioner/${practitioner}` },
    performer: [{ reference: 'Organization/known' }, { reference: 'Organization/other' }],
    insurance: [{ reference: `Patient/${patient}` }],
    instantiatesUri: [`Patient/${patient}`],
  })
  const made = (await call('GET', `Patient/${patient}`)).body as Patient
  expect(made.managingOrganization?.reference).toBe('Organization/known')
  expect(made.text?.div).toContain(`href="Patient/${patient}"`)
  // A text that looks the same but is no link stays.
  expect(made.identifier?.[1]?.value).toBe(urn)
  expect((answer.body as Bundle).entry?.[3]?.resource).toMatchObject({ type: 'searchset', total: 1 })
})

test('a transaction deletes, creates, updates and patches in this order, whatever the order of its entries', async () => {
  await stored({ resourceType: 'Patient', id: 'old', identifier: mrn('reborn'), active: true })
  await stored({ resourceType: 'Patient', id: 'patched', identifier: mrn('to-patch') })
  const answer = await bundle(
    'transaction',
    entry('GET', 'Patient/patched'),
    entry('PATCH', 'Patient?identifier=urn:mrn|to-patch', {
      resourceType: 'Binary',
      contentType: 'application/json-patch+json',
      data: Buffer.from('[{"op":"add","path":"/active","value":true}]').toString('base64'),
    }),
    entry('PUT', 'Patient?identifier=urn:mrn|put-in-bundle', {
      resourceType: 'Patient',
      identifier: mrn('put-in-bundle'),
    }),
    entry('POST', 'Patient', { resourceType: 'Patient', identifier: mrn('reborn') }),
    entry('PATCH', 'Patient/fp', fhirPath({ type: 'delete', path: 'Patient.contact' })),
    entry('DELETE', 'Patient?identifier=urn:mrn|reborn'),
    entry('HEAD', 'Patient/patched'),
  )
  expect((answer.body as Bundle).entry?.map(({ response }) => response?.status)).toEqual([
    '200',
    '200',
    '201',
    '201',
    '200',
    '204',
    '200',
  ])
  expect((answer.body as Bundle).entry?.[0]?.resource).toMatchObject({ id: 'patched', active: true })
  expect((answer.body as Bundle).entry?.[6]?.resource).toBeUndefined()
  expect((await call('GET', 'Patient/old')).status).toBe(410)
  expect((await call('GET', 'Patient?identifier=urn:mrn|reborn')).body.total).toBe(1)
})

test('of a transaction that fails at its last entry nothing is left, patches and deletes included', async () => {
  await stored({ resourceType: 'Patient', id: 'kept', active: true })
  const before = (await call('GET', '_history?_count=1')).text
  const answer = await bundle(
    'transaction',
    entry('DELETE', 'Patient/kept'),
    entry('POST', 'Patient', { resourceType: 'Patient' }),
    entry(
      'PATCH',
      'Patient/patched',
      fhirPath({ type: 'replace', path: 'Patient.gender', value: { valueCode: 'male' } }),
    ),
  )
  expect(said(answer)).toEqual([422, 'patch-failed', 'Parameters.parameter[0].path'])
  expect((await call('GET', '_history?_count=1')).text).toBe(before)
  const refused = await bundle(
    'transaction',
    entry('DELETE', 'Patient/kept'),
    entry('POST', 'Patient/kept/$meta-add', {}),
  )
  expect(said(refused)).toEqual([400, 'bundle-invalid', 'Bundle.entry[1].request.url'])
})

test('a batch carries out every verb and every operation, each for itself', async () => {
  const answer = await bundle(
    'batch',
    entry(
      'PATCH',
      'Patient/patched',
      fhirPath({ type: 'add', path: 'Patient', name: 'gender', value: { valueCode: 'male' } }),
    ),
    entry('PUT', 'Patient?identifier=urn:mrn|batch', { resourceType: 'Patient', identifier: mrn('batch') }),
    entry('DELETE', 'Patient?identifier=urn:mrn|nobody'),
    entry('GET', 'Patient/patched/_history?_count=1'),
    entry('GET', 'Patient/patched/$everything'),
    entry('POST', 'Patient/$validate', { resourceType: 'Patient', active: 'yes' }),
    entry('GET', 'http://localhost/fhir/Patient/patched'),
    entry('GET', 'Patient/patched', undefined, { ifNoneMatch: '*' }),
    entry('GET', 'Shoe/1'),
    entry('POST', 'Patient/patched/$nothing', {}),
  )
  expect((answer.body as Bundle).entry?.map(({ response }) => response?.status)).toEqual([
    '200',
    '201',
    '204',
    '200',
    '200',
    '200',
    '200',
    '304',
    '400',
    '404',
  ])
})

test('history answers what was current at a time, since a time, and page by page, on all levels', async () => {
  const start = house.clock.now()
  const instant = (minutes: number) => new Date(start + minutes * 60_000).toISOString()
  for (const active of [true, false, true]) {
    await stored({ resourceType: 'Patient', id: 'timed', active })
    house.clock.advance(600_000)
  }
  await call('DELETE', 'Patient/timed')
  const versions = async (url: string) =>
    ((await call('GET', url)).body as Bundle).entry?.map(({ response }) => response?.etag) ?? []
  expect(await versions('Patient/timed/_history')).toEqual(['W/"4"', 'W/"3"', 'W/"2"', 'W/"1"'])
  expect(await versions(`Patient/timed/_history?_at=${instant(5)}`)).toEqual(['W/"1"'])
  expect(await versions(`Patient/timed/_history?_at=${instant(15)}`)).toEqual(['W/"2"'])
  expect(await versions(`Patient/timed/_history?_at=${instant(-9e5)}`)).toEqual([])
  expect(await versions(`Patient/timed/_history?_since=${instant(12)}`)).toEqual(['W/"4"', 'W/"3"'])
  for (const level of ['', 'Patient/', 'Patient/timed/']) {
    const seen: string[] = []
    for (let url: string | undefined = `${level}_history?_count=3&_since=${instant(0)}`; url !== undefined; ) {
      const page = (await call('GET', url)).body as Bundle
      seen.push(...(page.entry ?? []).map(({ fullUrl, response }) => `${fullUrl} ${response?.etag}`))
      url = page.link?.find(({ relation }) => relation === 'next')?.url?.replace('http://localhost/fhir/', '')
    }
    expect([level, seen.filter((one) => one.includes('timed')).length, new Set(seen).size]).toEqual([
      level,
      4,
      seen.length,
    ])
  }
  expect(said(await call('GET', '_history?_at=noon')).slice(0, 2)).toEqual([400, 'search-value-invalid'])
  expect(said(await call('GET', '_history?_cursor=WzFlMzAwLCJhIiwiYiIsMV0')).slice(0, 2)).toEqual([
    400,
    'search-cursor-invalid',
  ])
})

test('$everything gives the compartment and what it refers to, by date of care, type and page', async () => {
  const patient = { reference: 'Patient/every' }
  await stored({ resourceType: 'Organization', id: 'every-org', name: 'Org' })
  await stored({ resourceType: 'Patient', id: 'every', managingOrganization: { reference: 'Organization/every-org' } })
  await stored({ resourceType: 'Patient', id: 'stranger' })
  await stored({
    resourceType: 'Encounter',
    id: 'every-e',
    status: 'finished',
    class: { code: 'AMB' },
    subject: patient,
    period: { start: '2026-01-01', end: '2026-01-02' },
  })
  for (const [id, date] of [
    ['every-1', '2025-05-01'],
    ['every-2', '2026-01-01'],
  ] as const)
    await stored({
      resourceType: 'Observation',
      id,
      status: 'final',
      code: { text: 'x' },
      subject: patient,
      effectiveDateTime: date,
      ...(id === 'every-2' ? { encounter: { reference: 'Encounter/every-e' } } : {}),
    })
  await stored({
    resourceType: 'Observation',
    id: 'strange',
    status: 'final',
    code: { text: 'x' },
    subject: { reference: 'Patient/stranger' },
  })
  const all = async (url: string) => {
    const found: string[] = []
    for (let next: string | undefined = url; next !== undefined; ) {
      const { body } = await call('GET', next)
      const page = body as Bundle
      found.push(
        ...(page.entry ?? []).map(
          ({ fullUrl, search }) => `${search?.mode} ${fullUrl?.slice('http://localhost/fhir/'.length)}`,
        ),
      )
      next = page.link?.find(({ relation }) => relation === 'next')?.url?.replace('http://localhost/fhir/', '')
    }
    return [...new Set(found)].toSorted()
  }
  const whole = [
    'include Organization/every-org',
    'match Encounter/every-e',
    'match Observation/every-1',
    'match Observation/every-2',
    'match Patient/every',
  ]
  expect(await all('Patient/every/$everything')).toEqual(whole)
  expect(await all('Patient/every/$everything?_count=1')).toEqual(whole)
  expect(await all('Patient/every/$everything?start=2026-01-01&_type=Observation,Encounter')).toEqual([
    'match Encounter/every-e',
    'match Observation/every-2',
  ])
  expect(await all('Patient/every/$everything?end=2025-12-31&_type=Observation')).toEqual(['match Observation/every-1'])
  expect(await all(`Patient/every/$everything?_since=${new Date(house.clock.now() + 1000).toISOString()}`)).toEqual([])
  expect(await all('Encounter/every-e/$everything')).toEqual(['match Encounter/every-e', 'match Observation/every-2'])
  expect(said(await call('GET', 'Patient/nobody/$everything')).slice(0, 2)).toEqual([404, 'resource-not-found'])
  expect(said(await call('GET', 'Patient/every/$everything?_type=Shoe'))).toEqual([400, 'operation-invalid', '_type'])
  expect(said(await call('GET', 'Group/every/$everything')).slice(0, 2)).toEqual([404, 'route-not-found'])
})

test('$lastn gives the latest of each code', async () => {
  const coded = (id: string, code: string, date: string) =>
    stored({
      resourceType: 'Observation',
      id,
      status: 'final',
      code: { coding: [{ system: 'urn:loinc', code }] },
      subject: { reference: 'Patient/last' },
      effectiveDateTime: date,
    })
  await coded('l1', 'a', '2026-01-01')
  await coded('l2', 'a', '2026-01-03')
  await coded('l3', 'a', '2026-01-02')
  await coded('l4', 'b', '2025-01-01')
  const ids = async (url: string) =>
    ((await call('GET', url)).body as Bundle).entry?.map(({ resource }) => resource?.id)
  expect(await ids('Observation/$lastn?patient=Patient/last')).toEqual(['l2', 'l4'])
  expect(await ids('Observation/$lastn?patient=Patient/last&max=2')).toEqual(['l2', 'l3', 'l4'])
  expect(await ids('Observation/$lastn?patient=Patient/last&code=b')).toEqual(['l4'])
  expect(said(await call('GET', 'Observation/$lastn?code=a'))).toEqual([400, 'operation-invalid', 'patient'])
})

test('$meta, $meta-add and $meta-delete work on labels alone', async () => {
  await stored({ resourceType: 'Patient', id: 'labelled', active: true })
  const labels = (valueMeta: object) => ({ resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta }] })
  const added = await call(
    'POST',
    'Patient/labelled/$meta-add',
    labels({ tag: [{ system: 'urn:t', code: 'a' }], security: [{ code: 'R' }] }),
  )
  expect(added.body.parameter[0].valueMeta).toMatchObject({
    versionId: '2',
    tag: [{ system: 'urn:t', code: 'a' }],
    security: [{ code: 'R' }],
  })
  await call(
    'POST',
    'Patient/labelled/$meta-add',
    labels({
      tag: [
        { system: 'urn:t', code: 'a' },
        { system: 'urn:t', code: 'b' },
      ],
    }),
  )
  await call(
    'POST',
    'Patient/labelled/$meta-delete',
    labels({ tag: [{ system: 'urn:t', code: 'a' }], security: [{ code: 'R' }] }),
  )
  const { versionId, tag, security } = (await call('GET', 'Patient/labelled/$meta')).body.parameter[0].valueMeta
  expect([versionId, tag, security]).toEqual(['4', [{ system: 'urn:t', code: 'b' }], undefined])
  expect(said(await call('POST', 'Patient/labelled/$meta-add', {}))).toEqual([400, 'operation-invalid', 'meta'])
})

test('other formats than JSON are refused, and what is allowed is not', async () => {
  const status = async (url: string, headers: Record<string, string> = {}) =>
    (await call('GET', url, undefined, headers)).status
  expect(await status('Patient?_format=xml')).toBe(406)
  expect(await status('Patient', { accept: 'application/fhir+xml' })).toBe(406)
  expect(await status('Patient?_format=json', { accept: 'application/fhir+xml' })).toBe(200)
  expect(await status('Patient', { accept: 'application/fhir+xml, application/fhir+json;q=0.5' })).toBe(200)
  expect(await status('Patient', { accept: 'text/html,*/*;q=0.1' })).toBe(200)
  expect((await call('POST', 'Patient', '<Patient/>', { 'content-type': 'application/fhir+xml' })).status).toBe(415)
})

test('the same address with /R4 is the same place', async () => {
  await stored({ resourceType: 'Patient', id: 'alias', active: true })
  const plain = await call('GET', 'Patient/alias')
  const alias = await call('GET', 'R4/Patient/alias')
  expect([alias.status, alias.text]).toEqual([200, plain.text])
  expect((await call('GET', 'R4/metadata')).body.resourceType).toBe('CapabilityStatement')
  expect((await call('POST', 'R4', { resourceType: 'Bundle', type: 'batch', entry: [] })).status).toBe(200)
})
