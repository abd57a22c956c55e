import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../testkit/database.ts'
import { worldOf, worldSearches } from '../../testkit/search-world.ts'
import { movedClock, systemActor } from '../kernel/index.ts'
import { createRecord } from './index.ts'
import { parseSearch } from './parse-search.ts'
import { runSearch, searchPlans } from './search.ts'

const now = Date.UTC(2026, 2, 1)
const total = 5100
let db: FreshDatabase

beforeAll(async () => {
  db = await freshDatabase()
  const context = {
    tenant: db.alpha,
    actor: systemActor,
    clock: movedClock(now),
    requestId: 'test',
    locale: 'en' as const,
  }
  const world = worldOf(total)
  const record = createRecord()
  await db.database.transaction(db.alpha, (tx) =>
    record.write(
      tx,
      context,
      Array.from({ length: world.count }, (_, i) => ({ interaction: 'create', resource: world.at(i) })),
      { validate: false, quiet: true },
    ),
  )
  await db.asSuperuser('analyze')
})
afterAll(() => db.close())

/** Scans of a plan that no index narrows to a type and, in search rows, to a parameter. */
function wideScans(plan: string): string[] {
  const lines = plan.split('\n').map((line) => line.trim())
  return lines.filter((line, at) => {
    if (/Seq Scan on fhir_/.test(line)) return true
    const table = /(?:Index|Bitmap).* Scan .*on (fhir_\w+)/.exec(line)?.[1]
    if (table === undefined || line.includes('Bitmap Heap Scan')) return false
    const condition = lines.slice(at + 1, at + 3).find((next) => next.startsWith('Index Cond:')) ?? ''
    return !condition.includes('(type = ') || (!table.startsWith('fhir_resource') && !/\(param >?= /.test(condition))
  })
}

test.each(
  worldSearches.flatMap((search) => [search, { ...search, name: `${search.name}, when there is much`, much: true }]),
)('a search $name goes by indexes and finds something', async (search) => {
  // A search for little and one for much are come by differently: both must have their index.
  const options = 'much' in search ? { bounds: { few: 0, walk: 500 } } : {}
  await db.database.transaction(db.alpha, async (tx) => {
    let found: string | undefined
    for (let i = 0; found === undefined && i < 200; i += 1) {
      const query = search.query(i * 7, total)
      const page = await runSearch(tx, parseSearch(search.type, new URLSearchParams(query)), now, options)
      if (page.matches.length > 0) found = query
    }
    expect(found).toBeDefined()
    // A table as small as here is read whole unless that is ruled out.
    await tx.run({ text: 'set local enable_seqscan = off' })
    const plans = await searchPlans(
      tx,
      parseSearch(search.type, new URLSearchParams(`${found}&_total=accurate`)),
      now,
      options,
    )
    expect(plans.length).toBeGreaterThan(1)
    for (const { statement, plan } of plans) expect([statement, plan, wideScans(plan)]).toEqual([statement, plan, []])
  })
})

test('a scan that no index narrows is found', () => {
  expect(wideScans('Seq Scan on fhir_token t')).toHaveLength(1)
  expect(wideScans('Index Only Scan using x on fhir_token t\n  Index Cond: (type = 1)')).toHaveLength(1)
  expect(wideScans('Index Only Scan using x on fhir_token t\n  Index Cond: ((type = 1) AND (param = 2))')).toHaveLength(
    0,
  )
})
