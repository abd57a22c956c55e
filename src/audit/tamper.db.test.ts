import { execFile } from 'node:child_process'
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../testkit/database.ts'
import { type CallContext, createLog, movedClock, systemActor } from '../kernel/index.ts'
import { createSeals, exportLog, extendChain, proveEvent, recordAccess, type Seals, verifyExport } from './index.ts'
import { firstHash, linkHash } from './link-hash.ts'
import { leafHash, rootByPath } from './merkle.ts'

// The drills: what somebody does who owns the database and is superuser in it. Sealed at 40 and at 80 of 100 events.
let db: FreshDatabase
let folder: string
let seals: Seals
let context: CallContext
const clock = movedClock(Date.UTC(2026, 2, 2, 14))
const silent = createLog('silent')
const sent: string[] = []
let sinkIsAway = false

async function act(count: number) {
  await db.database.transaction(db.alpha, (tx) =>
    recordAccess(
      tx,
      context,
      Array.from({ length: count }, (_, n) => ({ action: 'R' as const, code: 'read', entities: [`Patient/${n}`] })),
    ),
  )
  await extendChain(db.database, db.alpha)
}
const open = () =>
  createSeals({
    database: db.database,
    clock,
    log: silent,
    folder,
    async sink(tenant, size) {
      if (sinkIsAway) throw new Error('away')
      sent.push(`${tenant}/${size}`)
    },
  })
beforeEach(async () => {
  db = await freshDatabase()
  folder = await mkdtemp(join(tmpdir(), 'throughline-seals-'))
  context = { tenant: db.alpha, actor: systemActor, clock, requestId: 'r', locale: 'en' }
  sent.length = 0
  sinkIsAway = false
  seals = open()
  await act(40)
  expect(await seals.seal(db.alpha)).toBe(true)
  await act(40)
  expect(await seals.seal(db.alpha)).toBe(true)
  await act(20)
})
afterEach(async () => {
  await db.close()
  await rm(folder, { recursive: true, force: true })
})

const file = (name: string) => join(folder, name)
/** An export as the database now has it, verified with files alone. */
async function verifyOffline(more: { leaves?: string } = {}) {
  const pieces: string[] = []
  await db.database.transaction(db.alpha, async (tx) => {
    for await (const piece of exportLog(tx, clock.now())) pieces.push(piece)
  })
  await writeFile(file('log.ndjson'), pieces.join(''))
  return verifyExport({
    export: file('log.ndjson'),
    checkpoints: file('alpha.checkpoints'),
    key: file('public.pem'),
    ...more,
  })
}
const eventAt = async (link: number) => {
  const [row] = await db.asSuperuser<{ event: string }>('select event from audit_link where link = $1', [link])
  return row?.event ?? ''
}
/** Makes the chain anew over the events as they now are, as the program would have. */
async function rebuildChain() {
  const rows = await db.asSuperuser<{ link: string; id: string; content: string }>(
    'select l.link, e.id, e.content from audit_link l join audit_event e on e.id = l.event order by l.link',
  )
  await db.asSuperuser('delete from audit_link')
  let hash = firstHash
  for (const [index, row] of rows.entries()) {
    hash = linkHash(hash, row.id, row.content)
    await db.asSuperuser(
      `insert into audit_link (tenant_id, link, event, event_seq, hash) values ('alpha', $1, $2, $1, $3)`,
      [index + 1, row.id, hash],
    )
  }
}
const change = (id: string) =>
  db.asSuperuser(
    `update audit_event set content = replace(content, '"name":"Throughline"', '"name":"Nobody"') where id = $1`,
    [id],
  )

test('an untouched log holds, and tells how much of it is sealed', async () => {
  expect(await verifyOffline()).toMatchObject({ ok: true, rows: 100, sealed: 80, checkpoints: 2, leaves: 'used' })
  expect(await seals.verify(db.alpha)).toMatchObject({ ok: true, rows: 100, sealed: 80 })
})

test('drill: a changed row is named', async () => {
  const event = await eventAt(33)
  await change(event)
  expect(await verifyOffline()).toMatchObject({ ok: false, rows: 32, firstBad: { link: 33, event, fault: 'changed' } })
})

test('drill: a row deleted in the middle is named', async () => {
  await db.asSuperuser('delete from audit_event where id = $1', [await eventAt(57)])
  expect(await verifyOffline()).toMatchObject({ ok: false, firstBad: { link: 57, fault: 'missing' } })
  await db.asSuperuser('delete from audit_link where link = 57')
  expect(await verifyOffline()).toMatchObject({ ok: false, firstBad: { link: 57, fault: 'gap' } })
  await rebuildChain()
  expect(await verifyOffline()).toMatchObject({ ok: false, firstBad: { link: 57, fault: 'rewritten' } })
})

test('drill: the last ten, cut from the end, are missed', async () => {
  await act(0)
  await seals.seal(db.alpha)
  await db.asSuperuser('delete from audit_event where id in (select event from audit_link where link > 90)')
  await db.asSuperuser('delete from audit_link where link > 90')
  expect(await verifyOffline()).toMatchObject({ ok: false, rows: 90, firstBad: { link: 91, fault: 'cut' } })
})

