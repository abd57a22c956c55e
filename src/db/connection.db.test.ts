import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../testkit/database.ts'

let db: FreshDatabase
beforeAll(async () => {
  db = await freshDatabase()
})
afterAll(() => db.close())

// Any table of a tenant's will do.
const row = (id: string) => ({
  text: `insert into fhir_token (tenant_id, type, param, value, id, system) values ($1, 'X', 'x', 'x', $2, '')`,
  values: ['alpha', id],
})
const kept = () =>
  db.asSuperuser<{ id: string }>('select id from fhir_token order by id').then((rows) => rows.map(({ id }) => id))

test('what is left to the commit is written with it, also when nothing else was', async () => {
  await db.database.transaction(db.alpha, async (tx) => {
    await tx.run(row('a'))
    tx.atCommit(row('b'))
    tx.atCommit(row('c'))
  })
  await db.database.transaction(db.alpha, async (tx) => tx.atCommit(row('d')))
  expect(await kept()).toEqual(['a', 'b', 'c', 'd'])
})

test('when what was left to the commit fails, nothing is kept and the caller hears of it', async () => {
  let hinted = false
  const failing = db.database.transaction(db.alpha, async (tx) => {
    await tx.run(row('e'))
    tx.afterCommit(() => {
      hinted = true
    })
    tx.atCommit(row('a'))
    tx.atCommit(row('f'))
  })
  await expect(failing).rejects.toMatchObject({ code: '23505' })
  expect([await kept(), hinted]).toEqual([['a', 'b', 'c', 'd'], false])
})

test('a first statement that fails leaves the connection good for the next', async () => {
  for (let n = 0; n < 20; n += 1)
    await expect(db.database.transaction(db.alpha, (tx) => tx.run({ text: 'select 1 / 0' }))).rejects.toMatchObject({
      code: '22012',
    })
  expect(await db.database.transaction(db.alpha, (tx) => tx.query({ text: 'select current_tenant() as t' }))).toEqual([
    { t: 'alpha' },
  ])
})

test('statements sent at once are answered in their order, inside the tenant', async () => {
  const answers = await db.database.transaction(db.alpha, (tx) =>
    Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        tx.query({ text: 'select $1::int as n, current_tenant() as t', values: [n] }),
      ),
    ),
  )
  expect(answers.flat()).toEqual(Array.from({ length: 30 }, (_, n) => ({ n, t: 'alpha' })))
})

test('what only reads cannot write', async () => {
  await expect(db.database.reading(db.alpha, (tx) => tx.run(row('g')))).rejects.toMatchObject({ code: '25006' })
  const [counted] = await db.database.reading(db.alpha, (tx) =>
    tx.query<{ n: number }>({ text: 'select count(*)::int as n from fhir_token' }),
  )
  expect(counted?.n).toBe(4)
})
