import { get, type IncomingMessage, request as callHttp } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type FreshDatabase, freshDatabase } from '../../testkit/database.ts'
import { CodedError, type Logger, type Route, route, systemClock } from '../kernel/index.ts'
import { createFeed, createServer, type Feed, type ServerOptions } from './index.ts'

let db: FreshDatabase
let feed: Feed
let app: Awaited<ReturnType<typeof createServer>>
const lines: string[] = []
const keep = (...said: unknown[]) => void lines.push(JSON.stringify(said))
const log = { info: keep, error: keep } as unknown as Logger
const fail = (error: Error) => async () => {
  throw error
}
const get1 = (path: string, handle: Route['handle'], style: Route['style'] = 'api') =>
  route({ method: 'GET', path, summary: path, access: 'signed-in', style, handle })
let entered: (() => void) | undefined
const routes: Route[] = [
  get1('/api/private', fail(new Error('Jane Roe, born 1970'))),
  get1('/fhir/private', fail(new Error('Jane Roe, born 1970')), 'fhir'),
  get1('/api/away', fail(Object.assign(new Error('gone'), { code: '57P01' }))),
  get1('/fhir/away', fail(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })), 'fhir'),
  get1('/api/later', fail(new CodedError('slow-down', { status: 429, issue: 'throttled', text: 'Later.' }))),
  get1('/api/deep', fail(new RangeError('Maximum call stack size exceeded'))),
  get1('/api/slow', async () => {
    entered?.()
    await new Promise((done) => setTimeout(done, 400))
    return { body: { done: true } }
  }),
  get1('/api/who/:id', async (context) => ({ body: { request: context.requestId } })),
  route({
    method: 'POST',
    path: '/api/things/:id',
    summary: 'Take a thing',
    access: 'signed-in',
    style: 'api',
    params: z.object({ id: z.string().max(5) }),
    query: z.object({ n: z.coerce.number().optional() }),
    body: z.object({ items: z.array(z.object({ count: z.number() })) }),
    bodyLimit: 2_000,
    handle: async () => ({ status: 201, body: {} }),
  }),
  route({
    method: 'POST',
    path: '/api/open',
    summary: 'Open',
    access: 'public',
    style: 'api',
    handle: async () => ({ body: {} }),
  }),
]
let good = true
const options = (): ServerOptions => ({
  database: db.database,
  routes,
  clock: systemClock,
  log,
  version: '1',
  feed,
  publicUrl: 'https://clinic.example',
  authenticate: async ({ authorization, cookie }) =>
    good && (authorization === 'Bearer x' || cookie === 's')
      ? {
          tenant: db.alpha,
          actor: { kind: 'client', id: 'token-1', name: 'Client', roles: [] },
          locale: 'en',
          session: cookie,
        }
      : undefined,
  refuseUnless() {},
})
beforeAll(async () => {
  db = await freshDatabase()
  feed = await createFeed(db.database)
  app = await createServer(options())
})
afterAll(async () => {
  await feed.close()
  await app.close()
  await db.close()
})
const authorization = 'Bearer x'
const call = async (url: string, more: object = {}) => {
  const answer = await app.inject({ url, headers: { authorization }, ...more })
  return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body || '{}') }
}
const post = (payload: string, type = 'application/json', url = '/api/things/a') =>
  call(url, { method: 'POST', payload, headers: { authorization, 'content-type': type } })

test('internal: a failure of ours tells a request number and nothing else, and the log keeps no text of it', async () => {
  lines.length = 0
  const api = await call('/api/private')
  const request = api.headers['x-request-id']
  expect(api).toMatchObject({
    status: 500,
    body: {
      error: {
        code: 'internal',
        message: 'Something went wrong here. It has been noted.',
        faults: [],
        request,
      },
    },
  })
  const fhir = await call('/fhir/private')
  expect(fhir).toMatchObject({
    status: 500,
    body: {
      resourceType: 'OperationOutcome',
      issue: [{ code: 'exception', diagnostics: `request ${String(fhir.headers['x-request-id'])}` }],
    },
  })
  expect(JSON.stringify([api, fhir, lines])).not.toContain('Roe')
  expect(lines.join()).toContain(String(request))
})

test('database-away: answered in both manners, with a time to come again', async () => {
  expect(await call('/api/away')).toMatchObject({
    status: 503,
    headers: { 'retry-after': '1' },
    body: { error: { code: 'database-away' } },
  })
  expect(await call('/fhir/away')).toMatchObject({
    status: 503,
    headers: { 'retry-after': '1', 'content-type': 'application/fhir+json; charset=utf-8' },
    body: { issue: [{ code: 'transient' }] },
  })
})

