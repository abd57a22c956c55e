// "My work", every list of tasks with a million open ones, and every list of what waits, as the console's route answers them (the guard, the counts, the tasks
// with their patients, and the audit event among it), beside a plain SQL query that returns the same tasks.
// Run: node bin/node24.js bench/my-work.ts [open tasks]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Patient, Resource, Task } from '@medplum/fhirtypes'
import pg from 'pg'
import { markBuilt } from '../src/access/index.ts'
import { clientConfig } from '../src/db/index.ts'
import { type CallContext, systemActor, systemClock, tenantId } from '../src/kernel/index.ts'
import { readConfig } from '../src/main/config.ts'
import { openHouse } from '../src/main/open.ts'
import { routesOf } from '../src/main/serve.ts'
import { matterLists } from '../src/work/index.ts'
import { machine } from './machine.ts'

const [asked = 1_000_000] = process.argv.slice(2).map(Number)
const written = 2_000
const copies = Math.max(1, Math.round(asked / written))
const folder = await mkdtemp(join(tmpdir(), 'throughline-bench-'))
const house = await openHouse({ ...readConfig({ THROUGHLINE_DATA: folder }), logLevel: 'fatal' }, systemClock)
const owner = new pg.Client(clientConfig(house.target, 'owner'))
await owner.connect()
await owner.query(`insert into tenant (tenant_id, name) values ('clinic', 'Clinic')`)
const tenant = tenantId('clinic')
const system: CallContext = { tenant, actor: systemActor, clock: systemClock, requestId: 'bench', locale: 'en' }
const nurse: CallContext = {
  ...system,
  actor: {
    kind: 'account',
    id: 'nurse',
    name: 'Nurse',
    reference: 'Practitioner/w1',
    roles: ['triage-nurse', 'charge-nurse'],
  },
}
const policy = house.library.policies.find(({ file }) => file === 'policies/clinic.yaml')?.source ?? ''
await house.database.transaction(tenant, async (tx) => {
  await house.policies.publish(tx, system, policy, 'Bench')
  await markBuilt(tx)
})

const now = systemClock.now()
const roles = house.library.roles.map(({ id }) => id)
const patients = Array.from(
  { length: 1_000 },
  (_none, n): Patient => ({
    resourceType: 'Patient',
    id: `p${n}`,
    name: [{ family: `Family ${n}`, given: ['Given'] }],
  }),
)
/** Two in five belong to one of 200 people, the others wait in the queues of seven roles; one in twenty-five is done. */
const tasks = Array.from({ length: written }, (_none, n): Task => {
  const owned = n % 5 < 2
  return {
    resourceType: 'Task',
    id: `t${n}`,
    status: n % 25 === 6 ? 'completed' : owned ? 'accepted' : 'requested',
    intent: 'order',
    priority: (['routine', 'routine', 'routine', 'urgent', 'asap', 'stat'] as const)[n % 6] ?? 'routine',
    code: { text: `Work ${n % 40}` },
    performerType: [{ coding: [{ system: 'urn:throughline:role', code: roles[n % roles.length] ?? '' }] }],
    for: { reference: `Patient/p${n % patients.length}` },
    ...(owned
      ? { owner: { reference: `Practitioner/w${Math.floor(n / 5) % 200}`, display: `Person ${n % 200}` } }
      : {}),
    restriction: { period: { end: new Date(now + ((n % 400) - 100) * 3_600_000).toISOString() } },
  }
})
/** What waits: late referrals, abnormal results, unanswered messages; and of each patient a lost message and an open episode. */
const days = (n: number) => new Date(now - n * 86_400_000).toISOString()
const waiting = Array.from({ length: 500 }, (_none, n): Resource[] => {
  const subject = { reference: `Patient/p${(n * 2) % patients.length}` }
  const priority = (['routine', 'urgent', 'asap', 'stat'] as const)[n % 4] ?? 'routine'
  return [
    {
      resourceType: 'ServiceRequest',
      id: `r${n}`,
      status: 'active',
      intent: 'order',
      priority,
      authoredOn: days(40 + (n % 50)),
      category: [{ coding: [{ system: 'http://snomed.info/sct', code: '3457005' }] }],
      subject,
    },
    {
      resourceType: 'Observation',
      id: `o${n}`,
      status: 'final',
      code: { text: 'Potassium' },
      subject,
      interpretation: [{ coding: [{ code: n % 5 === 0 ? 'HH' : 'H' }] }],
    },
    {
      resourceType: 'Communication',
      id: `m${n}`,
      status: 'completed',
      priority,
      sender: subject,
      subject,
      sent: days(n % 20),
      payload: [{ contentString: 'A question' }],
    },
    {
      resourceType: 'Communication',
      id: `l${n}`,
      status: 'not-done',
      statusReason: { text: 'no channel reaches the recipient' },
      subject,
      recipient: [subject],
    },
    { resourceType: 'EpisodeOfCare', id: `e${n}`, status: 'active', patient: { reference: `Patient/free-${n}` } },
    { resourceType: 'Patient', id: `free-${n}`, name: [{ family: `Free ${n}` }] },
  ]
}).flat()
for (const resources of [patients, tasks, waiting] as Resource[][])
  for (let at = 0; at < resources.length; at += 500)
    await house.database.transaction(tenant, (tx) =>
      house.record.write(
        tx,
        system,
        resources.slice(at, at + 500).map((resource) => ({ interaction: 'create' as const, resource })),
        { quiet: true },
      ),
    )

