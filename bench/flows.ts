// What subscriptions cost a writer, and how fast the record leaves in bulk: each against the same without, in the same run.
// Run: node bin/node24.js bench/flows.ts
// Last: 2 × AMD EPYC, Node 24.21, fsync on, the machine very busy with other work: creates beside those without subscriptions
//   0.93, 1.07 and 0.97 (noise of about a tenth); export 0.12 of copy, which neither asks what may be seen nor keeps what it reads.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Observation, Resource, Subscription } from '@medplum/fhirtypes'
import pg from 'pg'
import { clientConfig, migrate, openDatabase, startEmbedded } from '../src/db/index.ts'
import {
  createDistributor,
  createExportHandler,
  createRecord,
  type FlowDeps,
  subscriptionProjection,
} from '../src/fhir/index.ts'
import { createJobWorker, wakeJobs } from '../src/jobs/index.ts'
import { type CallContext, createLog, systemActor, systemClock, type TenantId, tenantId } from '../src/kernel/index.ts'
import { machine } from './machine.ts'

const folder = await mkdtemp(join(tmpdir(), 'throughline-bench-'))
const server = await startEmbedded({ dataFolder: folder, log: createLog('fatal') })
await migrate(server.target)
const owner = new pg.Client(clientConfig(server.target, 'owner'))
await owner.connect()
// The owner, who is superuser here, may write the tenants that the app role may not.
await owner.query(
  `insert into tenant (tenant_id, name) values ('none', ''), ('elsewhere', ''), ('unmatched', ''), ('matched', '')`,
)
const database = openDatabase(server.target)
const outbound = { allow: [] }
const record = createRecord({ projections: [subscriptionProjection({ outbound })] })
const [none, elsewhere, unmatched, matched] = ['none', 'elsewhere', 'unmatched', 'matched'].map(tenantId)
if (!none || !elsewhere || !unmatched || !matched) throw new Error('four tenants')
const contextOf = (tenant: TenantId): CallContext => ({
  tenant,
  actor: systemActor,
  clock: systemClock,
  requestId: 'bench',
  locale: 'en',
})
const flows: FlowDeps = {
  database,
  clock: systemClock,
  record,
  outbound,
  baseUrl: 'http://localhost/fhir',
  actorNow: async (_tx, asker) => asker,
  mail: async () => {},
  audit: async () => {},
}

const observation = (n: number): Observation => ({
  resourceType: 'Observation',
  id: `o${String(n).padStart(8, '0')}`,
  status: 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: `8${n % 40}-4` }], text: 'Measured' },
  subject: { reference: `Patient/p${n % 500}` },
  effectiveDateTime: new Date(1.6e12 + n * 3.6e6).toISOString(),
  valueQuantity: { value: n % 200, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
})
const write = (tenant: TenantId, resources: Resource[]) =>
  database.transaction(tenant, (tx) =>
    record.write(
      tx,
      contextOf(tenant),
      resources.map((resource) => ({ interaction: 'create', resource })),
    ),
  )

const backport = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'
const subscription = (topic: string, filter: string) =>
  ({
    resourceType: 'Subscription',
    status: 'requested',
    reason: 'bench',
    criteria: `urn:throughline:topic:${topic}`,
    _criteria: { extension: [{ url: `${backport}/backport-filter-criteria`, valueString: filter }] },
    channel: {
      type: 'websocket',
      payload: 'application/fhir+json',
      _payload: { extension: [{ url: `${backport}/backport-payload-content`, valueCode: 'id-only' }] },
    },
  }) as unknown as Subscription

let next = 0
/** Seconds for some creates, one a transaction, by eight callers. */
async function time(tenant: TenantId, count: number): Promise<number> {
  const last = next + count
  const began = performance.now()
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (next < last) await write(tenant, [observation(next++)])
    }),
  )
  return (performance.now() - began) / 1000
}
const say = (name: string, mine: number, theirs: number, unit: string) =>
  console.log(
    `${name.padEnd(58)} ${Math.round(mine).toString().padStart(8)} ${unit}   beside ${Math.round(theirs).toString().padStart(8)}   ratio ${(mine / theirs).toFixed(2)}`,
  )

