// Filtered lists, their counts and the counts of every queue with a million open tasks, beside a plain SQL query that finds the same
// tasks. The rows are made in place: what is measured is the reading of the lists' tables, not the record.
// Run: node bin/node24.js bench/filters.ts [open tasks]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { WorkConditions } from '../src/contracts/index.ts'
import { clientConfig } from '../src/db/index.ts'
import { systemClock, tenantId } from '../src/kernel/index.ts'
import { readConfig } from '../src/main/config.ts'
import { openHouse } from '../src/main/open.ts'
import { countFiltered, countQueues, listFiltered, type WorkList } from '../src/work/index.ts'
import { machine } from './machine.ts'

const [asked = 1_000_000] = process.argv.slice(2).map(Number)
const folder = await mkdtemp(join(tmpdir(), 'throughline-bench-'))
const house = await openHouse({ ...readConfig({ THROUGHLINE_DATA: folder }), logLevel: 'fatal' }, systemClock)
const owner = new pg.Client(clientConfig(house.target, 'owner'))
await owner.connect()
await owner.query(`insert into tenant (tenant_id, name) values ('clinic', 'Clinic')`)
await owner.query(`set throughline.tenant = 'clinic'`)
await owner.query('set synchronous_commit = off')
const tenant = tenantId('clinic')
const roles = house.library.roles.map(({ id }) => id)
const places = house.routing.ontology.places.map(({ id }) => id)
const kinds = house.routing.ontology.kinds.map(({ id }) => id)
const now = systemClock.now()
/** One of a list by chance, the same at every run. */
const chance = (by: number, of: string) => `(hashint4(g + ${by} * 1000003) & 2147483647) % ${of}`
const pick = (list: string, by: number) => `(${list}::text[])[1 + ${chance(by, `cardinality(${list}::text[])`)}]`
const began = performance.now()
// Two in five belong to one of 200 people; half are of a kind; every tenth has a service level.
await owner.query(
  `insert into throughline.work_item (tenant_id, id, version, status, open, role, escalated, owner, rank, due, created_at, updated_at, patient, at_risk, goal)
   select 'clinic', 't' || g, 1, 'requested', true, ${pick('$2', 1)}, case when ${chance(6, '50')} = 0 then array['charge-nurse'] else '{}' end,
     case when ${chance(7, '5')} < 2 then 'Practitioner/w' || g % 200 end, (array[3, 3, 3, 2, 1, 0])[1 + ${chance(3, '6')}],
     $1::timestamptz + (g * 7919 % 200000 - 20000) * interval '1 minute', $1, $1, 'Patient/p' || g % 1000,
     case when ${chance(5, '10')} = 0 then $1::timestamptz + (g * 31 % 2000 - 1000) * interval '1 minute' end, case when ${chance(5, '10')} = 0 then $1::timestamptz + (g * 31 % 2000 - 500) * interval '1 minute' end
   from generate_series(1, ${asked}) g`,
  [new Date(now), roles],
)
await owner.query(
  `insert into throughline.work_queue (tenant_id, role, rank, due, id)
   select tenant_id, r.role, rank, due, id from throughline.work_item cross join lateral unnest(array[role] || escalated) as r (role) where owner is null on conflict do nothing`,
)
await owner.query(
  `insert into throughline.work_need (tenant_id, id, kind, jurisdiction, minutes)
   select 'clinic', 't' || g, ${pick('$1', 2)}, ${pick('$2', 4)}, 15 from generate_series(2, ${asked}, 2) g`,
  [kinds, places],
)
await owner.query('vacuum analyze')
console.log(`${machine()}\n${asked} open tasks, filled in ${((performance.now() - began) / 1000).toFixed(0)} s`)

const role = roles[1] ?? ''
const queue: WorkList = { list: 'queue', roles: [role, 'charge-nurse'] }
const from = (where: string) => `
  select distinct w.id, w.rank, w.due from throughline.work_queue w join throughline.work_item i on i.tenant_id = 'clinic' and i.id = w.id
  left join throughline.work_need n on n.tenant_id = 'clinic' and n.id = w.id
  where w.tenant_id = 'clinic' and w.role = any ($1) and ${where} order by w.rank, w.due, w.id limit 50`
const filters: Readonly<Record<string, [filter: WorkConditions, where: string]>> = {
  urgent: [{ urgency: 'urgent' }, 'w.rank <= 2'],
  late: [{ due: 'late' }, 'w.due < $2'],
  'urgent, this week': [
    { urgency: 'urgent', due: 'week' },
    `w.rank <= 2 and w.due < $2::timestamptz + interval '7 days'`,
  ],
  'of a kind': [{ kind: kinds[1] }, `n.kind = '${kinds[1]}'`],
  breached: [{ level: 'breached' }, 'i.goal <= $2'],
  escalated: [{ escalated: 'true' }, `i.escalated <> '{}'`],
}
const times = async (count: number, work: () => Promise<unknown>): Promise<[p50: number, p99: number]> => {
  const all: number[] = []
  for (let n = 0; n < count; n += 1) {
    const start = performance.now()
    await work()
    all.push(performance.now() - start)
  }
  all.sort((a, b) => a - b)
  return [all[Math.floor(count / 2)] ?? 0, all[Math.floor(count * 0.99)] ?? 0]
}
const told = ([p50, p99]: readonly [number, number]) => `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`
for (const [name, [filter, where]] of Object.entries(filters)) {
  const asking = { list: queue, filter, now, visible: undefined }
  const ours = () => house.database.reading(tenant, (tx) => listFiltered(tx, asking, undefined))
  const count = () => house.database.reading(tenant, (tx) => countFiltered(tx, asking))
  const plain = async () =>
    (
      await owner.query<{ id: string }>(`/* $2 */ ${from(`${where} and $2::timestamptz is not null`)}`, [
        queue.roles,
        new Date(now),
      ])
    ).rows
  const rows = (await ours()).rows.map(({ id }) => id)
  const same = (await plain()).map(({ id }) => id)
  // A page that looked at its 500 rows may be short: what it has are the first that plain SQL finds.
  if (rows.join() !== same.slice(0, rows.length).join()) throw new Error(`${name} is not what plain SQL finds`)
  await times(20, ours)
  const mine = await times(200, ours)
  const counts = await times(100, count)
  const theirs = await times(10, plain)
  const found = await count()
  console.log(
    `${name.padEnd(18)} ${String(rows.length).padStart(3)} rows ${told(mine)}   count ${found.count}${found.more ? '+' : ''} ${told(counts)}   plain SQL ${told(theirs)}   ratio of p50 ${(mine[0] / theirs[0]).toFixed(3)}`,
  )
}
const every = () => house.database.reading(tenant, (tx) => countQueues(tx, roles, now))
const plainCounts = () =>
  owner.query(
    `select role, count(*), count(*) filter (where owner is null), count(*) filter (where at_risk <= $1), count(*) filter (where goal <= $1)
     from throughline.work_item where tenant_id = 'clinic' and open group by role`,
    [new Date(now)],
  )
await times(10, every)
const [counted, plainly] = [await times(50, every), await times(5, plainCounts)]
console.log(
  `counts of ${roles.length} queues ${told(counted)}   plain SQL, to the end ${told(plainly)}   ratio of p50 ${(counted[0] / plainly[0]).toFixed(3)}`,
)
await owner.end()
await house.close()
await rm(folder, { recursive: true, force: true })
