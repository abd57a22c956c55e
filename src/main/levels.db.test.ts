import type { Task } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { password, useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import { hire, patientIn } from '../../testkit/team.ts'
import { rosterWrites } from '../scheduling/index.ts'

// A Monday, nine in the morning in Toronto.
const start = Date.UTC(2026, 2, 2, 14)
const hour = 3_600_000
const house = useHouse({ start })
const door = useDoor(house)
const inAlpha = <T>(work: Parameters<typeof house.database.transaction<T>>[1]) =>
  house.database.transaction(house.alpha, work)

const renewal = (id: string, more: Partial<Task> = {}): Task & { id: string } => ({
  resourceType: 'Task',
  id,
  status: 'requested',
  intent: 'order',
  priority: 'urgent',
  authoredOn: new Date(house.clock.now()).toISOString(),
  code: { coding: [{ system: 'urn:throughline:task-kind', code: 'renewal' }], text: 'Renewal' },
  extension: [{ url: 'urn:throughline:jurisdiction', valueCode: 'US-NY' }],
  performerType: [{ coding: [{ system: 'urn:throughline:role', code: 'access-coordinator' }] }],
  for: { reference: 'Patient/somebody' },
  ...more,
})
const write = (...tasks: (Task & { id: string })[]) =>
  inAlpha((tx) =>
    house.record.write(
      tx,
      house.context,
      tasks.map((resource) => ({ interaction: 'update' as const, resource })),
    ),
  )
const ask = async (who: string, method: 'GET' | 'POST', url: string, body?: unknown) =>
  door.call(await door.signIn(`${who}@alpha.example`, password), method, url, body)
interface Shown {
  version: number
  escalatedTo: string[]
  level: { status: string; goal: string; pausedUntil: string | null; unacknowledged: boolean } | null
  ladder: { climbed: unknown[]; next: { at: string; to: string; onCall: boolean } | null }
}
const shown = async (id: string) => (await ask('lead', 'GET', `/api/work/${id}`)).body as unknown as Shown
const inHours = (hours: number) => new Date(start + hours * hour).toISOString()

test('a task is at risk, then breached, without anybody sweeping; at its goal whoever is on call and may do it is told', async () => {
  await hire(house, [
    { id: 'licensed', roles: ['physician'], licences: [['md', 'US-NY']] },
    { id: 'elsewhere', roles: ['physician'], licences: [['md', 'CA-ON']] },
    { id: 'off', roles: ['physician'], licences: [['md', 'US-NY']] },
  ])
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'update', resource: patientIn('somebody', 'NY') },
      ...rosterWrites(
        ['licensed', 'elsewhere'].map((practitioner) => ({
          id: `${practitioner}-on-call`,
          practitioner,
          kind: 'on-call' as const,
          from: start - hour,
          until: start + 100 * hour,
        })),
      ),
    ]),
  )
  await write(renewal('late'), renewal('done-in-time', { owner: { reference: 'Practitioner/licensed' } }))
  const statuses: (string | undefined)[] = []
  for (const passed of [0, 2.9, 0.2, 0.8]) {
    await house.pass(passed * hour, hour / 4)
    statuses.push((await shown('late')).level?.status)
  }
  expect(statuses).toEqual(['on-time', 'on-time', 'at-risk', 'at-risk'])
  await write(
    renewal('done-in-time', {
      authoredOn: inHours(0),
      status: 'completed',
      executionPeriod: { end: new Date(house.clock.now()).toISOString() },
    }),
  )
  expect((await shown('late')).escalatedTo).toEqual([])
  await house.pass(0.2 * hour, hour / 20)
  expect(await shown('late')).toMatchObject({
    escalatedTo: ['physician'],
    level: { policy: 'urgent-renewal', status: 'breached', goal: inHours(4), unacknowledged: true },
    ladder: {
      climbed: [{ at: inHours(4), to: 'physician', people: ['Name of licensed'], acknowledged: null }],
      // Nobody needs to wait for the share when nobody answers.
      next: { at: inHours(4.5), to: 'clinical-director', onCall: false },
    },
  })
  expect((await shown('done-in-time')).level).toMatchObject({ status: 'on-time' })
  expect((await shown('done-in-time')).ladder).toEqual({ climbed: [], next: null })
  const told = await inAlpha((tx) =>
    house.record.search(tx, 'Communication', new URLSearchParams({ recipient: 'Practitioner/licensed' })),
  )
  expect(told.resources).toHaveLength(1)
  expect(JSON.stringify(told.resources)).not.toContain('somebody')
})

test('whoever acknowledges holds the next rung back until its share of the goal', async () => {
  expect(await ask('nurse', 'POST', '/api/work/late/acknowledge', {})).toMatchObject({ status: 403 })
  expect(await ask('lead', 'POST', '/api/work/late/acknowledge', {})).toMatchObject({
    status: 200,
    body: { level: { unacknowledged: false }, ladder: { next: { at: inHours(6) } } },
  })
  expect(await ask('lead', 'POST', '/api/work/late/acknowledge', {})).toMatchObject({
    status: 409,
    body: { error: { code: 'nothing-to-acknowledge' } },
  })
  await house.pass(1.7 * hour, hour / 4)
  expect((await shown('late')).escalatedTo).toEqual(['physician'])
  await house.pass(0.2 * hour, hour / 20)
  expect(await shown('late')).toMatchObject({
    escalatedTo: ['physician', 'clinical-director'],
    ladder: { next: null },
  })
})

test('waiting for the patient stops the clock and the ladder; whoever takes the task up again starts both', async () => {
  const begun = house.clock.now()
  const after = (hours: number) => new Date(begun + hours * hour).toISOString()
  await write(renewal('waits', { priority: 'urgent' }), renewal('put-off'))
  const waiting = { until: after(10), reason: 'Asked the patient', waiting: 'patient' }
  expect((await ask('clerk', 'POST', '/api/work/waits/snooze', waiting)).body).toMatchObject({
    level: { status: 'paused', pausedUntil: after(10), goal: after(14) },
  })
  await ask('clerk', 'POST', '/api/work/put-off/snooze', { until: after(10), reason: 'Later' })
  await house.pass(5 * hour, hour / 4)
  expect((await shown('waits')).ladder.climbed).toEqual([])
  // Put off for another reason, its clock runs.
  expect(await shown('put-off')).toMatchObject({
    level: { status: 'breached' },
    escalatedTo: ['physician', 'clinical-director'],
  })
  // The patient answered after five hours: a reassignment takes the task up.
  const back = await ask('lead', 'POST', '/api/work/waits/reassign', { role: 'access-coordinator', reason: 'Answered' })
  expect(back.body).toMatchObject({ level: { status: 'on-time', goal: after(9), pausedUntil: null } })
  await house.pass(4.1 * hour, hour / 4)
  expect(await shown('waits')).toMatchObject({ level: { status: 'breached' }, escalatedTo: ['physician'] })
})
