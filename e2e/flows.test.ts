import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Observation } from '@medplum/fhirtypes'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Receiver, startReceiver } from '../testkit/receiver.ts'
import { freePort, type SpawnedServer, spawnServer } from '../testkit/spawned-server.ts'
import { createToken, setUp } from '../src/identity/index.ts'
import { systemActor, systemClock, type TenantId } from '../src/kernel/index.ts'
import { readConfig } from '../src/main/config.ts'
import { openHouse } from '../src/main/open.ts'
import { furnish } from '../src/main/serve.ts'

// FLOWS=full: a hundred thousand resources, ten thousand changes, a receiver that is down for a minute.
const full = process.env['FLOWS'] === 'full'
const resources = full ? 100_000 : 20_000
const changes = full ? 10_000 : 400
const down = full ? 60_000 : 4_000
const page = 500

let dataFolder: string
let port: number
let token: string
let receiver: Receiver
let server: SpawnedServer | undefined
const stored = new Map<string, string>()

const openForTest = () =>
  openHouse({ ...readConfig({ THROUGHLINE_DATA: dataFolder }), logLevel: 'silent' }, systemClock)
const start = async () => {
  server = await spawnServer(['start'], { THROUGHLINE_DATA: dataFolder, OUTBOUND_ALLOW: receiver.address }, port)
  return server
}
const sleep = (milliseconds: number) => new Promise((wake) => setTimeout(wake, milliseconds))
const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(path.startsWith('http') ? path : `http://127.0.0.1:${port}/fhir/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

const observation = (n: number): Observation => ({
  resourceType: 'Observation',
  id: `o${String(n).padStart(7, '0')}`,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: `8${n % 40}-4` }], text: 'Measured' },
  subject: { reference: `Patient/p${n % 100}` },
  effectiveDateTime: new Date(1.6e12 + n * 3.6e6).toISOString(),
  valueQuantity: { value: n % 200, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
})

beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'throughline-flows-'))
  // Open to the database's user, so that the data stays in this folder when root runs the test.
  await chmod(dataFolder, 0o755)
  receiver = await startReceiver()
  port = await freePort()
  const house = await openForTest()
  const by = { actor: systemActor, clock: systemClock, requestId: 'test', locale: 'en' as const }
  const tenant: TenantId = await setUp(house.database, by, {
    organisation: 'Flowing Clinic',
    administrator: { name: 'Ada', email: 'ada@flowing.example', password: 'forty-two-otters' },
    furnish: (tx) => furnish(house, tx, { ...by, tenant: tx.tenant }),
  })
  const context = { ...by, tenant }
  for (let n = 0; n < resources; n += page) {
    await house.database.transaction(tenant, (tx) =>
      house.record.write(
        tx,
        context,
        Array.from({ length: page }, (_, i) => ({ interaction: 'create' as const, resource: observation(n + i) })),
        { validate: false, quiet: true },
      ),
    )
  }
  await house.database.transaction(tenant, async (tx) => {
    token = (await createToken(tx, context, { name: 'flows', roles: ['client-write'] })).token
    const rows = await tx.query<{ id: string; content: string }>({
      text: `select id, content from fhir_resource where tenant_id = $1 and type = 'Observation'`,
      values: [tenant],
    })
    for (const { id, content } of rows) stored.set(id, content)
  })
  await house.close()
}, 300_000)
afterEach(() => server?.stop())
afterAll(async () => {
  await receiver.close()
  await rm(dataFolder, { recursive: true, force: true })
})

/** Resident memory of the server in bytes; undefined where the system does not tell it so. */
function memory(): number | undefined {
  const path = `/proc/${server?.child.pid}/status`
  const kilobytes = existsSync(path) ? /VmRSS:\s+(\d+)/.exec(readFileSync(path, 'utf8'))?.[1] : undefined
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
}

interface Manifest {
  output: { type: string; url: string; count: number }[]
}

/** Asks how an export is until it is at `share` (0 to 1) or done; a server that is away is asked again. */
async function until(status: string, share: number): Promise<Manifest | undefined> {
  for (;;) {
    const answer = await call('GET', status).catch(() => undefined)
    if (answer?.status === 200) return (await answer.json()) as Manifest
    if (answer && answer.status !== 202) throw new Error(`the export answered ${answer.status}: ${await answer.text()}`)
    const percent = Number(/^(\d+) %/.exec(answer?.headers.get('x-progress') ?? '')?.[1] ?? 0)
    if (percent >= share * 100) return undefined
    await sleep(10)
  }
}

async function kickOff(): Promise<string> {
  const answer = await call('GET', '$export?_type=Observation', undefined, { prefer: 'respond-async' })
  expect(answer.status).toBe(202)
  // The address that the server gives goes by its settings, which know nothing of this port.
  return (answer.headers.get('content-location') ?? '').replace(/^.*\/fhir\//, '')
}

async function checkFiles(manifest: Manifest | undefined): Promise<number> {
  const seen = new Set<string>()
  let differing = 0
  for (const { url } of manifest?.output ?? []) {
    const text = await (await call('GET', url.replace(/^.*\/fhir\//, ''))).text()
    for (const line of text.trimEnd().split('\n')) {
      const id = (JSON.parse(line) as { id: string }).id
      if (seen.has(id) || stored.get(id) !== line) differing += 1
      seen.add(id)
    }
  }
  expect(seen.size).toBe(stored.size)
  return differing
}

test('an export that is killed half-way goes on after the restart and ends with exactly the right lines; memory stays flat', {
  timeout: 600_000,
}, async () => {
  await start()
  const status = await kickOff()
  await until(status, 0.4)
  server?.child.kill('SIGKILL')
  await server?.ended
  await start()
  const killedAt = (await call('GET', status)).headers.get('x-progress')
  // It was in the middle, and not at its end.
  expect(killedAt).not.toBeNull()
  expect(await checkFiles(await until(status, 2))).toBe(0)
  await call('DELETE', status)

  const again = await kickOff()
  await until(again, 0.1)
  const early = memory()
  await until(again, 0.9)
  const late = memory()
  expect(await checkFiles(await until(again, 2))).toBe(0)
  process.stdout.write(
    `export: ${stored.size} resources, killed at ${killedAt}; memory ${Math.round((early ?? 0) / 1e6)} MB at a tenth, ${Math.round((late ?? 0) / 1e6)} MB at nine tenths\n`,
  )
  // What is exported in between is many times the difference that is allowed.
  if (early !== undefined && late !== undefined) expect(late).toBeLessThan(early * 1.5 + 50e6)
})

test('changes while the receiver is down and the server is killed: every notification arrives, in order, without a gap', {
  timeout: 900_000,
}, async () => {
  const backport = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'
  await start()
  const made = await call('POST', 'Subscription', {
    resourceType: 'Subscription',
    status: 'requested',
    reason: 'test',
    criteria: 'urn:throughline:topic:task-changed',
    channel: {
      type: 'rest-hook',
      endpoint: receiver.url,
      payload: 'application/fhir+json',
      _payload: { extension: [{ url: `${backport}/backport-payload-content`, valueCode: 'id-only' }] },
    },
  })
  expect(made.status).toBe(201)
  const { id } = (await made.json()) as { id: string }
  await expect.poll(() => receiver.received.map(({ type }) => type), { timeout: 20_000 }).toEqual(['handshake'])

  const began = performance.now()
  receiver.answer = 'down'
  const written = new Set<string>()
  let next = 0
  const writer = async () => {
    while (next < changes) {
      const task = `t${next++}`
      for (;;) {
        // The client gives the id: an answer lost on the way is asked for again, and may then be a second change.
        const answer = await call('PUT', `Task/${task}`, {
          resourceType: 'Task',
          id: task,
          status: 'requested',
          intent: 'order',
        }).catch(() => undefined)
        await answer?.arrayBuffer()
        if (answer?.ok) break
        await sleep(100)
      }
      written.add(`Task/${task}`)
    }
  }
  const writing = Promise.all(Array.from({ length: 8 }, writer))
  await expect.poll(() => written.size, { timeout: 300_000 }).toBeGreaterThan(changes / 2)
  server?.child.kill('SIGKILL')
  await server?.ended
  await start()
  await writing
  await sleep(Math.max(0, down - (performance.now() - began)))
  receiver.answer = 200

  const seen = new Map<number, string>()
  let read = 0
  const numbers = () => {
    for (; read < receiver.received.length; read += 1) {
      const { numbers: each = [], focuses = [] } = receiver.received[read] ?? {}
      for (const [index, number] of each.entries())
        if (!seen.has(number)) seen.set(number, (focuses[index] ?? '').replace(/^.*\/fhir\//, ''))
    }
    return seen.size
  }
  await expect.poll(numbers, { timeout: 600_000, interval: 250 }).toBeGreaterThanOrEqual(changes)
  const answer = await call('GET', `Subscription/${id}/$status`)
  const total = Number(/"events-since-subscription-start","valueString":"(\d+)"/.exec(await answer.text())?.[1])
  await expect.poll(numbers, { timeout: 60_000, interval: 250 }).toBe(total)
  await server?.stop()

  // Each number as it was first heard: in order and without a gap; each version of each task exactly one number.
  expect([...seen.keys()]).toEqual(Array.from({ length: total }, (_, n) => n + 1))
  const versions = new Map<string, number>()
  for (const task of seen.values()) versions.set(task, (versions.get(task) ?? 0) + 1)
  const house = await openForTest()
  const [tenant] = await house.database.tenants()
  const rows = tenant
    ? await house.database.transaction(tenant, (tx) =>
        tx.query<{ reference: string; versions: number }>({
          text: `select 'Task/' || id as reference, version as versions from fhir_resource where tenant_id = $1 and type = 'Task'`,
          values: [tenant],
        }),
      )
    : []
  await house.close()
  expect(versions).toEqual(new Map(rows.map((row) => [row.reference, row.versions])))
  const offered = receiver.received.reduce((sum, one) => sum + one.numbers.length, 0)
  process.stdout.write(
    `subscription: ${written.size} changes, ${total} events, ${offered} told, in ${receiver.received.length} notifications\n`,
  )
})
