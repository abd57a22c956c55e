import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import { icd10cmRelease, loincRelease, snomedRelease } from '../../testkit/terminologies.ts'
import { makeZip } from '../../testkit/zip.ts'
import { beginLoad, checkBinding, confirmLicence, type LoadKind, shipTerminology } from '../terminology/index.ts'

const house = useHouse()
const door = useDoor(house)
const sct = 'http://snomed.info/sct'

beforeAll(async () => {
  const { database, releases, alpha, context, log } = house
  await shipTerminology(database, alpha)
  const all: [LoadKind, string, Record<string, string>][] = [
    ['snomed-ct', 'snomed.zip', snomedRelease()],
    ['icd-10-cm', 'icd.zip', icd10cmRelease()],
    ['loinc', 'Loinc_2.99.zip', loincRelease()],
  ]
  for (const [kind, name, files] of all) {
    const path = releases.path(alpha, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, makeZip(files))
    await confirmLicence(database, context, kind)
    await (await beginLoad({ database, log }, context, { kind, path })).done
  }
}, 60_000)

type Part = { name: string; part?: Part[]; [value: `value${string}`]: unknown }
/** A Parameters answer as `{name: value}`; of repeated ones a list, of parts an object. */
function told(parameters: unknown): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const one of (parameters as Part[] | undefined) ?? []) {
    const value = one.part ? told(one.part) : Object.entries(one).find(([key]) => key.startsWith('value'))?.[1]
    if (one.name === 'property' || one.name === 'designation' || one.name === 'match')
      found[one.name] = [...((found[one.name] as unknown[]) ?? []), value]
    else found[one.name] = value
  }
  return found
}
const ask = async (url: string, body?: unknown) => {
  const answer = await door.fhir(body === undefined ? 'GET' : 'POST', url, body)
  return { ...answer, told: told(answer.body['parameter']) }
}
type Contains = { code: string; display: string; system: string; designation?: unknown[] }
const expanded = async (url: string, body?: unknown) => {
  const { status, body: set } = await ask(url, body)
  const expansion = set['expansion'] as { total?: number; contains: Contains[] } | undefined
  return { status, total: expansion?.total, codes: expansion?.contains.map(({ code }) => code), expansion, body: set }
}
const query = (values: Record<string, string>) => String(new URLSearchParams(values))

test('a code is looked up with its names, properties, and what is next to it', async () => {
  const { told: found } = await ask(`/fhir/CodeSystem/$lookup?${query({ system: sct, code: '1000001' })}`)
  expect(found).toMatchObject({
    name: 'SNOMED CT INT 20260301',
    version: `${sct}/900000000000207008/version/20260301`,
    display: 'Throughline fever',
  })
  expect(found['property']).toContainEqual({ code: 'parent', value: '64572001', description: 'Disease' })
  expect(found['property']).toContainEqual({ code: 'child', value: '1000002', description: 'Severe Throughline fever' })
  expect(found['property']).toContainEqual({ code: 'inactive', value: false })
  const french = await ask(`/fhir/CodeSystem/$lookup?${query({ system: sct, code: '1000001', displayLanguage: 'fr' })}`)
  expect(french.told['display']).toBe('Fièvre du parcours')
  const coding = {
    resourceType: 'Parameters',
    parameter: [{ name: 'coding', valueCoding: { system: sct, code: '1000001' } }],
  }
  expect((await ask('/fhir/CodeSystem/$lookup', coding)).told['display']).toBe('Throughline fever')
  expect((await ask(`/fhir/CodeSystem/$lookup?${query({ system: sct, code: '7' })}`)).status).toBe(404)
  const unloaded = await ask(`/fhir/CodeSystem/$lookup?${query({ system: 'http://x.example', code: '7' })}`)
  expect(unloaded.body).toMatchObject({
    issue: [{ code: 'not-found', diagnostics: expect.stringContaining('http://x.example') }],
  })
})

