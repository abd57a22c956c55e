import type { Database } from '../db/index.ts'
import { type CallContext, type TenantId, tenantId } from '../kernel/index.ts'
import { createAccount, type NewAccount } from './accounts.ts'
import { refuse } from './errors.ts'

/** Whether nobody has set this installation up yet: it has no tenant. */
export const setupNeeded = async (database: Database): Promise<boolean> => (await database.tenants()).length === 0

/** A tenant's slug from its name; the first tenant of an installation is all most clinics ever have. */
export function slugOf(name: string): TenantId {
  const slug = name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '')
  return tenantId(slug === '' ? 'clinic' : slug)
}

/** Makes the first tenant and its first administrator. Of two that try at once the second is refused. */
export async function setUp(
  database: Database,
  context: Omit<CallContext, 'tenant'>,
  options: {
    organisation: string
    administrator: Omit<NewAccount, 'roles'>
    furnish?: (tx: Parameters<Parameters<Database['transaction']>[1]>[0]) => Promise<void>
  },
): Promise<TenantId> {
  const tenant = slugOf(options.organisation)
  await database.transaction(tenant, async (tx) => {
    await tx.run({ text: `select pg_advisory_xact_lock(hashtext('first-set-up'))` })
    const tenants = await tx.query({ text: 'select tenant_ids()' })
    if (tenants.length > 0) throw refuse('already-set-up')
    await tx.run({
      text: 'insert into tenant (tenant_id, name) values ($1, $2)',
      values: [tenant, options.organisation],
    })
    await createAccount(
      tx,
      { ...context, tenant },
      { ...options.administrator, roles: ['administrator', 'operations-lead'] },
    )
    await options.furnish?.(tx)
  })
  return tenant
}
