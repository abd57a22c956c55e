import {
  type AdapterPayload,
  type ClientMetadata,
  type Configuration,
  errors,
  type KoaContextWithOIDC,
  Provider,
} from 'oidc-provider'
import type { Client } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { newSecret, parseScope, systemClock, type TenantId } from '../../kernel/index.ts'
import { accessTokenOf } from '../access-tokens.ts'
import { readAccount } from '../accounts.ts'
import { findClient, wordScopes } from '../clients.ts'
import { readGrant } from '../grants.ts'
import type { SigningKey } from '../keys.ts'
import type { Vault } from '../vault.ts'
import { sessionLives } from '../sessions.ts'
import { sha256 } from '../tickets.ts'
import { type ArtifactStore, artifactsOf } from './artifacts.ts'
import { narrowScope } from './narrow-scope.ts'
import { renderError } from './pages.ts'

const minute = 60
const hour = 60 * minute
const day = 24 * hour

/** Seconds that each thing lasts. Backend tokens: five minutes at most (SMART Backend Services, "Issue Access Token"). */
const lasts = {
  AccessToken: hour,
  AuthorizationCode: minute,
  ClientCredentials: 5 * minute,
  IdToken: hour,
  Interaction: 30 * minute,
  Session: hour,
  Grant: 365 * day,
} as const

export interface ProviderOptions {
  tenant: TenantId
  /** `https://clinic.example/oauth/alpha` */
  issuer: string
  /** Addresses of the record that a token may be asked for; the first is what it is for. */
  audiences: readonly [string, ...string[]]
  store: Omit<ArtifactStore, 'client'>
  keys: readonly SigningKey[]
  vault: Vault
}

/** A registration as oidc-provider wants it told (OpenID Connect Registration, 2). The secret is a hash here too. */
function metadataOf(client: Client & { secretHash: string | null }): ClientMetadata & AdapterPayload {
  const backend = client.kind === 'backend'
  const native = client.redirectUris.some((uri) => !/^https?:/.test(uri))
  const methods = { none: 'none', secret: 'client_secret_basic', 'private-key': 'private_key_jwt' } as const
  return {
    client_id: client.id,
    client_name: client.name,
    application_type: native ? 'native' : 'web',
    redirect_uris: client.redirectUris,
    response_types: backend ? [] : ['code'],
    grant_types: backend ? ['client_credentials'] : ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: methods[client.authentication],
    ...(client.secretHash === null ? {} : { client_secret: client.secretHash }),
    ...(client.jwksUri === null ? {} : { jwks_uri: client.jwksUri }),
    ...(client.jwks === null ? {} : { jwks: client.jwks }),
  }
}

/** Every scope that is in play in a call: asked now, or granted before and used now. */
function scopesInPlay(ctx: KoaContextWithOIDC): string {
  const { params, entities } = ctx.oidc
  const texts = [
    params?.['scope'],
    entities.AuthorizationCode?.scope,
    entities.RefreshToken?.scope,
    entities.RotatedRefreshToken?.scope,
  ]
  const words = texts.flatMap((text) => (typeof text === 'string' ? text.split(' ') : []))
  return [...new Set(words)].filter((word) => wordScopes.includes(word) || parseScope(word)).join(' ')
}

const oneOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** The authorization server of one tenant: SMART App Launch 2.2 and Backend Services on oidc-provider. */
export function createProvider(options: ProviderOptions): Provider {
  const { audiences, issuer, store, tenant } = options
  const [audience] = audiences
  const inTx = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => store.database.transaction(tenant, work)
  const clientOf = async (tx: Tx, id: string) => {
    const client = await findClient(tx, id)
    return client && !client.disabled ? client : undefined
  }
  const artifacts: ArtifactStore = {
    ...store,
    async client(tx, id) {
      const client = await clientOf(tx, id)
      return client && metadataOf(client)
    },
  }
  const path = new URL(issuer).pathname

  const configuration: Configuration = {
    adapter: (kind) => artifactsOf(artifacts, kind),
    jwks: { keys: options.keys.map((key) => ({ ...key })) as never },
    routes: {
      authorization: '/authorize',
      token: '/token',
      introspection: '/introspect',
      revocation: '/revoke',
      jwks: '/jwks',
    },
    cookies: {
      keys: [options.vault.derive(`${tenant}/oauth-cookies`).toString('base64url')],
      names: { session: 'tl_oauth', interaction: 'tl_oauth_step', resume: 'tl_oauth_resume' },
      long: { httpOnly: true, sameSite: 'lax', path },
      short: { httpOnly: true, sameSite: 'lax' },
    },
    responseTypes: ['code'],
    scopes: [...wordScopes],
    claims: { openid: ['sub'], fhirUser: ['fhirUser'], profile: ['name', 'locale'] },
    // There is no userinfo endpoint: what a scope asks for stands in the identity token.
    conformIdTokenClaims: false,
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: ['RS384', 'ES384'], idTokenSigningAlgValues: ['RS256'] },
    pkce: { required: () => true },
    // oidc-provider would not go to private networks, where a hospital's own services live. Addresses of keys are written
    // by administrators only, and an answer that leads on to elsewhere is not followed.
    fetch: (url, options) => {
      const { dispatcher: _, ...rest } = options as RequestInit & { dispatcher?: unknown }
      return fetch(url, { ...rest, redirect: 'error' })
    },
    assertJwtClientAuthClaimsAndHeader: async (_ctx, claims) => {
      const { exp, iat } = claims
      const now = Math.floor(systemClock.now() / 1000)
      if (typeof exp !== 'number' || exp > (typeof iat === 'number' ? Math.max(iat, now) : now) + 5 * minute)
        throw new errors.InvalidClientAuth('exp must be at most five minutes from now')
    },
    extraParams: {
      launch: () => {},
      aud: (_ctx, value) => {
        if (value === undefined) throw new errors.InvalidRequest('aud is needed: the address of the FHIR server')
        if (!audiences.some((one) => one === value.replace(/\/$/, '')))
          throw new errors.InvalidRequest('aud is another FHIR server')
      },
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: {
        enabled: true,
        // Its own tokens for every client that can prove itself; those of others for resource servers only.
        allowedPolicy: async (_ctx, client, token) =>
          client.clientAuthMethod !== 'none' &&
          (token.clientId === client.clientId ||
            (await inTx((tx) => findClient(tx, client.clientId)))?.introspects === true),
      },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        async getResourceServerInfo(ctx, resource, client) {
          if (!audiences.some((one) => one === resource)) throw new errors.InvalidTarget()
          const asked = scopesInPlay(ctx)
          const registered = await inTx((tx) => clientOf(tx, client.clientId))
          // What was cut from a registration since is gone from the next token too.
          const scope = registered ? narrowScope(asked, registered.scope).join(' ') : ''
          if (ctx.oidc.route === 'token' && ctx.oidc.params?.['grant_type'] === 'client_credentials' && scope === '')
            throw new errors.InvalidScope(
              'none of the scopes is allowed for this client',
              oneOf(ctx.oidc.params['scope']) ?? '',
            )
          return {
            scope,
            audience,
            accessTokenFormat: 'opaque',
            accessTokenTTL: client.grantTypeAllowed('client_credentials') ? lasts.ClientCredentials : lasts.AccessToken,
          }
        },
      },
    },
    ttl: {
      ...lasts,
      RefreshToken: (_ctx, token) => (token.scopes.has('offline_access') ? 90 * day : 12 * hour),
    },
    expiresWithSession: () => false,
    issueRefreshToken: (_ctx, client, code) =>
      client.grantTypeAllowed('refresh_token') &&
      (code.scopes.has('offline_access') || code.scopes.has('online_access')),
    // A client without a secret of its own cannot keep a refresh token well: each is good once.
    rotateRefreshToken: (ctx) => ctx.oidc.client?.clientAuthMethod === 'none',
    revokeGrantPolicy: () => true,
    loadExistingGrant: async (ctx) => {
      const id = ctx.oidc.result?.consent?.grantId
      return id === undefined ? undefined : ctx.oidc.provider.Grant.find(id)
    },
    interactions: { url: (_ctx, interaction) => `${issuer}/interaction/${interaction.uid}` },
    async findAccount(_ctx, id, token) {
      const account = await inTx(async (tx) => {
        const found = await readAccount(tx, { id })
        if (!found || found.disabled) return undefined
        const grantId = token && 'grantId' in token ? token.grantId : undefined
        if (grantId === undefined) return found
        const grant = await readGrant(tx, grantId)
        if (!grant) return undefined
        const away =
          !grant.offline && (grant.session === null || !(await sessionLives(tx, store.context().clock, grant.session)))
        return away ? undefined : found
      })
      return (
        account && {
          accountId: account.id,
          claims: async () => ({
            sub: account.id,
            name: account.name,
            locale: account.locale,
            ...(account.practitioner === null ? {} : { fhirUser: `${audience}/${account.practitioner}` }),
          }),
        }
      )
    },
    clientBasedCORS: (_ctx, origin, client) =>
      client.clientAuthMethod === 'none' &&
      (client.redirectUris ?? []).some((uri) => URL.canParse(uri) && new URL(uri).origin === origin),
    renderError,
  }

  const provider = new Provider(issuer, configuration)
  provider.proxy = true
  // A token names its tenant, so that whoever is shown it knows where to look.
  for (const { prototype } of [provider.AccessToken, provider.ClientCredentials] as unknown as {
    prototype: IdMaker
  }[]) {
    const { generateTokenId } = prototype
    prototype.generateTokenId = function makeId(this: IdMaker) {
      // Notes the token's format on it, which is all that is wanted of it.
      generateTokenId.call(this)
      return accessTokenOf(tenant, newSecret())
    }
  }
  // Only the hash of a client's secret is kept: what is sent is hashed before it is compared.
  const { compareClientSecret } = provider.Client.prototype
  Object.assign(provider.Client.prototype, {
    compareClientSecret(this: InstanceType<typeof provider.Client>, sent: string) {
      return compareClientSecret.call(this, sha256(sent))
    },
  })
  provider.use(async (ctx, next) => {
    await next()
    const oidc = ctx as unknown as KoaContextWithOIDC
    if (oidc.oidc?.route === 'token' && ctx.status === 200) await addLaunchContext(oidc, inTx)
    if (oidc.oidc?.route === 'introspection') await addIntrospected(oidc, inTx, audience)
  })
  return provider
}

