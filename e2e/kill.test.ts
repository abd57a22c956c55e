import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type MailSink, startMailSink } from '../testkit/smtp-sink.ts'
import { freePort, type SpawnedServer, spawnServer } from '../testkit/spawned-server.ts'
import { createToken, setUp } from '../src/identity/index.ts'
import { systemActor, systemClock } from '../src/kernel/index.ts'
import { readConfig } from '../src/main/config.ts'
import { openHouse } from '../src/main/open.ts'
import { furnish } from '../src/main/serve.ts'

const kills = Number(process.env['KILLS'] ?? 50)
const clients = 4

let dataFolder: string
let sink: MailSink
let port: number
let token: string
let server: SpawnedServer
const environment = () => ({ THROUGHLINE_DATA: dataFolder, SMTP_URL: sink.url })
const openForTest = () =>
  openHouse({ ...readConfig({ THROUGHLINE_DATA: dataFolder }), logLevel: 'silent' }, systemClock)

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'throughline-kill-'))
  // Open to the database's user, so that the data stays in this folder when root runs the test.
  await chmod(dataFolder, 0o755)
  sink = await startMailSink()
  port = await freePort()
  const house = await openForTest()
  const call = { actor: systemActor, clock: systemClock, requestId: 'test', locale: 'en' as const }
  const tenant = await setUp(house.database, call, {
    organisation: 'Killed Clinic',
    administrator: { name: 'Ada', email: 'ada@killed.example', password: 'forty-two-otters' },
    furnish: (tx) => furnish(house, tx, { ...call, tenant: tx.tenant }),
  })
  token = await house.database.transaction(tenant, async (tx) => {
    const context = { ...call, tenant }
    await house.record.write(tx, context, [
      {
        interaction: 'create',
        resource: {
          resourceType: 'Practitioner',
          id: 'referrer',
          telecom: [{ system: 'email', value: 'referrer@killed.example' }],
        },
      },
      { interaction: 'create', resource: { resourceType: 'Patient', id: 'p1' } },
      { interaction: 'create', resource: { resourceType: 'Patient', id: 'p2' } },
      { interaction: 'create', resource: { resourceType: 'Patient', id: 'p3' } },
    ])
    return (await createToken(tx, context, { name: 'load', roles: ['client-write'] })).token
  })
  await house.close()
})
afterEach(async () => {
  await server.stop()
  await sink.close()
  await rm(dataFolder, { recursive: true, force: true })
})

