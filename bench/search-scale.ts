// Searches in a record of a million observations against the same searches in one of ten thousand, in the same run: what
// goes by an index takes about as long in both. Run: node bin/node24.js bench/search-scale.ts [large] [small]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { clientConfig, type Database, migrate, openDatabase, startEmbedded } from '../src/db/index.ts'
import { createRecord, recordRoutes } from '../src/fhir/index.ts'
import { type CallContext, createLog, systemActor, systemClock, tenantId } from '../src/kernel/index.ts'
import { worldOf, worldSearches } from '../testkit/search-world.ts'
import { machine } from './machine.ts'

const [large = 1_000_000, small = 10_000] = process.argv.slice(2).map(Number)
const rounds = 60
const folder = await mkdtemp(join(tmpdir(), 'throughline-bench-'))
const server = await startEmbedded({ dataFolder: folder, log: createLog('fatal') })
if (!('socketFolder' in server.target)) throw new TypeError('the embedded server has a socket')
const { socketFolder } = server.target
const tenant = tenantId('bench')
const context: CallContext = { tenant, actor: systemActor, clock: systemClock, requestId: 'bench', locale: 'en' }
const record = createRecord()

/** A database of its own with so many observations, each written by the record itself. */
async function filled(total: number): Promise<Database> {
  const target = { socketFolder, database: `of_${total}` }
  const admin = new pg.Client(clientConfig(server.target, 'owner'))
  await admin.connect()
  await admin.query(`create database of_${total}`)
  // The load may be lost in a crash; the searches that are measured write nothing.
  await admin.query('alter system set synchronous_commit = off')
  await admin.query('select pg_reload_conf()')
  await admin.end()
  await migrate(target)
  const owner = new pg.Client(clientConfig(target, 'owner'))
  await owner.connect()
  await owner.query(`insert into tenant (tenant_id, name) values ('bench', 'Bench')`)
  const database = openDatabase(target)
  const world = worldOf(total)
  const began = performance.now()
  let next = 0
  const batch = 1000
  const load = async () => {
    while (next < world.count) {
      const from = next
      next += batch
      const size = Math.min(batch, world.count - from)
      await database.transaction(tenant, (tx) =>
        record.write(
          tx,
          context,
          Array.from({ length: size }, (_, i) => ({ interaction: 'create', resource: world.at(from + i) })),
          { validate: false, quiet: true },
        ),
      )
    }
  }
  await Promise.all([load(), load()])
  await owner.query('vacuum analyze')
  await owner.end()
  console.log(`${total} observations loaded in ${Math.round((performance.now() - began) / 1000)} s`)
  return database
}

const sizes = { small: await filled(small), large: await filled(large) }

const route = (database: Database) =>
  recordRoutes({ record, database, audit: async () => {} }).find(({ path }) => path === '/fhir/:type')

/** Milliseconds of one search, over the route that clients call, without the network. */
async function timed(database: Database, total: number, search: (typeof worldSearches)[number], i: number) {
  const url = `/fhir/${search.type}?${search.query(i * 6151, total)}`
  const began = performance.now()
  await route(database)?.handle(context, {
    params: { type: search.type },
    query: {},
    body: undefined,
    headers: {},
    ip: '127.0.0.1',
    url,
  })
  return performance.now() - began
}

// Other work on the machine only ever adds: the fast quarter is nearer to what the search itself takes than the middle is.
const quarter = (times: number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 4)] ?? 0

for (const search of worldSearches) {
  const few: number[] = []
  const many: number[] = []
  // In turn, so that both meet the same machine; the first rounds warm the plans and the pages.
  for (let i = -10; i < rounds; i += 1) {
    const took = [
      await timed(sizes.small, small, search, i + 10),
      await timed(sizes.large, large, search, i + 10),
    ] as const
    if (i < 0) continue
    few.push(took[0])
    many.push(took[1])
  }
  console.log(
    `${search.name.padEnd(34)} ${large}: ${quarter(many).toFixed(2).padStart(8)} ms   ${small}: ${quarter(few).toFixed(2).padStart(7)} ms   ratio ${(quarter(many) / quarter(few)).toFixed(2)}`,
  )
}
console.log(machine())

await sizes.small.close()
await sizes.large.close()
await server.stop()
await rm(server.folder, { recursive: true, force: true })
await rm(folder, { recursive: true, force: true })
