import type { Communication, Task } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { referral, useHouse } from '../../testkit/house.ts'
import { readLog } from '../journeys/index.ts'
import { why } from '../pathways/index.ts'
import { actOnTask, listWork, titleOf } from '../work/index.ts'

const house = useHouse()
const inAlpha = <T>(work: Parameters<typeof house.database.transaction<T>>[1]) =>
  house.database.transaction(house.alpha, work)
const journeyOf = async (key: string) => {
  const [row] = await inAlpha((tx) =>
    tx.query<{ id: string; status: string; stage: string; pathway: string; version: number; outcome: string | null }>({
      text: 'select id, status, stage, pathway, version, outcome from journey where tenant_id = $1 and key = $2',
      values: [tx.tenant, key],
    }),
  )
  return row
}
const queue = async (role: string) =>
  (await inAlpha((tx) => listWork(tx, { list: 'queue', roles: [role] }, house.clock.now(), undefined))).rows.map(
    ({ id }) => id,
  )
const taskOf = (id: string) => inAlpha((tx) => house.record.read(tx, `Task/${id}`)) as Promise<Task>
const nurse = () => house.as({ reference: 'Practitioner/nurse', name: 'Nadia Nurse', roles: ['triage-nurse'] })
const act = (id: string, action: Parameters<typeof actOnTask>[4], context = nurse()) =>
  inAlpha((tx) =>
    actOnTask(tx, context, house.record, id, action, {
      mayManage: false,
      roles: ['triage-nurse', 'access-coordinator'],
      routing: house.routing,
    }),
  )

test('a referral becomes a journey whose first task stands in the triage queue', async () => {
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      {
        interaction: 'create',
        resource: {
          resourceType: 'Patient',
          id: 'r1-patient',
          name: [{ given: ['Ann'], family: 'Able' }],
          telecom: [{ system: 'phone', use: 'mobile', value: '555-0123' }],
          communication: [{ language: { coding: [{ code: 'fr-CA' }] } }],
        },
      },
      { interaction: 'create', resource: referral('r1', { priority: 'urgent' }) },
    ]),
  )
  await house.settle()
  expect(await journeyOf('r1')).toMatchObject({
    status: 'active',
    stage: 'triage',
    pathway: 'referral-intake',
    version: 1,
  })
  const [id = ''] = await queue('triage-nurse')
  const task = await taskOf(id)
  expect(titleOf(task)).toEqual({ en: 'Triage the referral', fr: 'Trier la demande' })
  expect(task).toMatchObject({
    status: 'requested',
    priority: 'urgent',
    for: { reference: 'Patient/r1-patient' },
    focus: { reference: 'ServiceRequest/r1' },
  })
  expect(Date.parse(task.restriction?.period?.end ?? '') - house.clock.now()).toBe(4 * 3_600_000)
})

test('the same referral written again starts no second journey', async () => {
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'update', resource: referral('r1', { priority: 'urgent', note: [{ text: 'seen' }] }) },
    ]),
  )
  await house.settle()
  const rows = await inAlpha((tx) =>
    tx.query({ text: `select from journey where tenant_id = $1 and key = 'r1'`, values: [tx.tenant] }),
  )
  expect(rows.length).toBe(1)
})

test('two people cannot take the same task', async () => {
  const [id = ''] = await queue('triage-nurse')
  const other = house.as({ reference: 'Practitioner/other', name: 'Olive Other', roles: ['triage-nurse'] })
  const results = await Promise.allSettled([act(id, { do: 'claim' }), act(id, { do: 'claim' }, other)])
  expect(results.map((result) => result.status).toSorted()).toEqual(['fulfilled', 'rejected'])
  const refused = results.find((result) => result.status === 'rejected')
  expect(refused?.reason).toMatchObject({ code: 'task-taken', status: 409 })
  expect(await queue('triage-nurse')).toEqual([])
  const owner = (await taskOf(id)).owner?.reference
  await act(id, { do: 'release' }, owner === 'Practitioner/other' ? other : nurse())
  expect(await queue('triage-nurse')).toEqual([id])
})

