import { type Route, type RouteRequest, route } from '../../kernel/index.ts'
import { endpointsOf, smartConfiguration } from '../oauth/smart-configuration.ts'
import type { Common } from './dependencies.ts'

/** Where the http room writes the tenant of an address that names one: `/t/<tenant>/fhir/…`. */
const tenantHeader = 'x-throughline-tenant'

const issuerFor = async (
  { chooseTenant, publicUrl }: Pick<Common, 'chooseTenant' | 'publicUrl'>,
  headers: RouteRequest<unknown, unknown, unknown>['headers'],
): Promise<string> => {
  const named = headers[tenantHeader]
  return `${publicUrl}/oauth/${await chooseTenant(typeof named === 'string' ? named : undefined)}`
}

/** How a SMART app finds the authorization server. */
export function smartRoutes(common: Common): Route[] {
  return ['/fhir/.well-known/smart-configuration', '/.well-known/smart-configuration'].map((path) =>
    route({
      method: 'GET',
      path,
      summary: 'Where and how applications are let in (SMART App Launch)',
      access: 'public',
      style: 'fhir',
      audits: { nothing: 'the same for everybody' },
      handle: async (_context, { headers }) => ({
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: smartConfiguration(await issuerFor(common, headers), common.publicUrl),
      }),
    }),
  )
}

/** The `security` of the record's CapabilityStatement; undefined when an installation has several tenants and none is named. */
export async function smartSecurity(
  common: Pick<Common, 'chooseTenant' | 'publicUrl'>,
  headers: RouteRequest<unknown, unknown, unknown>['headers'],
) {
  const issuer = await issuerFor(common, headers).catch(() => undefined)
  if (issuer === undefined) return undefined
  const at = endpointsOf(issuer)
  const uris = { authorize: at.authorize, token: at.token, introspect: at.introspect, revoke: at.revoke }
  return {
    cors: true,
    service: [
      {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' }],
        text: 'OAuth2 using SMART-on-FHIR profile',
      },
    ],
    extension: [
      {
        url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
        extension: Object.entries(uris).map(([url, valueUri]) => ({ url, valueUri })),
      },
    ],
  }
}
