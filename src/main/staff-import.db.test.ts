import type { Practitioner, PractitionerRole } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { password, useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import { hire, patientIn } from '../../testkit/team.ts'
import type { ImportLines, StaffImport, Team } from '../contracts/index.ts'

/** A Monday morning in Toronto. */
const start = Date.UTC(2026, 2, 2, 14)
const house = useHouse({ start })
const door = useDoor(house)
const inAlpha = <T>(work: Parameters<typeof house.database.transaction<T>>[1]) =>
  house.database.transaction(house.alpha, work)
const ask = async (who: string, method: 'GET' | 'POST', url: string, body?: unknown) =>
  door.call(await door.signIn(`${who}@alpha.example`, password), method, url, body)
const look = async (id: string) => (await ask('lead', 'GET', `/api/team/imports/${id}`)).body as StaffImport
const linesOf = async (id: string, query = '') =>
  ((await ask('lead', 'GET', `/api/team/imports/${id}/lines${query}`)).body as ImportLines).items
const read = async (what: string, content: string, who = 'lead') => {
  const { body, status } = await ask(who, 'POST', '/api/team/imports', { what, content, name: `${what}.csv` })
  expect(status).toBe(202)
  await house.settle()
  return look((body as StaffImport).id)
}
const act = async (id: string, name: 'take' | 'undo') => {
  const { status } = await ask('lead', 'POST', `/api/team/imports/${id}/${name}`)
  await house.settle()
  return { status, ...(await look(id)) }
}
const stored = <T>(reference: string) => inAlpha((tx) => house.record.read(tx, reference)) as Promise<T | undefined>

const table = [
  'practitioner,family,given,prefix,email,npi,languages,credentials,skills,capacity,hours,active',
  'ines,Roy,Inès,,ines@clinic.example,1234567893,fr en,clerk,,60,mon-fri 08:00-12:00,yes',
  'other,Okoye,Chidi,Dr.,chidi@clinic.example,,en,,triage,,,yes',
].join('\n')

test('a table of people is shown line by line before anything changes, taken whole, and undone', async () => {
  await hire(house, [{ id: 'other', roles: ['triage-nurse'], languages: ['en', 'fr'] }])
  const found = await read('people', table)
  expect(found).toMatchObject({
    state: 'ready',
    counts: { new: 1, changed: 1, same: 0 },
    faultCount: 0,
    name: 'people.csv',
  })
  expect(await linesOf(found.id)).toMatchObject([
    { line: 2, about: 'Inès Roy', act: 'new' },
    {
      line: 3,
      act: 'changed',
      changes: [
        { what: 'family', from: 'Name of other', to: 'Okoye' },
        { what: 'given', from: '', to: 'Chidi' },
        { what: 'prefix', from: '', to: 'Dr.' },
        { what: 'email', from: '', to: 'chidi@clinic.example' },
        { what: 'languages', from: 'en fr', to: 'en' },
        { what: 'skills', from: '', to: 'triage' },
      ],
    },
  ])
  expect(await stored('Practitioner/ines')).toBe(undefined)
  expect((await act(found.id, 'take')).state).toBe('done')
  expect(await stored<Practitioner>('Practitioner/ines')).toMatchObject({
    name: [{ text: 'Inès Roy', family: 'Roy', given: ['Inès'] }],
    telecom: [{ system: 'email', value: 'ines@clinic.example' }],
    identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' }],
    qualification: [{ code: { coding: [{ code: 'clerk' }] } }],
  })
  expect(await stored<PractitionerRole>('PractitionerRole/post-ines')).toMatchObject({
    practitioner: { reference: 'Practitioner/ines' },
    extension: [{ url: 'urn:throughline:capacity', valueInteger: 60 }],
    availableTime: [{ daysOfWeek: ['mon', 'tue', 'wed', 'thu', 'fri'], availableStartTime: '08:00:00' }],
  })
  // The same table again changes nothing.
  expect((await read('people', table)).counts).toEqual({ new: 0, changed: 0, same: 2 })
  expect((await ask('lead', 'POST', `/api/team/imports/${found.id}/take`)).status).toBe(409)

  // Somebody changes one of them meanwhile: that stays.
  const ines = await stored<Practitioner & { id: string }>('Practitioner/ines')
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'update', resource: { ...(ines as Practitioner & { id: string }), birthDate: '1990-01-01' } },
    ]),
  )
  expect(await act(found.id, 'undo')).toMatchObject({ state: 'undone', undone: { back: 3, stay: 1 } })
  expect(await stored('PractitionerRole/post-ines')).toBe(undefined)
  expect(await stored<Practitioner>('Practitioner/other')).toMatchObject({
    name: [{ text: 'Name of other' }],
    communication: [{}, {}],
  })
})

