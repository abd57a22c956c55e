import type { FastifyInstance } from 'fastify'

// Applications in browsers call the record from their own sites. Any origin may: what lets them in is a token that they
// bring in a header. With `*` a browser never sends our cookie along.
const answers = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'content-location, etag, last-modified, location, retry-after, www-authenticate, x-request-id',
  'cross-origin-resource-policy': 'cross-origin',
}
const preflight = {
  ...answers,
  'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers':
    'accept, authorization, content-type, if-match, if-modified-since, if-none-exist, if-none-match, prefer, x-requested-with',
  'access-control-max-age': '3600',
}

const open = (url: string): boolean => /^\/(?:fhir|\.well-known)(?:[/?]|$)/.test(url)

export function openToApps(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (open(request.url)) reply.headers(answers)
  })
  for (const path of ['/fhir', '/fhir/*', '/.well-known/*'])
    app.options(path, async (_request, reply) => reply.status(204).headers(preflight).send())
}

export const tenantHeader = 'x-throughline-tenant'

/**
 * Where an installation has several tenants, each has an address for its record too, so that an application can find its
 * authorization server: `/t/<tenant>/fhir/…` is `/fhir/…`, and the tenant is noted in a header that nobody else can set.
 */
export function dropTenant(request: { url?: string | undefined; headers: Record<string, unknown> }): string {
  delete request.headers[tenantHeader]
  const url = request.url ?? '/'
  const [, tenant, rest] = /^\/t\/([a-z][a-z0-9-]{0,39})(\/fhir(?:[/?].*)?)$/.exec(url) ?? []
  if (tenant === undefined || rest === undefined) return url
  request.headers[tenantHeader] = tenant
  return rest
}