test('a task done moves the journey, books the visit and tells the patient in their language', async () => {
  const [id = ''] = await queue('triage-nurse')
  await act(id, { do: 'claim' })
  await expect(act(id, { do: 'complete' })).rejects.toMatchObject({ code: 'outcome-needed' })
  await expect(act(id, { do: 'complete', outcome: 'perhaps' })).rejects.toMatchObject({ code: 'unknown-outcome' })
  await act(id, { do: 'complete', outcome: 'accept', note: 'Soon, please' })
  await house.settle()
  expect(await journeyOf('r1')).toMatchObject({ stage: 'booking' })
  const clerk = house.as({ reference: 'Practitioner/clerk', name: 'Cleo Clerk', roles: ['access-coordinator'] })
  const [booking = ''] = await queue('access-coordinator')
  await expect(act(booking, { do: 'claim' })).rejects.toMatchObject({ code: 'task-not-for-you' })
  await act(booking, { do: 'claim' }, clerk)
  await act(booking, { do: 'complete', outcome: 'booked' }, clerk)
  await house.settle()
  const journey = await journeyOf('r1')
  expect(journey).toMatchObject({ stage: 'booked' })
  const [row] = await inAlpha((tx) =>
    tx.query<{ id: string; status: string; channel: string }>({
      text: 'select id, status, channel from message where tenant_id = $1 and journey = $2',
      values: [tx.tenant, journey?.id],
    }),
  )
  expect(row).toMatchObject({ status: 'completed', channel: 'sms' })
  const message = (await inAlpha((tx) => house.record.read(tx, `Communication/${row?.id}`))) as Communication
  expect(message.payload?.[1]?.contentString).toBe(
    'Alpha Clinic : votre première visite est fixée. En cas d’empêchement : 555-0100.',
  )
})

test('the finished visit ends the journey as seen', async () => {
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      {
        interaction: 'create',
        resource: {
          resourceType: 'Encounter',
          id: 'e1',
          status: 'finished',
          class: { code: 'AMB' },
          subject: { reference: 'Patient/r1-patient' },
          basedOn: [{ reference: 'ServiceRequest/r1' }],
        },
      },
    ]),
  )
  await house.settle()
  expect(await journeyOf('r1')).toMatchObject({ status: 'completed', outcome: 'seen' })
  const timers = await inAlpha((tx) =>
    tx.query({ text: 'select from journey_timer where tenant_id = $1', values: [tx.tenant] }),
  )
  expect(timers.length).toBe(0)
})

test('a referral left untouched past its due time escalates once, to the right role, and says why', async () => {
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'create', resource: referral('r2', { priority: 'urgent' }) },
    ]),
  )
  await house.settle()
  const [id = ''] = await queue('triage-nurse')
  await house.pass(3 * 3_600_000)
  expect(await queue('charge-nurse')).toEqual([])
  await house.pass(12 * 60_000, 60_000)
  expect(await queue('charge-nurse')).toEqual([id])
  expect(await queue('clinical-director')).toEqual([])
  await house.pass(72 * 3_600_000)
  expect(await queue('clinical-director')).toEqual([id])
  const journey = await journeyOf('r2')
  const log = await inAlpha((tx) => readLog(tx, journey?.id ?? ''))
  expect(log.filter((entry) => entry.kind === 'escalated').map((entry) => entry.data['role'])).toEqual([
    'charge-nurse',
    'clinical-director',
  ])
  expect(log.filter((entry) => entry.kind === 'missed').length).toBe(1)
  const pathway = await inAlpha((tx) => house.pathways.version(tx, 'referral-intake', 1))
  const told = why(log, id, {
    definition: pathway.definition,
    version: 1,
    roles: house.library.roles,
    locale: 'en',
    zone: 'America/Toronto',
  })
  expect(told?.sentence).toBe(
    `“Triage the referral” escalated to Clinical director: 100 % of its time has passed (due Mon, Mar 2, 1:00 p.m.). Rule tracks.intake.steps.triage.task.escalate.1 of Referral intake to first visit, version 1, after timer/${journey?.id}/triage#1.1/${Date.UTC(2026, 2, 2, 18)}.`,
  )
  expect(told?.chain[0]).toMatchObject({ event: 'ServiceRequest/r2/1', rule: 'starts.0' })
})

test('a patient whom no channel reaches is called instead', async () => {
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'create', resource: { resourceType: 'Patient', id: 'r3-patient' } },
      { interaction: 'create', resource: referral('r3') },
    ]),
  )
  await house.settle()
  const [id = ''] = await queue('triage-nurse').then((ids) => ids.filter((one) => one !== ''))
  for (const one of await queue('triage-nurse')) {
    const task = await taskOf(one)
    if (task.focus?.reference !== 'ServiceRequest/r3') continue
    await act(one, { do: 'claim' })
    await act(one, { do: 'complete', outcome: 'accept' })
  }
  expect(id).not.toBe('')
  await house.settle()
  const clerk = house.as({ reference: 'Practitioner/clerk', name: 'Cleo Clerk', roles: ['access-coordinator'] })
  const [booking = ''] = await queue('access-coordinator')
  await act(booking, { do: 'claim' }, clerk)
  await act(booking, { do: 'complete', outcome: 'booked' }, clerk)
  await house.settle()
  const [call = ''] = await queue('access-coordinator')
  expect(titleOf(await taskOf(call)).en).toBe('Tell the patient about the visit by telephone')
})