test('HL7’s own code systems are there, with their hierarchy', async () => {
  const gender = await ask(
    `/fhir/CodeSystem/$validate-code?${query({ url: 'http://hl7.org/fhir/administrative-gender', code: 'female' })}`,
  )
  expect(gender.told).toMatchObject({ result: true, display: 'Female' })
  const wrong = await ask(
    `/fhir/CodeSystem/$validate-code?${query({ url: 'http://hl7.org/fhir/administrative-gender', code: 'femme' })}`,
  )
  expect(wrong.told).toMatchObject({ result: false, message: expect.stringContaining('femme') })
  const v3 = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
  const kind = await ask(
    `/fhir/CodeSystem/$subsumes?${query({ system: v3, codeA: '_ActEncounterCode', codeB: 'AMB' })}`,
  )
  expect(kind.told).toEqual({ outcome: 'subsumes' })
  const set = await expanded(
    `/fhir/ValueSet/$expand?${query({ url: 'http://hl7.org/fhir/ValueSet/administrative-gender' })}`,
  )
  expect(set.codes).toEqual(['male', 'female', 'other', 'unknown'])
  const units = await ask(
    `/fhir/CodeSystem/$validate-code?${query({ url: 'http://unitsofmeasure.org', code: 'mm[Hg]' })}`,
  )
  expect(units.told).toMatchObject({ result: true, display: 'millimeter of mercury' })
})

test('one code subsumes another through any number of steps, and not the other way', async () => {
  const outcome = async (codeA: string, codeB: string) =>
    (await ask(`/fhir/CodeSystem/$subsumes?${query({ system: sct, codeA, codeB })}`)).told['outcome']
  expect(await outcome('404684003', '1000004')).toBe('subsumes')
  expect(await outcome('1000004', '404684003')).toBe('subsumed-by')
  expect(await outcome('1000002', '1000004')).toBe('not-subsumed')
  expect(await outcome('1000002', '1000002')).toBe('equivalent')
})

test('value sets that SNOMED CT and LOINC imply are expanded', async () => {
  const of = async (what: string, more: Record<string, string> = {}) =>
    (await expanded(`/fhir/ValueSet/$expand?${query({ url: `${sct}?fhir_vs${what}`, ...more })}`)).codes?.sort()
  expect(await of('=isa/1000001')).toEqual(['1000001', '1000002', '1000004'])
  expect(await of('=refset/777001')).toEqual(['1000001', '1000003'])
  expect(await of('=ecl/<1000001 OR <1000003')).toEqual(['1000002', '1000004'])
  expect(await of('=ecl/<<1000001 MINUS 1000002')).toEqual(['1000001', '1000004'])
  expect(await of('=ecl/<!64572001')).toEqual(['1000001', '1000003'])
  expect(await of('=ecl/>1000002 |Severe|')).toEqual(['1000001', '138875005', '404684003', '64572001'])
  expect(await of('=ecl/< 64572001 : 363698007 = 123037004')).toEqual(['1000003'])
  expect(await of('=ecl/^777001 AND <<1000003')).toEqual(['1000003'])
  expect(await of('', { filter: 'thro fev', count: '10' })).toEqual(['1000001', '1000002'])
  const answers = await expanded(`/fhir/ValueSet/$expand?${query({ url: 'http://loinc.org/vs/LL999-1' })}`)
  expect(answers.codes).toEqual(['LA999-1', 'LA999-2'])
  expect(answers.expansion?.contains[0]?.display).toBe('Well')
  const bad = await expanded(`/fhir/ValueSet/$expand?${query({ url: `${sct}?fhir_vs=ecl/<<` })}`)
  expect(bad).toMatchObject({ status: 422, body: { issue: [{ code: 'invalid' }] } })
})

const inline = (compose: object, more: object[] = []) => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'valueSet', resource: { resourceType: 'ValueSet', status: 'active', compose } }, ...more],
})

