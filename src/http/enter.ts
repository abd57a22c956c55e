import type { FastifyRequest } from 'fastify'
import type { Actor, Route, TenantId } from '../kernel/index.ts'
import { refuse } from './errors.ts'
import { tenantHeader } from './open-to-apps.ts'

/** Who calls, as the identity room tells it. */
export interface Caller {
  tenant: TenantId
  actor: Actor
  locale: 'en' | 'fr'
  /** Present for a call by cookie: the session's hash. */
  session: string | undefined
}

export interface Entrance {
  /** `extend: false`: look only, and do not count as a call that keeps an idle session alive. */
  authenticate(given: {
    cookie: string | undefined
    authorization: string | undefined
    extend?: boolean
  }): Promise<Caller | undefined>
  refuseUnless(actor: Actor, permission: string): void
  /** `https://clinic.example`: where browsers find us. */
  publicUrl?: string
}

const cookieOf = (request: FastifyRequest): string | undefined =>
  /(?:^|;\s*)tl_session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]

export const callerOf = (request: FastifyRequest, entrance: Entrance, extend = true): Promise<Caller | undefined> => {
  const cookie = cookieOf(request)
  const { authorization } = request.headers
  if (cookie === undefined && authorization === undefined) return Promise.resolve(undefined)
  const named = request.headers[tenantHeader]
  return (
    entrance
      .authenticate({ cookie, authorization, extend })
      // At another tenant's address nobody is known.
      .then((caller) => (named === undefined || caller?.tenant === named ? caller : undefined))
  )
}

/**
 * Who calls a route, and may they: asked before the body is read, so that a stranger's body never is. Every refusal is
 * thrown. `known` is told the caller first, so that a refusal can be kept under their name; never for a stranger.
 */
export async function enter(
  route: Pick<Route, 'method' | 'access' | 'style'>,
  request: FastifyRequest,
  entrance: Entrance,
  known: (caller: Caller) => void,
): Promise<void> {
  // Also at public routes: another site must not sign a visitor in under a name of its choice, nor set us up.
  if (route.method !== 'GET' && request.headers.authorization === undefined) refuseForeign(request, entrance)
  const caller = await callerOf(request, entrance)
  if (caller) known(caller)
  if (route.access === 'public') return
  if (!caller) throw refuse('not-signed-in')
  // What a person lets an application do is said in words about the record; the rest of the API is not among them.
  if (caller.actor.scopes !== undefined && route.style !== 'fhir')
    throw refuse('scope-missing', { faults: [{ path: 'scope', message: 'no scope reaches this address' }] })
  if (typeof route.access === 'object') entrance.refuseUnless(caller.actor, route.access.permission)
  // A cookie is sent along by any page; a header of our own is not, without asking first.
  if (caller.session !== undefined && route.method !== 'GET' && request.headers['x-throughline'] === undefined)
    throw refuse('cross-site', { faults: [{ path: 'headers.x-throughline', message: 'is missing' }] })
}

/** Refuses what a browser says another site has sent. Programs say neither and bring no cookie of a person. */
function refuseForeign(request: FastifyRequest, entrance: Entrance): void {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw refuse('cross-site', { faults: [{ path: 'headers.sec-fetch-site', message: 'is another site' }] })
  const { origin, host } = request.headers
  if (origin !== undefined && !ours(origin, host, entrance.publicUrl))
    throw refuse('cross-site', { faults: [{ path: 'headers.origin', message: 'is another site' }] })
}

function ours(origin: string, host: string | undefined, publicUrl: string | undefined): boolean {
  // `Origin: null` is what a sandboxed page says.
  if (!URL.canParse(origin)) return false
  const from = new URL(origin)
  return from.host === host || (publicUrl !== undefined && from.origin === new URL(publicUrl).origin)
}
