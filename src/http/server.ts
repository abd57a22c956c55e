import { Readable } from 'node:stream'
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Database } from '../db/index.ts'
import {
  type CallContext,
  type Clock,
  CodedError,
  type Fault,
  type Logger,
  newId,
  type Route,
  systemActor,
  tenantId,
} from '../kernel/index.ts'
import { answerError, mediaTypes } from './answer-error.ts'
import { type Caller, callerOf, enter, type Entrance } from './enter.ts'
import { refuse } from './errors.ts'
import type { Feed } from './feed.ts'
import { type Mount, serveMount } from './mount.ts'
import { openApi } from './open-api.ts'
import { dropTenant, openToApps } from './open-to-apps.ts'
import { readJson } from './read-json.ts'
import { serveConsole, styleOf } from './serve-console.ts'

export interface ServerOptions extends Entrance {
  database: Database
  routes: readonly Route[]
  clock: Clock
  log: Logger
  version: string
  /** Folder of the built console; without it only the API is served. */
  consoleFolder?: string
  feed: Feed
  /** Parts of the address that rooms answer by themselves. */
  mounts?: readonly Mount[]
  /** Keeps what was refused to a known caller: 403, and 404 or 410 for a resource of the record. */
  auditRefusal?(context: CallContext, refused: RefusedCall): Promise<void>
  /** A route that answers without the trace that it declares fails, instead of being named in the log. For tests. */
  strictAudit?: boolean
  /**
   * Addresses or networks (comma-separated, as Fastify takes them) of proxies whose X-Forwarded-For is believed. Behind a
   * proxy that is not named here, everybody seems to call from one address and shares one lockout.
   */
  trustProxy?: string
}

export interface RefusedCall {
  route: Route
  /** `Type/id` when the address names a resource. */
  entity: string | undefined
  /** Code of the refusal. */
  code: string
}

const nobody = tenantId('nobody')
/** Requests under way at a shutdown have this long to end. */
const grace = 5_000
const mostFaults = 100

/** Puts the routes behind one door: who calls, may they, is it well-formed; then the room's own code; then the answer. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { log, clock } = options
  refuseCareless(options.routes)
  const security = securityHeaders(options.publicUrl)
  const app = fastify({
    bodyLimit: 1_048_576,
    logger: false,
    forceCloseConnections: 'idle',
    // One number for the log, the audit and the answer.
    genReqId: () => newId(clock),
    routerOptions: { maxParamLength: 200 },
    // Clients of other FHIR servers put the version into the address, or a slash at its end: the same place.
    rewriteUrl: (request) =>
      dropTenant(request)
        .replace(/^\/fhir\/R4(?=[/?]|$)/, '/fhir')
        .replace(/^(\/fhir(?:\/[^?]*)?)\/(?=\?|$)/, '$1'),
    ...(options.trustProxy === undefined ? {} : { trustProxy: options.trustProxy }),
    // An address that cannot be read reaches no hook: its refusal is told here, without repeating the address.
    frameworkErrors: (error, request, reply) => {
      answerError(error, request, reply.headers(security), styleOf(request.url), log)
    },
  })
  readBodies(app, new Set(options.routes.flatMap(({ streamed, path }) => (streamed ? [path] : []))))
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, styleOf(request.url), log))
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...security, 'x-request-id': request.id })
  })
  openToApps(app)
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
  const callers = new WeakMap<FastifyRequest, Caller>()
  for (const one of options.routes)
    app.route({
      method: one.method,
      url: one.path,
      ...(one.bodyLimit === undefined ? {} : { bodyLimit: one.bodyLimit }),
      async onRequest(request) {
        await enter(one, request, options, (caller) => callers.set(request, caller))
      },
      async errorHandler(error, request, reply) {
        const caller = callers.get(request)
        if (caller) await keepRefusal(one, error, contextOf(caller, request, clock), request, options)
        answerError(error, request, reply, one.style, log)
      },
      handler: (request, reply) => serve(one, contextOf(callers.get(request), request, clock), request, reply, options),
    })
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
    if (caller.actor.scopes !== undefined) throw refuse('scope-missing')
    reply.hijack()
    options.feed.connect(
      {
        tenant: caller.tenant,
        // Ended by the name of the session, or of the account or token behind it.
        names: [caller.actor.id, ...(caller.session === undefined ? [] : [caller.session])],
        still: async () => (await callerOf(request, options, false)) !== undefined,
      },
      reply.raw,
    )
  })
  for (const mount of options.mounts ?? []) await serveMount(app, mount, security, log)
  endConnections(app)
  await serveConsole(app, options.consoleFolder, log)
  return app
}

/**
 * At a shutdown: a connection is closed as soon as its request is answered (Node closes only those idle at the start, and
 * keeps the others alive for another request), and after the time of grace in any case.
 */
function endConnections(app: FastifyInstance): void {
  const timers: NodeJS.Timeout[] = []
  app.addHook('preClose', async () => {
    timers.push(
      setInterval(() => app.server.closeIdleConnections(), 50),
      setTimeout(() => app.server.closeAllConnections(), grace),
    )
  })
  app.addHook('onClose', async () => {
    for (const timer of timers) clearTimeout(timer)
  })
}

/** A route that two rooms claim, or that does not say who may call it, must not come as far as serving. */
function refuseCareless(routes: readonly Route[]): void {
  const seen = new Set<string>()
  for (const { method, path, access } of routes) {
    const name = `${method} ${path}`
    // The names of parameters make no other address.
    const shape = name.replace(/:\w+/g, ':')
    if (seen.has(shape)) throw new TypeError(`two routes say ${name}`)
    if (!access) throw new TypeError(`${name} does not say who may call it`)
    seen.add(shape)
  }
}

