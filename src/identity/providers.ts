import type { z } from 'zod'
import { recordAccess } from '../audit/index.ts'
import type { identity, ProviderList } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { type CallContext, newId } from '../kernel/index.ts'
import { refuse } from './errors.ts'
import type { Vault } from './vault.ts'

export type ProviderGiven = z.infer<typeof identity.providerGiven>

/** An OpenID Connect provider that people of a tenant sign in by. */
export interface OutsideProvider extends Omit<ProviderGiven, 'clientSecret'> {
  id: string
  secret_sealed: Buffer | null
  created_at: Date
}

const columns = `id, title, issuer, client_id as "clientId", secret_sealed, link_by_email as "linkByEmail",
  create_with_roles as "createWithRoles", disabled, created_at`
const place = (tx: Tx, id: string) => `${tx.tenant}/provider/${id}`

export const secretOf = (tx: Tx, vault: Vault, provider: OutsideProvider): string | undefined =>
  provider.secret_sealed === null ? undefined : vault.open(place(tx, provider.id), provider.secret_sealed)

export const listProviders = (tx: Tx): Promise<OutsideProvider[]> =>
  tx.query({
    text: `select ${columns} from outside_provider where tenant_id = $1 order by title, id limit 100`,
    values: [tx.tenant],
  })

export async function readProvider(tx: Tx, id: string): Promise<OutsideProvider> {
  const [row] = await tx.query<OutsideProvider>({
    text: `select ${columns} from outside_provider where tenant_id = $1 and id = $2`,
    values: [tx.tenant, id],
  })
  if (!row) throw refuse('provider-not-found', { faults: [{ path: 'id', message: 'no provider has this id' }] })
  return row
}

export const shownProvider =
  (callback: string) =>
  ({ created_at, secret_sealed: _, ...row }: OutsideProvider): ProviderList['items'][number] => ({
    ...row,
    callback,
    createdAt: created_at.toISOString(),
  })

/** Keeps a provider, new or changed. A secret that is left out of a change stays. */
export async function keepProvider(
  tx: Tx,
  context: CallContext,
  vault: Vault,
  given: ProviderGiven,
  known?: string,
): Promise<string> {
  const before = known === undefined ? undefined : await readProvider(tx, known)
  const id = before?.id ?? newId(context.clock)
  const sealed =
    given.clientSecret === undefined ? (before?.secret_sealed ?? null) : vault.close(place(tx, id), given.clientSecret)
  await tx.run({
    text: `insert into outside_provider (tenant_id, id, title, issuer, client_id, secret_sealed, link_by_email, create_with_roles, disabled, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
           on conflict (tenant_id, id) do update set title = $3, issuer = $4, client_id = $5, secret_sealed = $6, link_by_email = $7,
             create_with_roles = $8, disabled = $9`,
    values: [
      tx.tenant,
      id,
      given.title,
      given.issuer,
      given.clientId,
      sealed,
      given.linkByEmail,
      given.createWithRoles,
      given.disabled,
      new Date(context.clock.now()),
    ],
  })
  // Another issuer is other people, whatever they are called there.
  if (before && before.issuer !== given.issuer) await forgetIdentities(tx, id)
  await recordAccess(tx, context, [
    {
      action: before ? 'U' : 'C',
      code: before ? 'provider-changed' : 'provider-added',
      entities: [],
      about: [{ kind: 'provider', id }],
    },
  ])
  return id
}

const forgetIdentities = (tx: Tx, provider: string): Promise<number> =>
  tx.run({ text: 'delete from outside_identity where tenant_id = $1 and provider = $2', values: [tx.tenant, provider] })

export async function removeProvider(tx: Tx, context: CallContext, id: string): Promise<void> {
  await readProvider(tx, id)
  await forgetIdentities(tx, id)
  await tx.run({ text: 'delete from outside_provider where tenant_id = $1 and id = $2', values: [tx.tenant, id] })
  await recordAccess(tx, context, [
    { action: 'D', code: 'provider-removed', entities: [], about: [{ kind: 'provider', id }] },
  ])
}

/** By which providers an account signs in. */
export async function listIdentities(
  tx: Tx,
  account: string,
): Promise<{ id: string; title: string; linkedAt: string }[]> {
  const rows = await tx.query<{ id: string; title: string; linked_at: Date }>({
    text: `select p.id, p.title, i.linked_at from outside_identity i
           join outside_provider p on p.tenant_id = i.tenant_id and p.id = i.provider
           where i.tenant_id = $1 and i.account = $2 order by p.title`,
    values: [tx.tenant, account],
  })
  return rows.map(({ linked_at, ...row }) => ({ ...row, linkedAt: linked_at.toISOString() }))
}
