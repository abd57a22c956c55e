import { recordAccess } from '../audit/index.ts'
import type { Tx } from '../db/index.ts'
import { type Actor, type CallContext, newId } from '../kernel/index.ts'
import { refuse } from './errors.ts'
import { hashPassword, passwordHolds, refuseWeak } from './passwords.ts'
import { forgetCallers } from './recent-callers.ts'

export interface Account {
  id: string
  name: string
  email: string
  roles: string[]
  practitioner: string | null
  locale: 'en' | 'fr'
  disabled: boolean
}

/** An account with what proves it, for this room alone. */
export interface StoredAccount extends Account {
  password_hash: string | null
  totp_sealed: Buffer | null
  totp_since: Date | null
  totp_step: string
}

const columns = 'id, name, email, roles, practitioner, locale, disabled'

export const actorOf = (account: Account): Actor => ({
  kind: 'account',
  id: account.id,
  name: account.name,
  roles: account.roles,
  ...(account.practitioner === null ? {} : { reference: account.practitioner }),
})

export interface NewAccount {
  name: string
  email: string
  /** Left out for an account that signs in by an outside provider only. */
  password?: string
  roles: readonly string[]
  locale?: 'en' | 'fr'
  /** `Practitioner/…`: who holds the tasks that this person takes. */
  practitioner?: string
}

export const foldEmail = (email: string): string => email.trim().toLowerCase()

async function organisationOf(tx: Tx): Promise<string> {
  const [row] = await tx.query<{ name: string }>({
    text: 'select name from tenant where tenant_id = $1',
    values: [tx.tenant],
  })
  return row?.name ?? ''
}

export async function createAccount(tx: Tx, context: CallContext, account: NewAccount): Promise<string> {
  const { password } = account
  if (password !== undefined) refuseWeak(password, { ...account, organisation: await organisationOf(tx) })
  const id = newId(context.clock)
  const made = await tx.run({
    text: `insert into account (tenant_id, id, email, name, password_hash, roles, practitioner, locale, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict (tenant_id, email) do nothing`,
    values: [
      tx.tenant,
      id,
      foldEmail(account.email),
      account.name,
      password === undefined ? null : await hashPassword(password),
      account.roles,
      account.practitioner ?? null,
      account.locale ?? 'en',
      new Date(context.clock.now()),
    ],
  })
  if (made === 0) throw refuse('email-taken', { faults: [{ path: 'email', message: 'is in use' }] })
  await recordAccess(tx, context, [
    { action: 'C', code: 'account-created', entities: [], about: [{ kind: 'account', id }] },
  ])
  return id
}

export const listAccounts = (tx: Tx): Promise<Account[]> =>
  tx.query({
    text: `select ${columns} from account where tenant_id = $1 order by name, id limit 1000`,
    values: [tx.tenant],
  })

/** People who can hold tasks. */
export async function listPeople(tx: Tx): Promise<{ reference: string; name: string; roles: string[] }[]> {
  return tx.query({
    text: 'select practitioner as reference, name, roles from account where tenant_id = $1 and practitioner is not null and not disabled order by name',
    values: [tx.tenant],
  })
}

export async function readAccount(tx: Tx, by: { id: string } | { email: string }): Promise<StoredAccount | undefined> {
  const [column, value] = 'id' in by ? ['id', by.id] : ['email', foldEmail(by.email)]
  const [row] = await tx.query<StoredAccount>({
    text: `select ${columns}, password_hash, totp_sealed, totp_since, totp_step from account where tenant_id = $1 and ${column} = $2`,
    values: [tx.tenant, value],
  })
  return row
}

/** The account of the person who calls. */
export async function myAccountOf(tx: Tx, context: CallContext): Promise<StoredAccount> {
  const account = context.actor.kind === 'account' ? await readAccount(tx, { id: context.actor.id }) : undefined
  if (!account) throw refuse('people-only')
  return account
}

/** Changes a password, for whoever knows the present one. What else must end with it is the caller's to end. */
export async function changePassword(
  tx: Tx,
  context: CallContext,
  given: { current: string; password: string },
): Promise<void> {
  const account = await myAccountOf(tx, context)
  if (!(await passwordHolds(account.password_hash, given.current)))
    throw refuse('password-wrong', { faults: [{ path: 'current', message: 'is not the present password' }] })
  if (given.password === given.current)
    throw refuse('password-weak', { faults: [{ path: 'password', message: 'is the present one' }] })
  refuseWeak(given.password, { ...account, organisation: await organisationOf(tx) })
  await tx.run({
    text: 'update account set password_hash = $3, password_changed_at = $4 where tenant_id = $1 and id = $2',
    values: [tx.tenant, account.id, await hashPassword(given.password), new Date(context.clock.now())],
  })
  await recordAccess(tx, context, [
    { action: 'U', code: 'password-changed', entities: [], about: [{ kind: 'account', id: account.id }] },
  ])
}

/** A new password for somebody who has lost theirs, by an administrator. Everybody changes their own by the present one. */
export async function resetPassword(tx: Tx, context: CallContext, id: string, password: string): Promise<void> {
  if (id === context.actor.id)
    throw refuse('own-account', { faults: [{ path: 'id', message: 'is the account you use' }] })
  const account = await readAccount(tx, { id })
  if (!account) throw refuse('account-not-found', { faults: [{ path: 'id', message: 'no account has this id' }] })
  refuseWeak(password, { ...account, organisation: await organisationOf(tx) })
  await tx.run({
    text: 'update account set password_hash = $3, password_changed_at = $4 where tenant_id = $1 and id = $2',
    values: [tx.tenant, id, await hashPassword(password), new Date(context.clock.now())],
  })
  await recordAccess(tx, context, [
    { action: 'U', code: 'password-reset', entities: [], about: [{ kind: 'account', id }] },
  ])
}

/** Changes what an administrator may change of an account; not whether they may themselves come in, nor their own roles. */
export async function changeAccount(
  tx: Tx,
  context: CallContext,
  id: string,
  change: { name?: string | undefined; roles?: readonly string[] | undefined; disabled?: boolean | undefined },
): Promise<void> {
  if (id === context.actor.id && (change.disabled === true || change.roles !== undefined))
    throw refuse('own-account', { faults: [{ path: 'id', message: 'is the account you use' }] })
  const changed = await tx.run({
    text: `update account set name = coalesce($3, name), roles = coalesce($4, roles), disabled = coalesce($5, disabled)
           where tenant_id = $1 and id = $2`,
    values: [tx.tenant, id, change.name ?? null, change.roles ?? null, change.disabled ?? null],
  })
  if (changed === 0) throw refuse('account-not-found', { faults: [{ path: 'id', message: 'no account has this id' }] })
  forgetCallers(tx)
  await recordAccess(tx, context, [
    { action: 'U', code: 'account-changed', entities: [], about: [{ kind: 'account', id }] },
  ])
}