test('includes, excludes, filters and nested value sets say together what is meant', async () => {
  const of = async (compose: object, more: object[] = []) => {
    const { status, codes, body } = await expanded('/fhir/ValueSet/$expand', inline(compose, more))
    return status === 200 ? codes?.sort() : body
  }
  const filter = (property: string, op: string, value: string) => ({ system: sct, filter: [{ property, op, value }] })
  expect(
    await of({ include: [filter('concept', 'is-a', '64572001')], exclude: [filter('concept', 'is-a', '1000001')] }),
  ).toEqual(['1000003', '64572001'])
  expect(await of({ include: [filter('concept', 'descendent-of', '1000001')] })).toEqual(['1000002', '1000004'])
  expect(await of({ include: [filter('concept', 'generalizes', '1000001')] })).toEqual([
    '1000001',
    '138875005',
    '404684003',
    '64572001',
  ])
  expect(await of({ include: [filter('parent', '=', '1000003')] })).toEqual(['1000004'])
  expect(await of({ include: [filter('363698007', '=', '123037004')] })).toEqual(['1000003'])
  expect(await of({ include: [filter('363698007', 'exists', 'true')] })).toEqual(['1000003'])
  expect(await of({ include: [filter('display', 'regex', '.*rash')] })).toEqual(['1000003', '1000004'])
  expect(await of({ include: [filter('code', 'regex', '100000[12]')] })).toEqual(['1000001', '1000002'])
  expect(await of({ include: [filter('concept', 'in', '777001')] })).toEqual(['1000001', '1000003'])
  const loinc = (property: string, op: string, value: string) => ({
    system: 'http://loinc.org',
    filter: [{ property, op, value }],
  })
  expect(await of({ include: [loinc('CLASS', 'in', 'CHEM,SURVEY.X')], inactive: false })).toEqual([
    '99901-1',
    '99902-9',
  ])
  expect(await of({ include: [loinc('CLASS', '=', 'CHEM')] })).toEqual(['99901-1', '99903-7'])
  expect(await of({ include: [loinc('ancestor', '=', 'LP999-1')] })).toEqual(['99901-1', 'LP999-2'])
  expect(
    await of({
      include: [{ ...filter('concept', 'is-a', '64572001'), valueSet: [`${sct}?fhir_vs=refset/777001`] }],
      exclude: [{ system: sct, concept: [{ code: '1000003' }] }],
    }),
  ).toEqual(['1000001'])
  expect(await of({ include: [{ valueSet: [`${sct}?fhir_vs=isa/1000001`, `${sct}?fhir_vs=isa/1000003`] }] })).toEqual([
    '1000004',
  ])
  // What is listed of a system that is not here stays as listed; anything else of it cannot be told.
  expect(
    await of({ include: [{ system: 'http://x.example', concept: [{ code: 'b', display: 'B' }, { code: 'a' }] }] }),
  ).toEqual(['a', 'b'])
  expect(await of({ include: [{ system: 'http://x.example' }] })).toMatchObject({ issue: [{ code: 'not-found' }] })
  expect(await of({ include: [filter('concept', 'child-of', '1')] })).toMatchObject({
    issue: [{ code: 'not-supported' }],
  })
  expect(await of({ include: [{ valueSet: ['http://x.example/none'] }] })).toMatchObject({
    issue: [{ code: 'not-found' }],
  })
})

test('an expansion comes in pages that hold each code once, and as a whole only when it is small', async () => {
  const all = (await expanded(`/fhir/ValueSet/$expand?${query({ url: `${sct}?fhir_vs` })}`)).codes ?? []
  expect(all).toHaveLength(9)
  const pages: string[] = []
  for (let offset = 0; offset < 12; offset += 4) {
    const page = await expanded(
      `/fhir/ValueSet/$expand?${query({ url: `${sct}?fhir_vs`, offset: String(offset), count: '4' })}`,
    )
    expect(page.total).toBe(9)
    pages.push(...(page.codes ?? []))
  }
  expect(pages).toEqual(all)
  const v3 = `/fhir/ValueSet/$expand?${query({ url: 'http://terminology.hl7.org/ValueSet/v3-ActCode' })}`
  expect(await expanded(v3)).toMatchObject({ status: 422, body: { issue: [{ code: 'too-costly' }] } })
  expect((await expanded(`${v3}&count=10`)).codes).toHaveLength(10)
  expect(await expanded(`${v3}&count=x`)).toMatchObject({ status: 400 })
  const active = await expanded(
    `/fhir/ValueSet/$expand?${query({ url: `${sct}?fhir_vs`, activeOnly: 'true', includeDesignations: 'true' })}`,
  )
  expect(active.total).toBe(8)
  expect(active.expansion?.contains.find(({ code }) => code === '1000001')?.designation).toContainEqual({
    language: 'fr',
    use: { code: 'preferred' },
    value: 'Fièvre du parcours',
  })
})

