import { createServer } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { OperationOutcome, Patient } from '@medplum/fhirtypes'
import { afterAll, expect, test } from 'vitest'
import { useDoor } from '../../../testkit/door.ts'
import { useHouse } from '../../../testkit/house.ts'

/** A server that holds NDJSON, as the source of an import. */
const files = new Map<string, Buffer>()
const asked: string[] = []
const source = createServer((request, response) => {
  asked.push(request.url ?? '')
  const content = files.get(request.url ?? '')
  response.statusCode = content ? 200 : 404
  response.end(content)
})
await new Promise<void>((tell) => source.listen(0, '127.0.0.1', () => tell()))
const bound = source.address()
const address = `127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 0}`
const house = useHouse({ outboundAllow: [address] })
const door = useDoor(house)
afterAll(
  () =>
    new Promise<void>((tell) => {
      source.close(() => tell())
      source.closeAllConnections()
    }),
)

const patient = (n: number, family = 'Bouchard'): Patient => ({
  resourceType: 'Patient',
  id: `i${String(n).padStart(4, '0')}`,
  name: [{ family }],
})
const ndjson = (resources: readonly unknown[]) => resources.map((one) => `${JSON.stringify(one)}\n`).join('')
const pathOf = (value: unknown) => String(value).replace('http://localhost', '')

const async_ = { prefer: 'respond-async' }
const manifest = (...input: { type?: string; url: string }[]) => ({ inputFormat: 'application/fhir+ndjson', input })
async function kickOff(body: unknown): Promise<string> {
  const answer = await door.fhir('POST', '/fhir/$import', body, async_)
  expect(answer).toMatchObject({ status: 202 })
  return pathOf(answer.headers['content-location'])
}
interface Report {
  output: { type?: string; inputUrl?: string; count: number }[]
  error: { type: string; url: string; inputUrl?: string; count: number }[]
  extension: { created: number; updated: number; unchanged: number; failed: number }
}
async function settle(status: string): Promise<Report> {
  for (;;) {
    await house.settle()
    const answer = await door.fhir('GET', status)
    if (answer.status !== 202) return answer.body as unknown as Report
    house.clock.advance(10_000)
  }
}
async function upload(content: string | Buffer, headers: Record<string, string> = {}): Promise<string> {
  const answer = await door.app.inject({
    method: 'POST',
    url: '/fhir/$import-upload',
    payload: content,
    headers: { authorization: `Bearer ${door.token}`, 'content-type': 'application/fhir+ndjson', ...headers },
  })
  expect(answer.statusCode).toBe(201)
  return String(answer.headers.location)
}
const faultsOf = async (report: Report) => {
  const answer = await door.app.inject({
    method: 'GET',
    url: pathOf(report.error[0]?.url),
    headers: { authorization: `Bearer ${door.token}` },
  })
  return answer.body
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as OperationOutcome).issue[0]?.diagnostics)
}
const count = async () => (await door.fhir('GET', '/fhir/Patient?_summary=count')).body['total']

test('files are fetched from their addresses and come in; the same again changes nothing, and a change is taken over', async () => {
  files.set('/patients.ndjson', Buffer.from(ndjson(Array.from({ length: 1_234 }, (_, n) => patient(n)))))
  files.set('/more.ndjson.gz', gzipSync(ndjson([patient(5_000), patient(5_001)])))
  const body = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'inputFormat', valueCode: 'application/fhir+ndjson' },
      ...['/patients.ndjson', '/more.ndjson.gz'].map((path) => ({
        name: 'input',
        part: [
          { name: 'type', valueCode: 'Patient' },
          { name: 'url', valueUri: `http://${address}${path}` },
        ],
      })),
    ],
  }
  const first = await settle(await kickOff(body))
  expect(first).toMatchObject({
    output: [
      { type: 'Patient', inputUrl: `http://${address}/patients.ndjson`, count: 1_234 },
      { type: 'Patient', inputUrl: `http://${address}/more.ndjson.gz`, count: 2 },
    ],
    error: [],
    extension: { created: 1_236, updated: 0, unchanged: 0, failed: 0 },
  })
  expect(await count()).toBe(1_236)
  expect((await settle(await kickOff(body))).extension).toEqual({ created: 0, updated: 0, unchanged: 1_236, failed: 0 })
  files.set('/more.ndjson.gz', gzipSync(ndjson([patient(5_000, 'Lavoie'), patient(5_001)])))
  expect((await settle(await kickOff(body))).extension).toMatchObject({ updated: 1, unchanged: 1_235 })
  files.set('/more.ndjson.gz', gzipSync(ndjson([patient(5_000), patient(5_001)])))
  expect((await settle(await kickOff(body))).extension).toMatchObject({ updated: 1, unchanged: 1_235 })
})

