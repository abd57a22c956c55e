import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../testkit/database.ts'
import { type CallContext, systemActor, systemClock } from '../kernel/index.ts'
import { extendChain, recordAccess, verifyChain } from './index.ts'

let db: FreshDatabase
let context: CallContext
beforeAll(async () => {
  db = await freshDatabase()
  context = { tenant: db.alpha, actor: systemActor, clock: systemClock, requestId: 'r', locale: 'en' }
})
afterAll(() => db.close())
beforeEach(async () => {
  await db.asSuperuser('truncate audit_event, audit_link')
  for (let n = 1; n <= 10; n += 1)
    await db.database.transaction(db.alpha, (tx) =>
      recordAccess(tx, context, [{ action: 'R', code: 'read', entities: [`Patient/${n}`] }]),
    )
})
const verify = () => db.database.transaction(db.alpha, verifyChain)

test('every act is linked once, also when two chainers run together', async () => {
  await Promise.all([extendChain(db.database, db.alpha), extendChain(db.database, db.alpha)])
  await extendChain(db.database, db.alpha)
  expect(await verify()).toMatchObject({ ok: true, links: 10 })
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
  expect(await verify()).toMatchObject({ ok: false, firstBad: { link: 3, fault: 'gap' } })
})
