import { z } from 'zod'
import { api, identity } from '../../contracts/index.ts'
import { type Route, route } from '../../kernel/index.ts'
import { changeAccount, createAccount, listAccounts, listPeople, resetPassword } from '../accounts.ts'
import { endGrantsOf } from '../grants.ts'
import { resetSecondFactors } from '../second-factor.ts'
import { endSessions, refuseUnconfirmed } from '../sessions.ts'
import { createToken, listTokens, revokeToken } from '../tokens.ts'
import { type Common, managing, mine } from './dependencies.ts'

const named = z.object({ id: z.string().max(100) })

/** Accounts and programs' own tokens, as administrators keep them. */
export function peopleRoutes({ inTx, refuseUnknownRoles, roles }: Common): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/people',
      summary: 'Who can hold tasks',
      access: { permission: 'work.read' },
      style: 'api',
      audits: { nothing: 'names of colleagues' },
      reply: api.people,
      handle: async (context) => ({ body: { items: await inTx(context, listPeople) } }),
    }),
    route({
      ...mine,
      method: 'GET',
      path: '/api/roles',
      summary: 'The roles',
      audits: { nothing: 'the table of roles, the same everywhere' },
      reply: api.roles,
      handle: async () => ({ body: { items: roles } }),
    }),
    route({
      ...managing,
      method: 'GET',
      path: '/api/accounts',
      summary: 'The accounts',
      audits: { nothing: 'accounts, without their secrets; changes to them are recorded' },
      reply: api.accounts,
      handle: async (context) => ({ body: { items: await inTx(context, listAccounts) } }),
    }),
    route({
      ...managing,
      method: 'POST',
      path: '/api/accounts',
      summary: 'Add an account',
      audits: ['account-created'],
      body: z.object({
        name: z.string().trim().min(1).max(120),
        email: z.email().max(200),
        password: z.string().max(200),
        roles: z.array(z.string()).max(12),
        practitioner: z
          .string()
          .regex(/^Practitioner\/[A-Za-z0-9.-]{1,64}$/)
          .optional(),
      }),
      async handle(context, { body }) {
        refuseUnknownRoles(body.roles)
        const { practitioner, ...rest } = body
        const id = await inTx(context, (tx) =>
          createAccount(tx, context, { ...rest, ...(practitioner === undefined ? {} : { practitioner }) }),
        )
        return { status: 201, body: { id } }
      },
    }),
    route({
      ...managing,
      method: 'PATCH',
      path: '/api/accounts/:id',
      summary: 'Change an account; to disable it ends its sessions and the access of its applications',
      audits: ['account-changed'],
      params: named,
      body: identity.accountChange,
      async handle(context, { params, body }) {
        if (body.roles) refuseUnknownRoles(body.roles)
        const { password, ...change } = body
        await inTx(context, async (tx) => {
          if (password !== undefined) {
            await refuseUnconfirmed(tx, context)
            await resetPassword(tx, context, params.id, password)
          }
          await changeAccount(tx, context, params.id, change)
          if (body.disabled === true || password !== undefined)
            await endSessions(tx, context, { account: params.id }, 'session-ended')
          if (body.disabled === true) await endGrantsOf(tx, context, { account: params.id })
        })
        return { body: {} }
      },
    }),
    route({
      ...managing,
      method: 'POST',
      path: '/api/accounts/:id/reset-second-factor',
      summary: 'Take every second factor from an account whose person has lost them; ends its sessions',
      audits: ['second-factor-changed'],
      params: named,
      async handle(context, { params }) {
        await inTx(context, async (tx) => {
          await refuseUnconfirmed(tx, context)
          await resetSecondFactors(tx, context, params.id)
          await endSessions(tx, context, { account: params.id, except: context.session }, 'session-ended')
        })
        return { body: {} }
      },
    }),
    route({
      ...managing,
      method: 'GET',
      path: '/api/tokens',
      summary: "Programs' tokens, never their secrets",
      audits: { nothing: 'tokens, without their secrets; changes to them are recorded' },
      reply: api.tokens,
      handle: async (context) => ({ body: await inTx(context, listTokens) }),
    }),
    route({
      ...managing,
      method: 'POST',
      path: '/api/tokens',
      summary: 'Make a token for a program; it is told once',
      audits: ['token-created'],
      body: z.object({
        name: z.string().trim().min(1).max(120),
        roles: z.array(z.string()).min(1).max(12),
        days: z.number().int().positive().max(3650).optional(),
      }),
      reply: api.tokenMade,
      async handle(context, { body }) {
        refuseUnknownRoles(body.roles)
        return { status: 201, body: await inTx(context, (tx) => createToken(tx, context, body)) }
      },
    }),
    route({
      ...managing,
      method: 'DELETE',
      path: '/api/tokens/:id',
      summary: 'Revoke a token',
      audits: ['token-revoked'],
      params: named,
      async handle(context, { params }) {
        await inTx(context, (tx) => revokeToken(tx, context, params.id))
        return { body: {} }
      },
    }),
  ]
}
