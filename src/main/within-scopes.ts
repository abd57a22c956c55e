import type { Database } from '../db/index.ts'
import type { FhirRecord } from '../fhir/index.ts'
import {
  type Actor,
  type CallContext,
  errorTable,
  type Route,
  type RouteRequest,
  type ScopeAct,
  type SmartScope,
  scopesFor,
} from '../kernel/index.ts'

const refuse = errorTable({
  'scope-missing': { status: 403, issue: 'forbidden', text: 'The application was not granted this.' },
})

type Request = RouteRequest<unknown, unknown, unknown>

const acts: Readonly<Record<string, ScopeAct>> = {
  'GET :type': 's',
  'POST :type': 'c',
  'PUT :type': 'u',
  'PATCH :type': 'u',
  'DELETE :type': 'd',
  'POST :type/_search': 's',
  'GET :type/_history': 's',
  'GET :type/:id': 'r',
  'PUT :type/:id': 'u',
  'PATCH :type/:id': 'u',
  'DELETE :type/:id': 'd',
  'GET :type/:id/_history': 'r',
  'GET :type/:id/_history/:version': 'r',
}

/** A scope that narrows nothing but type and act: no patient, no filter. */
const plain = ({ level, query }: SmartScope): boolean => level !== 'patient' && query === undefined

const wholeRecord = (scopes: readonly SmartScope[]): boolean =>
  scopes.some((scope) => plain(scope) && scope.type === '*' && Object.values(scope.may).every(Boolean))

const lacking = (message: string) => refuse('scope-missing', { faults: [{ path: 'scope', message }] })

/** What a search must also match to stay within one scope: parameters of the type. */
function filterOf(scope: SmartScope, type: string, actor: Actor): URLSearchParams | undefined {
  const filter = new URLSearchParams(scope.query ?? '')
  if (scope.level !== 'patient') return filter
  const { patient } = actor
  if (patient === undefined) return undefined
  filter.append(type === 'Patient' ? '_id' : 'patient', type === 'Patient' ? patient.replace('Patient/', '') : patient)
  return filter
}

// They reach other types than the one that is asked for.
const reaching = /^(?:_include|_revinclude|_has|_filter|_contained|_query|_list)(?::|$)|\./

/**
 * Holds a route of the record to the scopes of an access token, by type and act, and by patient and filter where that can
 * be said with the record's own search. What cannot is refused: a bundle, an operation, a search that reaches other types,
 * a write under a filter or for one patient. The caller's roles decide beside it, in the route's own way.
 */
export function withinScopes(route: Route, { database, record }: { database: Database; record: FhirRecord }): Route {
  if (route.style !== 'fhir' || route.access === 'public') return route
  const act = acts[`${route.method} ${route.path.replace(/^\/fhir\/?/, '')}`]

  const matches = (context: CallContext, type: string, query: URLSearchParams) =>
    database.transaction(context.tenant, async (tx) => (await record.search(tx, type, query)).resources.length > 0)

  async function narrowed(context: CallContext, request: Request, scopes: readonly SmartScope[]): Promise<Request> {
    const { type, id } = request.params as { type?: string; id?: string }
    if (act === undefined || type === undefined) {
      if (wholeRecord(scopes)) return request
      throw lacking('this address needs all acts on the whole record')
    }
    const fitting = scopesFor(scopes, type, act)
    if (fitting.length === 0) throw lacking(`${type}.${act} was not granted`)
    if (act === 's') refuseReaching(request, scopes)
    if (fitting.some(plain)) return request
    const filters = fitting.flatMap((scope) => filterOf(scope, type, context.actor) ?? [])
    if (act === 's') return searchWithin(context, request, type, filters)
    if (act === 'r' && id !== undefined) {
      for (const filter of filters) {
        filter.append('_id', id)
        if (await matches(context, type, filter)) return request
      }
      throw lacking(`this ${type} is beyond what was granted`)
    }
    throw lacking('a write needs a scope without patient and without filter')
  }

  /** Several filters would be an "or" over different parameters, which a search cannot say: the first must be all. */
  async function searchWithin(
    context: CallContext,
    request: Request,
    type: string,
    filters: readonly URLSearchParams[],
  ): Promise<Request> {
    const texts = [...new Set(filters.map(String))]
    const [text] = texts
    if (route.path.endsWith('_history')) throw lacking('the history of a type needs a scope without filter')
    if (text === undefined) throw lacking('no patient was chosen for it')
    if (texts.length > 1)
      throw lacking('several filters were granted for this type: ask for the resources by their ids')
    // The record refuses a parameter that the type does not have; asked leniently, it would be left out.
    await matches(context, type, new URLSearchParams(`${text}&_count=1`))
    return { ...request, url: `${request.url}${request.url.includes('?') ? '&' : '?'}${text}` }
  }

  function refuseReaching(request: Request, scopes: readonly SmartScope[]): void {
    if (scopes.some((scope) => plain(scope) && scope.type === '*' && scope.may.r && scope.may.s)) return
    const asked = [
      ...new URLSearchParams(request.url.replace(/^[^?]*\??/, '')).keys(),
      ...Object.keys(typeof request.body === 'object' && request.body !== null ? request.body : {}),
    ]
    const bad = asked.find(
      (name) => reaching.test(name) || /:(?!exact$|contains$|missing$|not$|text$|above$|below$)/.test(name),
    )
    if (bad !== undefined) throw lacking(`${bad} reaches beyond the type that was granted`)
  }

  return {
    ...route,
    async handle(context, request) {
      const { scopes } = context.actor
      return route.handle(context, scopes === undefined ? request : await narrowed(context, request, scopes))
    },
  }
}
