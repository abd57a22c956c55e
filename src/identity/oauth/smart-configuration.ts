import { wordScopes } from '../clients.ts'

/** What this server can do, in SMART's words (App Launch 2.2, "Capability Sets"). */
const capabilities = [
  'launch-ehr',
  'launch-standalone',
  'client-public',
  'client-confidential-symmetric',
  'client-confidential-asymmetric',
  'sso-openid-connect',
  'context-banner',
  'context-ehr-patient',
  'context-ehr-encounter',
  'context-standalone-patient',
  'permission-offline',
  'permission-online',
  'permission-patient',
  'permission-user',
  'permission-v1',
  'permission-v2',
] as const

const someScopes = ['patient/*.cruds', 'user/*.cruds', 'system/*.cruds', 'patient/*.read', 'user/*.read']

/** Addresses of a tenant's authorization server. `issuer`: `https://clinic.example/oauth/alpha`. */
export const endpointsOf = (issuer: string) => ({
  authorize: `${issuer}/authorize`,
  token: `${issuer}/token`,
  introspect: `${issuer}/introspect`,
  revoke: `${issuer}/revoke`,
  jwks: `${issuer}/jwks`,
})

/** The document at `.well-known/smart-configuration`. */
export function smartConfiguration(issuer: string, publicUrl: string): Record<string, unknown> {
  const at = endpointsOf(issuer)
  return {
    issuer,
    jwks_uri: at.jwks,
    authorization_endpoint: at.authorize,
    token_endpoint: at.token,
    introspection_endpoint: at.introspect,
    revocation_endpoint: at.revoke,
    management_endpoint: `${publicUrl}/account`,
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types_supported: ['code'],
    scopes_supported: [...wordScopes, ...someScopes],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    capabilities,
  }
}
