import { fork } from 'node:child_process'
import type { Task } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { referral, useHouse } from '../../testkit/house.ts'
import type { ResourceWrite } from '../fhir/index.ts'
import { systemClock } from '../kernel/index.ts'

// The workers keep the system's time: what is written must be written at the same.
const house = useHouse({ start: systemClock.now() })
const patients = 2_000
const changesEach = 9

const inAlpha = <T>(work: Parameters<typeof house.database.transaction<T>>[1]) =>
  house.database.transaction(house.alpha, work)
const write = async (writes: ResourceWrite[]) => {
  for (let at = 0; at < writes.length; at += 500)
    await inAlpha((tx) => house.record.write(tx, house.context, writes.slice(at, at + 500), { validate: false }))
}

/** Starts a worker process; `stop` asks what it did. */
function startWorker(socketFolder: string, name: string) {
  const child = fork(new URL('../../testkit/worker-process.ts', import.meta.url).pathname, [socketFolder, name], {
    execArgv: [],
  })
  const heard = (what: (message: unknown) => boolean) =>
    new Promise<unknown>((tell) => {
      const hear = (message: unknown) => {
        if (!what(message)) return
        child.off('message', hear)
        tell(message)
      }
      child.on('message', hear)
    })
  return {
    ready: heard((message) => message === 'ready'),
    go: () => child.send('go'),
    async stop() {
      const answer = heard((message) => typeof message === 'object')
      child.send('stop')
      return (await answer) as { events: number; moved: number }
    },
  }
}

test('four worker processes share 20,000 events; each is applied once, in order for every journey', {
  timeout: 180_000,
}, async () => {
  const target = house.db.target
  if (!('socketFolder' in target)) throw new Error('the test database has a socket')
  const workers = Array.from({ length: 4 }, () => startWorker(target.socketFolder, target.database))
  await Promise.all(workers.map((worker) => worker.ready))

  await write(
    Array.from(
      { length: patients },
      (_none, n): ResourceWrite => ({ interaction: 'create', resource: referral(`w${n}`) }),
    ),
  )
  // Changes that must be read in order: a note is counted up; the journeys take or leave each of them.
  for (let round = 1; round < changesEach; round += 1)
    await write(
      Array.from(
        { length: patients },
        (_none, n): ResourceWrite => ({
          interaction: 'update',
          resource: referral(`w${n}`, { note: [{ text: String(round) }] }),
        }),
      ),
    )
  for (const worker of workers) worker.go()
  const left = async () =>
    (
      await inAlpha((tx) =>
        tx.query<{ n: number }>({
          text: 'select count(*)::int as n from fhir_change where tenant_id = $1',
          values: [tx.tenant],
        }),
      )
    )[0]?.n
  await expect.poll(left, { timeout: 120_000, interval: 200 }).toBe(0)

  // The last change of each: its triage task is done and the referral withdrawn right after. Only in this order does the
  // journey pass through `booking` before it is cancelled.
  const rows = await inAlpha((tx) =>
    tx.query<{ id: string }>({
      text: 'select id from work_item where tenant_id = $1 order by id',
      values: [tx.tenant],
    }),
  )
  expect(rows.length).toBe(patients)
  const tasks = await inAlpha((tx) =>
    house.record.readMany(
      tx,
      rows.map((row) => `Task/${row.id}`),
    ),
  )
  const done = [...tasks.values()] as Task[]
  await write(
    done.flatMap((task): ResourceWrite[] => {
      const id = task.focus?.reference?.slice('ServiceRequest/'.length) ?? ''
      return [
        {
          interaction: 'update',
          resource: {
            ...task,
            id: task.id ?? '',
            status: 'completed',
            output: [{ type: { coding: [{ code: 'outcome' }] }, valueCode: 'accept' }],
          },
        },
        { interaction: 'update', resource: referral(id, { status: 'revoked' }) },
      ]
    }),
  )
  await expect.poll(left, { timeout: 120_000, interval: 200 }).toBe(0)
  const reports = await Promise.all(workers.map((worker) => worker.stop()))

  const events = reports.reduce((sum, report) => sum + report.events, 0)
  const logs = await inAlpha((tx) =>
    tx.query<{ journey: string; told: string }>({
      text: `select journey, string_agg(kind || coalesce(':' || step, ''), ' ' order by line) as told from journey_event where tenant_id = $1 group by journey`,
      values: [tx.tenant],
    }),
  )
  process.stdout.write(
    `workers took ${reports.map((report) => report.events).join(' + ')} = ${events} changes; ${logs.length} journeys\n`,
  )
  // 18,000 referral changes, 2,000 tasks done, 2,000 withdrawn, and the visits asked for.
  expect(events).toBeGreaterThanOrEqual(20_000)
  expect(logs.length).toBe(patients)
  // What was asked for and withdrawn in one batch is withdrawn too.
  const open = await inAlpha((tx) =>
    tx.query({
      text: `select param, value from fhir_token where tenant_id = $1 and param = 'status' and ((type = 'Appointment' and value <> 'cancelled') or (type = 'Task' and value not in ('completed', 'cancelled')))`,
      values: [tx.tenant],
    }),
  )
  expect(open).toEqual([])
  const stories = new Set(logs.map((log) => log.told))
  expect([...stories]).toEqual([
    'started stage:completeness set:completeness done:completeness stage:triage opened:triage done:triage asked:ask-for-visit done:ask-for-visit stage:book opened:book cancelled',
  ])
  expect(reports.filter((report) => report.events > 0).length).toBe(4)
})
