import type { Database, Tx } from '../../db/index.ts'
import { type CallContext, type TenantId, tenantId } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'
import type { Patients } from '../oauth/interaction.ts'
import type { Site } from '../passkeys.ts'
import type { Vault } from '../vault.ts'

export interface IdentityDependencies {
  database: Database
  version: string
  zone: string
  /** `https://clinic.example`: where browsers find us. */
  publicUrl: string
  vault: Vault
  patients: Patients
  roles: readonly { id: string; title: { en: string; fr: string } }[]
  permissionsOf(roles: readonly string[]): string[]
  /** What else a new tenant needs, in the transaction that makes it. */
  furnish(tx: Tx, context: CallContext): Promise<void>
}

/** What the routes of this room share: the dependencies and what follows from them. */
export interface Common extends IdentityDependencies {
  site: Site | undefined
  /** The value of `set-cookie` for a session. */
  sessionCookie(value: string, seconds: number): string
  refuseUnknownRoles(roles: readonly string[], path?: string): void
  /** The tenant named, or the only one there is. */
  chooseTenant(asked: string | undefined): Promise<TenantId>
  inTx<T>(context: CallContext, work: (tx: Tx) => Promise<T>): Promise<T>
}

export const managing = { access: { permission: 'accounts.manage' }, style: 'api' } as const
export const mine = { access: 'signed-in', style: 'api' } as const
export const anybody = { access: 'public', style: 'api' } as const

export function commonOf(dependencies: IdentityDependencies, site: Site | undefined): Common {
  const { database, publicUrl } = dependencies
  const known = new Set(dependencies.roles.map((role) => role.id))
  const secure = publicUrl.startsWith('https:') ? '; Secure' : ''
  return {
    ...dependencies,
    site,
    sessionCookie: (value, seconds) =>
      `tl_session=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure}`,
    refuseUnknownRoles(roles, path = 'roles') {
      const unknown = roles.find((role) => !known.has(role))
      if (unknown !== undefined)
        throw refuse('unknown-role', { faults: [{ path, message: `there is no role ${unknown}` }] })
    },
    async chooseTenant(asked) {
      const all = await database.tenants()
      const only = all.length === 1 ? all[0] : undefined
      const chosen = asked === undefined ? only : all.find((one) => one === asked)
      if (!chosen)
        throw refuse('organisation-needed', { faults: [{ path: 'tenant', message: 'name the organisation' }] })
      return tenantId(chosen)
    },
    inTx: (context, work) => database.transaction(context.tenant, work),
  }
}

export const header = (headers: Readonly<Record<string, string | string[] | undefined>>, name: string): string =>
  String(headers[name] ?? '')