test('what is faulty is reported with its line, and everything else comes in', async () => {
  const lines = [
    JSON.stringify(patient(6_000)),
    '{"resourceType": "Patient", "birthDate": "soon"}',
    'no JSON',
    JSON.stringify({ resourceType: 'Practitioner', id: 'x1' }),
    JSON.stringify(patient(6_001)),
  ]
  const report = await settle(await kickOff(manifest({ type: 'Patient', url: await upload(lines.join('\n')) })))
  expect(report).toMatchObject({
    output: [{ type: 'Patient', count: 2 }],
    error: [{ type: 'OperationOutcome', count: 3 }],
    extension: { created: 2, failed: 3 },
  })
  expect((await faultsOf(report)).toSorted()).toEqual([
    'input 1: line 2 Patient.birthDate is not a date (string)',
    'input 1: line 3 is not JSON',
    'input 1: line 4 is not a Patient, as this input says',
  ])
})

test('an upload may be packed, is used once and by nobody else', async () => {
  const url = await upload(gzipSync(ndjson([patient(7_000)])), { 'content-encoding': 'gzip' })
  const lead = await door.signIn('lead@alpha.example')
  expect((await door.call(lead, 'POST', '/fhir/$import', manifest({ url }))).status).toBe(400)
  expect((await settle(await kickOff(manifest({ url })))).extension).toMatchObject({ created: 1 })
  expect((await door.fhir('POST', '/fhir/$import', manifest({ url }), async_)).status).toBe(400)
})

test('a source that does not answer is asked again, then the import fails and leaves nothing half-done', async () => {
  const before = await count()
  const status = await kickOff(manifest({ url: `http://${address}/nowhere.ndjson` }))
  const report = await settle(status)
  expect(report).toMatchObject({ resourceType: 'OperationOutcome' })
  expect(asked.filter((url) => url === '/nowhere.ndjson').length).toBe(6)
  expect(await count()).toBe(before)
})

test('an import that was ended in the middle of its lines goes on there', async () => {
  const status = await kickOff(
    manifest({ url: await upload(ndjson(Array.from({ length: 2_000 }, (_, n) => patient(10_000 + n)))) }),
  )
  // The clock moves with every look, so that each run of the job ends after one part.
  let looks = 0
  const still = house.clock.now
  house.clock.now = () => still() + 3_000 * (looks += 1)
  const jobs = () => house.jobs.drain(house.alpha)
  await jobs()
  house.clock.now = still
  house.clock.advance(10_000_000)
  expect((await settle(status)).extension).toEqual({ created: 2_000, updated: 0, unchanged: 0, failed: 0 })
})

test('what cannot be imported as asked is refused with its place', async () => {
  const refused = async (body: unknown, headers: Record<string, string> = async_) => {
    const answer = await door.fhir('POST', '/fhir/$import', body, headers)
    return [answer.status, (answer.body as unknown as OperationOutcome).issue.map(({ expression }) => expression?.[0])]
  }
  expect(await refused(manifest({ url: `http://${address}/x` }), {})).toEqual([400, ['headers.prefer']])
  expect(await refused(manifest())).toEqual([400, ['input']])
  expect(await refused(manifest({ url: 'http://169.254.169.254/latest' }))).toEqual([400, ['input[0].url']])
  expect(await refused(manifest({ type: 'Colour', url: 'https://example.org/x' }))).toEqual([400, ['input[0].type']])
  expect(await refused({ ...manifest({ url: 'https://example.org/x' }), inputFormat: 'text/csv' })).toEqual([
    400,
    ['inputFormat'],
  ])
  const plain = await door.app.inject({
    method: 'POST',
    url: '/fhir/Patient',
    payload: '{}',
    headers: { authorization: `Bearer ${door.token}`, 'content-type': 'application/fhir+ndjson' },
  })
  expect(plain.statusCode).toBe(415)
})