test('a withdrawn referral takes its task, and the visit it asked for, with it', async () => {
  await inAlpha((tx) => house.record.write(tx, house.context, [{ interaction: 'create', resource: referral('r4') }]))
  await house.settle()
  for (const one of await queue('triage-nurse')) {
    if ((await taskOf(one)).focus?.reference !== 'ServiceRequest/r4') continue
    await act(one, { do: 'claim' })
    await act(one, { do: 'complete', outcome: 'accept' })
  }
  await house.settle()
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [{ interaction: 'update', resource: referral('r4', { status: 'revoked' }) }]),
  )
  await house.settle()
  const journey = await journeyOf('r4')
  expect(journey).toMatchObject({ status: 'cancelled', outcome: 'withdrawn' })
  const read = (reference: string) => inAlpha((tx) => house.record.read(tx, reference))
  expect(await read(`Appointment/${journey?.id}.2`)).toMatchObject({ status: 'cancelled' })
  expect(await read(`Task/${journey?.id}.3`)).toMatchObject({ status: 'cancelled' })
})

test('a task that somebody cancels ends its journey as abandoned, not as care completed', async () => {
  await inAlpha((tx) => house.record.write(tx, house.context, [{ interaction: 'create', resource: referral('r5') }]))
  await house.settle()
  const journey = await journeyOf('r5')
  const task = await taskOf(`${journey?.id}.1`)
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'update', resource: { ...task, id: task.id ?? '', status: 'cancelled' } },
    ]),
  )
  await house.settle()
  expect(await journeyOf('r5')).toMatchObject({ status: 'completed', outcome: 'abandoned' })
})

test('a task that is put off leaves its queue until then and comes back by itself; nobody’s list still has it', async () => {
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      {
        interaction: 'update',
        resource: {
          resourceType: 'Task',
          id: 'put-off',
          status: 'requested',
          intent: 'order',
          performerType: [{ coding: [{ system: 'urn:throughline:role', code: 'triage-nurse' }] }],
        },
      },
      {
        interaction: 'update',
        resource: { resourceType: 'Task', id: 'of-no-role', status: 'requested', intent: 'order' },
      },
    ]),
  )
  const unowned = async () =>
    (await inAlpha((tx) => listWork(tx, { list: 'unowned' }, house.clock.now(), undefined))).rows.map(({ id }) => id)
  const until = (hours: number) => new Date(house.clock.now() + hours * 3_600_000).toISOString()
  const snooze = (hours: number) => act('put-off', { do: 'snooze', until: until(hours), reason: 'Waits for a fax' })
  await expect(snooze(-1)).rejects.toMatchObject({ code: 'snooze-window' })
  await expect(snooze(31 * 24)).rejects.toMatchObject({ code: 'snooze-window' })
  expect(await queue('triage-nurse')).toContain('put-off')
  const task = await snooze(4)
  expect(task).toMatchObject({ status: 'on-hold', statusReason: { text: 'Waits for a fax' } })
  expect(await queue('triage-nurse')).not.toContain('put-off')
  expect(await unowned()).toEqual(expect.arrayContaining(['put-off', 'of-no-role']))
  house.clock.advance(4 * 3_600_000 - 1)
  expect(await queue('triage-nurse')).not.toContain('put-off')
  house.clock.advance(1)
  expect(await queue('triage-nurse')).toContain('put-off')
  // Whoever takes it before has it at once.
  await snooze(4)
  const mine = async () =>
    (
      await inAlpha((tx) => listWork(tx, { list: 'mine', owner: 'Practitioner/nurse' }, house.clock.now(), undefined))
    ).rows.map(({ id }) => id)
  const taken = await act('put-off', { do: 'claim' })
  expect(taken.extension?.some(({ url }) => url === 'urn:throughline:snoozed-until')).toBe(false)
  expect(await mine()).toContain('put-off')
  expect(await unowned()).not.toContain('put-off')
})
