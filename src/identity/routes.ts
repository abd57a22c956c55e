import { z } from 'zod'
import { api } from '../contracts/index.ts'
import type { Database, Tx } from '../db/index.ts'
import { type CallContext, type Route, route, type TenantId, tenantId } from '../kernel/index.ts'
import { createAccount, listAccounts, listPeople } from './accounts.ts'
import { refuse } from './errors.ts'
import { createToken, listTokens, longest, sha256, signIn, signOut } from './sessions.ts'
import { setUp, setupNeeded } from './set-up.ts'
import { recordAccess } from '../audit/index.ts'

export const sessionCookie = 'tl_session'

export interface IdentityDependencies {
  database: Database
  version: string
  zone: string
  /** Whether browsers reach us by https, so that the cookie may say Secure. */
  secure: boolean
  roles: readonly { id: string; title: { en: string; fr: string } }[]
  permissionsOf(roles: readonly string[]): string[]
  /** What else a new tenant needs, in the transaction that makes it. */
  furnish(tx: Tx, context: CallContext): Promise<void>
}

const credentials = z.object({
  email: z.email().max(200),
  password: z.string().min(1).max(200),
  tenant: z.string().optional(),
})
const administrator = z.object({
  organisation: z.string().trim().min(1).max(120),
  name: z.string().trim().min(1).max(120),
  email: z.email().max(200),
  password: z.string().max(200),
})