/** What of oidc-provider's tokens names them; its types leave it out. */
interface IdMaker {
  generateTokenId(): string
}

const idOf = (reference: string | null): string | undefined => reference?.replace(/^\w+\//, '')

/** What SMART adds to the answer with a token ("Launch context arrives with your access_token"). */
async function addLaunchContext(
  ctx: KoaContextWithOIDC,
  inTx: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>,
): Promise<void> {
  const grantId = ctx.oidc.entities.AccessToken?.grantId
  const grant = grantId === undefined ? undefined : await inTx((tx) => readGrant(tx, grantId))
  if (!grant || typeof ctx.body !== 'object' || ctx.body === null) return
  Object.assign(ctx.body, {
    ...(grant.patient === null ? {} : { patient: idOf(grant.patient), need_patient_banner: true }),
    ...(grant.encounter === null ? {} : { encounter: idOf(grant.encounter) }),
    ...(grant.intent === null ? {} : { intent: grant.intent }),
  })
}

/** What SMART adds to an introspection ("Required fields in the introspection response"). */
async function addIntrospected(
  ctx: KoaContextWithOIDC,
  inTx: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>,
  audience: string,
): Promise<void> {
  const { AccessToken, RefreshToken } = ctx.oidc.entities
  const grantId = (AccessToken ?? RefreshToken)?.grantId
  const { body } = ctx
  if (grantId === undefined || typeof body !== 'object' || body === null || !('active' in body) || body.active !== true)
    return
  const found = await inTx(async (tx) => {
    const grant = await readGrant(tx, grantId)
    return grant && { grant, account: await readAccount(tx, { id: grant.account }) }
  })
  if (!found?.account || found.account.disabled) {
    ctx.body = { active: false }
    return
  }
  Object.assign(body, {
    ...(found.grant.patient === null ? {} : { patient: idOf(found.grant.patient) }),
    ...(found.grant.encounter === null ? {} : { encounter: idOf(found.grant.encounter) }),
    ...(found.account.practitioner === null ? {} : { fhirUser: `${audience}/${found.account.practitioner}` }),
  })
}
