import { expect, test } from 'vitest'
import { password, useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import { createLog } from '../kernel/index.ts'
import { createServer } from './index.ts'

const house = useHouse()
const door = useDoor(house)
const codeOf = (body: string) => (JSON.parse(body) as { error?: { code: string } }).error?.code

test('every route that is not public answers 401 to a stranger', async () => {
  const closed = door.routes.filter((route) => route.access !== 'public')
  expect(closed.length).toBeGreaterThan(30)
  for (const { method, path } of closed) {
    const answer = await door.app.inject({
      method,
      url: path.replace(/:\w+/g, 'x'),
      ...(method === 'GET' ? {} : { payload: {} }),
    })
    expect(`${method} ${path} ${answer.statusCode}`).toBe(`${method} ${path} 401`)
  }
})

test('a role without the permission is told which one it needs', async () => {
  const admin = await door.signIn('admin@alpha.example')
  const answer = await door.call(admin, 'GET', '/api/work')
  expect(answer).toMatchObject({
    status: 403,
    body: { error: { code: 'forbidden', faults: [{ message: 'needs work.read' }] } },
  })
})

test('a route that does not say who may call it stops the program at its start', async () => {
  const careless = {
    method: 'GET',
    path: '/api/x',
    summary: '',
    style: 'api',
    handle: async () => ({}),
  } as unknown as (typeof door.routes)[number]
  const options = {
    database: house.database,
    routes: [careless],
    clock: house.clock,
    log: createLog('silent'),
    version: '',
    feed: { connect() {}, close: async () => {} },
    authenticate: async () => undefined,
    refuseUnless() {},
  }
  await expect(createServer(options)).rejects.toThrow('GET /api/x does not say who may call it')
})

test('the cookie is out of reach of scripts and other sites', async () => {
  const answer = await door.app.inject({
    method: 'POST',
    url: '/api/session',
    payload: { email: 'nurse@alpha.example', password, tenant: 'alpha' },
  })
  expect(String(answer.headers['set-cookie'])).toMatch(
    /^tl_session=alpha\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
  )
})

test('a write with the cookie alone, as another site could make it, is refused', async () => {
  const cookie = await door.signIn('nurse@alpha.example')
  const bare = await door.app.inject({
    method: 'PATCH',
    url: '/api/session',
    headers: { cookie },
    payload: { locale: 'fr' },
  })
  expect([bare.statusCode, codeOf(bare.body)]).toEqual([403, 'cross-site'])
  const foreign = await door.app.inject({
    method: 'PATCH',
    url: '/api/session',
    headers: { cookie, 'x-throughline': 'x', 'sec-fetch-site': 'cross-site' },
    payload: { locale: 'fr' },
  })
  expect([foreign.statusCode, codeOf(foreign.body)]).toEqual([403, 'cross-site'])
})

test('signing out ends the session at once', async () => {
  const cookie = await door.signIn('nurse@alpha.example')
  expect((await door.call(cookie, 'DELETE', '/api/session')).status).toBe(200)
  expect((await door.call(cookie, 'GET', '/api/work')).status).toBe(401)
})

test('an idle session ends by itself', async () => {
  const cookie = await door.signIn('clerk@alpha.example')
  house.clock.advance(59 * 60_000)
  expect((await door.call(cookie, 'GET', '/api/work')).status).toBe(200)
  house.clock.advance(61 * 60_000)
  expect((await door.call(cookie, 'GET', '/api/work')).status).toBe(401)
})

test('after ten failures the right password is not tried any more, for an unknown account neither', async () => {
  const attempt = async (email: string, secret: string, ip: string) => {
    const answer = await door.app.inject({
      method: 'POST',
      url: '/api/session',
      remoteAddress: ip,
      payload: { email, password: secret, tenant: 'alpha' },
    })
    return codeOf(answer.body) ?? answer.statusCode
  }
  for (const [email, ip] of [
    ['lead@alpha.example', '10.0.0.1'],
    ['nobody@alpha.example', '10.0.0.2'],
  ] as const) {
    for (let n = 0; n < 10; n += 1) expect(await attempt(email, 'wrong', ip)).toBe('sign-in-failed')
    expect(await attempt(email, password, ip)).toBe('too-many-failures')
  }
  house.clock.advance(16 * 60_000)
  expect(await attempt('lead@alpha.example', password, '10.0.0.1')).toBe(201)
})

test('the first set-up happens once', async () => {
  const answer = await door.app.inject({
    method: 'POST',
    url: '/api/setup',
    payload: { organisation: 'X', name: 'Y', email: 'y@x.example', password: 'long-enough-for-it' },
  })
  expect([answer.statusCode, codeOf(answer.body)]).toEqual([409, 'already-set-up'])
})

test('an unknown address and an unknown kind of body have their own codes', async () => {
  expect(codeOf((await door.app.inject({ url: '/api/nothing' })).body)).toBe('route-not-found')
  const answer = await door.app.inject({
    method: 'POST',
    url: '/api/session',
    headers: { 'content-type': 'text/csv' },
    payload: 'a,b',
  })
  expect([answer.statusCode, codeOf(answer.body)]).toEqual([415, 'unsupported-media-type'])
})

test('every read and write of a patient leaves an audit entry that names the patient', async () => {
  await door.fhir('PUT', '/fhir/Patient/audited', { resourceType: 'Patient', id: 'audited', active: true })
  await door.fhir('GET', '/fhir/Patient/audited')
  await door.fhir('GET', '/fhir/Patient?_id=audited')
  const rows = await house.database.transaction(house.alpha, (tx) =>
    tx.query<{ content: string }>({
      text: `select content from audit_event where content like '%Patient/audited%' order by seq`,
    }),
  )
  expect(rows.map((row) => (JSON.parse(row.content) as { action: string }).action)).toEqual(['C', 'R', 'E'])
})

test('OpenAPI describes every route', async () => {
  const answer = await door.app.inject({ url: '/api/openapi.json' })
  const { paths } = JSON.parse(answer.body) as { paths: Record<string, Record<string, unknown>> }
  for (const { method, path } of door.routes)
    expect(paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]).toBeDefined()
})
