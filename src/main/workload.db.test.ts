import type { Task } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { password, useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import { hire } from '../../testkit/team.ts'
import type { Workload } from '../contracts/index.ts'
import { rosterWrites } from '../scheduling/index.ts'

/** A Friday at noon in Toronto. */
const start = Date.UTC(2026, 1, 6, 17)
const hour = 3_600_000
const house = useHouse({ start })
const door = useDoor(house)
const workloadOf = async (who: string) =>
  (await door.call(await door.signIn(`${who}@alpha.example`, password), 'GET', '/api/team/workload')).body as Workload

const call = (id: string, owner: string): Task & { id: string } => ({
  resourceType: 'Task',
  id,
  status: 'completed',
  intent: 'order',
  code: { coding: [{ system: 'urn:throughline:task-kind', code: 'patient-call' }], text: 'Call' },
  extension: [{ url: 'urn:throughline:jurisdiction', valueCode: 'US-NY' }],
  owner: { reference: `Practitioner/${owner}` },
})

test('hours at work, on call and unsocial, and work above what it needs, are what the roster and the tasks say; leave does not count', async () => {
  const at = (days: number, clock: number) => start + days * 24 * hour + (clock - 12) * hour
  await hire(house, [
    {
      id: 'doctor',
      roles: ['physician'],
      licences: [['md', 'US-NY']],
      shifts: [
        // Thursday, two hours of it after nineteen; a Saturday morning; a day that leave takes.
        { from: at(-1, 13), until: at(-1, 21) },
        { from: at(-6, 9), until: at(-6, 13) },
        { from: at(-2, 8), until: at(-2, 17) },
        // Has begun, and is not over.
        { from: at(0, 8), until: at(0, 17) },
      ],
    },
    { id: 'clerk-of-all', roles: ['access-coordinator'], credential: 'clerk' },
  ])
  const away = { practitioner: 'doctor', from: at(-2, 0), until: at(-1, 0) }
  await house.database.transaction(house.alpha, (tx) =>
    house.record.write(tx, house.context, [
      ...rosterWrites([
        { id: 'ill', kind: 'leave', ...away },
        { id: 'call', practitioner: 'doctor', kind: 'on-call', from: at(-4, 0), until: at(-4, 24) },
      ]),
      ...[call('one', 'doctor'), call('two', 'doctor'), call('three', 'clerk-of-all')].map((resource) => ({
        interaction: 'update' as const,
        resource,
      })),
    ]),
  )
  house.clock.advance(1)
  const { items } = await workloadOf('lead')
  const of = (id: string) => items.find(({ reference }) => reference === `Practitioner/${id}`)
  expect(of('doctor')).toMatchObject({
    worked: expect.closeTo((8 + 4 + 4) * 60, 1),
    onCall: 24 * 60,
    unsocial: expect.closeTo((2 + 4) * 60, 1),
    done: 2,
    ofKind: 16,
    above: 16,
  })
  expect(of('clerk-of-all')).toMatchObject({ worked: 0, done: 1, ofKind: 8, above: 0 })
})

test('who is no lead sees their own alone', async () => {
  const { mine, items } = await workloadOf('nurse')
  expect(items).toEqual([])
  const lead = await workloadOf('lead')
  expect(mine === null || lead.items.some(({ reference }) => reference === mine.reference)).toBe(true)
})
