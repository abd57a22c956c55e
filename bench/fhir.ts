// The record against plain hand-written SQL that writes and reads the same rows, in the same run and database.
// Run: node bin/node24.js bench/fhir.ts
// Last: 2 × AMD EPYC, Node 24.21, fsync on, shared with other work, 20,000 observations:
//   create 200 a transaction 9,444/s (0.68 of plain); create one 1,912/s (1.00); update 1,711/s (0.75);
//   read 10,547/s (0.88); search by patient and code 3,199/s (0.95). "Plain" neither validates nor extracts.
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Observation } from '@medplum/fhirtypes'
import pg from 'pg'
import { clientConfig, migrate, openDatabase, startEmbedded, type Tx } from '../src/db/index.ts'
import { createRecord } from '../src/fhir/index.ts'
import { type CallContext, createLog, systemActor, systemClock, tenantId } from '../src/kernel/index.ts'

const folder = await mkdtemp(join(tmpdir(), 'throughline-bench-'))
const server = await startEmbedded({ dataFolder: folder, log: createLog('fatal') })
await migrate(server.target)
const owner = new pg.Client(clientConfig(server.target, 'owner'))
await owner.connect()
// The owner, who is superuser here, may write the tenants that the app role may not.
await owner.query(`insert into tenant (tenant_id, name) values ('ours', 'Ours'), ('plain', 'Plain')`)
const database = openDatabase(server.target)
const record = createRecord()
const ours = tenantId('ours')
const plain = tenantId('plain')
const context: CallContext = { tenant: ours, actor: systemActor, clock: systemClock, requestId: 'bench', locale: 'en' }

const patients = 500
const observation = (i: number): Observation & { id: string } => ({
  resourceType: 'Observation',
  id: `o${String(i).padStart(7, '0')}`,
  status: 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: `8${i % 40}-4` }], text: 'Measured' },
  subject: { reference: `Patient/p${i % patients}` },
  encounter: { reference: `Encounter/e${i % 5000}` },
  effectiveDateTime: new Date(1.6e12 + i * 3.6e6).toISOString(),
  valueQuantity: { value: i % 200, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
})

/** Keeps the values of the record's one storing statement, so that the plain program writes the very same rows. */
const spy = (tx: Tx, keep: (values: readonly unknown[]) => void): Tx => ({
  ...tx,
  query: (statement) => {
    if (statement.name === 'fhir-store-rows' && statement.values) keep(statement.values)
    return tx.query(statement)
  },
})

const inserts: readonly [text: string, from: number, to: number][] = [
  [
    'insert into fhir_resource (tenant_id, updated, type, id, version, content) select $1, $2, * from unnest($3::text[], $4::text[], $5::int[], $6::text[])',
    2,
    6,
  ],
  [
    'insert into fhir_history (tenant_id, updated, type, id, version, interaction, content) select $1, $2, * from unnest($3::text[], $4::text[], $5::int[], $6::text[], $7::text[])',
    6,
    11,
  ],
  [
    `insert into fhir_change (tenant_id, bucket, type, id, version, interaction, subject, event_id) select $1, v.*, t || '/' || i || '/' || n from unnest($2::smallint[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[]) v (b, t, i, n, k, s)`,
    11,
    17,
  ],
  [
    'insert into fhir_token (tenant_id, type, param, value, id, system) select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[])',
    17,
    22,
  ],
  [
    'insert into fhir_reference (tenant_id, type, param, target_id, id, target_type) select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[])',
    22,
    27,
  ],
  [
    'insert into fhir_date (tenant_id, type, param, id, low, high) select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])',
    27,
    32,
  ],
  [
    'insert into fhir_string (tenant_id, type, param, value, id, exact) select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[])',
    32,
    37,
  ],
  [
    'insert into fhir_quantity (tenant_id, type, param, id, system, code, unit, base, low, high, base_low, base_high) select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::float8[], $10::float8[], $11::float8[], $12::float8[])',
    37,
    48,
  ],
]
async function plainWrite(tx: Tx, values: readonly unknown[]): Promise<void> {
  for (const [index, [text, from, to]] of inserts.entries()) {
    await tx.run({
      name: `plain-${index}`,
      text,
      values: [tx.tenant, ...(index < 2 ? [values[1]] : []), ...values.slice(from, to)],
    })
  }
}

/** Units of work a second, `workers` at a time. */
async function rate(count: number, workers: number, work: (i: number) => Promise<unknown>): Promise<number> {
  let next = 0
  const began = performance.now()
  await Promise.all(
    Array.from({ length: workers }, async () => {
      while (next < count) await work(next++)
    }),
  )
  return (count / (performance.now() - began)) * 1000
}
function say(name: string, mine: number, theirs: number): void {
  console.log(
    `${name.padEnd(44)} ${Math.round(mine).toString().padStart(7)}/s   plain ${Math.round(theirs).toString().padStart(7)}/s   ratio ${(mine / theirs).toFixed(2)}`,
  )
}

const batch = 200
const batches = 100
const kept: (readonly unknown[])[] = []
const creates = (offset: number, size: number) =>
  Array.from({ length: size }, (_, i) => ({ interaction: 'create' as const, resource: observation(offset + i) }))
