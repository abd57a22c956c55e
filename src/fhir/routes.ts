import type { CapabilityStatement, CapabilityStatementRestSecurity } from '@medplum/fhirtypes'
import type { Database, Tx } from '../db/index.ts'
import {
  type CallContext,
  readExact,
  type Route,
  type RouteReply,
  type RouteRequest,
  route,
  writeExact,
} from '../kernel/index.ts'
import { type Answer, type Prefer, replyOf } from './answer.ts'
import { runBundle } from './bundle.ts'
import { capabilityStatement } from './capability.ts'
import { type ConditionalDelete, deleteMatching, patchMatching, updateMatching } from './conditional-write.ts'
import { refuse } from './errors.ts'
import { historyOf } from './history.ts'
import {
  createOne,
  deleteOne,
  patchOne,
  readMatch,
  readOne,
  readOneVersion,
  type RecordDeps,
  updateOne,
} from './interact.ts'
import { type Operation, operations, runOperation } from './operations.ts'
import { readPatch } from './patch.ts'
import { searchAll, searchOne } from './search-bundle.ts'
import { explainSearch } from './search-explain.ts'
import { isObject } from './search-rows.ts'
import { toldOperations } from './told-operations.ts'

export interface RecordRoutesDeps extends RecordDeps {
  database: Database
  /** Absolute address of /fhir for links; from the request's Host when not given. */
  baseUrl?: string
  /** Whether one conditional delete may delete several resources; `single` when not given. */
  conditionalDelete?: ConditionalDelete
  /** Routes of others under /fhir, whose operations the CapabilityStatement tells of too. */
  beside?: readonly Route[]
  /** How to be let in, as the CapabilityStatement tells it (`rest.security`). */
  security?(
    headers: RouteRequest<unknown, unknown, unknown>['headers'],
  ): Promise<CapabilityStatementRestSecurity | undefined>
  /** Adds to the statement what is served beside these routes. */
  tell?(statement: CapabilityStatement, base: string): CapabilityStatement
}

/** What a handler works with: the request read once. */
interface Call {
  context: CallContext
  base: string
  type: string
  id: string
  version: string
  query: URLSearchParams
  body: unknown
  header(name: string): string | undefined
  prefer: Prefer
}

const json = new Set(['json', 'application/json', 'application/fhir+json', 'text/json'])

/** `_format` outranks Accept (FHIR R4 3.1.0.1.11). Only JSON is served; asking for XML or Turtle alone is refused. */
function refuseFormat(format: string | null, accept: string | undefined): void {
  const plain = (type: string) => type.replace(/;.*$/s, '').trim().replace(' ', '+').toLowerCase()
  if (format !== null) {
    if (json.has(plain(format))) return
    throw refuse('format-unsupported', { faults: [{ path: '_format', message: 'is not json' }] })
  }
  const wanted = (accept ?? '*/*').split(',').map(plain)
  if (!wanted.some((type) => json.has(type) || ['*/*', 'application/*', 'text/*', ''].includes(type)))
    throw refuse('format-unsupported', { faults: [{ path: 'headers.accept', message: 'does not allow JSON' }] })
}

function readCall(
  deps: RecordRoutesDeps,
  context: CallContext,
  request: RouteRequest<unknown, unknown, unknown>,
): Call {
  const header = (name: string) => {
    const value = request.headers[name]
    return Array.isArray(value) ? value[0] : value
  }
  const params = isObject(request.params) ? request.params : {}
  const mark = request.url.indexOf('?')
  const query = new URLSearchParams(mark < 0 ? '' : request.url.slice(mark + 1))
  refuseFormat(query.get('_format'), header('accept'))
  const wish = /return=(minimal|OperationOutcome)/.exec(header('prefer') ?? '')?.[1]
  return {
    context,
    query,
    header,
    base: deps.baseUrl ?? `http://${header('host') ?? 'localhost'}/fhir`,
    type: String(params['type'] ?? ''),
    id: String(params['id'] ?? ''),
    version: String(params['version'] ?? ''),
    body: request.body,
    prefer: wish === 'minimal' || wish === 'OperationOutcome' ? wish : 'representation',
  }
}

/** The form of POST _search, however the http room has read it; its parameters join those of the address. */
function formOf(call: Call): URLSearchParams {
  const query = new URLSearchParams(call.query)
  const { body } = call
  if (typeof body === 'string' || body instanceof URLSearchParams)
    for (const [name, value] of new URLSearchParams(body)) query.append(name, value)
  else if (isObject(body)) {
    for (const [name, value] of Object.entries(body))
      for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one))
  }
  return query
}

/** JSON text over several lines, for people; decimals keep their digits. */
const spread = (content: string): string => writeExact(readExact(content) as object, 2)