test('what was shown is what is written: when the record has changed since, it is shown anew', async () => {
  const text = 'practitioner,languages\nother,en es\n'
  const found = await read('people', text)
  const person = await stored<Practitioner & { id: string }>('Practitioner/other')
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'update', resource: { ...(person as Practitioner & { id: string }), birthDate: '1980-01-01' } },
    ]),
  )
  expect((await act(found.id, 'take')).state).toBe('ready')
  expect((await act(found.id, 'take')).state).toBe('done')
  expect(await stored<Practitioner>('Practitioner/other')).toMatchObject({
    birthDate: '1980-01-01',
    name: [{ text: 'Name of other' }],
    communication: [{ coding: [{ code: 'en' }] }, { coding: [{ code: 'es' }] }],
  })
})

test('every fault of a table is told with its line, column and code, and nothing of it is written', async () => {
  const text = [
    'practitioner,family,given,email,npi,languages,credentials,sites,capacity,hours,from,until,active',
    'good,Good,Ada,,,,,,,,,,',
    ',,,no,1234567890,french,rn wizard,moon,120,mon 9-5,2026-02-30,,maybe',
    'good,Again,,,,,,,,,2026-03-01,2026-02-01,',
  ].join('\n')
  const { state, faults } = await read('people', text)
  expect([state, ...faults.map(({ line, column, code }) => `${line} ${column} ${code}`)]).toEqual([
    'faulty',
    '3 practitioner value',
    '3 family required',
    '3 email value',
    '3 npi check-digit',
    '3 languages value',
    '3 credentials licence-needed',
    '3 credentials unknown-credential',
    '3 sites unknown-place',
    '3 capacity value',
    '3 hours value',
    '3 from date',
    '3 active value',
    '4 until order',
    '4 practitioner twice',
  ])
  expect(await stored('Practitioner/good')).toBe(undefined)
  expect((await read('people', 'practitioner,colour\na,b\n')).faults).toEqual([
    { line: 1, column: null, code: 'unknown-column', message: 'there is no column colour' },
  ])
})

test('general hours and part of a day are what routing goes by; times off end them', async () => {
  const role: PractitionerRole & { id: string } = {
    resourceType: 'PractitionerRole',
    id: 'weekly',
    practitioner: { reference: 'Practitioner/other' },
    extension: [{ url: 'urn:throughline:capacity', valueInteger: 50 }],
    availableTime: [
      { daysOfWeek: ['mon', 'tue', 'wed'], availableStartTime: '08:00:00', availableEndTime: '16:00:00' },
    ],
    notAvailable: [{ description: 'Course', during: { start: '2026-03-03', end: '2026-03-03' } }],
  }
  const file = JSON.stringify({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [{ resource: role, request: { method: 'PUT', url: 'PractitionerRole/weekly' } }],
  })
  const found = await read('fhir', file)
  expect(await act(found.id, 'take')).toMatchObject({ state: 'done', counts: { new: 1 } })
  const member = async () =>
    (await inAlpha((tx) => house.routing.team(tx, house.clock.now()))).find(
      (one) => one.reference === 'Practitioner/other',
    )
  // Nine in the morning: seven hours are left, half of which are for tasks.
  expect(await member()).toMatchObject({ share: 0.5, capacity: 210 })
  house.clock.advance(24 * 3_600_000)
  expect((await member())?.capacity).toBe(0)
  const { items } = (await ask('lead', 'GET', '/api/team')).body as Team
  expect(items.find((one) => one.reference === 'Practitioner/other')).toMatchObject({ away: true, atWork: false })
  house.clock.advance(-24 * 3_600_000)
})

test('people in FHIR: a new one by their identifier, who is the same one the next time; references among entries', async () => {
  const person = (family: string, place: string): object => ({
    resourceType: 'Practitioner',
    identifier: [{ system: 'urn:college', value: '77' }],
    name: [{ family }],
    qualification: [
      {
        identifier: [{ value: 'L-1' }],
        code: { coding: [{ system: 'urn:throughline:credential', code: 'rn' }] },
        extension: [
          {
            url: 'http://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition/practitioner-qualification',
            extension: [
              { url: 'status', valueCode: 'active' },
              {
                url: 'whereValid',
                valueCodeableConcept: { coding: [{ system: 'urn:iso:std:iso:3166:-2', code: place }] },
              },
            ],
          },
        ],
      },
    ],
  })
  const bundle = (family: string, place: string, role: object = {}) =>
    JSON.stringify({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { fullUrl: 'urn:uuid:1', resource: person(family, place), request: { method: 'POST', url: 'Practitioner' } },
        {
          fullUrl: 'urn:uuid:2',
          resource: { resourceType: 'PractitionerRole', practitioner: { reference: 'urn:uuid:1' }, ...role },
          request: { method: 'POST', url: 'PractitionerRole' },
        },
      ],
    })
  const first = await read('fhir', bundle('Lopez', 'US-NY'))
  expect(await act(first.id, 'take')).toMatchObject({ state: 'done', counts: { new: 2 } })
  const again = await read('fhir', bundle('Lopez-Ruiz', 'US-NY'))
  expect(again.counts).toEqual({ new: 0, changed: 1, same: 1 })
  expect((await linesOf(again.id, '?act=changed'))[0]).toMatchObject({ line: 1, changes: [{ what: 'name' }] })
  const faulty = await read(
    'fhir',
    bundle('Lopez', 'US-XX', { active: 'yes', location: [{ reference: 'Location/nowhere' }] }),
  )
  expect(faulty.faults.map(({ line, column, code }) => `${line} ${column} ${code}`)).toEqual([
    '1 Practitioner.qualification[0].extension unknown-place',
    '2 PractitionerRole.active value',
    '2 PractitionerRole.location[0] unknown-reference',
  ])
  expect((await read('fhir', '{"resourceType":"Practitioner","id":"a"}\nnot json\n')).faults).toMatchObject([
    { line: 2, code: 'json' },
  ])
  expect((await read('fhir', '{"resourceType":"Patient","id":"a"}')).faults).toMatchObject([
    { line: 1, code: 'other-type' },
  ])
})

