import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import staticFiles from '@fastify/static'
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Database } from '../db/index.ts'
import {
  type Actor,
  type CallContext,
  type Clock,
  type Fault,
  type Logger,
  newId,
  type Route,
  systemActor,
  type TenantId,
  tenantId,
} from '../kernel/index.ts'
import { errorBody, toCoded } from './answer-error.ts'
import { refuse } from './errors.ts'
import type { Feed } from './feed.ts'
import { openApi } from './open-api.ts'
import { readJson } from './read-json.ts'

export interface ServerOptions {
  database: Database
  routes: readonly Route[]
  clock: Clock
  log: Logger
  version: string
  /** Folder of the built console; without it only the API is served. */
  consoleFolder?: string
  feed: Feed
  authenticate(given: {
    cookie: string | undefined
    authorization: string | undefined
  }): Promise<{ tenant: TenantId; actor: Actor; locale: 'en' | 'fr'; session: string | undefined } | undefined>
  refuseUnless(actor: Actor, permission: string): void
}

const nobody = tenantId('nobody')

/** Puts the routes behind one door: who calls, may they, is it well-formed; then the room's own code; then the answer. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { log } = options
  const app = fastify({
    bodyLimit: 1_048_576,
    logger: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    ['application/json', 'application/fhir+json', 'application/json-patch+json', 'application/x-www-form-urlencoded'],
    { parseAs: 'string' },
    (request, body, done) => {
      try {
        const form = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
        done(null, form ? Object.fromEntries(new URLSearchParams(String(body))) : readJson(String(body)))
      } catch (error) {
        done(error instanceof Error ? error : new Error('unreadable'))
      }
    },
  )
  app.setErrorHandler((error, request, reply) =>
    answerError(error, request, reply, request.url.startsWith('/fhir') ? 'fhir' : 'api', log),
  )
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({
      'content-security-policy':
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    })
  })
  // The route's pattern and not its URL: an id or a search in a URL is about a patient.
  app.addHook('onResponse', async (request, reply) => {
    log.info(
      {
        request: request.id,
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'request',
    )
  })
  const seen = new Set<string>()
  for (const one of options.routes) {
    const name = `${one.method} ${one.path}`
    if (seen.has(name)) throw new TypeError(`two routes say ${name}`)
    if (!one.access) throw new TypeError(`${name} does not say who may call it`)
    seen.add(name)
    app.route({
      method: one.method,
      url: one.path,
      ...(one.bodyLimit === undefined ? {} : { bodyLimit: one.bodyLimit }),
      handler: (request, reply) => serve(one, request, reply, options),
    })
  }
  app.get('/healthz', async () => ({ ok: true }))
  app.get('/readyz', async (_request, reply) => {
    const ready = await options.database.tenants().then(
      () => true,
      () => false,
    )
    return reply.status(ready ? 200 : 503).send({ ok: ready })
  })
  const description = openApi(options.routes, options.version)
  app.get('/api/openapi.json', async () => description)
  app.get('/api/feed', async (request, reply) => {
    const caller = await callerOf(request, options)
    if (!caller) throw refuse('not-signed-in')
    reply.hijack()
    options.feed.connect(caller.tenant, reply.raw)
  })
  await serveConsole(app, options.consoleFolder)
  return app
}

const cookieOf = (request: FastifyRequest): string | undefined =>
  /(?:^|;\s*)tl_session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]

const callerOf = (request: FastifyRequest, options: ServerOptions) =>
  options.authenticate({ cookie: cookieOf(request), authorization: request.headers.authorization })

async function serve(
  one: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  options: ServerOptions,
): Promise<FastifyReply> {
  const { clock } = options
  try {
    const caller = await callerOf(request, options)
    if (one.access !== 'public' && !caller) throw refuse('not-signed-in')
    if (caller && typeof one.access === 'object') options.refuseUnless(caller.actor, one.access.permission)
    if (caller?.session !== undefined && one.method !== 'GET') refuseCrossSite(request)
    const context: CallContext = {
      tenant: caller?.tenant ?? nobody,
      actor: caller?.actor ?? systemActor,
      clock,
      requestId: newId(clock),
      locale: caller?.locale ?? (request.headers['accept-language']?.startsWith('fr') ? 'fr' : 'en'),
    }
    const answer = await one.handle(context, {
      params: check(one.params, request.params, 'params'),
      query: check(one.query, request.query, 'query'),
      body: check(one.body, request.body, 'body'),
      headers: request.headers,
      url: request.url,
      ip: request.ip,
    })
    reply.status(answer.status ?? 200).headers({ 'cache-control': 'no-store', ...answer.headers })
    if (answer.body === undefined) return reply.send()
    if (typeof answer.body === 'string') return reply.send(answer.body)
    if (answer.headers?.['content-type'] === undefined)
      reply.type(one.style === 'fhir' ? 'application/fhir+json; charset=utf-8' : 'application/json; charset=utf-8')
    return reply.send(JSON.stringify(answer.body))
  } catch (error) {
    return answerError(error, request, reply, one.style, options.log)
  }
}

/** A cookie is sent along by any page; a header of our own, and the browser's word on the origin, are not. */
function refuseCrossSite(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site']
  if (
    request.headers['x-throughline'] === undefined ||
    (site !== undefined && site !== 'same-origin' && site !== 'none')
  )
    throw refuse('cross-site', {
      faults: [{ path: 'headers.x-throughline', message: 'is missing, or the call came from another site' }],
    })
}