// The rows that the program wrote, copied: under new ids, and due minutes later each time.
const began = performance.now()
await owner.query('set synchronous_commit = off')
await owner.query(`set throughline.tenant = 'clinic'`)
const later = (column: string) => `${column} + (g * 7919 % 100000) * interval '1 minute'`
const copy = async (table: string, changed: Readonly<Record<string, string>>, where: string) => {
  const { rows } = await owner.query<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = ('throughline.' || $1)::regclass and attnum > 0 and not attisdropped order by attnum`,
    [table],
  )
  const columns = rows.map(({ name }) => name)
  await owner.query(
    `insert into throughline.${table} (${columns.join(', ')})
     select ${columns.map((name) => changed[name] ?? name).join(', ')} from throughline.${table} cross join generate_series(1, ${copies - 1}) g where ${where}`,
  )
}
const id = `id || '-' || g`
await copy(
  'fhir_resource',
  { id, content: `replace(content, '"id":"' || id || '"', '"id":"' || ${id} || '"')` },
  `type = 'Task' and id like 't%'`,
)
await copy('access_subject', { id }, `type = 'Task' and id like 't%'`)
await copy('work_item', { id, due: later('due') }, `id like 't%'`)
await copy('work_queue', { id, due: later('due') }, `id like 't%'`)
// Each of what waits two hundred times at most; who waits is one of the patients.
const waited = Math.min(copies, 200)
for (const [type, letter] of [
  ['ServiceRequest', 'r'],
  ['Observation', 'o'],
  ['Communication', 'm'],
] as const) {
  const own = `type = '${type}' and id like '${letter}%' and g < ${waited}`
  await copy('fhir_resource', { id, content: `replace(content, '"id":"' || id || '"', '"id":"' || ${id} || '"')` }, own)
  await copy('access_subject', { id }, own)
  await copy('matter', { id, due: `due - (g * 7919 % 10000) * interval '1 second'` }, own)
}
await owner.query('vacuum analyze')
const { rows: counted } = await owner.query<{ open: number; all: number }>(
  'select count(*) filter (where open)::int as open, count(*)::int as all from throughline.work_item',
)
console.log(
  `${machine()}\n${counted[0]?.open} open tasks of ${counted[0]?.all}, filled in ${((performance.now() - began) / 1000).toFixed(0)} s`,
)

const list = routesOf(house, { publicUrl: 'http://localhost' }).find(
  ({ method, path }) => method === 'GET' && path === '/api/work',
)
const ask = async (query: Record<string, string | undefined>) => {
  const answer = await list?.handle(nurse, { params: {}, query, body: undefined, headers: {}, url: '', ip: '' })
  return answer?.body as { items: { id: string }[]; next: string | null }
}
const own = 'Practitioner/w1'
const filtered: Record<string, Record<string, string>> = {
  'queue, late': { list: 'queue', due: 'late' },
  'all of a role': { list: 'all', role: 'triage-nurse' },
}
const askedFor = (name: string) => filtered[name] ?? { list: name }
const listed: Record<string, string> = {
  mine: `select w.id, w.rank, coalesce(w.due, 'infinity') as due from throughline.work_item w where w.tenant_id = 'clinic' and w.owner = '${own}' and w.open order by w.rank, coalesce(w.due, 'infinity'), w.id limit 30`,
  queue: `select q.id, q.rank, q.due from throughline.work_queue q where q.tenant_id = 'clinic' and q.role in ('triage-nurse', 'charge-nurse') order by q.rank, q.due, q.id limit 30`,
  unowned: `select q.id, q.rank, q.due from throughline.work_queue q where q.tenant_id = 'clinic' order by q.rank, q.due, q.id limit 30`,
  all: `select w.id, 0 as rank, w.due from throughline.work_item w where w.tenant_id = 'clinic' and w.open and w.due is not null order by w.due, w.id limit 30`,
  'queue, late': `select q.id, q.rank, q.due from throughline.work_queue q where q.tenant_id = 'clinic' and q.role in ('triage-nurse', 'charge-nurse') and q.due < now() order by q.rank, q.due, q.id limit 30`,
  'all of a role': `select w.id, w.rank, coalesce(w.due, 'infinity') as due from throughline.work_item w where w.tenant_id = 'clinic' and w.open and w.role = 'triage-nurse' order by w.rank, coalesce(w.due, 'infinity'), w.id limit 30`,
  done: `select w.id, 0 as rank, w.updated_at as due from throughline.work_item w where w.tenant_id = 'clinic' and not w.open and w.owner = '${own}' order by w.updated_at desc, w.id desc limit 30`,
}
const plain = async (name: string) =>
  (
    await owner.query<{ id: string }>(
      `select t.id, r.content, p.content as patient from (${listed[name]}) t
       join throughline.fhir_resource r on r.tenant_id = 'clinic' and r.type = 'Task' and r.id = t.id
       left join throughline.fhir_resource p on p.tenant_id = 'clinic' and p.type = 'Patient' and 'Patient/' || p.id = r.content::jsonb->'for'->>'reference'
       order by t.rank, t.due${name === 'done' ? ' desc' : ''}, t.id${name === 'done' ? ' desc' : ''}`,
    )
  ).rows
const times = async (count: number, work: (n: number) => Promise<unknown>): Promise<[p50: number, p99: number]> => {
  const all: number[] = []
  for (let n = 0; n < count; n += 1) {
    const from = performance.now()
    await work(n)
    all.push(performance.now() - from)
  }
  all.sort((a, b) => a - b)
  return [all[Math.floor(count / 2)] ?? 0, all[Math.floor(count * 0.99)] ?? 0]
}
const rounds = 200
for (const name of Object.keys(listed)) {
  const [ours, theirs] = [(await ask(askedFor(name))).items, await plain(name)]
  if (ours.map((one) => one.id).join() !== theirs.map((one) => one.id).join())
    throw new Error(`the list ${name} is not the rows that plain SQL finds`)
  // Pages further on cost the same: every third call asks for one of the next ten.
  const cursors: (string | undefined)[] = [undefined]
  while (cursors.length < 10) {
    const { next } = await ask({ ...askedFor(name), after: cursors.at(-1) })
    if (next === null) break
    cursors.push(next)
  }
  const mine = (n: number) => ask({ ...askedFor(name), after: n % 3 === 0 ? cursors[n % cursors.length] : undefined })
  await times(20, mine)
  const [p50, p99] = await times(rounds, mine)
  const [plain50, plain99] = await times(Math.min(rounds, 40), () => plain(name))
  console.log(
    `${name.padEnd(13)} ${String(ours.length).padStart(3)} rows   p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms   plain SQL p50 ${plain50.toFixed(1)} ms, p99 ${plain99.toFixed(1)} ms   ratio of p50 ${(p50 / plain50).toFixed(2)}`,
  )
}
const matters = routesOf(house, { publicUrl: 'http://localhost' }).find(
  ({ method, path }) => method === 'GET' && path === '/api/lists/:list',
)
for (const name of matterLists) {
  const mine = async (after?: string) => {
    const answer = await matters?.handle(nurse, {
      params: { list: name },
      query: { after },
      body: undefined,
      headers: {},
      url: '',
      ip: '',
    })
    return answer?.body as { items: { reference: string }[]; next: string | null }
  }
  const theirs = async () =>
    (
      await owner.query<{ reference: string }>(
        `select m.type || '/' || m.id as reference, r.content, p.content as patient from (
           select * from throughline.matter m where m.tenant_id = 'clinic' and m.list = $1 and m.open and m.due <= $2 order by m.rank, m.due, m.type, m.id limit 15) m
         join throughline.fhir_resource r on r.tenant_id = 'clinic' and r.type = m.type and r.id = m.id
         left join throughline.fhir_resource p on p.tenant_id = 'clinic' and p.type = 'Patient' and 'Patient/' || p.id = m.patient
         order by m.rank, m.due, m.type, m.id`,
        [name, ['referrals', 'no-next-step'].includes(name) ? new Date() : 'infinity'],
      )
    ).rows
  const [ours, plainRows] = [(await mine()).items, await theirs()]
  if (ours.map((one) => one.reference).join() !== plainRows.map((one) => one.reference).join())
    throw new Error(`the list ${name} is not the rows that plain SQL finds`)
  const { next } = await mine()
  const each = (n: number) => mine(n % 3 === 0 ? (next ?? undefined) : undefined)
  await times(20, each)
  const [p50, p99] = await times(rounds, each)
  const [plain50, plain99] = await times(40, theirs)
  console.log(
    `${name.padEnd(13)} ${String(ours.length).padStart(3)} rows   p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms   plain SQL p50 ${plain50.toFixed(1)} ms, p99 ${plain99.toFixed(1)} ms   ratio of p50 ${(p50 / plain50).toFixed(2)}`,
  )
}
await owner.end()
await house.close()
await rm(folder, { recursive: true, force: true })
