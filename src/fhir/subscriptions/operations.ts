import type { Bundle, Parameters } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import { type Audits, type CallContext, newSecret, type Route, type RouteRequest, route } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'
import { mayUse, sightings, sightOf } from '../guard.ts'
import { isId } from '../interact.ts'
import { isObject } from '../search-rows.ts'
import { subscriptionDeskRoutes } from './desk-routes.ts'
import { notificationBundle, readEvents, statusParameters } from './notification.ts'
import { planSchema } from './read-subscription.ts'
import type { FlowDeps } from './seam.ts'
import { socketPath, tokenHash } from './socket-token.ts'
import { readStanding, readTopics, type Standing, standingColumns } from './store.ts'

const mostEvents = 1_000
const tokenLife = 5 * 60_000

type Asked = RouteRequest<unknown, unknown, unknown>

type Operation = (deps: FlowDeps, tx: Tx, context: CallContext, request: Asked) => Promise<Bundle | Parameters | string>

/** An operation's parameters, from the query and from a Parameters resource in the body. */
function parametersOf(request: Asked): URLSearchParams {
  const mark = request.url.indexOf('?')
  const given = new URLSearchParams(mark < 0 ? '' : request.url.slice(mark + 1))
  const body = isObject(request.body) ? request.body['parameter'] : undefined
  for (const one of Array.isArray(body) ? body : []) {
    if (!isObject(one) || typeof one['name'] !== 'string') continue
    const value = Object.entries(one).find(([name]) => name.startsWith('value'))?.[1]
    if (value !== undefined) given.append(one['name'], String(value))
  }
  return given
}

const idOf = (request: Asked): string => {
  const id = isObject(request.params) ? String(request.params['id']) : ''
  if (!isId(id)) throw missing(id)
  return id
}
const missing = (id: string) =>
  refuse('resource-not-found', { faults: [{ path: `Subscription/${id.slice(0, 64)}`, message: 'does not exist' }] })

/** The subscription, if the caller may see its resource. */
async function readVisible(deps: FlowDeps, tx: Tx, context: CallContext, id: string): Promise<Standing> {
  const standing = await readStanding(tx, id)
  if (!standing || !(await mayUse(tx, await sightOf(deps, tx, context), 'read', `Subscription/${id}`)))
    throw missing(id)
  return standing
}

function readNumber(given: URLSearchParams, name: string, otherwise: number): number {
  const text = given.get(name)
  if (text === null) return otherwise
  if (!/^\d{1,15}$/.test(text))
    throw refuse('search-value-invalid', { faults: [{ path: name, message: 'is not a whole number' }] })
  return Number(text)
}

async function statusOf(deps: FlowDeps, tx: Tx, context: CallContext, request: Asked): Promise<Bundle> {
  const named = isObject(request.params) && request.params['id'] !== undefined
  const given = parametersOf(request)
  const list = (names: readonly string[]) =>
    names
      .flatMap((name) => given.getAll(name))
      .flatMap((value) => value.split(','))
      .filter((value) => value !== '')
  const ids = named ? [idOf(request)] : list(['id', 'ids'])
  const statuses = list(['status'])
  const rows = await tx.query<Standing>({
    text: `
      select ${standingColumns} from fhir_subscription
      where tenant_id = $1 and (cardinality($2::text[]) = 0 or id = any ($2)) and (cardinality($3::text[]) = 0 or status = any ($3))
      order by id limit ${mostEvents}`,
    values: [tx.tenant, ids, statuses],
  })
  const sight = await sightOf(deps, tx, context)
  const seen = sight
    ? await sightings(
        tx,
        sight,
        'read',
        rows.map(({ id }) => `Subscription/${id}`),
      )
    : undefined
  const visible = rows.filter(({ id }) => !seen || seen.get(`Subscription/${id}`) === true)
  if (named && visible.length === 0) throw missing(ids[0] ?? '')
  await deps.audit(tx, context, {
    action: 'R',
    interaction: 'subscription-status',
    entities: visible.map(({ id }) => `Subscription/${id}`),
  })
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total: visible.length,
    entry: visible.map((standing) => ({
      resource: statusParameters(standing, { base: deps.baseUrl, type: 'query-status' }),
      search: { mode: 'match' },
    })),
  }
}

