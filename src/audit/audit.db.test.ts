import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../testkit/database.ts'
import { type CallContext, systemActor, systemClock } from '../kernel/index.ts'
import { verifyChain } from './chain.ts'
import { extendChain, indexAudit, recordAccess, searchAudit } from './index.ts'

let db: FreshDatabase
let context: CallContext
beforeAll(async () => {
  db = await freshDatabase()
  context = { tenant: db.alpha, actor: systemActor, clock: systemClock, requestId: 'r', locale: 'en' }
})
afterAll(() => db.close())
beforeEach(async () => {
  await db.asSuperuser('truncate audit_event, audit_link, audit_index, audit_indexed')
  for (let n = 1; n <= 10; n += 1)
    await db.database.transaction(db.alpha, (tx) =>
      recordAccess(tx, context, [{ action: 'R', code: 'read', entities: [`Patient/${n}`] }]),
    )
})
const verify = () => db.database.transaction(db.alpha, verifyChain)

test('every act is linked once, also when two chainers run together', async () => {
  await Promise.all([extendChain(db.database, db.alpha), extendChain(db.database, db.alpha)])
  await extendChain(db.database, db.alpha)
  expect(await verify()).toMatchObject({ ok: true, rows: 10 })
})

test('the app role can neither change nor remove what was recorded', async () => {
  for (const text of [
    `update audit_event set content = '{}'`,
    'delete from audit_event',
    `update audit_link set hash = ''`,
    'delete from audit_link',
    'truncate audit_event',
  ])
    await expect(db.database.transaction(db.alpha, (tx) => tx.run({ text }))).rejects.toMatchObject({ code: '42501' })
})

test('a changed event and a removed one are found and named', async () => {
  await extendChain(db.database, db.alpha)
  await db.asSuperuser(
    `update audit_event set content = replace(content, 'Patient/4', 'Patient/9') where content like '%Patient/4%'`,
  )
  expect(await verify()).toMatchObject({ ok: false, firstBad: { link: 4, fault: 'changed' } })
  await db.asSuperuser(`delete from audit_event where content like '%Patient/3"%'`)
  expect(await verify()).toMatchObject({ ok: false, firstBad: { link: 3, fault: 'missing' } })
  await db.asSuperuser('delete from audit_link where link = 2')
  expect(await verify()).toMatchObject({ ok: false, firstBad: { link: 2, fault: 'gap' } })
})

test('an act that commits long after thousands of later ones is linked all the same', async () => {
  const one = (code: string) => ({ action: 'R' as const, code, entities: [] })
  await extendChain(db.database, db.alpha)
  let commit: (() => void) | undefined
  const held = new Promise<void>((done) => {
    commit = done
  })
  let written: (() => void) | undefined
  const begun = new Promise<void>((done) => {
    written = done
  })
  const late = db.database.transaction(db.alpha, async (tx) => {
    await recordAccess(tx, context, [one('late')])
    written?.()
    await held
  })
  await begun
  await db.database.transaction(db.alpha, (tx) =>
    recordAccess(
      tx,
      context,
      Array.from({ length: 7_000 }, () => one('read')),
    ),
  )
  expect(await extendChain(db.database, db.alpha)).toBe(7_000)
  commit?.()
  await late
  expect(await extendChain(db.database, db.alpha)).toBe(1)
  expect(await extendChain(db.database, db.alpha)).toBe(0)
  expect(await verify()).toMatchObject({ ok: true, rows: 7_011 })
})

test('a restored database, which counts its transactions anew, goes on with its chain', async () => {
  await extendChain(db.database, db.alpha)
  await db.asSuperuser(`update audit_link set horizon = '9000000000000'::xid8`)
  await db.database.transaction(db.alpha, (tx) =>
    recordAccess(tx, context, [{ action: 'R', code: 'read', entities: [] }]),
  )
  expect(await extendChain(db.database, db.alpha)).toBe(1)
  expect(await verify()).toMatchObject({ ok: true, rows: 11 })
})

test('an act that was undone leaves no trace', async () => {
  const undone = db.database.transaction(db.alpha, async (tx) => {
    await recordAccess(tx, context, [{ action: 'C', code: 'create', entities: ['Patient/undone'] }])
    throw new Error('no')
  })
  await expect(undone).rejects.toThrow('no')
  const found = await db.database.transaction(db.alpha, (tx) => searchAudit(tx, { entity: 'Patient/undone' }))
  expect(found.items).toEqual([])
})

test('the acts on one patient are found, and no other patient’s whose id begins alike', async () => {
  await db.database.transaction(db.alpha, (tx) =>
    recordAccess(tx, context, [
      { action: 'R', code: 'search', entities: ['Patient/1', 'Patient/10'] },
      { action: 'E', code: 'sign-in', entities: [], about: [{ kind: 'account', id: 'a1' }], address: '10.0.0.1' },
    ]),
  )
  await extendChain(db.database, db.alpha)
  await indexAudit(db.database, db.alpha)
  const search = (given: object) => db.database.transaction(db.alpha, (tx) => searchAudit(tx, given))
  expect((await search({ entity: 'Patient/1' })).items.map((row) => row.entities)).toEqual([
    ['Patient/1', 'Patient/10'],
    ['Patient/1'],
  ])
  expect((await search({ code: 'sign-in', actor: 'throughline' })).items).toMatchObject([
    { entities: ['account/a1'], outcome: 'success', kind: 'system' },
  ])
  expect((await search({ actor: 'somebody' })).items).toEqual([])
  expect((await db.database.transaction(db.beta, (tx) => searchAudit(tx, {}))).items).toEqual([])
})
