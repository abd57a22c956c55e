import { expect, test } from 'vitest'
import { password, useDoor } from '../../testkit/door.ts'
import { referral, useHouse } from '../../testkit/house.ts'
import { hire, patientIn } from '../../testkit/team.ts'
import { serviceAround } from '../desk/index.ts'
import { readServices } from '../scheduling/index.ts'
import { furnish } from './serve.ts'

// A Monday, nine in the morning in Toronto.
const start = Date.UTC(2026, 2, 2, 14)
const hour = 3_600_000
const house = useHouse({ start })
const door = useDoor(house)
const ask = async (who: string, method: 'GET' | 'POST' | 'PUT', url: string, body?: unknown) =>
  door.call(await door.signIn(`${who}@alpha.example`, password), method, url, body)
const inHours = (hours: number) => new Date(start + hours * hour).toISOString()

const definition = {
  service: 'renewal-line',
  title: { en: 'Renewal line', fr: 'Ligne des renouvellements' },
  minutes: 10,
  modes: ['telephone'],
  codes: [{ system: 'rxnorm', code: '6809' }],
  fees: [{ system: 'cpt', code: '99213', in: ['US-NY'] }],
  forms: [],
  pathways: [],
  eligibility: 'age >= 18',
  in: ['US-NY', 'CA-QC'],
  places: [],
  hours: 'clinic',
  needs: [{ kind: 'renewal' }, { kind: 'patient-call' }],
}

test('a new clinic begins with the library’s menu, twelve services and more, each readable as FHIR', async () => {
  const { db, context } = house
  const { beta } = db
  await house.database.transaction(beta, (tx) => furnish(house, tx, { ...context, tenant: beta }))
  const live = await house.database.transaction(beta, (tx) => house.menu.live(tx))
  expect(live.length).toBeGreaterThanOrEqual(12)
  const found = await house.database.transaction(beta, (tx) =>
    house.record.search(tx, 'HealthcareService', new URLSearchParams({ active: 'true', _count: '100' })),
  )
  expect(found.resources.map(({ id }) => id).toSorted()).toEqual(live.map(({ id }) => id).toSorted())
  // Every pathway has one service at most: what a task belongs to is never a guess.
  const pathways = live.flatMap((one) => one.definition.pathways)
  expect(pathways).toHaveLength(new Set(pathways).size)
  const around = await house.database.transaction(beta, (tx) => serviceAround(tx, house, start))
  expect(readServices(house.library.services, around)).toHaveLength(live.length)
})

test('a service is written, checked, published and read as FHIR; its next version leaves the published one as it was', async () => {
  const faulty = { ...definition, needs: [{ kind: 'magic' }] }
  const begun = await ask('lead', 'POST', '/api/services', { definition: faulty })
  expect(begun).toMatchObject({
    status: 201,
    body: { id: 'renewal-line', version: 1, status: 'draft', stored: 1, findings: [{ path: 'needs.0.kind' }] },
  })
  const url = '/api/services/renewal-line/versions'
  expect(await ask('lead', 'POST', `${url}/1/publish`, { stored: 1 })).toMatchObject({
    status: 422,
    body: { error: { code: 'service-refused', faults: [{ code: 'unknown-kind', path: 'needs.0.kind' }] } },
  })
  expect((await ask('nurse', 'POST', '/api/services', { definition })).status).toBe(403)
  expect(await ask('lead', 'PUT', `${url}/1`, { definition, stored: 1 })).toMatchObject({
    status: 200,
    body: { stored: 2, findings: [] },
  })
  expect(await ask('lead', 'PUT', `${url}/1`, { definition, stored: 1 })).toMatchObject({
    status: 409,
    body: { error: { code: 'service-changed' } },
  })
  expect(await ask('lead', 'POST', `${url}/1/publish`, { stored: 2 })).toMatchObject({
    status: 200,
    body: {
      status: 'active',
      resources: [
        'HealthcareService/renewal-line',
        'ActivityDefinition/renewal-line-v1',
        'ChargeItemDefinition/renewal-line-v1',
      ],
    },
  })
  expect(await ask('lead', 'PUT', `${url}/1`, { definition, stored: 3 })).toMatchObject({
    status: 409,
    body: { error: { code: 'service-frozen' } },
  })
  const fhir = (await door.fhir('GET', '/fhir/ActivityDefinition/renewal-line-v1')).body
  expect(fhir).toMatchObject({ status: 'active', version: '1', timingDuration: { value: 10 } })
  const next = await ask('lead', 'POST', '/api/services', { definition: { ...definition, minutes: 12 } })
  expect(next.body).toMatchObject({ version: 2, status: 'draft' })
  expect((await ask('nurse', 'GET', '/api/services/renewal-line')).body).toMatchObject({
    version: 1,
    definition: { minutes: 10 },
    versions: [
      { version: 2, status: 'draft' },
      { version: 1, status: 'active' },
    ],
  })
  await ask('lead', 'POST', `${url}/2/publish`, { stored: 1 })
  expect((await door.fhir('GET', '/fhir/ActivityDefinition/renewal-line-v1')).body).toMatchObject({
    status: 'retired',
    timingDuration: { value: 10 },
  })
  expect((await ask('nurse', 'GET', '/api/services')).body).toMatchObject({
    items: [{ id: 'renewal-line', minutes: 12, live: 2, draft: null }],
  })
  const wrong = await ask('lead', 'POST', '/api/services', { definition: { ...definition, hours: 'sometimes' } })
  expect(wrong).toMatchObject({ status: 400, body: { error: { faults: [{ path: 'body.definition.hours' }] } } })
})

