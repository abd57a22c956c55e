// Journeys moved by the runtime against a program written by hand that writes the very same rows (see by-hand.ts), in the
// same run, on the same embedded PostgreSQL, one worker each: referrals start journeys, then their triage tasks are done.
// Run: node bin/node24.js bench/journeys.ts
//
// Goal: 0.70 of the hand-written program.
// Last figures: bench/README.md.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServiceRequest, Task } from '@medplum/fhirtypes'
import pg from 'pg'
import { clientConfig } from '../src/db/index.ts'
import type { ResourceWrite } from '../src/fhir/index.ts'
import { type CallContext, systemActor, systemClock, type TenantId, tenantId } from '../src/kernel/index.ts'
import { readConfig } from '../src/main/config.ts'
import { openHouse } from '../src/main/open.ts'
import { furnish } from '../src/main/serve.ts'
import { addDuration } from '../src/pathways/index.ts'
import { moveByHand } from './by-hand.ts'
import { machine } from './machine.ts'

const rounds = Number(process.env['ROUNDS'] ?? 6)
const size = Number(process.env['JOURNEYS'] ?? 3_000)
const changesABatch = 400

const folder = await mkdtemp(join(tmpdir(), 'throughline-bench-'))
await chmod(folder, 0o755)
const house = await openHouse({ ...readConfig({ THROUGHLINE_DATA: folder }), logLevel: 'fatal' }, systemClock)
const owner = new pg.Client(clientConfig(house.target, 'owner'))
await owner.connect()
// Names of one length, so that equal rows are equally long.
await owner.query(`insert into tenant (tenant_id, name) values ('ours', 'Ours'), ('hand', 'Hand')`)
const ours = tenantId('ours')
const hand = tenantId('hand')
const contextOf = (tenant: TenantId): CallContext => ({
  tenant,
  actor: systemActor,
  clock: systemClock,
  requestId: 'bench',
  locale: 'en',
})
for (const tenant of [ours, hand])
  await house.database.transaction(tenant, (tx) => furnish(house, tx, contextOf(tenant)))

const write = async (tenant: TenantId, writes: readonly ResourceWrite[]) => {
  for (let at = 0; at < writes.length; at += 500)
    await house.database.transaction(tenant, (tx) =>
      house.record.write(tx, contextOf(tenant), writes.slice(at, at + 500), { validate: false }),
    )
}

const referral = (id: string): ServiceRequest => ({
  resourceType: 'ServiceRequest',
  id,
  status: 'active',
  intent: 'order',
  priority: 'urgent',
  category: [{ coding: [{ system: 'http://snomed.info/sct', code: '3457005' }] }],
  subject: { reference: `Patient/p-${id}` },
  reasonCode: [{ text: 'Palpitations' }],
})
const refer = (tenant: TenantId, round: number) =>
  write(
    tenant,
    Array.from({ length: size }, (_, n) => ({
      interaction: 'create' as const,
      resource: referral(`r-${round}-${String(n).padStart(6, '0')}`),
    })),
  )

async function completeTriage(tenant: TenantId): Promise<void> {
  const { rows } = await owner.query<{ content: string }>(
    `select r.content from work_item w join fhir_resource r on r.tenant_id = $1 and r.type = 'Task' and r.id = w.id
     where w.tenant_id = $1 and w.open and w.role = 'triage-nurse' order by w.id`,
    [tenant],
  )
  await write(
    tenant,
    rows.map(({ content }) => {
      const task: Task & { id: string } = JSON.parse(content)
      const output: Task['output'] = [{ type: { coding: [{ code: 'outcome' }] }, valueCode: 'accept' }]
      return { interaction: 'update' as const, resource: { ...task, status: 'completed', output } }
    }),
  )
}

async function drainByHand(): Promise<void> {
  const bookDue = addDuration(house.library.calendar, systemClock.now(), { amount: 1, unit: 'business days' })
  while ((await house.database.transaction(hand, (tx) => moveByHand(tx, systemClock, changesABatch, bookDue))) > 0);
}

const spent = { start: { ours: 0, hand: 0 }, task: { ours: 0, hand: 0 } }
const drains = { ours: () => house.runtime.drain(ours), hand: drainByHand }
async function race(move: 'start' | 'task', round: number): Promise<void> {
  const order = round % 2 === 0 ? (['ours', 'hand'] as const) : (['hand', 'ours'] as const)
  for (const who of order) {
    const began = performance.now()
    await drains[who]()
    // The first round warms up.
    if (round > 0) spent[move][who] += performance.now() - began
  }
}

for (let round = 0; round <= rounds; round += 1) {
  for (const tenant of [ours, hand]) await refer(tenant, round)
  await race('start', round)
  for (const tenant of [ours, hand]) await completeTriage(tenant)
  await race('task', round)
  if (round === 0) await owner.query('vacuum analyze')
}

// Both must have written the same: as many rows of each table, and as long (within 1 %: an instant is shorter at times).
const different: string[] = []
for (const table of [
  'journey',
  'journey_event',
  'journey_timer',
  'fhir_resource',
  'fhir_history',
  'fhir_change',
  'fhir_token',
  'fhir_reference',
  'fhir_date',
  'fhir_string',
  'work_item',
  'work_queue',
  'access_subject',
  'audit_event',
]) {
  const { rows } = await owner.query<{ rows: number; bytes: number }>(
    `select count(t.*)::int as rows, coalesce(sum(octet_length(t::text)), 0)::float8 as bytes
     from unnest('{ours,hand}'::text[]) with ordinality as w (who, place) left join throughline.${table} t on t.tenant_id = w.who
     group by place order by place`,
  )
  const [mine = { rows: 0, bytes: 0 }, theirs = { rows: 0, bytes: 0 }] = rows
  const sameRows = table === 'audit_event' || mine.rows === theirs.rows
  if (!sameRows || Math.abs(mine.bytes - theirs.bytes) > 0.01 * theirs.bytes)
    different.push(`${table}: ${mine.rows} rows of ${mine.bytes} bytes, by hand ${theirs.rows} of ${theirs.bytes}`)
}

const { rows: versions } = await owner.query<{ server_version: string }>('show server_version')
const say = (name: string, count: number, mine: number, theirs: number): number => {
  const [fast, byHand] = [(count / mine) * 1000, (count / theirs) * 1000]
  process.stdout.write(
    `${name.padEnd(42)} ${Math.round(fast).toString().padStart(6)}/s   by hand ${Math.round(byHand).toString().padStart(6)}/s   ratio ${(fast / byHand).toFixed(2)}\n`,
  )
  return fast / byHand
}
const { start, task } = spent
say('journeys started, with their triage task', rounds * size, start.ours, start.hand)
say('tasks done, with visit and booking task', rounds * size, task.ours, task.hand)
const ratio = say('all moves', 2 * rounds * size, start.ours + task.ours, start.hand + task.hand)
process.stdout.write(
  `goal 0.70: ${ratio >= 0.7 ? 'met' : 'NOT MET'}; ${different.length === 0 ? 'both wrote the same rows' : `NOT THE SAME ROWS: ${different.join('; ')}`}\n` +
    `${machine()}, PostgreSQL ${versions[0]?.server_version}, its defaults of ours (fsync on)\n`,
)

await owner.end()
await house.close()
await rm(folder, { recursive: true, force: true })
if (ratio < 0.7 || different.length > 0) process.exitCode = 1