function check(schema: z.ZodType | undefined, value: unknown, part: 'params' | 'query' | 'body'): unknown {
  if (!schema) return value
  const checked = schema.safeParse(value ?? {})
  if (checked.success) return checked.data
  const faults = checked.error.issues.map(
    (issue): Fault => ({ path: [part, ...issue.path].map(String).join('.'), message: issue.message }),
  )
  throw refuse('invalid-request', { faults })
}

function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  style: Route['style'],
  log: Logger,
): FastifyReply {
  const coded = toCoded(error)
  if (coded.status >= 500) {
    const cause = coded.cause
    // Messages of the database can quote values: the class, the code and the place are enough to find it.
    log.error(
      {
        code: coded.code,
        request: request.id,
        route: request.routeOptions.url,
        error: cause instanceof Error ? cause.name : 'unknown',
        sqlState: typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined,
        at:
          cause instanceof Error
            ? cause.stack
                ?.split('\n')
                .filter((line) => line.trim().startsWith('at '))
                .slice(0, 6)
            : undefined,
      },
      'a request failed',
    )
  }
  if (coded.status === 503) reply.header('retry-after', '1')
  return reply
    .status(coded.status)
    .header('cache-control', 'no-store')
    .type(style === 'fhir' ? 'application/fhir+json; charset=utf-8' : 'application/json; charset=utf-8')
    .send(JSON.stringify(errorBody(coded, style)))
}

async function serveConsole(app: FastifyInstance, folder: string | undefined): Promise<void> {
  const index = folder === undefined ? undefined : join(folder, 'index.html')
  if (folder !== undefined && existsSync(join(folder, 'assets')))
    // Their names carry a hash of their content; everything else of the console is the one page.
    await app.register(staticFiles, {
      root: join(folder, 'assets'),
      prefix: '/assets/',
      index: false,
      immutable: true,
      maxAge: '365d',
    })
  app.setNotFoundHandler((request, reply) => {
    const page =
      request.method === 'GET' &&
      !/^\/(?:api|fhir|assets)(?:\/|$)/.test(request.url) &&
      request.headers.accept?.includes('text/html')
    if (page && index !== undefined && existsSync(index))
      return reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(createReadStream(index))
    const error = refuse('route-not-found', { faults: [{ path: 'url', message: 'leads nowhere' }] })
    return reply
      .status(404)
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(errorBody(error, request.url.startsWith('/fhir') ? 'fhir' : 'api')))
  })
}