test('where a service can be had at an hour follows licences, shifts and hours, and says what would help', async () => {
  await hire(house, [
    {
      id: 'doctor',
      roles: ['physician'],
      licences: [['md', 'US-NY', '2026-03-02']],
      shifts: [
        { from: start, until: start + 8 * hour },
        { from: start + 24 * hour, until: start + 32 * hour },
      ],
    },
    {
      id: 'practitioner',
      roles: ['physician'],
      licences: [['np', 'CA-QC']],
      shifts: [{ from: start + 24 * hour, until: start + 32 * hour }],
    },
    {
      id: 'caller',
      roles: ['access-coordinator'],
      credential: 'clerk',
      shifts: [{ from: start, until: start + 40 * hour }],
    },
  ])
  const at = async (hours: number) =>
    (await ask('nurse', 'GET', `/api/services/renewal-line/offered?at=${inHours(hours)}`)).body as {
      open: boolean
      opens: string | null
      items: {
        now: boolean
        needs: { ready: { name: string }[]; may: number; next: string | null; unblock: string | null }[]
      }[]
    }
  const now = await at(0)
  expect(now).toMatchObject({
    open: true,
    items: [
      {
        jurisdiction: { id: 'US-NY' },
        now: true,
        fees: [{ code: '99213' }],
        needs: [{ ready: [{ name: 'Name of doctor' }] }, {}],
      },
      {
        jurisdiction: { id: 'CA-QC' },
        now: false,
        fees: [],
        needs: [{ ready: [], may: 1, next: inHours(24) }, { ready: [{ name: 'Name of caller' }] }],
      },
    ],
  })
  expect(now.items[1]?.needs[0]?.unblock).toContain('Name of practitioner')
  // At eight in the evening it is closed; the next morning the doctor's licence is over in New York, and only there.
  expect(await at(11)).toMatchObject({ open: false, opens: inHours(23) })
  expect((await at(25)).items.map((one) => one.now)).toEqual([false, true])
  const menuAt = async (jurisdiction: string, hours: number) =>
    (await ask('nurse', 'GET', `/api/services/offered?jurisdiction=${jurisdiction}&at=${inHours(hours)}`)).body
  expect(await menuAt('CA-QC', 0)).toMatchObject({
    items: [{ id: 'renewal-line', now: false, open: true, next: inHours(24) }],
  })
  expect(await menuAt('US-NY', 25)).toMatchObject({ items: [{ id: 'renewal-line', now: false, next: null }] })
  expect(await menuAt('CA-ON', 0)).toMatchObject({ items: [] })
  expect((await ask('nurse', 'GET', '/api/services/offered?jurisdiction=US-ZZ')).status).toBe(422)
})

test('whether a patient may have it is told from the record, and not known when the record does not say', async () => {
  await house.database.transaction(house.alpha, (tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'update', resource: patientIn('adult', 'NY', { birthDate: '2008-03-02' }) },
      { interaction: 'update', resource: patientIn('child', 'NY', { birthDate: '2008-03-03' }) },
      { interaction: 'update', resource: patientIn('ageless', 'NY') },
    ]),
  )
  const eligible = async (patient: string) =>
    (await ask('nurse', 'GET', `/api/services/renewal-line/eligible?patient=${patient}`)).body
  expect(await eligible('adult')).toEqual({ eligible: true, unknown: [] })
  expect(await eligible('child')).toEqual({ eligible: false, unknown: [] })
  expect(await eligible('ageless')).toEqual({ eligible: null, unknown: ['age'] })
  expect((await ask('nurse', 'GET', '/api/services/renewal-line/eligible?patient=nobody')).status).toBe(404)
  expect((await ask('lead', 'POST', '/api/services/renewal-line/versions/2/retire', { stored: 2 })).body).toMatchObject(
    { status: 'retired' },
  )
  expect((await door.fhir('GET', '/fhir/HealthcareService/renewal-line')).body).toMatchObject({ active: false })
})

test('a task of a pathway says which service it is part of, once a live service names the pathway', async () => {
  const withPathway = { ...definition, service: 'referrals', pathways: ['referral-intake'] }
  await ask('lead', 'POST', '/api/services', { definition: withPathway })
  await ask('lead', 'POST', '/api/services/referrals/versions/1/publish', { stored: 1 })
  await house.database.transaction(house.alpha, (tx) =>
    house.record.write(tx, house.context, [{ interaction: 'update', resource: referral('a-referral') }]),
  )
  await house.settle()
  const { resources } = await house.database.transaction(house.alpha, (tx) =>
    house.record.search(tx, 'Task', new URLSearchParams({ code: 'urn:throughline:service|referrals' })),
  )
  expect(resources.length).toBeGreaterThan(0)
})