async function eventsOf(deps: FlowDeps, tx: Tx, context: CallContext, request: Asked): Promise<string> {
  const standing = await readVisible(deps, tx, context, idOf(request))
  const given = parametersOf(request)
  const from = readNumber(given, 'eventsSinceNumber', 1)
  const upTo = readNumber(given, 'eventsUntilNumber', standing.lastNumber)
  const content = planSchema.shape.content.safeParse(given.get('content') ?? standing.plan.content)
  if (!content.success)
    throw refuse('search-value-invalid', {
      faults: [{ path: 'content', message: 'is not empty, id-only or full-resource' }],
    })
  // The caller's own sight, and not the maker's: whoever may see the Subscription sees no more by it.
  const bundle = await notificationBundle(tx, standing, {
    base: deps.baseUrl,
    clock: deps.clock,
    type: 'query-event',
    events: await readEvents(tx, standing.id, { after: from - 1, upTo, most: mostEvents }),
    content: content.data,
    sight: await sightOf(deps, tx, context),
  })
  await deps.audit(tx, context, {
    action: 'R',
    interaction: 'subscription-events',
    entities: [`Subscription/${standing.id}`, ...bundle.entities],
    ...(bundle.patients ? { patients: bundle.patients } : {}),
  })
  return bundle.text
}

async function topicList(tx: Tx, request: Asked): Promise<Parameters> {
  const asked = new Set(parametersOf(request).getAll('urls'))
  const topics = [...(await readTopics(tx)).keys()].filter((url) => asked.size === 0 || asked.has(url))
  return {
    resourceType: 'Parameters',
    parameter: topics.map((url) => ({ name: 'subscription-topic-canonical', valueCanonical: url })),
  }
}

/**
 * A token that binds a websocket to the caller's own subscription for five minutes; how long the line lasts then is not
 * bound by it, since every notification asks anew what the maker may see.
 */
async function bindingToken(deps: FlowDeps, tx: Tx, context: CallContext, request: Asked): Promise<Parameters> {
  const standing = await readVisible(deps, tx, context, idOf(request))
  const path = `Subscription/${standing.id}`
  if (standing.plan.channel !== 'websocket' || standing.status === 'off')
    throw refuse('subscription-has-no-socket', { faults: [{ path, message: 'is no live subscription by websocket' }] })
  // The line tells what its maker may see; nobody else gets to listen.
  if (standing.maker.id !== context.actor.id || standing.maker.kind !== context.actor.kind)
    throw refuse('subscription-not-yours', { faults: [{ path, message: 'was made by somebody else' }] })
  const secret = newSecret()
  const expires = new Date(deps.clock.now() + tokenLife)
  await tx.run({
    text: 'delete from fhir_socket_token where tenant_id = $1 and expires_at <= $2',
    values: [tx.tenant, new Date(deps.clock.now())],
  })
  await tx.run({
    text: 'insert into fhir_socket_token (tenant_id, hash, subscription, expires_at) values ($1, $2, $3, $4)',
    values: [tx.tenant, tokenHash(secret), standing.id, expires],
  })
  await deps.audit(tx, context, { action: 'E', interaction: 'subscription-binding', entities: [path] })
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'token', valueString: `${tx.tenant}.${secret}` },
      { name: 'expiration', valueDateTime: expires.toISOString() },
      { name: 'subscription', valueString: standing.id },
      { name: 'websocket-url', valueUrl: socketUrl(deps.baseUrl) },
    ],
  }
}

export const socketUrl = (base: string): string => {
  const url = new URL(base)
  return `${url.protocol === 'https:' ? 'wss' : 'ws'}://${url.host}${socketPath}`
}

/** The operations of topic-based subscriptions (Subscriptions R5 Backport 1.1). */
export function subscriptionRoutes(deps: FlowDeps): Route[] {
  const access = { access: { permission: 'record.read' }, style: 'fhir' } as const
  const headers = { 'content-type': 'application/fhir+json; charset=utf-8' }
  const handle =
    (work: (tx: Tx, context: CallContext, request: Asked) => Promise<Bundle | Parameters | string>) =>
    async (context: CallContext, request: Asked) => {
      const body = await deps.database.transaction(context.tenant, (tx) => work(tx, context, request))
      return { headers, body: typeof body === 'string' ? body : JSON.stringify(body) }
    }
  const both = (path: string, summary: string, audits: Audits, work: Operation): Route[] =>
    (['GET', 'POST'] as const).map((method) =>
      route({
        ...access,
        method,
        path,
        summary,
        audits,
        handle: handle((tx, context, request) => work(deps, tx, context, request)),
      }),
    )
  return [
    ...subscriptionDeskRoutes(deps),
    ...both('/fhir/Subscription/$status', 'How the subscriptions stand', ['subscription-status'], statusOf),
    ...both('/fhir/Subscription/:id/$status', 'How a subscription stands', ['subscription-status'], statusOf),
    ...both(
      '/fhir/Subscription/:id/$events',
      'Events of a subscription, told again',
      ['subscription-events'],
      eventsOf,
    ),
    ...both(
      '/fhir/Subscription/$topic-list',
      'Topics that can be subscribed to',
      { nothing: 'kinds of events, about nobody' },
      (_deps, tx, _context, request) => topicList(tx, request),
    ),
    ...both(
      '/fhir/Subscription/:id/$get-ws-binding-token',
      'A token that binds a websocket to a subscription',
      ['subscription-binding'],
      bindingToken,
    ),
  ]
}
