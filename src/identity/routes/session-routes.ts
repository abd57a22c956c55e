import { z } from 'zod'
import { api, identity } from '../../contracts/index.ts'
import { type CallContext, type Route, type RouteReply, route } from '../../kernel/index.ts'
import { confirmPerson } from '../confirm.ts'
import { takeTries, tries } from '../gate.ts'
import { askForPasskey, signInByPasskey } from '../passkeys.ts'
import { listProviders } from '../providers.ts'
import { endSessions, standingOf } from '../sessions.ts'
import { setUp, setupNeeded } from '../set-up.ts'
import { signInByPassword, signInBySecondFactor, type Step } from '../sign-in.ts'
import { lookAtTicket } from '../tickets.ts'
import { anybody, type Common, header, mine } from './dependencies.ts'

const administrator = z.object({
  organisation: z.string().trim().min(1).max(120),
  name: z.string().trim().min(1).max(120),
  email: z.email().max(200),
  password: z.string().max(200),
})
// Besides the tenant's own cookies, a ticket must say which tenant it is of: its sign-in page knows.
const ofTenant = { tenant: z.string().optional() }

/** Signing in and out, and what is known of the session. */
export function sessionRoutes(common: Common): Route[] {
  const { database, vault, site, chooseTenant, sessionCookie, inTx } = common
  const toTenant = async (context: CallContext, asked: string | undefined): Promise<CallContext> => ({
    ...context,
    tenant: await chooseTenant(asked),
  })
  const replyOf = (step: Step): RouteReply =>
    'cookie' in step
      ? { status: 201, headers: { 'set-cookie': sessionCookie(step.cookie, step.seconds) }, body: { step: 'done' } }
      : { status: 202, body: step }

  return [
    route({
      ...anybody,
      method: 'GET',
      path: '/api/session',
      summary: 'Who is signed in',
      audits: { nothing: 'tells the caller about the caller' },
      reply: api.session,
      async handle(context) {
        const { actor, tenant } = context
        const signedIn = actor.kind === 'account' || actor.kind === 'client'
        const base = {
          setupNeeded: await setupNeeded(database),
          version: common.version,
          zone: common.zone,
          now: new Date(context.clock.now()).toISOString(),
        }
        if (!signedIn) return { body: { ...base, account: null, sign: null, tenant: null } }
        const { name, standing } = await inTx(context, async (tx) => {
          const [row] = await tx.query<{ name: string }>({
            text: 'select name from tenant where tenant_id = $1',
            values: [tenant],
          })
          return { name: row?.name ?? tenant, standing: await standingOf(tx, context) }
        })
        const account = {
          id: actor.id,
          name: actor.name,
          roles: [...actor.roles],
          permissions: common.permissionsOf(actor.roles),
          locale: context.locale,
          practitioner: actor.reference ?? null,
        }
        const sign = standing && {
          confirmedUntil: standing.confirmedUntil === null ? null : new Date(standing.confirmedUntil).toISOString(),
          mustSetUp: standing.mustSetUp,
        }
        return { body: { ...base, account, sign: sign ?? null, tenant: { id: tenant, name } } }
      },
    }),
    route({
      ...anybody,
      method: 'GET',
      path: '/api/session/ways',
      summary: 'What the sign-in page may offer',
      audits: { nothing: 'the same for every visitor' },
      query: z.object(ofTenant),
      reply: identity.signInWays,
      async handle(context, { query }) {
        const tenant = await chooseTenant(query.tenant).catch(() => undefined)
        const passkeys = site !== undefined
        if (tenant === undefined) return { body: { tenant: null, passkeys, providers: [] } }
        const providers = await inTx({ ...context, tenant }, listProviders)
        const start = (id: string) => `/api/session/provider/${id}?${new URLSearchParams({ tenant })}`
        return {
          body: {
            tenant,
            passkeys,
            providers: providers
              .filter(({ disabled }) => !disabled)
              .map(({ id, title }) => ({ id, title, start: start(id) })),
          },
        }
      },
    }),
    route({
      ...anybody,
      method: 'POST',
      path: '/api/session',
      summary: 'Sign in with a password: 201, or 202 and a second factor to give',
      audits: ['sign-in', 'password-accepted'],
      body: identity.credentials,
      reply: identity.signInStep,
      async handle(context, { body, headers }) {
        const there = await toTenant(context, body.tenant)
        return replyOf(await signInByPassword(database, there, { ...body, userAgent: header(headers, 'user-agent') }))
      },
    }),
    route({
      ...anybody,
      method: 'POST',
      path: '/api/session/second-factor',
      summary: 'End a sign-in with a code',
      audits: ['sign-in'],
      body: identity.secondFactor.extend(ofTenant),
      reply: identity.signInStep,
      async handle(context, { body, headers }) {
        const there = await toTenant(context, body.tenant)
        const given = { ...body, userAgent: header(headers, 'user-agent') }
        return replyOf(await signInBySecondFactor(database, there, vault, given))
      },
    }),
    route({
      ...anybody,
      method: 'POST',
      path: '/api/session/passkey/options',
      summary: 'A challenge for a passkey, as the only proof or after a password',
      audits: { nothing: 'a challenge; its answer is recorded' },
      body: identity.passkeyWanted,
      reply: identity.passkeyAsked,
      async handle(context, { body }) {
        const there = await toTenant(context, body.tenant)
        const asked = await inTx(there, async (tx) => {
          await takeTries(tx, there, [tries.asking(there.address ?? '')])
          const { ticket } = body
          const account = ticket === undefined ? null : (await lookAtTicket(tx, there, 'second-factor', ticket)).account
          return askForPasskey(tx, there, site, { purpose: 'passkey-sign-in', account, password: account !== null })
        })
        return { body: asked }
      },
    }),
    route({
      ...anybody,
      method: 'POST',
      path: '/api/session/passkey',
      summary: 'End a sign-in with a passkey',
      audits: ['sign-in'],
      body: identity.passkeyAnswered.extend(ofTenant),
      reply: identity.signInStep,
      async handle(context, { body, headers }) {
        const there = await toTenant(context, body.tenant)
        const given = { ...body, userAgent: header(headers, 'user-agent') }
        return replyOf(await signInByPasskey(database, there, site, given))
      },
    }),
    route({
      ...mine,
      method: 'POST',
      path: '/api/session/confirm/options',
      summary: 'A challenge to confirm with a passkey',
      audits: { nothing: 'a challenge; its answer is recorded' },
      reply: identity.passkeyAsked,
      handle: async (context) => ({
        body: await inTx(context, (tx) =>
          askForPasskey(tx, context, site, { purpose: 'passkey-confirm', account: context.actor.id, password: false }),
        ),
      }),
    }),
    route({
      ...mine,
      method: 'POST',
      path: '/api/session/confirm',
      summary: 'Prove anew who you are: by password, code or passkey',
      audits: ['confirmed'],
      body: identity.confirmation,
      reply: identity.confirmed,
      async handle(context, { body }) {
        const until = await confirmPerson(database, context, { vault, site }, body)
        return { body: { confirmedUntil: new Date(until).toISOString() } }
      },
    }),
    route({
      ...mine,
      method: 'DELETE',
      path: '/api/session',
      summary: 'Sign out',
      audits: ['sign-out'],
      async handle(context) {
        const { session } = context
        if (session !== undefined) await inTx(context, (tx) => endSessions(tx, context, { hash: session }, 'sign-out'))
        return { status: 200, headers: { 'set-cookie': sessionCookie('', 0) }, body: {} }
      },
    }),
    route({
      ...mine,
      method: 'PATCH',
      path: '/api/session',
      summary: 'Choose the language',
      audits: { nothing: 'a choice of language' },
      body: z.object({ locale: api.locale }),
      async handle(context, { body }) {
        await inTx(context, (tx) =>
          tx.run({
            text: 'update account set locale = $3 where tenant_id = $1 and id = $2',
            values: [context.tenant, context.actor.id, body.locale],
          }),
        )
        return { body: {} }
      },
    }),
    route({
      ...anybody,
      method: 'POST',
      path: '/api/setup',
      summary: 'First run: the organisation and its first administrator',
      audits: ['sign-in'],
      body: administrator,
      async handle(context, { body, headers }) {
        const { organisation, ...rest } = body
        const tenant = await setUp(database, context, {
          organisation,
          administrator: rest,
          furnish: (tx) => common.furnish(tx, { ...context, tenant: tx.tenant }),
        })
        const there = { ...context, tenant }
        return replyOf(await signInByPassword(database, there, { ...body, userAgent: header(headers, 'user-agent') }))
      },
    }),
  ]
}
