import { z } from 'zod'
import { identity } from '../../contracts/index.ts'
import { CodedError, type Route, type RouteReply, route, tenantId } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'
import { takeTries, tries } from '../gate.ts'
import { beginOutside, finishOutside, tryProvider } from '../outside-sign-in.ts'
import { keepProvider, listProviders, removeProvider, shownProvider } from '../providers.ts'
import { refuseUnconfirmed } from '../sessions.ts'
import { noteFailure } from '../sign-in.ts'
import { anybody, type Common, header, managing } from './dependencies.ts'

const named = z.object({ id: z.string().max(100) })
/** Where a sign-in may lead on to: an authorization that waits for it, and nothing else. */
const onwardShape = /^\/oauth\/[a-z0-9-]{1,40}\/interaction\/[\w-]{1,100}$/
const callbackPath = '/api/session/provider/callback'

const to = (location: string, cookie?: string): RouteReply => ({
  status: 303,
  headers: { location, ...(cookie === undefined ? {} : { 'set-cookie': cookie }) },
})

/** Sign-in by outside OpenID Connect providers, and what administrators say of them. */
export function providerRoutes(common: Common): Route[] {
  const { database, vault, inTx, chooseTenant, refuseUnknownRoles, sessionCookie, publicUrl } = common
  const callback = `${publicUrl}${callbackPath}`
  // Lax: the browser comes back from the provider's site, and must bring it.
  const ticketCookie = (value: string) =>
    `tl_outside=${value}; Path=/api/session/provider; HttpOnly; SameSite=Lax; Max-Age=300${publicUrl.startsWith('https:') ? '; Secure' : ''}`
  const withProvider = async (given: z.infer<typeof identity.providerGiven>) => {
    if (given.createWithRoles !== null) refuseUnknownRoles(given.createWithRoles, 'createWithRoles')
    await tryProvider(given)
    return given
  }

  return [
    route({
      ...anybody,
      method: 'GET',
      path: callbackPath,
      summary: 'Where an outside provider sends the browser back to',
      audits: ['sign-in'],
      async handle(context, { headers, url }) {
        const cookie = /(?:^|;\s*)tl_outside=([a-z0-9-]+)\.([\w-]+)/.exec(header(headers, 'cookie'))
        const tenant = (await database.tenants()).find((one) => one === cookie?.[1])
        if (tenant === undefined || cookie?.[2] === undefined) throw refuse('ticket-expired')
        const there = { ...context, tenant: tenantId(tenant) }
        try {
          const given = {
            ticket: cookie[2],
            url: new URL(url, publicUrl),
            userAgent: header(headers, 'user-agent'),
          }
          const done = await finishOutside(database, there, vault, given)
          return to(done.onward ?? '/', sessionCookie(done.cookie, done.seconds))
        } catch (error) {
          if (!(error instanceof CodedError) || error.status >= 500) throw error
          await noteFailure(database, there, { last: false, account: undefined, reason: error.code })
          return to(`/sign-in?${new URLSearchParams({ failed: error.code })}`)
        }
      },
    }),
    route({
      ...anybody,
      method: 'GET',
      path: '/api/session/provider/:id',
      summary: 'Go and sign in at an outside provider',
      audits: { nothing: 'leads away; what comes back is recorded' },
      params: named,
      query: z.object({ tenant: z.string().optional(), onward: z.string().regex(onwardShape).optional() }),
      async handle(context, { params, query }) {
        const there = { ...context, tenant: await chooseTenant(query.tenant) }
        await inTx(there, (tx) => takeTries(tx, there, [tries.asking(there.address ?? '')]))
        const begun = await beginOutside(database, there, vault, {
          id: params.id,
          callback,
          onward: query.onward ?? null,
        })
        return to(begun.address, ticketCookie(`${there.tenant}.${begun.ticket}`))
      },
    }),
    route({
      ...managing,
      method: 'GET',
      path: '/api/providers',
      summary: 'Outside sign-in providers, without their secrets',
      audits: { nothing: 'providers, without their secrets; changes to them are recorded' },
      reply: identity.providers,
      handle: async (context) => ({
        body: { items: (await inTx(context, listProviders)).map(shownProvider(callback)) },
      }),
    }),
    route({
      ...managing,
      method: 'POST',
      path: '/api/providers',
      summary: 'Let people sign in by an outside provider',
      audits: ['provider-added'],
      body: identity.providerGiven,
      async handle(context, { body }) {
        await inTx(context, (tx) => refuseUnconfirmed(tx, context))
        const given = await withProvider(body)
        return { status: 201, body: { id: await inTx(context, (tx) => keepProvider(tx, context, vault, given)) } }
      },
    }),
    route({
      ...managing,
      method: 'PUT',
      path: '/api/providers/:id',
      summary: 'Change an outside provider; another issuer forgets who was linked',
      audits: ['provider-changed'],
      params: named,
      body: identity.providerGiven,
      async handle(context, { params, body }) {
        await inTx(context, (tx) => refuseUnconfirmed(tx, context))
        const given = await withProvider(body)
        await inTx(context, (tx) => keepProvider(tx, context, vault, given, params.id))
        return { body: {} }
      },
    }),
    route({
      ...managing,
      method: 'DELETE',
      path: '/api/providers/:id',
      summary: 'Remove an outside provider and the links to it',
      audits: ['provider-removed'],
      params: named,
      async handle(context, { params }) {
        await inTx(context, async (tx) => {
          await refuseUnconfirmed(tx, context)
          await removeProvider(tx, context, params.id)
        })
        return { body: {} }
      },
    }),
  ]
}
