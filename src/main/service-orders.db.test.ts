import type { ServiceRequest, Task } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { password, useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import { hire, patientIn } from '../../testkit/team.ts'
import type { ServiceBegun, ServiceOrder, ServiceOrders } from '../contracts/index.ts'
import { systemActor } from '../kernel/index.ts'

// A Monday, nine in the morning in Toronto.
const start = Date.UTC(2026, 2, 2, 14)
const hour = 3_600_000
const house = useHouse({ start })
const door = useDoor(house)
const inAlpha = <T>(work: Parameters<typeof house.database.transaction<T>>[1]) =>
  house.database.transaction(house.alpha, work)
const ask = async (who: string, method: 'GET' | 'POST', url: string, body?: unknown) =>
  door.call(await door.signIn(`${who}@alpha.example`, password), method, url, body)
const orders = async (patient: string) =>
  ((await ask('nurse', 'GET', `/api/services/orders?patient=${patient}`)).body as ServiceOrders).items
const barsOf = (items: readonly ServiceOrder[], id: string) =>
  items.find(({ service }) => service.id === id)?.bars.map(({ code }) => code)
const phq9 = 'https://throughline.example/forms/phq-9'
const intake = 'https://throughline.example/forms/intake'

const service = (id: string, more: object) => ({
  service: id,
  title: { en: `Service ${id}`, fr: `Service ${id}` },
  minutes: 30,
  modes: ['video', 'telephone'],
  codes: [],
  fees: [],
  forms: [],
  pathways: [],
  in: ['US-NY', 'CA-QC'],
  places: [],
  hours: 'clinic',
  needs: [{ kind: 'visit' }],
  ...more,
})

test('each service says of a patient whether it can be begun, and every reason why not', async () => {
  await hire(house, [
    {
      id: 'doctor',
      roles: ['physician'],
      licences: [['md', 'US-NY']],
      shifts: [{ from: start - hour, until: start + 8 * hour }],
    },
  ])
  await inAlpha(async (tx) => {
    await house.record.write(
      tx,
      { ...house.context, actor: systemActor },
      house.library.forms.map((resource) => ({ interaction: 'create' as const, resource })),
    )
    await house.record.write(tx, house.context, [
      { interaction: 'update', resource: patientIn('adult', 'NY', { birthDate: '1980-05-05' }) },
      { interaction: 'update', resource: patientIn('child', 'NY', { birthDate: '2020-05-05' }) },
      { interaction: 'update', resource: patientIn('quebec', 'QC', { birthDate: '1980-05-05' }) },
      { interaction: 'update', resource: patientIn('texan', 'TX', { birthDate: '1980-05-05' }) },
      { interaction: 'update', resource: patientIn('nowhere', undefined) },
    ])
    const source = house.library.catalogue.find(({ file }) => file.endsWith('depression-care.yaml'))?.source ?? ''
    await house.pathways.publish(tx, house.context, source, 'First')
  })
  for (const definition of [
    service('depression-care', { pathways: ['depression-care'], forms: [phq9, intake], eligibility: 'age >= 18' }),
    service('renewals', { pathways: ['prescription-renewal'] }),
    service('advice', { pathways: ['lab-follow-up'] }),
  ]) {
    const { body } = await ask('lead', 'POST', '/api/services', { definition })
    expect(body).toMatchObject({ findings: [] })
    const url = `/api/services/${definition.service}/versions/1/publish`
    expect((await ask('lead', 'POST', url, { stored: 1 })).status).toBe(200)
  }
  const adult = await orders('adult')
  expect(adult.find((one) => one.service.id === 'depression-care')).toMatchObject({
    can: true,
    bars: [],
    jurisdiction: { id: 'US-NY' },
    modes: ['video', 'telephone'],
    // The pathway asks for the other form itself.
    forms: [{ url: intake }],
    pathways: [{ id: 'depression-care' }],
  })
  expect(barsOf(adult, 'renewals')).toEqual(['pathway-not-live'])
  expect(barsOf(adult, 'advice')).toEqual(['begins-otherwise'])
  expect(adult.find((one) => one.service.id === 'advice')?.bars[0]?.sentence).toContain('but by ServiceRequest')
  expect(barsOf(await orders('child'), 'depression-care')).toEqual(['not-eligible'])
  expect(barsOf(await orders('quebec'), 'depression-care')).toEqual(['nobody-may'])
  expect(barsOf(await orders('texan'), 'depression-care')).toEqual(['not-offered-there'])
  expect(barsOf(await orders('nowhere'), 'depression-care')).toEqual(['eligibility-unknown', 'no-jurisdiction'])
  expect((await ask('nurse', 'GET', '/api/services/orders?patient=nobody')).status).toBe(404)
})

test('a service is begun: its order stands in the record, its pathway runs, and a form that it does not ask for is a task', async () => {
  const { status, body } = await ask('nurse', 'POST', '/api/services/depression-care/orders', {
    patient: 'adult',
    mode: 'video',
    note: 'Asked for it on the telephone',
  })
  expect(status).toBe(201)
  const { order, tasks } = body as ServiceBegun
  expect(await inAlpha((tx) => house.record.read(tx, order))).toMatchObject({
    status: 'active',
    intent: 'order',
    instantiatesCanonical: ['urn:throughline:service:depression-care|1'],
    code: { coding: [{ system: 'urn:throughline:service', code: 'depression-care' }, { code: 'depression-care' }] },
    orderDetail: [{ coding: [{ code: 'video' }] }],
    subject: { reference: 'Patient/adult' },
    requester: { reference: 'Practitioner/nurse' },
    note: [{ text: 'Asked for it on the telephone' }],
  } satisfies Partial<ServiceRequest>)
  expect(tasks).toHaveLength(1)
  const task = (await inAlpha((tx) => house.record.read(tx, `Task/${tasks[0]}`))) as Task
  expect(task).toMatchObject({
    performerType: [{ coding: [{ code: 'physician' }] }],
    basedOn: [{ reference: order }],
    input: [{ valueCanonical: intake }],
  })
  await house.settle()
  const journeys = await inAlpha((tx) =>
    tx.query<{ pathway: string }>({
      text: `select pathway from journey where tenant_id = $1 and subject = 'Patient/adult'`,
      values: [tx.tenant],
    }),
  )
  expect(journeys).toEqual([{ pathway: 'depression-care' }])
  // Begun once, it is not begun a second time.
  expect(barsOf(await orders('adult'), 'depression-care')).toEqual(['already-running'])
})

test('what cannot be begun is refused with every reason, and leaves nothing', async () => {
  const count = () =>
    inAlpha(async (tx) => (await house.record.search(tx, 'ServiceRequest', new URLSearchParams())).resources.length)
  const before = await count()
  expect(
    await ask('nurse', 'POST', '/api/services/depression-care/orders', {
      patient: 'child',
      mode: 'home',
      place: 'moon',
    }),
  ).toMatchObject({
    status: 422,
    body: {
      error: {
        code: 'service-not-begun',
        faults: [{ path: 'id', code: 'not-eligible' }, { path: 'mode', code: 'not-offered' }, { path: 'place' }],
      },
    },
  })
  expect(await ask('nurse', 'POST', '/api/services/nothing/orders', { patient: 'adult', mode: 'video' })).toMatchObject(
    {
      status: 422,
      body: { error: { faults: [{ code: 'not-on-menu' }] } },
    },
  )
  expect(
    (await ask('admin', 'POST', '/api/services/depression-care/orders', { patient: 'adult', mode: 'video' })).status,
  ).toBe(403)
  expect(await count()).toBe(before)
})