/** Clients that send incomplete referrals one after the other and remember those that were acknowledged. */
function startLoad() {
  const acknowledged = new Set<string>()
  let refused = 0
  let stopped = false
  const one = async (client: number) => {
    for (let n = 0; !stopped; n += 1) {
      // The client gives the id, so that an answer lost on the way can be told from a referral lost.
      const id = `load-${client}-${n}`
      const referral = {
        resourceType: 'ServiceRequest',
        id,
        status: 'active',
        intent: 'order',
        category: [{ coding: [{ code: '3457005' }] }],
        subject: { reference: `Patient/p${(n % 3) + 1}` },
        requester: { reference: 'Practitioner/referrer' },
      }
      const status = await fetch(`http://127.0.0.1:${port}/fhir/ServiceRequest/${id}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
        body: JSON.stringify(referral),
      }).then(
        (answer) => answer.status,
        () => 0,
      )
      if (status === 201) acknowledged.add(id)
      else refused += 1
      // Enough to be in the middle of something at every kill, and no more than the mail server can take afterwards.
      await new Promise((wake) => setTimeout(wake, 20))
    }
  }
  const running = Array.from({ length: clients }, (_none, client) => one(client))
  return {
    acknowledged,
    refused: () => refused,
    async stop() {
      stopped = true
      await Promise.all(running)
    },
  }
}

const sleep = (milliseconds: number) => new Promise((wake) => setTimeout(wake, milliseconds))

/** Waits until nothing is left to move or send, stops the server, and holds what is stored against what was promised. */
async function settleAndCheck(load: ReturnType<typeof startLoad>, what: string): Promise<void> {
  await load.stop()
  const search = async (query: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}/fhir/${query}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    return ((await answer.json()) as { total?: number }).total ?? -1
  }
  await expect
    .poll(() => search('Communication?status=preparation&_summary=count'), { timeout: 120_000, interval: 500 })
    .toBe(0)
  await sleep(1_000)
  await expect
    .poll(() => search('Communication?status=preparation&_summary=count'), { timeout: 120_000, interval: 500 })
    .toBe(0)
  await server.stop()

  const house = await openForTest()
  const [tenant] = await house.database.tenants()
  if (tenant === undefined) throw new Error('the tenant is gone')
  const rows = <T>(text: string) => house.database.transaction(tenant, (tx) => tx.query<T>({ text, values: [tenant] }))
  try {
    const stored = new Set(
      (await rows<{ id: string }>(`select id from fhir_resource where tenant_id = $1 and type = 'ServiceRequest'`)).map(
        (row) => row.id,
      ),
    )
    const keys = await rows<{ key: string; n: number }>(
      'select key, count(*)::int as n from journey where tenant_id = $1 group by key',
    )
    const journeys = new Map(keys.map((row) => [row.key, row.n]))
    const twice = await rows<{ n: number }>(
      `select count(*)::int as n from (select 1 from journey_event where tenant_id = $1 and kind in ('opened', 'asked', 'done', 'started') group by journey, kind, step, n having count(*) > 1) d`,
    )
    const messages = await rows<{ id: string; status: string }>('select id, status from message where tenant_id = $1')
    const offered = [...sink.offered.values()].reduce((sum, n) => sum + n, 0)
    process.stdout.write(
      `${what}: ${kills} kills, ${load.acknowledged.size} referrals acknowledged, ${load.refused()} calls refused or cut, ${stored.size} stored, ${keys.length} journeys, ` +
        `${messages.length} messages, ${offered} handed to the mail server, ${sink.delivered.size} delivered by it\n`,
    )
    expect([...load.acknowledged].filter((id) => !stored.has(id))).toEqual([])
    expect([...stored].filter((id) => journeys.get(id) !== 1)).toEqual([])
    expect(twice).toEqual([{ n: 0 }])
    expect(messages.filter((message) => message.status !== 'completed')).toEqual([])
    expect(messages.length).toBe(keys.length)
    const delivered = new Set([...sink.delivered].map((id) => id.split('.killed-clinic@')[0]))
    expect(messages.filter((message) => !delivered.has(message.id))).toEqual([])
    expect(delivered.size).toBe(messages.length)
    expect(load.acknowledged.size).toBeGreaterThan(kills)
  } finally {
    await house.close()
  }
}

test('the server is killed again and again under load: nothing acknowledged is lost, nothing is done twice', {
  timeout: 600_000,
}, async () => {
  server = await spawnServer(['start'], environment(), port)
  const load = startLoad()
  for (let kill = 0; kill < kills; kill += 1) {
    await sleep(150 + (kill % 7) * 100)
    server.child.kill('SIGKILL')
    await server.ended
    server = await spawnServer(['start'], environment(), port)
  }
  await settleAndCheck(load, 'server')
})

test('the database is killed again and again under load: nothing acknowledged is lost, nothing is done twice', {
  timeout: 600_000,
}, async () => {
  server = await spawnServer(['start'], environment(), port)
  const load = startLoad()
  const ready = () =>
    fetch(`${server.url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    )
  for (let kill = 0; kill < kills; kill += 1) {
    await sleep(150 + (kill % 7) * 100)
    const pid = Number((await readFile(join(dataFolder, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0])
    process.kill(pid, 'SIGKILL')
    await sleep(50)
    await expect.poll(ready, { timeout: 60_000, interval: 50 }).toBe(true)
  }
  await settleAndCheck(load, 'database')
})