test('a refusal for too many calls says when to come again', async () => {
  expect(await call('/api/later')).toMatchObject({ status: 429, headers: { 'retry-after': '60' } })
})

test('nested-too-deeply: a body too deep for a room is the sender’s fault', async () => {
  expect(await call('/api/deep')).toMatchObject({ status: 400, body: { error: { code: 'nested-too-deeply' } } })
})

test('invalid-request: every fault of a body has its path', async () => {
  expect(await post('{"items": [{"count": 1}, {"count": "2"}, {}]}')).toMatchObject({
    status: 400,
    body: {
      error: { code: 'invalid-request', faults: [{ path: 'body.items.1.count' }, { path: 'body.items.2.count' }] },
    },
  })
  expect((await post('{"items": []}', undefined, '/api/things/toolong')).body.error.faults[0].path).toBe('params.id')
  expect((await post('{"items": []}', undefined, '/api/things/a?n=x')).body.error.faults[0].path).toBe('query.n')
})

test('invalid-request: a body full of faults is answered with the first hundred', async () => {
  const items = Array.from({ length: 150 }, () => 1)
  expect((await post(JSON.stringify({ items }))).body.error.faults).toHaveLength(100)
})

test('malformed-json: the place is told by line and column, also where the parser keeps it to itself', async () => {
  expect(await post('{"items":\n tru, "b": 1}')).toMatchObject({
    status: 400,
    body: { error: { code: 'malformed-json', faults: [{ path: 'line 2, column 2' }] } },
  })
})

test('body-too-large, unsupported-media-type, route-not-found: each has its code', async () => {
  expect(await post(`{"items":[],"x":"${'a'.repeat(2_000)}"}`)).toMatchObject({
    status: 413,
    body: { error: { code: 'body-too-large' } },
  })
  expect(await post('a,b', 'text/csv')).toMatchObject({
    status: 415,
    body: { error: { code: 'unsupported-media-type' } },
  })
  expect(await call('/fhir/no/where/at/all')).toMatchObject({
    status: 404,
    headers: { 'content-type': 'application/fhir+json; charset=utf-8' },
    body: { resourceType: 'OperationOutcome', issue: [{ code: 'not-found' }] },
  })
})

test('malformed-address, address-too-long: refused without repeating the address', async () => {
  const broken = await call('/fhir/who/%E0%A4')
  expect(broken).toMatchObject({
    status: 400,
    headers: { 'x-content-type-options': 'nosniff' },
    body: { issue: [{ details: { coding: [{ code: 'malformed-address' }] } }] },
  })
  const long = await call(`/api/who/${'jane-roe-'.repeat(40)}`)
  expect(long).toMatchObject({ status: 414, body: { error: { code: 'address-too-long' } } })
  expect(JSON.stringify([broken, long])).not.toMatch(/jane-roe|%E0/)
})

test('invalid-request: a NUL in the address never reaches the database', async () => {
  expect(await call('/api/who/%00')).toMatchObject({
    status: 400,
    body: { error: { faults: [{ path: 'params.id' }] } },
  })
})

test('not-signed-in: a stranger is refused before the body is looked at', async () => {
  const answer = await app.inject({
    method: 'POST',
    url: '/api/things/a',
    headers: { 'content-type': 'application/json' },
    payload: '{broken',
  })
  expect([answer.statusCode, JSON.parse(answer.body).error.code]).toEqual([401, 'not-signed-in'])
})

test.each([
  ['says so', { 'sec-fetch-site': 'cross-site' }, 403],
  ['is a neighbour', { 'sec-fetch-site': 'same-site' }, 403],
  ['has another origin', { origin: 'https://evil.example' }, 403],
  ['hides its origin', { origin: 'null' }, 403],
  ['is ours', { 'sec-fetch-site': 'same-origin', origin: 'https://clinic.example' }, 200],
  ['is no browser', {}, 200],
])('cross-site: a write to a public address from a page that %s', async (_, headers, status) => {
  const answer = await app.inject({ method: 'POST', url: '/api/open', headers, payload: {} })
  expect(answer.statusCode).toBe(status)
})

test('a form, which other sites can send without asking, is no way into the API', async () => {
  expect(await post('a=b', 'application/x-www-form-urlencoded', '/api/open')).toMatchObject({ status: 415 })
})

test('the answer, the log and the audit of one call carry one number; the log carries no address', async () => {
  lines.length = 0
  const answer = await call('/api/who/jane-roe?name=roe')
  expect(answer.body.request).toBe(answer.headers['x-request-id'])
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain(`"request":"${answer.body.request}"`)
  expect(lines[0]).toContain('/api/who/:id')
  expect(lines[0]).not.toContain('roe')
})

