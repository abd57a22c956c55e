// Our FHIR API against another server's, over HTTP, in the same run: the same calls, taken in turns so that the machine's
// moods meet both. Any peer that speaks FHIR R4:
//   node bin/node24.js bench/fhir-vs-peer.ts --peer http://127.0.0.1:8103/fhir/R4 --peer-token … [--tasks 10000]
//     [--database postgres://…]            ours on this database instead of the embedded one (a new, empty one)
//     [--ours http://… --ours-token …]     a program of ours that runs already
// Prints calls a second and the ratio, a line each. Last figures: bench/README.md.
import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { parseArgs } from 'node:util'
import { startFreshClinic } from '../testkit/fresh-clinic.ts'
import { machine } from './machine.ts'

const { values } = parseArgs({
  options: {
    peer: { type: 'string' },
    'peer-token': { type: 'string', default: '' },
    ours: { type: 'string' },
    'ours-token': { type: 'string', default: '' },
    database: { type: 'string' },
    tasks: { type: 'string', default: '10000' },
  },
})
if (values.peer === undefined)
  throw new Error('say which server to compare with: --peer http://…/fhir/R4 --peer-token …')
const clinic =
  values.ours === undefined
    ? await startFreshClinic(values.database === undefined ? {} : { DATABASE_URL: values.database })
    : undefined

interface Side {
  name: string
  url: URL
  token: string
  /** Ids that the server gave to the tasks. */
  ids: string[]
}
const side = (name: string, url: string, token: string): Side => ({ name, url: new URL(url), token, ids: [] })
const ours = side('ours', values.ours ?? `${clinic?.url}/fhir`, clinic?.token ?? values['ours-token'])
const peer = side('peer', values.peer, values['peer-token'])
const agent = new Agent({ keepAlive: true, maxSockets: 8 })

/** One call; fails unless it is answered with 200 or 201. */
function call(at: Side, method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((tell, fail) => {
    const sent = request(
      new URL(`${at.url.pathname.replace(/\/$/, '')}${path}`, at.url),
      {
        agent,
        method,
        headers: {
          authorization: `Bearer ${at.token}`,
          accept: 'application/fhir+json',
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/fhir+json', 'content-length': String(Buffer.byteLength(text)) }),
        },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', fail)
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString('utf8')
          if (response.statusCode !== 200 && response.statusCode !== 201)
            fail(
              new Error(`${at.name} answered ${method} ${path} with ${response.statusCode}: ${answer.slice(0, 300)}`),
            )
          else tell(JSON.parse(answer) as Record<string, unknown>)
        })
      },
    )
    sent.on('error', fail)
    sent.end(text)
  })
}

const callers = 8
/** Calls a second, with eight callers. */
async function rate(count: number, work: (i: number) => Promise<unknown>): Promise<number> {
  let next = 0
  const began = performance.now()
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (next < count) await work(next++)
    }),
  )
  return (count / (performance.now() - began)) * 1000
}

const middle = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0

/** Each side in turn, several rounds, and the middle of each side's rates. */
async function line(name: string, rounds: number, count: number, work: (at: Side, i: number) => Promise<unknown>) {
  const rates = { ours: [] as number[], peer: [] as number[] }
  for (let round = 0; round < rounds; round += 1) {
    rates.ours.push(await rate(count, (i) => work(ours, round * count + i)))
    rates.peer.push(await rate(count, (i) => work(peer, round * count + i)))
  }
  const [a, b] = [middle(rates.ours), middle(rates.peer)]
  process.stdout.write(
    `${name.padEnd(44)} ours ${a.toFixed(0).padStart(6)}/s   peer ${b.toFixed(0).padStart(6)}/s   ratio ${(a / b).toFixed(2)}\n`,
  )
}

const owners = Array.from({ length: 100 }, () => randomUUID())
const patients = Array.from({ length: 500 }, () => randomUUID())
const statuses = ['requested', 'accepted', 'in-progress', 'completed']
const task = (i: number) => ({
  resourceType: 'Task',
  identifier: [{ system: 'urn:bench', value: `t-${i}` }],
  status: statuses[i % statuses.length],
  intent: 'order',
  priority: 'routine',
  code: { coding: [{ system: 'urn:bench:codes', code: `c${i % 20}` }], text: 'Call the patient' },
  description: 'Call the patient about the referral',
  for: { reference: `Patient/${patients[i % patients.length]}` },
  owner: { reference: `Practitioner/${owners[(i >> 2) % owners.length]}` },
  authoredOn: new Date(Date.UTC(2026, 0, 1) + i * 60_000).toISOString(),
  restriction: { period: { end: new Date(Date.UTC(2026, 1, 1) + i * 60_000).toISOString() } },
})

const tasks = Number(values.tasks)
const rounds = 5
await line('create a task', rounds, tasks / rounds, async (at, i) => {
  at.ids[i] = String((await call(at, 'POST', '/Task', task(i)))['id'])
})
const some = (i: number) => (i * 7919) % tasks
await line('read a task', rounds, 1000, (at, i) => call(at, 'GET', `/Task/${at.ids[some(i)]}`))
await line('update a task', rounds, 400, (at, i) => {
  const n = some(i)
  return call(at, 'PUT', `/Task/${at.ids[n]}`, { ...task(n), id: at.ids[n], description: `Call again, ${i}` })
})
const search = (i: number) =>
  `/Task?owner=Practitioner/${owners[i % owners.length]}&status=${statuses[i % statuses.length]}&_sort=-authored-on&_count=20`
const found = async (at: Side) => {
  const bundle = (await call(at, 'GET', search(3))) as { entry?: { resource: { identifier: { value: string }[] } }[] }
  return (bundle.entry ?? []).map(({ resource }) => resource.identifier[0]?.value).join()
}
if ((await found(ours)) !== (await found(peer))) throw new Error('the two servers do not find the same tasks')
await line(`search by owner and status, sorted, of ${tasks}`, rounds, 400, (at, i) => call(at, 'GET', search(i)))
let bundles = tasks
await line('transaction of 20 entries', rounds, 60, (at) => {
  const patient = `urn:uuid:${randomUUID()}`
  bundles += 20
  return call(at, 'POST', '', {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: Array.from({ length: 20 }, (_, n) =>
      n === 0
        ? {
            fullUrl: patient,
            request: { method: 'POST', url: 'Patient' },
            resource: { resourceType: 'Patient', identifier: [{ system: 'urn:bench', value: `p-${bundles}` }] },
          }
        : {
            fullUrl: `urn:uuid:${randomUUID()}`,
            request: { method: 'POST', url: 'Task' },
            resource: { ...task(bundles + n), for: { reference: patient } },
          },
    ),
  })
})
process.stdout.write(`${callers} callers, ${tasks} tasks, ${machine()}\n`)
agent.destroy()
await clinic?.close()