/** The address of an operation: of all types, or one route for each type that has it. */
const pathsOf = ({ name, level, types }: Operation): string[] =>
  (types ?? [':type']).map((type) => `/fhir/${type}/${level === 'instance' ? ':id/' : ''}${name}`)

/** The FHIR REST interactions (R4 3.1.0) under /fhir. */
export function recordRoutes(deps: RecordRoutesDeps): Route[] {
  const answer =
    (work: (call: Call) => Promise<Answer>) =>
    async (context: CallContext, request: RouteRequest<unknown, unknown, unknown>): Promise<RouteReply> => {
      const call = readCall(deps, context, request)
      const told = await work(call)
      const pretty = call.query.get('_pretty') === 'true' && told.content !== undefined
      return replyOf(pretty ? { ...told, content: spread(told.content ?? '') } : told, call.base)
    }
  const inTx = (work: (tx: Tx, call: Call) => Promise<Answer>) =>
    answer((call) => deps.database.transaction(call.context.tenant, (tx) => work(tx, call)))
  const read = { access: { permission: 'record.read' }, style: 'fhir' } as const
  const write = { access: { permission: 'record.write' }, style: 'fhir' } as const
  const strict = (call: Call) => /handling=strict/.test(call.header('prefer') ?? '')
  const searching = (queryOf: (call: Call) => URLSearchParams) =>
    inTx((tx, call) =>
      searchOne(deps, tx, call.context, call.type, queryOf(call), { base: call.base, strict: strict(call) }),
    )
  const searchingAll = (queryOf: (call: Call) => URLSearchParams) =>
    inTx((tx, call) => searchAll(deps, tx, call.context, queryOf(call), { base: call.base, strict: strict(call) }))
  const ifMatch = (call: Call) => readMatch(call.header('if-match'))
  const condition = ({ query }: Call) => {
    const used = new URLSearchParams(query)
    for (const name of ['_format', '_pretty']) used.delete(name)
    return used.toString()
  }
  const policy = deps.conditionalDelete ?? 'single'
  const beside = deps.beside ?? []
  const tell = deps.tell ?? ((told: CapabilityStatement) => told)
  // The statement names every type: made once an address.
  let statement: { key: string; content: string } | undefined

  return [
    route({
      method: 'GET',
      path: '/fhir/metadata',
      summary: 'What this FHIR server does',
      audits: { nothing: 'what the server does, the same for everybody' },
      access: 'public',
      style: 'fhir',
      async handle(context, request) {
        const { base } = readCall(deps, context, request)
        const security = await deps.security?.(request.headers)
        const key = `${base} ${JSON.stringify(security)}`
        if (statement?.key !== key)
          statement = {
            key,
            content: JSON.stringify(
              tell(capabilityStatement(base, context.clock.now(), policy, security, toldOperations(beside)), base),
            ),
          }
        return replyOf({ status: 200, content: statement.content }, base)
      },
    }),
    // A bundle may hold reads only, but whoever sends one needs the right to write.
    route({
      ...write,
      method: 'POST',
      path: '/fhir',
      summary: 'Carry out a batch or a transaction',
      audits: ['transaction', 'batch'],
      bodyLimit: 32 * 1024 * 1024,
      handle: answer((call) =>
        runBundle(deps, call.context, call.body, {
          base: call.base,
          prefer: /return=/.test(call.header('prefer') ?? '') ? call.prefer : 'minimal',
          conditionalDelete: policy,
        }),
      ),
    }),
    route({
      ...read,
      method: 'GET',
      path: '/fhir/_history',
      summary: 'Versions of the whole record',
      audits: ['history'],
      handle: inTx((tx, call) => historyOf(deps, tx, call.context, {}, call.query, call.base)),
    }),
    route({
      ...read,
      method: 'GET',
      path: '/fhir',
      summary: 'Search several types',
      audits: ['search'],
      handle: searchingAll(({ query }) => query),
    }),
    route({
      ...read,
      method: 'POST',
      path: '/fhir/_search',
      summary: 'Search several types with a form',
      audits: ['search'],
      handle: searchingAll(formOf),
    }),
    // The plan names values of the caller's own query and nothing of the record.
    route({
      access: { permission: 'jobs.manage' },
      style: 'fhir',
      method: 'GET',
      path: '/fhir/:type/$explain',
      summary: 'How the database would carry out a search of a type',
      audits: { nothing: 'the plan of a query, and no row of the record' },
      handle: inTx((tx, call) => explainSearch(deps, tx, call.context, call.type, call.query)),
    }),
    route({
      ...read,
      method: 'GET',
      path: '/fhir/:type',
      summary: 'Search a type',
      audits: ['search'],
      handle: searching(({ query }) => query),
    }),
    route({
      ...read,
      method: 'POST',
      path: '/fhir/:type/_search',
      summary: 'Search a type with a form',
      audits: ['search'],
      handle: searching(formOf),
    }),
    route({
      ...write,
      method: 'POST',
      path: '/fhir/:type',
      summary: 'Create a resource',
      audits: ['create', 'read'],
      handle: inTx((tx, call) =>
        createOne(deps, tx, call.context, call.type, call.body, {
          prefer: call.prefer,
          ifNoneExist: call.header('if-none-exist'),
        }),
      ),
    }),
    route({
      ...write,
      method: 'PUT',
      path: '/fhir/:type',
      summary: 'Update the resource that a condition matches, or create it',
      audits: ['update', 'create'],
      handle: inTx((tx, call) =>
        updateMatching(deps, tx, call.context, call.type, condition(call), call.body, {
          prefer: call.prefer,
          ifMatch: ifMatch(call),
        }),
      ),
    }),
    route({
      ...write,
      method: 'PATCH',
      path: '/fhir/:type',
      summary: 'Change parts of the resource that a condition matches',
      audits: ['patch'],
      handle: inTx((tx, call) =>
        patchMatching(deps, tx, call.context, call.type, condition(call), readPatch(call.body, 'body'), {
          prefer: call.prefer,
          ifMatch: ifMatch(call),
        }),
      ),
    }),
    route({
      ...write,
      method: 'DELETE',
      path: '/fhir/:type',
      summary: 'Delete what a condition matches',
      audits: ['delete'],
      handle: inTx((tx, call) =>
        deleteMatching(deps, tx, call.context, call.type, condition(call), policy, ifMatch(call)),
      ),
    }),
    route({
      ...read,
      method: 'GET',
      path: '/fhir/:type/_history',
      summary: 'Versions of a type',
      audits: ['history'],
      handle: inTx((tx, call) => historyOf(deps, tx, call.context, { type: call.type }, call.query, call.base)),
    }),
    route({
      ...read,
      method: 'GET',
      path: '/fhir/:type/:id',
      summary: 'Read a resource',
      audits: ['read'],
      handle: inTx((tx, call) =>
        readOne(deps, tx, call.context, call.type, call.id, {
          ifNoneMatch: call.header('if-none-match'),
          ifModifiedSince: call.header('if-modified-since'),
        }),
      ),
    }),
    route({
      ...write,
      method: 'PUT',
      path: '/fhir/:type/:id',
      summary: 'Update a resource, or create it under this id',
      audits: ['update'],
      handle: inTx((tx, call) =>
        updateOne(deps, tx, call.context, call.type, call.id, call.body, {
          prefer: call.prefer,
          ifMatch: ifMatch(call),
        }),
      ),
    }),
    route({
      ...write,
      method: 'PATCH',
      path: '/fhir/:type/:id',
      summary: 'Change parts of a resource, by JSON Patch or FHIRPath Patch',
      audits: ['patch'],
      handle: inTx((tx, call) =>
        patchOne(deps, tx, call.context, call.type, call.id, readPatch(call.body, 'body'), {
          prefer: call.prefer,
          ifMatch: ifMatch(call),
        }),
      ),
    }),
    route({
      ...write,
      method: 'DELETE',
      path: '/fhir/:type/:id',
      summary: 'Delete a resource',
      audits: ['delete'],
      handle: inTx((tx, call) => deleteOne(deps, tx, call.context, call.type, call.id, ifMatch(call))),
    }),
    route({
      ...read,
      method: 'GET',
      path: '/fhir/:type/:id/_history',
      summary: 'Versions of a resource',
      audits: ['history'],
      handle: inTx((tx, call) =>
        historyOf(deps, tx, call.context, { type: call.type, id: call.id }, call.query, call.base),
      ),
    }),
    route({
      ...read,
      method: 'GET',
      path: '/fhir/:type/:id/_history/:version',
      summary: 'Read a version',
      audits: ['vread'],
      handle: inTx((tx, call) => readOneVersion(deps, tx, call.context, call.type, call.id, call.version)),
    }),
    ...operations.flatMap((operation) =>
      pathsOf(operation).flatMap((path) =>
        operation.methods.map((method) =>
          route({
            ...(operation.writes ? write : read),
            method,
            path,
            summary: operation.summary,
            audits: operation.audits,
            handle: inTx((tx, call) => {
              const [, , named = ''] = path.split('/')
              const type = named === ':type' ? call.type : named
              const id = operation.level === 'instance' ? call.id : undefined
              const { context, base, query, body } = call
              return runOperation(deps, tx, { context, base, type, id, query, body }, operation.name, method)
            }),
          }),
        ),
      ),
    ),
  ]
}