test('a code is in a value set or not, with the reason, also of a coding or a concept with several', async () => {
  const validate = async (values: Record<string, string>) =>
    (await ask(`/fhir/ValueSet/$validate-code?${query(values)}`)).told
  const url = `${sct}?fhir_vs=isa/1000001`
  expect(await validate({ url, system: sct, code: '1000002' })).toMatchObject({
    result: true,
    display: 'Severe Throughline fever',
  })
  expect(await validate({ url, system: sct, code: '1000003' })).toEqual({
    result: false,
    message: `The code 1000003 of ${sct} is not in ${url}`,
  })
  expect(await validate({ url, system: sct, code: '1000001', display: 'PATHWAY pyrexia' })).toMatchObject({
    result: true,
  })
  expect(await validate({ url, system: sct, code: '1000001', display: 'Headache' })).toMatchObject({
    result: false,
    message: expect.stringContaining('Throughline fever'),
  })
  const concept = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'url', valueUri: url },
      {
        name: 'codeableConcept',
        valueCodeableConcept: {
          coding: [
            { system: 'http://x', code: '1' },
            { system: sct, code: '1000004' },
          ],
        },
      },
    ],
  }
  expect((await ask('/fhir/ValueSet/$validate-code', concept)).told).toMatchObject({ result: true, system: sct })
  const media = { url: 'http://hl7.org/fhir/ValueSet/mimetypes', system: 'urn:ietf:bcp:13' }
  expect(await validate({ ...media, code: 'text/plain' })).toMatchObject({ result: true })
  expect(await validate({ ...media, code: 'plain text' })).toMatchObject({ result: false })
  expect((await ask('/fhir/ValueSet/$validate-code?code=x')).body).toMatchObject({ issue: [{ code: 'required' }] })
})

test('maps lead from SNOMED CT to ICD-10-CM, and back', async () => {
  const icd = 'http://hl7.org/fhir/sid/icd-10-cm'
  const forth = await ask(`/fhir/ConceptMap/$translate?${query({ system: sct, code: '1000001', targetsystem: icd })}`)
  expect(forth.told).toMatchObject({
    result: true,
    match: [
      {
        equivalence: 'relatedto',
        concept: { system: icd, code: 'Z98.76' },
        source: `${sct}?fhir_cm=6011000124106`,
        comment: 'ALWAYS Z98.76',
      },
    ],
  })
  const back = await ask(`/fhir/ConceptMap/$translate?${query({ system: icd, code: 'Z98.76', reverse: 'true' })}`)
  expect(back.told).toMatchObject({ result: true, match: [{ concept: { system: sct, code: '1000001' } }] })
  const none = await ask(`/fhir/ConceptMap/$translate?${query({ system: sct, code: '1000003' })}`)
  expect(none.told).toMatchObject({ result: false, match: [{ equivalence: 'unmatched' }] })
})

