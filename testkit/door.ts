import { tmpdir } from 'node:os'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll } from 'vitest'
import { refuseUnless } from '../src/access/index.ts'
import { createFeed, createServer, type Feed } from '../src/http/index.ts'
import { authenticate, createAccount, createToken } from '../src/identity/index.ts'
import { createLog, type Route } from '../src/kernel/index.ts'
import { keepRefusals } from '../src/main/keep-audit.ts'
import { mountsOf, routesOf } from '../src/main/serve.ts'
import type { TestHouse } from './house.ts'
import { freePort } from './spawned-server.ts'

export const password = 'forty-two-otters'

export interface Door {
  /** Where it answers: over the network only when it was asked to listen. */
  url: string
  app: FastifyInstance
  routes: Route[]
  /** Bearer token of a client that may read and write the record of alpha. */
  token: string
  /** Calls with the client's token. */
  fhir(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: Record<string, unknown>; headers: Record<string, unknown> }>
  /** Signs in and returns the cookie. */
  signIn(email: string, secret?: string): Promise<string>
  /** Calls as the console does, with a cookie. */
  call(
    cookie: string,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown> }>
}

/** The whole door of a test house, called in-process. Accounts: nurse@, clerk@, lead@, director@, admin@ alpha.example. */
export function useDoor(
  house: TestHouse,
  options: { listen?: boolean; console?: () => Promise<string | undefined> } = {},
): Door {
  const door = {} as Door
  let feed: Feed
  beforeAll(async () => {
    const { database, clock, alpha } = house
    const port = options.listen ? await freePort() : undefined
    const publicUrl = port === undefined ? 'http://localhost' : `http://localhost:${port}`
    const routes = routesOf(house, { publicUrl })
    feed = await createFeed(database)
    const app = await createServer({
      database,
      routes,
      mounts: mountsOf(house, { publicUrl }),
      clock,
      log: createLog('silent'),
      version: 'test',
      feed,
      publicUrl,
      consoleFolder: (await options.console?.()) ?? tmpdir(),
      authenticate: (given) => authenticate(database, clock, given),
      refuseUnless,
      auditRefusal: keepRefusals(database),
      strictAudit: true,
    })
    const { token } = await database.transaction(alpha, async (tx) => {
      const people = [
        ['nurse', 'triage-nurse'],
        ['clerk', 'access-coordinator'],
        ['lead', 'operations-lead'],
        ['director', 'clinical-director'],
        ['admin', 'administrator'],
      ] as const
      for (const [name, role] of people)
        await createAccount(tx, house.context, {
          name: `${name} of alpha`,
          email: `${name}@alpha.example`,
          password,
          roles: [role],
          practitioner: `Practitioner/${name}`,
        })
      return createToken(tx, house.context, { name: 'client', roles: ['client-write'] })
    })
    const json = (text: string) => (text === '' ? {} : JSON.parse(text))
    if (port !== undefined) await app.listen({ host: 'localhost', port })
    Object.assign(door, {
      url: publicUrl,
      app,
      routes,
      token,
      async fhir(method: 'GET' | 'POST', url: string, body?: unknown, headers: Record<string, string> = {}) {
        const payload = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body)
        const answer = await app.inject({
          method,
          url,
          headers: {
            authorization: `Bearer ${token}`,
            ...(payload === undefined ? {} : { 'content-type': 'application/fhir+json' }),
            ...headers,
          },
          ...(payload === undefined ? {} : { payload }),
        })
        return { status: answer.statusCode, body: json(answer.body), headers: answer.headers }
      },
      async signIn(email: string, secret = password) {
        const answer = await app.inject({
          method: 'POST',
          url: '/api/session',
          payload: { email, password: secret, tenant: 'alpha' },
        })
        if (answer.statusCode !== 201) throw new Error(`sign-in answered ${answer.statusCode}: ${answer.body}`)
        return String(answer.headers['set-cookie']).split(';')[0] ?? ''
      },
      async call(cookie: string, method: 'GET' | 'POST', url: string, body?: unknown) {
        const answer = await app.inject({
          method,
          url,
          headers: { cookie, 'x-throughline': 'test' },
          ...(body === undefined ? {} : { payload: body as object }),
        })
        return { status: answer.statusCode, body: json(answer.body) }
      },
    })
  })
  afterAll(async () => {
    await feed.close()
    await door.app.close()
  })
  return door
}