test('drill: a chain rebuilt as a whole over a changed row holds in itself and is found', async () => {
  const event = await eventAt(33)
  await change(event)
  await rebuildChain()
  const report = await verifyOffline()
  expect(report).toMatchObject({ ok: false, rows: 32, firstBad: { link: 33, event, fault: 'rewritten' } })
  // With the checkpoints alone, as an outside store has them, the row lies between two of them.
  expect(await verifyOffline({ leaves: file('nowhere') })).toMatchObject({
    ok: false,
    leaves: 'absent',
    firstBad: { after: 0, link: 40, fault: 'rewritten' },
  })
})

test('a log that disagrees is not sealed again until somebody says why', async () => {
  await change(await eventAt(80))
  await act(5)
  expect(await seals.seal(db.alpha)).toBe(false)
  expect(await seals.state(db.alpha)).toMatchObject({ state: 'broken', firstBad: { link: 80, fault: 'changed' } })
  expect(await seals.seal(db.alpha)).toBe(false)
  expect(await verifyOffline()).toMatchObject({ ok: false, checkpoints: 2 })
  await rebuildChain()
  await seals.begin(db.alpha, 'drill')
  expect(await seals.state(db.alpha)).toMatchObject({ state: 'holds', checkpoints: 1, last: { size: 105 } })
  expect(await verifyOffline()).toMatchObject({ ok: true, sealed: 105 })
  expect(await readFile(file('alpha.1.checkpoints'), 'utf8')).toContain('"size')
})

test('the start-up look finds what was done while the program was away', async () => {
  await change(await eventAt(12))
  await rebuildChain()
  const again = open()
  expect(await again.verify(db.alpha)).toMatchObject({ ok: false, firstBad: { link: 12, fault: 'rewritten' } })
  expect((await again.state(db.alpha)).state).toBe('broken')
})

test('a checkpoint that the key did not sign, or that was taken out, is named by its line', async () => {
  const text = await readFile(file('alpha.checkpoints'), 'utf8')
  await writeFile(file('alpha.checkpoints'), text.replace('\\"size\\":40', '\\"size\\":41'))
  expect(await verifyOffline()).toMatchObject({ ok: false, badCheckpoint: { line: 1, fault: 'signature' } })
  await writeFile(file('alpha.checkpoints'), text.split('\n').slice(1).join('\n'))
  expect(await verifyOffline()).toMatchObject({ ok: false, badCheckpoint: { line: 1, fault: 'order' } })
})

test('a write that broke off half-way leaves the series whole', async () => {
  await appendFile(file('alpha.leaves'), 'torn')
  await appendFile(file('alpha.checkpoints'), '{"checkpoint":"{\\"for')
  expect(await verifyOffline()).toMatchObject({ ok: true, sealed: 80 })
  expect(await open().seal(db.alpha)).toBe(true)
  expect(await verifyOffline()).toMatchObject({ ok: true, sealed: 100, checkpoints: 3, leaves: 'used' })
})

test('only its owner can enter the folder and read the key', async () => {
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  expect((await stat(file('key.pem'))).mode & 0o777).toBe(0o600)
  expect((await stat(file('alpha.checkpoints'))).mode & 0o777).toBe(0o600)
})

test('the outside store gets each checkpoint once and in order, also after it was away', async () => {
  expect(sent).toEqual(['alpha/40', 'alpha/80'])
  sinkIsAway = true
  await seals.seal(db.alpha)
  await act(1)
  await seals.seal(db.alpha)
  expect((await seals.state(db.alpha)).sent).toBe(2)
  sinkIsAway = false
  await open().seal(db.alpha)
  expect(sent).toEqual(['alpha/40', 'alpha/80', 'alpha/100', 'alpha/101'])
})

test('one event is proved under its checkpoint without the others', async () => {
  const event = await eventAt(61)
  const files = await seals.folder()
  const proof = await db.database.transaction(db.alpha, (tx) => proveEvent(tx, files, event))
  const { root, size } = JSON.parse(JSON.parse(proof.checkpoint).checkpoint)
  const path = proof.path.map((hash) => Buffer.from(hash, 'hex'))
  expect(rootByPath(leafHash(event, proof.content), proof.index, size, path)?.toString('hex')).toBe(root)
  expect(size).toBe(80)
  const unsealed = await eventAt(95)
  await expect(db.database.transaction(db.alpha, (tx) => proveEvent(tx, files, unsealed))).rejects.toMatchObject({
    code: 'event-not-sealed',
  })
})

test('the command verifies without a database and ends with 1 at the first bad row', async () => {
  await verifyOffline()
  const cli = new URL('../main/cli.ts', import.meta.url).pathname
  const files = [
    '--export',
    file('log.ndjson'),
    '--checkpoints',
    file('alpha.checkpoints'),
    '--key',
    file('public.pem'),
  ]
  const run = () =>
    promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', cli, 'audit', 'verify', ...files], {
      env: { PATH: process.env['PATH'], DATABASE_URL: 'postgres://nowhere.invalid/none' },
    })
  expect((await run()).stdout).toBe('Log of alpha, 2 checkpoints.\n100 rows hold, 80 of them under a checkpoint.\n')
  const text = await readFile(file('log.ndjson'), 'utf8')
  await writeFile(file('log.ndjson'), text.replace('Patient/3', 'Patient/7'))
  await expect(run()).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining('BAD: row 4, event') })
}, 20_000)