const securityHeaders = (publicUrl: string | undefined): Record<string, string> => ({
  // Mantine writes style elements; no script but the console's own files ever runs.
  'content-security-policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  ...(publicUrl?.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {}),
})

function readBodies(app: FastifyInstance, streamed: ReadonlySet<string>): void {
  app.removeAllContentTypeParsers()
  // Handed on as it comes: the route says how much it takes.
  app.addContentTypeParser(['application/fhir+ndjson', 'application/ndjson'], (request, payload, done) => {
    if (streamed.has(request.routeOptions.url ?? '')) return done(null, payload)
    return done(
      refuse('unsupported-media-type', { faults: [{ path: 'headers.content-type', message: 'is not JSON' }] }),
    )
  })
  app.addContentTypeParser(
    ['application/json', 'application/fhir+json', 'application/json-patch+json'],
    { parseAs: 'string' },
    (_request, body, done) => {
      try {
        done(null, readJson(String(body)))
      } catch (error) {
        done(error instanceof Error ? error : new Error('unreadable'))
      }
    },
  )
  // Pieces of a file; only a route that says how large they may be gets more than the usual limit.
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  // FHIR's POST _search only: a form is what another site can send without asking.
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (request, body, done) => {
    if (request.routeOptions.url?.endsWith('/_search') === true) return done(null, new URLSearchParams(String(body)))
    return done(
      refuse('unsupported-media-type', { faults: [{ path: 'headers.content-type', message: 'is not JSON' }] }),
    )
  })
}

const contextOf = (caller: Caller | undefined, request: FastifyRequest, clock: Clock): CallContext => ({
  tenant: caller?.tenant ?? nobody,
  actor: caller?.actor ?? systemActor,
  clock,
  requestId: request.id,
  locale: caller?.locale ?? (request.headers['accept-language']?.startsWith('fr') ? 'fr' : 'en'),
  ...(typeof request.headers['x-purpose-of-use'] === 'string' ? { purpose: request.headers['x-purpose-of-use'] } : {}),
  address: request.ip,
  ...(caller?.session === undefined ? {} : { session: caller.session }),
  audited: new Set(),
})

/** Who asked for what they may not have is a question of every inquiry. What cannot be kept is not answered otherwise. */
async function keepRefusal(
  one: Route,
  error: unknown,
  context: CallContext,
  request: FastifyRequest,
  options: ServerOptions,
): Promise<void> {
  if (!(error instanceof CodedError) || options.auditRefusal === undefined) return
  const missed = one.style === 'fhir' && (error.status === 404 || error.status === 410)
  if (error.status !== 403 && !missed) return
  const { type, id } = request.params as Record<string, string | undefined>
  const named = /^[A-Z][A-Za-z]{1,40}$/.test(type ?? '') && /^[A-Za-z0-9.-]{1,64}$/.test(id ?? '')
  await options
    .auditRefusal(context, { route: one, entity: named ? `${type}/${id}` : undefined, code: error.code })
    .catch((cause: unknown) => options.log.error({ request: request.id, err: cause }, 'refusal-not-kept'))
}

/** A trace that was declared and not left is a fault of the program. */
function holdToAudit(one: Route, context: CallContext, options: ServerOptions): void {
  if (one.audits === undefined || 'nothing' in one.audits) return
  if (one.audits.some((code) => context.audited?.has(code))) return
  options.log.error({ request: context.requestId, route: `${one.method} ${one.path}` }, 'audit-missing')
  if (options.strictAudit) throw new Error(`${one.method} ${one.path} left no ${one.audits.join(' or ')} in the audit`)
}

async function serve(
  one: Route,
  context: CallContext,
  request: FastifyRequest,
  reply: FastifyReply,
  options: ServerOptions,
): Promise<FastifyReply> {
  const answer = await one.handle(context, {
    params: check(one.params, request.params, 'params', context.locale),
    query: check(one.query, request.query, 'query', context.locale),
    body: check(one.body, request.body, 'body', context.locale),
    headers: request.headers,
    url: request.url,
    ip: request.ip,
  })
  holdToAudit(one, context, options)
  reply.status(answer.status ?? 200).headers({ 'cache-control': 'no-store', ...answer.headers })
  if (answer.stream) return reply.send(Readable.from(answer.stream, { objectMode: false }))
  if (answer.body === undefined) return reply.send()
  if (typeof answer.body === 'string') return reply.send(answer.body)
  if (answer.headers?.['content-type'] === undefined) reply.type(mediaTypes[one.style])
  return reply.send(JSON.stringify(answer.body))
}

const french = z.locales.fr().localeError

function check(
  schema: z.ZodType | undefined,
  value: unknown,
  part: 'params' | 'query' | 'body',
  locale: CallContext['locale'],
): unknown {
  if (part === 'params') refuseNul(value)
  if (!schema) return value
  const checked = schema.safeParse(value ?? {}, locale === 'fr' ? { error: french } : {})
  if (checked.success) return checked.data
  const faults = checked.error.issues
    .slice(0, mostFaults)
    .map((issue): Fault => ({ path: [part, ...issue.path].map(String).join('.'), message: issue.message }))
  throw refuse('invalid-request', { faults })
}

function refuseNul(params: unknown): void {
  const bad = Object.entries(params ?? {}).find(([, value]) => String(value).includes('\0'))
  if (bad) throw refuse('invalid-request', { faults: [{ path: `params.${bad[0]}`, message: 'holds a NUL character' }] })
}