test('every answer forbids framing, sniffing, foreign scripts and keeping', async () => {
  const { headers } = await call('/api/who/x')
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'strict-transport-security': 'max-age=31536000',
  })
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
  expect(headers['content-security-policy']).not.toMatch(/script-src|unsafe-eval/)
})

test('two routes of one shape, or one without access, stop the program at its start', async () => {
  const twin = get1('/api/who/:name', async () => ({}))
  await expect(createServer({ ...options(), routes: [...routes, twin] })).rejects.toThrow(
    'two routes say GET /api/who/',
  )
  const careless = { ...twin, path: '/api/y', access: undefined } as unknown as Route
  await expect(createServer({ ...options(), routes: [careless] })).rejects.toThrow('does not say who may call it')
})

test('OpenAPI tells parameters, body, access and refusals of a route', async () => {
  const { body } = await call('/api/openapi.json')
  const { post: found } = body.paths['/api/things/{id}']
  expect(found.parameters).toEqual([
    { name: 'id', in: 'path', required: true, schema: { type: 'string', maxLength: 5 } },
    { name: 'n', in: 'query', required: false, schema: { type: 'number' } },
  ])
  expect(found.security).toEqual([{ session: [] }, { token: [] }])
  expect(body.paths['/api/open'].post.security).toEqual([])
  expect(found.responses.default.content['application/json'].schema.$ref).toBe('#/components/schemas/Refusal')
})

const open = (port: number): Promise<IncomingMessage> =>
  new Promise((done, refuse) => get({ port, path: '/api/feed', headers: { authorization } }, done).on('error', refuse))
const notify = (payload: string) => db.asSuperuser(`select pg_notify('throughline_feed', $1)`, [payload])

test('the feed tells a tenant its own topics, survives nonsense, and ends with what it was opened by', async () => {
  const own = await createServer(options())
  await own.listen({ port: 0, host: '127.0.0.1' })
  const address = own.server.address()
  const response = await open(typeof address === 'object' && address !== null ? address.port : 0)
  let heard = ''
  response.on('data', (chunk: Buffer) => {
    heard += chunk.toString()
  })
  const ended = new Promise((done) => response.on('end', done))
  await notify('not json')
  await notify('{"tenant": "alpha", "topic": "gossip"}')
  await notify('{"tenant": "beta", "topic": "messages"}')
  for (let n = 0; n < 20; n += 1) await notify('{"tenant": "alpha", "topic": "work"}')
  await new Promise((done) => setTimeout(done, 400))
  expect(heard.match(/event: (\w+)/g)?.every((event) => event === 'event: work')).toBe(true)
  expect(heard.match(/event: work/g)?.length).toBeLessThanOrEqual(2)
  await notify('{"tenant": "beta", "topic": "ended", "ids": ["token-1"]}')
  await notify('{"tenant": "alpha", "topic": "ended", "ids": ["token-1"]}')
  await ended
  good = false
  expect((await open((own.server.address() as { port: number }).port)).statusCode).toBe(401)
  good = true
  await own.close()
})

test('a shutdown lets the request under way end, and takes no new one', async () => {
  const own = await createServer(options())
  await own.listen({ port: 0, host: '127.0.0.1' })
  const { port } = own.server.address() as { port: number }
  const under = new Promise<void>((done) => {
    entered = done
  })
  const answer = new Promise<number | undefined>((done, refuse) => {
    callHttp({ port, path: '/api/slow', headers: { authorization } }, (response) => {
      response.resume()
      response.on('end', () => done(response.statusCode))
    })
      .on('error', refuse)
      .end()
  })
  await under
  const before = performance.now()
  const closing = own.close()
  expect(await answer).toBe(200)
  await closing
  expect(performance.now() - before).toBeLessThan(2_000)
  await expect(open(port)).rejects.toThrow(/ECONNREFUSED|ECONNRESET|socket hang up/)
})

test('a route that answers without the trace that it declares is caught', async () => {
  const silent = route({
    method: 'GET',
    path: '/api/silent',
    summary: 'Silent',
    access: 'signed-in',
    style: 'api',
    audits: ['silent-read'],
    handle: async (context) => {
      if (context.address === undefined) throw new Error('the caller has no address')
      return { body: {} }
    },
  })
  const own = await createServer({ ...options(), routes: [silent], strictAudit: true })
  const answer = await own.inject({ url: '/api/silent', headers: { authorization: 'Bearer x' } })
  expect(answer.statusCode).toBe(500)
  await own.close()
})