const written = await rate(batches, 2, (b) =>
  database.transaction(ours, (tx) =>
    record.write(
      spy(tx, (values) => kept.push(values)),
      context,
      creates(b * batch, batch),
    ),
  ),
)
const plainWritten = await rate(batches, 2, (b) => database.transaction(plain, (tx) => plainWrite(tx, kept[b] ?? [])))
say('create, 200 a transaction (validated)', written * batch, plainWritten * batch)

const single: (readonly unknown[])[] = []
const offset = batch * batches
const one = await rate(4000, 8, (i) =>
  database.transaction(ours, (tx) =>
    record.write(
      spy(tx, (values) => single.push(values)),
      context,
      creates(offset + i, 1),
    ),
  ),
)
const plainOne = await rate(4000, 8, (i) => database.transaction(plain, (tx) => plainWrite(tx, single[i] ?? [])))
say('create, one a transaction, 8 callers', one, plainOne)

await owner.query('vacuum analyze')
const idOf = (i: number) => observation((i * 7919) % offset).id
const updated = await rate(3000, 8, (i) =>
  database.transaction(ours, (tx) =>
    record.write(tx, context, [
      { interaction: 'update', resource: { ...observation((i * 7919) % offset), status: 'amended' } },
    ]),
  ),
)
const plainUpdated = await rate(3000, 8, (i) =>
  database.transaction(plain, async (tx) => {
    const id = idOf(i)
    const [row] = await tx.query<{ version: number }>({
      name: 'pu0',
      text: `select version, content from fhir_resource where tenant_id = $1 and type = 'Observation' and id = $2 for update`,
      values: ['plain', id],
    })
    const version = (row?.version ?? 0) + 1
    const content = JSON.stringify({
      ...observation((i * 7919) % offset),
      status: 'amended',
      meta: { versionId: String(version), lastUpdated: new Date().toISOString() },
    })
    await tx.run({
      name: 'pu1',
      text: `update fhir_resource set version = $3, content = $4, updated = now() where tenant_id = $1 and type = 'Observation' and id = $2`,
      values: ['plain', id, version, content],
    })
    await tx.run({
      name: 'pu2',
      text: `insert into fhir_history select $1, 'Observation', $2, $3, 'update', now(), $4`,
      values: ['plain', id, version, content],
    })
    await tx.run({
      name: 'pu3',
      text: `insert into fhir_change (tenant_id, bucket, event_id, type, id, version, interaction, subject) values ($1, 1, $2, 'Observation', $2, $3, 'update', 'Patient/x')`,
      values: ['plain', id, version],
    })
    await tx.run({
      name: 'pu4',
      text: `delete from fhir_token where tenant_id = $1 and type = 'Observation' and param = 'status' and value = 'final' and id = $2`,
      values: ['plain', id],
    })
    await tx.run({
      name: 'pu5',
      text: `insert into fhir_token values ($1, 'Observation', 'status', 'amended', $2, '') on conflict do nothing`,
      values: ['plain', id],
    })
  }),
)
say('update of one element, 8 callers', updated, plainUpdated)

const read = await rate(20_000, 8, (i) => database.transaction(ours, (tx) => record.read(tx, `Observation/${idOf(i)}`)))
const plainRead = await rate(20_000, 8, (i) =>
  database.transaction(plain, async (tx) => {
    const [row] = await tx.query<{ content: string }>({
      name: 'pr',
      text: `select content from fhir_resource where tenant_id = $1 and type = 'Observation' and id = $2`,
      values: ['plain', idOf(i)],
    })
    return JSON.parse(row?.content ?? 'null') as unknown
  }),
)
say('read, 8 callers', read, plainRead)

await owner.query('vacuum analyze')
const found = await rate(4000, 8, (i) =>
  database.transaction(ours, (tx) =>
    record.search(
      tx,
      'Observation',
      new URLSearchParams(`patient=p${i % patients}&code=http://loinc.org|8${i % 40}-4&_count=20`),
    ),
  ),
)
const plainFound = await rate(4000, 8, (i) =>
  database.transaction(plain, async (tx) => {
    const rows = await tx.query<{ content: string }>({
      name: 'ps',
      text: `
    select r.content from fhir_reference p join fhir_token c on c.tenant_id = $1 and c.type = 'Observation' and c.param = 'code' and c.value = $3 and c.system = 'http://loinc.org' and c.id = p.id
    join fhir_resource r on r.tenant_id = $1 and r.type = 'Observation' and r.id = p.id
    where p.tenant_id = $1 and p.type = 'Observation' and p.param = 'patient' and p.target_id = $2 order by p.id limit 21`,
      values: ['plain', `p${i % patients}`, `8${i % 40}-4`],
    })
    return rows.map(({ content }) => JSON.parse(content) as unknown)
  }),
)
say('search by patient and code, 20 a page', found, plainFound)
console.log(
  `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, embedded PostgreSQL with its defaults (fsync on), ${offset} observations`,
)

await database.close()
await owner.end()
await server.stop()
await rm(server.folder, { recursive: true, force: true })
await rm(folder, { recursive: true, force: true })
