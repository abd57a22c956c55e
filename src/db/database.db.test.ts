import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../testkit/database.ts'

let db: FreshDatabase
beforeAll(async () => {
  db = await freshDatabase()
})
afterAll(() => db.close())

test('a transaction sees its own tenant only', async () => {
  const names = await db.database.transaction(db.alpha, (tx) =>
    tx.query<{ name: string }>({ text: 'select name from tenant' }),
  )
  expect(names).toEqual([{ name: 'Alpha Clinic' }])
})

test('workers learn every tenant id and nothing else', async () => {
  expect(await db.database.tenants()).toEqual(['alpha', 'beta'])
})

test('work that throws leaves nothing behind', async () => {
  await expect(
    db.database.transaction(db.alpha, async (tx) => {
      await tx.run({ text: `update tenant set name = 'Other'` })
      throw new Error('stop')
    }),
  ).rejects.toThrow('stop')
  const names = await db.database.transaction(db.alpha, (tx) =>
    tx.query<{ name: string }>({ text: 'select name from tenant' }),
  )
  expect(names).toEqual([{ name: 'Alpha Clinic' }])
})

test('the app role is neither owner nor superuser and cannot step past row-level security', async () => {
  const [role] = await db.database.transaction(db.alpha, (tx) =>
    tx.query<Record<string, boolean>>({
      text: `select rolsuper, rolbypassrls, rolcreaterole, (select bool_or(tableowner = current_user) from pg_tables where schemaname = 'throughline') as owns
             from pg_roles where rolname = current_user`,
    }),
  )
  expect(role).toEqual({ rolsuper: false, rolbypassrls: false, rolcreaterole: false, owns: false })
})

test('a hint sent in a transaction is heard after its commit', async () => {
  const heard: string[] = []
  const stop = await db.database.listen('throughline_probe', (payload) => heard.push(payload))
  await db.database.transaction(db.alpha, (tx) => tx.run({ text: `select pg_notify('throughline_probe', 'hello')` }))
  await expect.poll(() => heard).toContain('hello')
  await stop()
})