test('code systems, value sets and maps of the record are used as soon as they are written, and no longer when deleted', async () => {
  const put = (type: string, id: string, resource: object) =>
    door.fhir('PUT', `/fhir/${type}/${id}`, { resourceType: type, id, status: 'active', ...resource })
  const own = 'http://clinic.example/rooms'
  const system = (codes: object[]) =>
    put('CodeSystem', 'rooms', { url: own, version: '1', content: 'complete', name: 'Rooms', concept: codes })
  expect(
    (await system([{ code: 'g', display: 'Ground floor', concept: [{ code: 'g1', display: 'Room one' }] }])).status,
  ).toBe(201)
  await put('ValueSet', 'ground', {
    url: `${own}/ground`,
    compose: { include: [{ system: own, filter: [{ property: 'concept', op: 'descendent-of', value: 'g' }] }] },
  })
  await put('ConceptMap', 'old', {
    url: `${own}/old`,
    group: [
      {
        source: own,
        target: 'http://clinic.example/old',
        element: [{ code: 'g1', target: [{ code: '001', equivalence: 'equal' }] }],
      },
    ],
  })
  expect((await expanded('/fhir/ValueSet/ground/$expand')).codes).toEqual(['g1'])
  expect((await ask('/fhir/CodeSystem/rooms/$validate-code?code=g1')).told).toMatchObject({
    result: true,
    display: 'Room one',
  })
  expect((await ask('/fhir/CodeSystem/rooms/$subsumes?codeA=g&codeB=g1')).told).toEqual({ outcome: 'subsumes' })
  expect((await ask(`/fhir/ConceptMap/old/$translate?${query({ system: own, code: 'g1' })}`)).told).toMatchObject({
    result: true,
    match: [{ equivalence: 'equal', concept: { code: '001' } }],
  })
  await system([{ code: 'g', display: 'Ground floor', concept: [{ code: 'g2', display: 'Room two' }] }])
  expect((await expanded(`/fhir/ValueSet/$expand?${query({ url: `${own}/ground` })}`)).codes).toEqual(['g2'])
  await door.fhir('DELETE', '/fhir/CodeSystem/rooms')
  expect((await expanded('/fhir/ValueSet/ground/$expand')).status).toBe(404)
  // Reads of the resources themselves go on beside the operations.
  expect((await door.fhir('GET', '/fhir/ValueSet/ground')).body).toMatchObject({
    resourceType: 'ValueSet',
    id: 'ground',
  })
})

test('the record is searched by value sets and by what is above or below a code', async () => {
  const put = (id: string, code: string) =>
    door.fhir('PUT', `/fhir/Condition/${id}`, {
      resourceType: 'Condition',
      id,
      subject: { reference: 'Patient/p1' },
      code: { coding: [{ system: sct, code }] },
    })
  await door.fhir('PUT', '/fhir/Patient/p1', { resourceType: 'Patient', id: 'p1' })
  await put('fever', '1000002')
  await put('rash', '1000003')
  await put('both', '1000004')
  const ids = async (search: string) => {
    const { status, body } = await door.fhir('GET', `/fhir/Condition?${search}`)
    return status === 200
      ? ((body['entry'] ?? []) as { resource: { id: string } }[]).map(({ resource }) => resource.id).sort()
      : body
  }
  expect(await ids(query({ 'code:below': `${sct}|1000001` }))).toEqual(['both', 'fever'])
  expect(await ids(query({ 'code:in': `${sct}?fhir_vs=isa/1000003` }))).toEqual(['both', 'rash'])
  expect(await ids(query({ 'code:above': `${sct}|1000003` }))).toEqual(['rash'])
  expect(await ids(query({ 'code:not-in': `${sct}?fhir_vs=isa/1000003` }))).toEqual(['fever'])
})

test('a picker finds by the beginnings of words, by other names, by code, and in French', async () => {
  const nurse = await door.signIn('nurse@alpha.example')
  const pick = async (values: Record<string, string>) =>
    (
      (await door.call(nurse, 'GET', `/api/terminology/search?${query(values)}`)).body['items'] as
        | { code: string; display: string; matched: string | null }[]
        | undefined
    )?.map(({ code, display, matched }) => [code, display, matched])
  expect(await pick({ system: sct, text: 'fev thr' })).toEqual([
    ['1000001', 'Throughline fever', null],
    ['1000002', 'Severe Throughline fever', null],
  ])
  expect(await pick({ system: sct, text: 'pyrex' })).toEqual([['1000001', 'Throughline fever', 'Pathway pyrexia']])
  expect(await pick({ system: sct, text: 'fievre', language: 'fr' })).toEqual([['1000001', 'Fièvre du parcours', null]])
  expect(await pick({ system: 'http://hl7.org/fhir/sid/icd-10-cm', text: 'z98.7' })).toEqual([
    ['Z98.76', 'Invented fever state, not elsewhere classified', null],
    ['Z98.77XA', 'Invented rash, initial encounter', null],
  ])
  expect(await pick({ valueSet: `${sct}?fhir_vs=isa/1000003`, text: 'rash' })).toEqual([
    ['1000003', 'Throughline rash', null],
    ['1000004', 'Febrile Throughline rash', null],
  ])
  expect(await pick({ valueSet: 'http://hl7.org/fhir/ValueSet/administrative-gender', text: '' })).toHaveLength(4)
  expect(await pick({ system: sct, text: 'zzz' })).toEqual([])
  expect((await door.call(nurse, 'GET', '/api/terminology/search?text=x')).status).toBe(400)
})

