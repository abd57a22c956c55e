import { z } from 'zod'
import { identity } from '../../contracts/index.ts'
import { recordAccess } from '../../audit/index.ts'
import { type Route, route } from '../../kernel/index.ts'
import { changePassword, myAccountOf } from '../accounts.ts'
import { endGrant, listGrants } from '../grants.ts'
import { listPasskeys } from '../passkey-store.ts'
import { beginPasskey, keepNewPasskey, removePasskey } from '../passkeys.ts'
import { listIdentities } from '../providers.ts'
import { beginTotp, confirmTotp, countRecoveryCodes, makeRecoveryCodes, removeTotp } from '../second-factor.ts'
import { endSessions, listSessions, refuseUnconfirmed } from '../sessions.ts'
import { readPolicy } from '../sign-in-policy.ts'
import { refuse } from '../errors.ts'
import { takeTries, tries } from '../gate.ts'
import { type Common, managing, mine } from './dependencies.ts'

const named = z.object({ id: z.string().max(2_000) })

/** What a person keeps of their own: password, second factors, sessions, the applications they let in. */
export function accountRoutes(common: Common): Route[] {
  const { vault, site, inTx, permissionsOf } = common
  return [
    route({
      ...mine,
      method: 'GET',
      path: '/api/account',
      summary: 'My account and how I prove who I am',
      audits: { nothing: 'tells a person about their own account' },
      reply: identity.myAccount,
      handle: async (context) => ({
        body: await inTx(context, async (tx): Promise<z.infer<typeof identity.myAccount>> => {
          const account = await myAccountOf(tx, context)
          const passkeys = await listPasskeys(tx, account.id)
          return {
            id: account.id,
            name: account.name,
            email: account.email,
            locale: account.locale,
            roles: account.roles,
            hasPassword: account.password_hash !== null,
            policy: (await readPolicy(tx)).secondFactor,
            passkeysPossible: site !== undefined,
            totp: account.totp_since === null ? null : { since: account.totp_since.toISOString() },
            recoveryCodesLeft: await countRecoveryCodes(tx, account.id),
            passkeys: passkeys.map((one) => ({
              id: one.id,
              name: one.name,
              createdAt: one.created_at.toISOString(),
              usedAt: one.used_at?.toISOString() ?? null,
              synced: one.synced,
            })),
            providers: await listIdentities(tx, account.id),
          }
        }),
      }),
    }),
    route({
      ...mine,
      method: 'POST',
      path: '/api/account/password',
      summary: 'Change my password; ends my other sessions',
      audits: ['password-changed'],
      body: identity.passwordChange,
      async handle(context, { body }) {
        // Counted like a second factor: whoever finds an open screen cannot guess the password here.
        const counted = tries.factor(context.actor.id)
        await inTx(context, (tx) => takeTries(tx, context, [counted]))
        await inTx(context, async (tx) => {
          await changePassword(tx, context, body)
          await endSessions(tx, context, { account: context.actor.id, except: context.session }, 'session-ended')
        })
        return { body: {} }
      },
    }),
    route({
      ...mine,
      method: 'POST',
      path: '/api/account/totp',
      summary: 'Begin to set up an authenticator app',
      audits: { nothing: 'nothing is kept with the account until a code confirms it' },
      reply: identity.totpBegun,
      handle: async (context) => ({
        status: 201,
        body: await inTx(context, async (tx) => {
          await refuseUnconfirmed(tx, context)
          return beginTotp(tx, context, vault)
        }),
      }),
    }),
    route({
      ...mine,
      method: 'POST',
      path: '/api/account/totp/confirm',
      summary: 'Set up the authenticator app with a code of it; tells recovery codes',
      audits: ['second-factor-changed'],
      body: identity.totpConfirmed,
      reply: identity.recoveryCodes,
      handle: async (context, { body }) => ({
        body: { codes: await inTx(context, (tx) => confirmTotp(tx, context, vault, body)) },
      }),
    }),
    route({
      ...mine,
      method: 'DELETE',
      path: '/api/account/totp',
      summary: 'Take the authenticator app away',
      audits: ['second-factor-changed'],
      async handle(context) {
        await inTx(context, async (tx) => {
          await refuseUnconfirmed(tx, context)
          await removeTotp(tx, context)
        })
        return { body: {} }
      },
    }),
    route({
      ...mine,
      method: 'POST',
      path: '/api/account/recovery-codes',
      summary: 'New recovery codes; those made before are void',
      audits: ['second-factor-changed'],
      reply: identity.recoveryCodes,
      handle: async (context) => ({
        body: await inTx(context, async (tx) => {
          await refuseUnconfirmed(tx, context)
          const account = await myAccountOf(tx, context)
          if (account.totp_sealed === null && (await listPasskeys(tx, account.id)).length === 0)
            throw refuse('totp-not-set-up')
          return { codes: await makeRecoveryCodes(tx, context, account.id) }
        }),
      }),
    }),
    route({
      ...mine,
      method: 'POST',
      path: '/api/account/passkeys/options',
      summary: 'Begin to set up a passkey',
      audits: { nothing: 'nothing is kept with the account until the browser answers' },
      reply: identity.passkeyAsked,
      handle: async (context) => ({
        body: await inTx(context, async (tx) => {
          await refuseUnconfirmed(tx, context)
          return beginPasskey(tx, context, site)
        }),
      }),
    }),
    route({
      ...mine,
      method: 'POST',
      path: '/api/account/passkeys',
      summary: 'Keep the passkey that the browser has made',
      audits: ['second-factor-changed'],
      body: identity.passkeyMade,
      handle: async (context, { body }) => ({
        status: 201,
        body: { id: await inTx(context, (tx) => keepNewPasskey(tx, context, site, body)) },
      }),
    }),
    route({
      ...mine,
      method: 'DELETE',
      path: '/api/account/passkeys/:id',
      summary: 'Take a passkey away',
      audits: ['second-factor-changed'],
      params: named,
      async handle(context, { params }) {
        await inTx(context, async (tx) => {
          await refuseUnconfirmed(tx, context)
          await removePasskey(tx, context, params.id)
        })
        return { body: {} }
      },
    }),
    route({
      ...mine,
      method: 'GET',
      path: '/api/sessions',
      summary: 'My sessions',
      audits: { nothing: 'tells a person about their own sessions' },
      reply: identity.sessions,
      handle: async (context) => ({
        body: await inTx(context, (tx) => listSessions(tx, context, { account: context.actor.id })),
      }),
    }),
    route({
      ...managing,
      method: 'GET',
      path: '/api/sessions/all',
      summary: 'Everybody’s sessions',
      audits: ['sessions-read'],
      reply: identity.sessions,
      handle: async (context) => ({
        body: await inTx(context, async (tx) => {
          await recordAccess(tx, context, [{ action: 'R', code: 'sessions-read', entities: [] }])
          return listSessions(tx, context, { account: undefined })
        }),
      }),
    }),
    route({
      ...mine,
      method: 'DELETE',
      path: '/api/sessions/:id',
      summary: 'End a session: one of mine, or anybody’s for administrators',
      audits: ['session-ended'],
      params: named,
      async handle(context, { params }) {
        const any = permissionsOf(context.actor.roles).includes('accounts.manage')
        const ended = await inTx(context, (tx) =>
          endSessions(tx, context, { id: params.id, ...(any ? {} : { account: context.actor.id }) }, 'session-ended'),
        )
        if (ended === 0)
          throw refuse('session-not-found', { faults: [{ path: 'id', message: 'no session has this id' }] })
        return { body: {} }
      },
    }),
    route({
      ...mine,
      method: 'GET',
      path: '/api/applications',
      summary: 'Applications that I let in',
      audits: { nothing: 'tells a person what they allowed' },
      reply: identity.applications,
      handle: async (context) => ({
        body: await inTx(context, (tx) => listGrants(tx, context, { account: context.actor.id })),
      }),
    }),
    route({
      ...managing,
      method: 'GET',
      path: '/api/applications/all',
      summary: 'Applications that anybody let in',
      audits: ['applications-read'],
      reply: identity.applications,
      handle: async (context) => ({
        body: await inTx(context, async (tx) => {
          const found = await listGrants(tx, context, { account: undefined })
          const entities = found.items.flatMap(({ patient }) => patient ?? [])
          await recordAccess(tx, context, [
            { action: 'R', code: 'applications-read', entities: [...new Set(entities)] },
          ])
          return found
        }),
      }),
    }),
    route({
      ...mine,
      method: 'DELETE',
      path: '/api/applications/:id',
      summary: 'End the access of an application: one that I let in, or any for administrators',
      audits: ['application-ended'],
      params: named,
      async handle(context, { params }) {
        const any = permissionsOf(context.actor.roles).includes('accounts.manage')
        await inTx(context, (tx) => endGrant(tx, context, params.id, any ? undefined : context.actor.id))
        return { body: {} }
      },
    }),
  ]
}
