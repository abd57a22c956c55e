import { fork } from 'node:child_process'
import type { Task } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { useHouse } from '../../testkit/house.ts'
import { hire } from '../../testkit/team.ts'
import { systemClock } from '../kernel/index.ts'

// The processes keep the system's time.
const now = systemClock.now()
const house = useHouse({ start: now })
const count = 120
const hour = 3_600_000

interface Report {
  got: string[]
  refused: Record<string, number>
}

function claimAs(person: string) {
  const target = house.db.target
  if (!('socketFolder' in target)) throw new Error('the test database has a socket')
  const child = fork(
    new URL('../../testkit/claim-process.ts', import.meta.url).pathname,
    [target.socketFolder, target.database, person, String(count)],
    { execArgv: [] },
  )
  const heard = (what: (message: unknown) => boolean) =>
    new Promise<unknown>((tell, fail) => {
      child.on('message', (message) => what(message) && tell(message))
      child.on('exit', (code) => fail(new Error(`the process of ${person} ended with ${code}`)))
    })
  const report = heard((message) => typeof message === 'object')
  report.catch(() => {})
  return { ready: heard((message) => message === 'ready'), report, go: () => child.send('go') }
}

test('eight people in eight processes claim the same tasks at once: each task is held by one, and never by one who may not', {
  timeout: 120_000,
}, async () => {
  const shift = { from: now - hour, until: now + 8 * hour }
  const people = Array.from({ length: 8 }, (_none, n) => `claimer-${n}`)
  await hire(
    house,
    people.map((id, n) => ({
      id,
      roles: ['triage-nurse'],
      // Two of them are licensed elsewhere only.
      licences: [['rn', n < 6 ? 'US-NY' : 'CA-ON'] as const].map(([credential, place]) => [credential, place]),
      skills: ['triage'],
      shifts: [shift],
    })),
  )
  const tasks = Array.from({ length: count }, (_none, n): Task & { id: string } => ({
    resourceType: 'Task',
    id: `claim-${n}`,
    status: 'requested',
    intent: 'order',
    code: { coding: [{ system: 'urn:throughline:task-kind', code: 'nurse-triage' }] },
    extension: [{ url: 'urn:throughline:jurisdiction', valueCode: 'US-NY' }],
    performerType: [{ coding: [{ system: 'urn:throughline:role', code: 'triage-nurse' }] }],
  }))
  await house.database.transaction(house.alpha, (tx) =>
    house.record.write(
      tx,
      house.context,
      tasks.map((resource) => ({ interaction: 'update', resource })),
    ),
  )
  const claimers = people.map(claimAs)
  await Promise.all(claimers.map(({ ready }) => ready))
  for (const { go } of claimers) go()
  const reports = (await Promise.all(claimers.map(({ report }) => report))) as Report[]
  const taken = reports.flatMap(({ got }, n) => got.map((task) => [task, `Practitioner/${people[n]}`] as const))
  expect(taken).toHaveLength(count)
  const owners = await house.database.transaction(house.alpha, (tx) =>
    tx.query<{ id: string; owner: string }>({
      text: 'select id, owner from work_item where tenant_id = $1 and open',
      values: [tx.tenant],
    }),
  )
  expect(new Map(owners.map(({ id, owner }) => [id, owner]))).toEqual(new Map(taken))
  // They did meet, and those of Ontario were refused by their licence where the task was still to be had.
  expect(reports.filter(({ got }) => got.length > 0).length).toBeGreaterThan(1)
  expect(reports.slice(6).map(({ got }) => got)).toEqual([[], []])
  for (const { got, refused } of reports)
    expect(got.length + (refused['task-taken'] ?? 0) + (refused['task-not-permitted'] ?? 0)).toBe(count)
  expect(reports.slice(6).every(({ refused }) => (refused['task-not-permitted'] ?? 0) > 0)).toBe(true)
})