test('a panel makes people their patients’ own; it is shown to whoever brought it alone', async () => {
  const organization = { reference: 'Organization/o' }
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'update', resource: { resourceType: 'Organization', id: 'o', name: 'O' } },
      { interaction: 'update', resource: patientIn('p1', 'NY', { generalPractitioner: [organization] }) },
    ]),
  )
  const found = await read('panel', 'patient,practitioner\np1,other\n')
  expect(await act(found.id, 'take')).toMatchObject({ state: 'done', counts: { changed: 1 } })
  expect(await stored('Patient/p1')).toMatchObject({
    generalPractitioner: [{ reference: 'Practitioner/other' }, organization],
  })
  expect((await read('panel', 'patient,practitioner\nnobody,other\n')).faults).toEqual([
    { line: 2, column: 'patient', code: 'unknown-patient', message: 'there is no such patient' },
  ])
  expect((await ask('director', 'GET', `/api/team/imports/${found.id}/lines`)).status).toBe(404)
  expect(await act(found.id, 'undo')).toMatchObject({ undone: { back: 1, stay: 0 } })
  expect(await stored('Patient/p1')).toMatchObject({ generalPractitioner: [organization] })
})

test('a table begins with the people that there are, and reads back as nothing new', async () => {
  const table = async (who: string, what: string) =>
    door.app.inject({
      method: 'GET',
      url: `/api/team/imports/table?what=${what}`,
      headers: { cookie: await door.signIn(`${who}@alpha.example`, password), 'x-throughline': 'test' },
    })
  for (const what of ['people', 'licences']) {
    await hire(house, [
      { id: `more-${what}`, roles: ['physician'], licences: [['md', 'US-NY']], languages: ['en', 'fr'] },
    ])
    const { body, headers } = await table('lead', what)
    expect(headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(body).toContain(`more-${what}`)
    const found = await read(what, body)
    expect([found.state, found.counts.new, found.counts.changed]).toEqual(['ready', 0, 0])
    expect(found.counts.same).toBe(body.trim().split('\n').length - 1)
  }
  expect((await table('lead', 'shifts')).body).toBe('practitioner,kind,from,until,comment\n')
  expect((await table('nurse', 'people')).statusCode).toBe(403)
})

test('five thousand people are taken while others go on working, and how far it is can be seen', {
  timeout: 120_000,
}, async () => {
  const rows = Array.from(
    { length: 5_000 },
    (_none, n) => `many-${n},Family ${n},Given,en,wound-care,mon-fri 08:00-16:00`,
  )
  const { id, state } = await read('people', ['practitioner,family,given,languages,skills,hours', ...rows].join('\n'))
  expect(state).toBe('ready')
  await ask('lead', 'POST', `/api/team/imports/${id}/take`)
  let settled = false
  const began = performance.now()
  const writing = house.settle().then(() => (settled = true))
  const seen = new Set<number>()
  let answers = 0
  while (!settled) {
    seen.add((await look(id)).done)
    answers += 1
  }
  await writing
  console.info(
    `5,000 people taken in ${((performance.now() - began) / 1000).toFixed(1)} s; ${answers} other calls answered meanwhile`,
  )
  expect(await look(id)).toMatchObject({ state: 'done' })
  // Somewhere between nothing and all of it: the work leaves room for others.
  expect([...seen].filter((done) => done > 0 && done < 10_000).length).toBeGreaterThan(3)
  expect(await stored('Practitioner/many-4999')).toBeDefined()
  expect(await act(id, 'undo')).toMatchObject({ undone: { back: 10_000, stay: 0 } })
})
