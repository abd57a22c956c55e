import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import type { Database } from '../../db/index.ts'
import { type CallContext, type Clock, type Logger, systemActor, type TenantId } from '../../kernel/index.ts'
import { authenticate } from '../authenticate.ts'
import { findClient } from '../clients.ts'
import { keyIds, openKeys } from '../keys.ts'
import type { Vault } from '../vault.ts'
import { interact, type Patients } from './interaction.ts'
import { narrowScope } from './narrow-scope.ts'
import { nameClient } from './name-client.ts'

export interface OAuthOptions {
  database: Database
  clock: Clock
  log: Logger
  vault: Vault
  /** `https://clinic.example` */
  publicUrl: string
  patients: Patients
  permitted(context: CallContext, permission: string): boolean
}

/** A request as the http room hands it over: the body unread. */
export type RawRequest = IncomingMessage & { originalUrl?: string }

export interface OAuthServer {
  /** Answers everything under `/oauth/`. */
  handle(request: RawRequest, response: ServerResponse, call: { requestId: string; address: string }): Promise<void>
  issuerOf(tenant: TenantId): string
}

// Another node may have made new keys.
const lookAgain = 60_000
const prefix = '/oauth/'

const refuseJson = (response: ServerResponse, status: number, error: string): void => {
  response.statusCode = status
  response.setHeader('content-type', 'application/json; charset=utf-8')
  response.setHeader('cache-control', 'no-store')
  response.end(JSON.stringify({ error }))
}

/**
 * The authorization servers of all tenants, each at an address and with keys of its own: `/oauth/<tenant>`. A server is made
 * when it is first called, and anew when its keys change.
 */
export function createOAuth(options: OAuthOptions): OAuthServer {
  const { database, clock, log, vault, publicUrl } = options
  const calls = new AsyncLocalStorage<CallContext>()
  const made = new Map<TenantId, { provider: Provider; keys: string; lookedAt: number }>()
  const issuerOf = (tenant: TenantId) => `${publicUrl}${prefix}${tenant}`
  // Of several tenants each has its record's address; the only one has the short one. Both are understood.
  const audiencesOf = (tenant: TenantId, several: boolean): [string, string] => {
    const [short, long] = [`${publicUrl}/fhir`, `${publicUrl}/t/${tenant}/fhir`]
    return several ? [long, short] : [short, long]
  }
  const current = (): CallContext => {
    const context = calls.getStore()
    if (!context) throw new Error('oidc-provider works outside of a call')
    return context
  }

  async function providerOf(context: CallContext, several: boolean): Promise<Provider> {
    const { tenant } = context
    const known = made.get(tenant)
    const now = clock.now()
    if (known && now - known.lookedAt < lookAgain) return known.provider
    const { keys, ids } = await database.transaction(tenant, async (tx) => {
      const opened = await openKeys(tx, context, vault)
      return { keys: opened, ids: `${await keyIds(tx, context)} ${several}` }
    })
    if (known?.keys === ids) {
      known.lookedAt = now
      return known.provider
    }
    // Loaded when an application first comes: a start without one is a second faster.
    const { createProvider } = await import('./provider.ts')
    const provider = createProvider({
      tenant,
      issuer: issuerOf(tenant),
      audiences: audiencesOf(tenant, several),
      store: { database, context: current },
      keys,
      vault,
    })
    // A failure of ours: its class and place, nothing of what was sent.
    provider.on('server_error', (_ctx, error: Error) =>
      log.error(
        { request: current().requestId, error: error.name, at: error.stack?.split('\n').slice(1, 5) },
        'oauth failed',
      ),
    )
    made.set(tenant, { provider, keys: ids, lookedAt: now })
    return provider
  }

  return {
    issuerOf,
    async handle(request, response, { requestId, address }) {
      const url = new URL(request.url ?? '/', publicUrl)
      const [, name = '', rest = ''] = /^\/oauth\/([^/]+)(\/.*)?$/.exec(url.pathname) ?? []
      const tenants = await database.tenants()
      const several = tenants.length > 1
      const tenant = tenants.find((one) => one === name)
      if (tenant === undefined) return refuseJson(response, 404, 'not_found')
      const context: CallContext = { tenant, actor: systemActor, clock, requestId, address, locale: 'en' }
      await calls.run(context, async () => {
        const provider = await providerOf(context, several)
        if (rest === '/authorize' && request.method === 'GET') await readyAuthorization(database, tenant, url)
        // oidc-provider makes its addresses from where it is mounted and from what the proxy says of us: we say it.
        const mounted: RawRequest = request
        mounted.originalUrl = `${url.pathname}${url.search}`
        mounted.url = `${rest === '' ? '/' : rest}${url.search}`
        const ours = new URL(publicUrl)
        mounted.headers['x-forwarded-proto'] = ours.protocol.replace(':', '')
        mounted.headers['x-forwarded-host'] = ours.host
        if (rest === '/authorize') forgetSession(mounted)
        if (rest === '/token' && request.method === 'POST')
          return provider.callback()(await nameClient(mounted, database, tenant), response)
        if (!rest.startsWith('/interaction/')) return provider.callback()(mounted, response)
        return interact(
          {
            provider,
            database,
            vault,
            patients: options.patients,
            audience: audiencesOf(tenant, several)[0],
            permitted: options.permitted,
            person: (from) => personOf(context, from),
          },
          mounted,
          response,
        )
      })
    },
  }

  /** The person whose session the cookie tells, if it is one of this tenant and may do more than set up a factor. */
  async function personOf(context: CallContext, request: IncomingMessage): Promise<CallContext | undefined> {
    const cookie = /(?:^|;\s*)tl_session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
    const caller = await authenticate(database, clock, { cookie, authorization: undefined })
    if (caller?.session === undefined || caller.tenant !== context.tenant || caller.limited) return undefined
    return { ...context, actor: caller.actor, locale: caller.locale, session: caller.session }
  }
}

/**
 * Before oidc-provider reads a question: its scope is narrowed to what the client is registered for (SMART lets a server
 * grant less), and consent is always ours to ask, so that `offline_access` works without `prompt`, as SMART's apps ask it.
 */
async function readyAuthorization(database: Database, tenant: TenantId, url: URL): Promise<void> {
  const asked = url.searchParams.get('scope')
  const id = url.searchParams.get('client_id')
  if (asked === null || id === null) return
  const client = await database.transaction(tenant, (tx) => findClient(tx, id))
  if (!client || client.disabled) return
  const scope = narrowScope(asked, client.scope)
  // Nothing left: oidc-provider refuses the scope as it was asked, and names it.
  url.searchParams.set('scope', scope.length === 0 ? 'none' : scope.join(' '))
  const prompt = url.searchParams.get('prompt')
  if (prompt !== 'none' && !prompt?.split(' ').includes('consent'))
    url.searchParams.set('prompt', prompt === null ? 'consent' : `${prompt} consent`)
}

/** Each authorization begins without oidc-provider's own session: who is signed in, the staff session alone tells. */
function forgetSession(request: RawRequest): void {
  const { cookie } = request.headers
  if (cookie === undefined) return
  request.headers.cookie = cookie
    .split(';')
    .filter((one) => !/^\s*tl_oauth(?:\.sig)?=/.test(one))
    .join(';')
}
