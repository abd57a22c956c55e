// What the audit costs: a read of one resource with its AuditEvent against the same read without, and linking, indexing,
// sealing and verifying against hashing the same bytes in memory. Run: node bin/node24.js bench/audit.ts
// Last: 2 × AMD EPYC under a load of ten other processes: a write of one row with its audit event 0.62 of the same without;
//   link 11,600/s, index 5,900/s, seal 22,300/s, verify 32,800/s; 1,864 bytes an event.
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { createSeals, extendChain, indexAudit, recordAccess } from '../src/audit/index.ts'
import { clientConfig, migrate, openDatabase, startEmbedded } from '../src/db/index.ts'
import { type CallContext, createLog, systemActor, systemClock, tenantId } from '../src/kernel/index.ts'

const folder = await mkdtemp(join(tmpdir(), 'throughline-bench-'))
const log = createLog('fatal')
const server = await startEmbedded({ dataFolder: folder, log })
await migrate(server.target)
const owner = new pg.Client(clientConfig(server.target, 'owner'))
await owner.connect()
await owner.query(`insert into tenant (tenant_id, name) values ('ours', 'Ours')`)
const database = openDatabase(server.target)
const ours = tenantId('ours')
const context: CallContext = { tenant: ours, actor: systemActor, clock: systemClock, requestId: 'bench', locale: 'en' }

const rate = async (count: number, work: (i: number) => Promise<unknown>): Promise<number> => {
  let next = 0
  const began = performance.now()
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (next < count) await work(next++)
    }),
  )
  return (count / (performance.now() - began)) * 1000
}
const say = (name: string, mine: number, theirs: number, other: string) =>
  console.log(
    `${name.padEnd(40)} ${Math.round(mine).toString().padStart(8)}/s   ${other} ${Math.round(theirs).toString().padStart(8)}/s   ratio ${(mine / theirs).toFixed(2)}`,
  )

const write = (audited: boolean) => (i: number) =>
  database.transaction(ours, async (tx) => {
    await tx.run({
      name: 'bench-write',
      text: 'insert into audit_index (tenant_id, value, event) values ($1, $2, $3)',
      values: [ours, `bench/${audited}`, String(i)],
    })
    if (audited)
      await recordAccess(tx, context, [
        { action: 'C', code: 'create', entities: [`Observation/o${i}`], patients: [`Patient/p${i % 500}`] },
      ])
  })
await rate(2_000, write(true))
await owner.query('truncate throughline.audit_index')
const plain: number[] = []
const audited: number[] = []
for (let round = 0; round < 3; round += 1) {
  plain.push(await rate(4_000, write(false)))
  audited.push(await rate(4_000, write(true)))
  await owner.query('truncate throughline.audit_index')
}
const middle = (all: number[]) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0
say('a write with its audit event', middle(audited), middle(plain), 'without')

const count = 100_000
for (let at = 0; at < count; at += 1_000)
  await database.transaction(ours, (tx) =>
    recordAccess(
      tx,
      context,
      Array.from({ length: 1_000 }, (_, n) => ({
        action: 'R' as const,
        code: 'read',
        entities: [`Observation/o${at + n}`],
        patients: [`Patient/p${n}`],
      })),
    ),
  )
const { rows } = await owner.query<{ content: string }>('select content from throughline.audit_event')
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now()
  await work()
  return (rows.length / (performance.now() - began)) * 1000
}
const hashing = await timed(async () => {
  for (const { content } of rows) createHash('sha256').update(content).digest()
})
const seals = createSeals({ database, clock: systemClock, log, folder: join(folder, 'audit') })
for (const [name, work] of [
  ['link', () => extendChain(database, ours)],
  ['index', () => indexAudit(database, ours)],
  ['seal', () => seals.seal(ours)],
  ['verify', () => seals.verify(ours)],
] as const)
  say(`${name}, events`, await timed(work), hashing, 'hashing alone')
console.log(`${(rows.reduce((sum, { content }) => sum + content.length, 0) / rows.length).toFixed(0)} bytes an event`)

await database.close()
await owner.end()
await server.stop()
await rm(folder, { recursive: true, force: true })
