import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../testkit/database.ts'

let db: FreshDatabase
beforeAll(async () => {
  db = await freshDatabase()
})
afterAll(() => db.close())

const token = (id: string) => ({
  text: `insert into api_token (tenant_id, id, name, hash, roles) values ($1, $2, 'x', $3, '{}')`,
  values: ['alpha', id, Buffer.from(id)],
})
const kept = () =>
  db.asSuperuser<{ id: string }>('select id from api_token order by id').then((rows) => rows.map(({ id }) => id))

test('what is left to the commit is written with it, also when nothing else was', async () => {
  await db.database.transaction(db.alpha, async (tx) => {
    await tx.run(token('a'))
    tx.atCommit(token('b'))
    tx.atCommit(token('c'))
  })
  await db.database.transaction(db.alpha, async (tx) => tx.atCommit(token('d')))
  expect(await kept()).toEqual(['a', 'b', 'c', 'd'])
})

test('when what was left to the commit fails, nothing is kept and the caller hears of it', async () => {
  let hinted = false
  const failing = db.database.transaction(db.alpha, async (tx) => {
    await tx.run(token('e'))
    tx.afterCommit(() => {
      hinted = true
    })
    tx.atCommit(token('a'))
    tx.atCommit(token('f'))
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
  await expect(db.database.reading(db.alpha, (tx) => tx.run(token('g')))).rejects.toMatchObject({ code: '25006' })
  const [row] = await db.database.reading(db.alpha, (tx) =>
    tx.query<{ n: number }>({ text: 'select count(*)::int as n from api_token' }),
  )
  expect(row?.n).toBe(4)
})
