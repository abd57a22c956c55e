import { errorTable, type Route, type ScopeAct, scopesFor, type SmartScope } from '../kernel/index.ts'

const refuse = errorTable({
  'scope-missing': { status: 403, issue: 'forbidden', text: 'The application was not granted this.' },
})

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

/**
 * Holds a FHIR route to the scopes of an access token by type and act, so that an application is told plainly what it was not
 * granted. Which resources of a type it may see or write, by patient and by filter, the record's guard decides in its SQL, for
 * bundles and operations too. A type that another room answers for by itself (`/fhir/AuditEvent`) has no such guard: it needs a
 * scope that is narrowed neither by patient nor by filter.
 */
export function withinScopes(route: Route): Route {
  if (route.style !== 'fhir' || route.access === 'public') return route
  const address = route.path.replace(/^\/fhir\/?/, '')
  const literal = /^[A-Z][A-Za-z]+/.exec(address)?.[0]
  const shape = `${route.method} ${literal === undefined ? address : address.replace(literal, ':type')}`
  const act = acts[shape]
  const permits = (scopes: readonly SmartScope[], type: string | undefined): boolean => {
    // A bundle, or a search over all types: resource by resource the guard's.
    if (type === undefined) return scopes.length > 0
    const fitting =
      act === undefined
        ? [...scopesFor(scopes, type, 'r'), ...scopesFor(scopes, type, 's')]
        : scopesFor(scopes, type, act)
    return fitting.some(({ level, query }) => literal === undefined || (level !== 'patient' && query === undefined))
  }
  return {
    ...route,
    async handle(context, request) {
      const { scopes } = context.actor
      const type = literal ?? (request.params as { type?: string } | undefined)?.type
      if (scopes !== undefined && !permits(scopes, type))
        throw refuse('scope-missing', {
          faults: [{ path: 'scope', message: `${type ?? '*'}.${act ?? 'rs'} was not granted` }],
        })
      return route.handle(context, request)
    },
  }
}
