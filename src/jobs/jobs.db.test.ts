import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog, movedClock } from '../kernel/index.ts'
import { type FreshDatabase, freshDatabase } from '../../testkit/database.ts'
import {
  createJobWorker,
  enqueueJobs,
  hurryJob,
  type JobHandler,
  listDeadLetters,
  PermanentFailure,
  retryDeadLetter,
  wakeJobs,
} from './index.ts'

let db: FreshDatabase
const clock = movedClock(Date.UTC(2026, 2, 2, 9))
beforeAll(async () => {
  db = await freshDatabase()
})
afterAll(() => db.close())

const worker = (handler: Partial<JobHandler>) =>
  createJobWorker({
    database: db.database,
    clock,
    log: createLog('silent'),
    handlers: [{ kind: 'probe', tries: 3, perform: async () => async () => {}, givenUp: async () => {}, ...handler }],
  })
const put = (key: string) =>
  db.database.transaction(db.alpha, (tx) =>
    enqueueJobs(tx, clock, [{ kind: 'probe', key, payload: { reference: `Communication/${key}` } }]),
  )
const deadLetters = () => db.database.transaction(db.alpha, listDeadLetters)

test('the same effect asked for twice is performed once', async () => {
  const seen: string[] = []
  await put('twice')
  await put('twice')
  await worker({ perform: async (_tenant, job) => (seen.push(job.key), async () => {}) }).drain(db.alpha)
  expect(seen).toEqual(['twice'])
})

test('four workers share the queue and perform each job once', async () => {
  const seen: string[] = []
  for (let n = 0; n < 60; n += 1) await put(`shared-${n}`)
  const one = () => worker({ perform: async (_tenant, job) => (seen.push(job.key), async () => {}) }).drain(db.alpha)
  await Promise.all([one(), one(), one(), one()])
  expect(seen.length).toBe(60)
  expect(new Set(seen).size).toBe(60)
})

test('a job that keeps failing waits longer each time, then lies among the dead letters until a person sends it again', async () => {
  await put('broken')
  let mended = false
  const failing = worker({
    perform: async () => {
      if (!mended) throw new Error('the mail server refused')
      return async () => {}
    },
  })
  expect(await failing.drain(db.alpha)).toBe(1)
  expect(await failing.drain(db.alpha)).toBe(0)
  clock.advance(2_000)
  expect(await failing.drain(db.alpha)).toBe(1)
  clock.advance(2_000)
  expect(await failing.drain(db.alpha)).toBe(0)
  clock.advance(2_000)
  expect(await failing.drain(db.alpha)).toBe(1)
  const [dead] = await deadLetters()
  expect(dead).toMatchObject({
    kind: 'probe',
    reference: 'Communication/broken',
    attempts: 3,
    lastError: 'the mail server refused',
  })
  mended = true
  await db.database.transaction(db.alpha, (tx) => retryDeadLetter(tx, clock, dead?.id ?? ''))
  await failing.drain(db.alpha)
  expect(await deadLetters()).toEqual([])
})

test('a failure that another try cannot mend is given up at once and its room is told in the same transaction', async () => {
  await put('hopeless')
  const told: string[] = []
  await worker({
    perform: async () => {
      throw new PermanentFailure('no such address')
    },
    givenUp: async (_tx, job) => {
      told.push(job.key)
    },
  }).drain(db.alpha)
  expect(told).toEqual(['hopeless'])
  expect((await deadLetters()).map((letter) => letter.lastError)).toEqual(['no such address'])
})

test('a job whose worker died is taken by another after its lease', async () => {
  await put('orphan')
  const forever = worker({ perform: () => new Promise(() => {}) })
  void forever.drain(db.alpha).catch(() => {})
  await expect
    .poll(() => db.asSuperuser(`select from job where key = 'orphan' and attempts = 1`).then((rows) => rows.length))
    .toBe(1)
  const seen: string[] = []
  const other = worker({ perform: async (_tenant, job) => (seen.push(job.key), async () => {}) })
  await other.drain(db.alpha)
  expect(seen).toEqual([])
  clock.advance(31_000)
  await other.drain(db.alpha)
  expect(seen).toEqual(['orphan'])
})

test('a standing job runs again when it asks to, and once more for each time that it is woken', async () => {
  let runs = 0
  const standing = { kind: 'probe', key: 'standing', payload: {} }
  const wakeIt = () => db.database.transaction(db.alpha, (tx) => wakeJobs(tx, clock, [standing]))
  const asking = worker({
    perform: async () => async () => {
      runs += 1
      return runs === 1 ? { again: clock.now() } : undefined
    },
  })
  await wakeIt()
  await wakeIt()
  await asking.drain(db.alpha)
  expect(runs).toBe(2)
  await wakeIt()
  await asking.drain(db.alpha)
  expect(runs).toBe(3)
})

test('a standing job that sleeps is brought forward by a wake; one that waits after a failure is not', async () => {
  const seen: string[] = []
  const put = (key: string, runAt?: number) =>
    db.database.transaction(db.alpha, (tx) =>
      wakeJobs(tx, clock, [{ kind: 'probe', key, payload: {}, ...(runAt === undefined ? {} : { runAt }) }]),
    )
  let fails = true
  const one = worker({
    perform: async (_tenant, job) => {
      if (job.key === 'failing' && fails) throw new Error('no')
      seen.push(job.key)
      return async () => {}
    },
  })
  await put('sleeping', clock.now() + 60_000)
  await put('failing')
  await one.drain(db.alpha)
  fails = false
  await put('sleeping')
  await put('failing')
  await one.drain(db.alpha)
  expect(seen).toEqual(['sleeping'])
  await db.database.transaction(db.alpha, (tx) => hurryJob(tx, clock, 'failing'))
  await one.drain(db.alpha)
  expect(seen).toEqual(['sleeping', 'failing'])
})

test('a slow job of one kind does not keep jobs of another kind waiting', async () => {
  const seen: string[] = []
  let release = () => {}
  const slow: JobHandler = {
    kind: 'slow',
    tries: 1,
    atOnce: 1,
    perform: () =>
      new Promise((tell) => {
        release = () => tell(async () => {})
      }),
    givenUp: async () => {},
  }
  const quick: JobHandler = {
    kind: 'quick',
    tries: 1,
    perform: async (_tenant, job) => (seen.push(job.key), release(), async () => {}),
    givenUp: async () => {},
  }
  const put = (kind: string) =>
    db.database.transaction(db.alpha, (tx) => enqueueJobs(tx, clock, [{ kind, key: kind, payload: {} }]))
  await put('slow')
  const both = createJobWorker({ database: db.database, clock, log: createLog('silent'), handlers: [slow, quick] })
  const drained = both.drain(db.alpha)
  // The slow one ends only once the quick one has been performed beside it.
  await put('quick')
  expect(await drained).toBe(2)
  expect(seen).toEqual(['quick'])
})