const many = (topic: string, filter: string) =>
  Array.from({ length: 100 }, (_, n) => subscription(topic, `${filter}${n}`))
await write(elsewhere, many('encounter-started', 'Encounter?patient=Patient/p'))
for (const tenant of [unmatched, matched])
  await write(tenant, many('observation-final', 'Observation?patient=Patient/q'))
await write(matched, [subscription('observation-final', 'Observation?status=final')])

// Turn and turn about, so that whatever else the machine does falls on all alike.
const [turns, each] = [12, 200]
const spent = new Map<TenantId, number>()
for (let turn = -1; turn < turns; turn += 1)
  for (const tenant of [none, elsewhere, unmatched, matched]) {
    const seconds = await time(tenant, each)
    if (turn >= 0) spent.set(tenant, (spent.get(tenant) ?? 0) + seconds)
  }
const rateOf = (tenant: TenantId) => (turns * each) / (spent.get(tenant) ?? 1)
say('create, 100 subscriptions on another type', rateOf(elsewhere), rateOf(none), '/s')
say('create, 100 on this type, none of them matching', rateOf(unmatched), rateOf(none), '/s')
say('create, one more that matches every one', rateOf(matched), rateOf(none), '/s')
const distributor = createDistributor({ ...flows, log: createLog('fatal') })
const began = performance.now()
const told = await distributor.drain(matched)
say('changes told on to 101 subscriptions', (told / (performance.now() - began)) * 1000, rateOf(none), '/s')

const tenant = none
const exported = 100_000
for (let n = 0; n < exported; n += 500)
  await write(
    tenant,
    Array.from({ length: 500 }, (_, i) => observation(1_000_000 + n + i)),
  )
await owner.query('vacuum analyze')

/** Reads `copy … to stdout` to its end; gives the bytes. */
const copied = () =>
  new Promise<number>((tell, fail) => {
    let bytes = 0
    const reader = {
      submit: (connection: { query(text: string): void }) =>
        connection.query(
          `copy (select content from fhir_resource where tenant_id = 'none' and type = 'Observation' order by id) to stdout`,
        ),
      handleCopyData: ({ chunk }: { chunk: Buffer }) => {
        bytes += chunk.length
      },
      handleError: fail,
      handleCommandComplete() {},
      handleReadyForQuery: () => tell(bytes),
    }
    owner.query(reader as unknown as pg.Submittable)
  })
await copied()
const copyBegan = performance.now()
const copyBytes = await copied()
const copySeconds = (performance.now() - copyBegan) / 1000

const jobs = createJobWorker({
  database,
  clock: systemClock,
  log: createLog('fatal'),
  handlers: [createExportHandler({ ...flows, actorNow: async (_tx, asker) => ({ ...asker, roles: ['client-read'] }) })],
})
await database.transaction(tenant, async (tx) => {
  await tx.run({
    text: `insert into fhir_transfer (tenant_id, id, kind, status, request, owner, owner_id, url, horizon, as_of, created_at)
           values ($1, 'bench', 'export', 'running', $2, $3, 'bench', '', '0', now(), now())`,
    values: [
      tenant,
      JSON.stringify({ level: 'system', types: ['Observation'], filters: {} }),
      JSON.stringify({ ...systemActor, kind: 'client' }),
    ],
  })
  await wakeJobs(tx, systemClock, [{ kind: 'export', key: 'transfer/bench', payload: { reference: 'export/bench' } }])
})
const exportBegan = performance.now()
let bytes = 0
for (;;) {
  await jobs.drain(tenant)
  const { rows } = await owner.query<{ status: string; bytes: number }>(
    `select t.status, (select coalesce(sum(bytes), 0)::float8 from fhir_transfer_file) as bytes from fhir_transfer t`,
  )
  if (rows[0]?.status !== 'running') {
    bytes = rows[0]?.bytes ?? 0
    break
  }
}
const exportSeconds = (performance.now() - exportBegan) / 1000
const count = exported + (turns + 1) * each
console.log(`export: ${bytes} bytes, copy: ${copyBytes} bytes, ${count} resources`)
say('export into its files, against copy to stdout', count / exportSeconds, count / copySeconds, 'resources/s')
console.log(machine())

await database.close()
await owner.end()
await server.stop()
await rm(folder, { recursive: true, force: true })