export function identityRoutes(dependencies: IdentityDependencies): Route[] {
  const { database } = dependencies
  const knownRoles = dependencies.roles.map((role) => role.id)
  const refuseUnknownRoles = (roles: readonly string[]) => {
    const unknown = roles.find((role) => !knownRoles.includes(role))
    if (unknown !== undefined)
      throw refuse('unknown-role', { faults: [{ path: 'roles', message: `there is no role ${unknown}` }] })
  }
  const cookie = (value: string, seconds: number) =>
    `${sessionCookie}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${dependencies.secure ? '; Secure' : ''}`
  const chooseTenant = async (asked: string | undefined): Promise<TenantId> => {
    const all = await database.tenants()
    const only = all.length === 1 ? all[0] : undefined
    const chosen = asked === undefined ? only : all.find((one) => one === asked)
    if (!chosen) throw refuse('organisation-needed', { faults: [{ path: 'tenant', message: 'name the organisation' }] })
    return tenantId(chosen)
  }

  return [
    route({
      method: 'GET',
      path: '/api/session',
      summary: 'Who is signed in',
      access: 'public',
      style: 'api',
      audits: { nothing: 'tells the caller about the caller' },
      reply: api.session,
      async handle(context) {
        const { actor, tenant } = context
        const signedIn = actor.kind === 'account' || actor.kind === 'client'
        const base = {
          setupNeeded: await setupNeeded(database),
          version: dependencies.version,
          zone: dependencies.zone,
          now: new Date(context.clock.now()).toISOString(),
        }
        if (!signedIn) return { body: { ...base, account: null, tenant: null } }
        const [row] = await database.transaction(tenant, (tx) =>
          tx.query<{ name: string }>({ text: 'select name from tenant where tenant_id = $1', values: [tenant] }),
        )
        const account = {
          id: actor.id,
          name: actor.name,
          roles: [...actor.roles],
          permissions: dependencies.permissionsOf(actor.roles),
          locale: context.locale,
          practitioner: actor.reference ?? null,
        }
        return { body: { ...base, account, tenant: { id: tenant, name: row?.name ?? tenant } } }
      },
    }),
    route({
      method: 'POST',
      path: '/api/session',
      summary: 'Sign in',
      access: 'public',
      style: 'api',
      audits: ['sign-in'],
      body: credentials,
      async handle(context, { body, ip }) {
        const tenant = await chooseTenant(body.tenant)
        const { cookie: value } = await signIn(database, { ...context, tenant }, { ...body, tenant, ip })
        return { status: 201, headers: { 'set-cookie': cookie(value, longest / 1000) }, body: {} }
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/session',
      summary: 'Sign out',
      access: 'signed-in',
      style: 'api',
      audits: ['sign-out'],
      async handle(context, { headers }) {
        const sent = /(?:^|;\s*)tl_session=([^;]+)/.exec(String(headers['cookie'] ?? ''))?.[1]
        const secret = sent?.slice(sent.indexOf('.') + 1)
        if (secret !== undefined)
          await database.transaction(context.tenant, (tx) => signOut(tx, context, sha256(secret)))
        return { status: 200, headers: { 'set-cookie': cookie('', 0) }, body: {} }
      },
    }),
    route({
      method: 'PATCH',
      path: '/api/session',
      summary: 'Choose the language',
      access: 'signed-in',
      style: 'api',
      audits: { nothing: 'a choice of language' },
      body: z.object({ locale: api.locale }),
      async handle(context, { body }) {
        await database.transaction(context.tenant, (tx) =>
          tx.run({
            text: 'update account set locale = $3 where tenant_id = $1 and id = $2',
            values: [context.tenant, context.actor.id, body.locale],
          }),
        )
        return { body: {} }
      },
    }),
    route({
      method: 'POST',
      path: '/api/setup',
      summary: 'First run: the organisation and its first administrator',
      access: 'public',
      style: 'api',
      audits: ['sign-in'],
      body: administrator,
      async handle(context, { body, ip }) {
        const { organisation, ...rest } = body
        const tenant = await setUp(database, context, {
          organisation,
          administrator: rest,
          furnish: (tx) => dependencies.furnish(tx, { ...context, tenant: tx.tenant }),
        })
        const { cookie: value } = await signIn(
          database,
          { ...context, tenant },
          { email: body.email, password: body.password, tenant, ip },
        )
        return { status: 201, headers: { 'set-cookie': cookie(value, longest / 1000) }, body: {} }
      },
    }),
    route({
      method: 'GET',
      path: '/api/people',
      summary: 'Who can hold tasks',
      access: { permission: 'work.read' },
      style: 'api',
      audits: { nothing: 'names of colleagues' },
      reply: api.people,
      handle: async (context) => ({ body: { items: await database.transaction(context.tenant, listPeople) } }),
    }),
    route({
      method: 'GET',
      path: '/api/roles',
      summary: 'The roles',
      access: 'signed-in',
      style: 'api',
      audits: { nothing: 'the table of roles, the same everywhere' },
      reply: api.roles,
      handle: async () => ({ body: { items: dependencies.roles } }),
    }),
    route({
      method: 'GET',
      path: '/api/accounts',
      summary: 'The accounts',
      access: { permission: 'accounts.manage' },
      style: 'api',
      audits: { nothing: 'accounts, without their secrets; changes to them are recorded' },
      reply: api.accounts,
      handle: async (context) => ({ body: { items: await database.transaction(context.tenant, listAccounts) } }),
    }),
    route({
      method: 'POST',
      path: '/api/accounts',
      summary: 'Add an account',
      access: { permission: 'accounts.manage' },
      style: 'api',
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
        const id = await database.transaction(context.tenant, (tx) =>
          createAccount(tx, context, { ...rest, ...(practitioner === undefined ? {} : { practitioner }) }),
        )
        return { status: 201, body: { id } }
      },
    }),
    route({
      method: 'GET',
      path: '/api/tokens',
      summary: "Clients' tokens, never their secrets",
      access: { permission: 'accounts.manage' },
      style: 'api',
      audits: { nothing: 'tokens, without their secrets; changes to them are recorded' },
      reply: api.tokens,
      handle: async (context) => ({ body: { items: await database.transaction(context.tenant, listTokens) } }),
    }),
    route({
      method: 'POST',
      path: '/api/tokens',
      summary: 'Make a token for a client; it is told once',
      access: { permission: 'accounts.manage' },
      style: 'api',
      audits: ['token-created'],
      body: z.object({
        name: z.string().trim().min(1).max(120),
        roles: z.array(z.string()).min(1).max(12),
        days: z.number().int().positive().max(3650).optional(),
      }),
      async handle(context, { body }) {
        refuseUnknownRoles(body.roles)
        return { status: 201, body: await database.transaction(context.tenant, (tx) => createToken(tx, context, body)) }
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/tokens/:id',
      summary: 'Revoke a token',
      access: { permission: 'accounts.manage' },
      style: 'api',
      audits: ['token-revoked'],
      params: z.object({ id: z.string() }),
      async handle(context, { params }) {
        await database.transaction(context.tenant, async (tx) => {
          const revoked = await tx.run({
            text: 'update api_token set revoked_at = $3 where tenant_id = $1 and id = $2 and revoked_at is null',
            values: [tx.tenant, params.id, new Date(context.clock.now())],
          })
          if (revoked === 0)
            throw refuse('token-not-found', { faults: [{ path: 'id', message: 'no token has this id' }] })
          await recordAccess(tx, context, [{ action: 'D', code: 'token-revoked', entities: [] }])
        })
        return { body: {} }
      },
    }),
  ]
}