test('an administrator sends a file in pieces, confirms the licence, loads it, and watches', async () => {
  const admin = await door.signIn('admin@alpha.example')
  const nurse = await door.signIn('nurse@alpha.example')
  const zip = makeZip(snomedRelease('20260901'))
  const send = (offset: number, piece: Buffer, name = 'later.zip') =>
    door.app.inject({
      method: 'PUT',
      url: `/api/terminology/files/${name}?offset=${offset}`,
      headers: { cookie: admin, 'x-throughline': 'test', 'content-type': 'application/octet-stream' },
      payload: piece,
    })
  expect((await send(0, zip.subarray(0, 500))).json()).toEqual({ bytes: 500 })
  expect((await send(0, zip.subarray(0, 500))).json()).toMatchObject({
    error: { code: 'upload-offset', faults: [{ message: 'the file ends at 500' }] },
  })
  expect((await send(500, zip.subarray(500))).statusCode).toBe(200)
  expect((await send(0, zip, '..%2F..%2Fx')).statusCode).toBe(403)
  expect((await door.call(nurse, 'GET', '/api/terminology/loads')).status).toBe(403)
  const load = (file: string) => door.call(admin, 'POST', '/api/terminology/loads', { kind: 'snomed-ct', file })
  expect((await load('../../../etc/passwd')).status).toBe(400)
  expect(
    (await door.call(admin, 'POST', '/api/terminology/licences', { kind: 'snomed-ct', confirmed: true })).status,
  ).toBe(201)
  expect((await load('later.zip')).status).toBe(202)
  await expect
    .poll(async () => (await door.call(admin, 'GET', '/api/terminology/loads')).body['loads'], { timeout: 10_000 })
    .toMatchObject([{ kind: 'snomed-ct', source: 'later.zip', status: 'done' }, {}, {}, {}])
  const { body } = await door.call(admin, 'GET', '/api/terminology/systems')
  const versions = (body['items'] as { id: number; url: string; version: string; current: boolean }[]).filter(
    ({ url }) => url === sct,
  )
  expect(versions.map(({ version, current }) => [version.slice(-8), current])).toEqual([
    ['20260901', true],
    ['20260301', false],
  ])
  const [later, former] = versions
  await door.call(admin, 'POST', `/api/terminology/systems/${former?.id}/current`)
  const display = async () =>
    (await ask(`/fhir/CodeSystem/$lookup?${query({ system: sct, code: '1000001' })}`)).told['version']
  expect(await display()).toMatch(/20260301$/)
  expect((await door.call(admin, 'DELETE', `/api/terminology/systems/${former?.id}`)).status).toBe(200)
  expect(await display()).toMatch(/20260901$/)
  expect((await door.call(nurse, 'DELETE', `/api/terminology/systems/${later?.id}`)).status).toBe(403)
})

test('what is shipped is written once, and again only when it has changed', async () => {
  expect(await shipTerminology(house.database, house.alpha)).toBe(false)
  await house.db.asSuperuser(`update throughline.term_load set source = 'older' where id = 'shipped'`)
  const count = () => house.db.asSuperuser(`select count(*)::int as n from throughline.term_concept`)
  const before = await count()
  expect(await shipTerminology(house.database, house.alpha)).toBe(true)
  expect(await count()).toEqual(before)
})

test('a binding is held, broken, or cannot be told', async () => {
  const check = (url: string, coding: { system?: string; code: string }) =>
    house.database.transaction(house.alpha, (tx) => checkBinding(tx, url, coding))
  const gender = 'http://hl7.org/fhir/ValueSet/administrative-gender'
  expect(await check(gender, { code: 'female' })).toBe(true)
  expect(await check(gender, { code: 'femme' })).toBe(false)
  expect(await check('http://hl7.org/fhir/ValueSet/mimetypes', { code: 'text/plain' })).toBe(true)
  expect(await check('http://hl7.org/fhir/ValueSet/currencies', { code: 'CAD' })).toBeUndefined()
  expect(await check('http://x.example/none', { code: 'x' })).toBeUndefined()
})
