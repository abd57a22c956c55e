import { hash, verify } from '@node-rs/argon2'
import { recordAccess } from '../audit/index.ts'
import type { Tx } from '../db/index.ts'
import { type CallContext, newId } from '../kernel/index.ts'
import { refuse } from './errors.ts'

export interface Account {
  id: string
  name: string
  email: string
  roles: string[]
  practitioner: string | null
  locale: 'en' | 'fr'
  disabled: boolean
}

// OWASP's second choice for Argon2id: 19 MiB, two passes, one lane.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const common = [
  'password',
  'motdepasse',
  '123456',
  'qwerty',
  'azerty',
  'throughline',
  'letmein',
  'welcome',
  'bienvenue',
]

export function refuseWeak(password: string): void {
  const bare = password.toLowerCase().replace(/[^a-z0-9]/g, '')
  const weak =
    password.length < 12 ||
    password.length > 200 ||
    new Set(password).size < 5 ||
    common.some((word) => bare.replace(/\d+$/, '') === word || bare === word)
  if (weak)
    throw refuse('password-weak', {
      faults: [{ path: 'password', message: 'at least 12 characters, not a common one' }],
    })
}

export interface NewAccount {
  name: string
  email: string
  password: string
  roles: readonly string[]
  locale?: 'en' | 'fr'
  /** `Practitioner/…`: who holds the tasks that this person takes. */
  practitioner?: string
}

export async function createAccount(tx: Tx, context: CallContext, account: NewAccount): Promise<string> {
  refuseWeak(account.password)
  const id = newId(context.clock)
  const made = await tx.run({
    text: `insert into account (tenant_id, id, email, name, password_hash, roles, practitioner, locale, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict (tenant_id, email) do nothing`,
    values: [
      tx.tenant,
      id,
      account.email.trim().toLowerCase(),
      account.name,
      await hash(account.password, cost),
      account.roles,
      account.practitioner ?? null,
      account.locale ?? 'en',
      new Date(context.clock.now()),
    ],
  })
  if (made === 0) throw refuse('email-taken', { faults: [{ path: 'email', message: 'is in use' }] })
  await recordAccess(tx, context, [{ action: 'C', code: 'account-created', entities: [] }])
  return id
}

export const listAccounts = (tx: Tx): Promise<Account[]> =>
  tx.query({
    text: 'select id, name, email, roles, practitioner, locale, disabled from account where tenant_id = $1 order by name, id limit 1000',
    values: [tx.tenant],
  })

/** People who can hold tasks. */
export async function listPeople(tx: Tx): Promise<{ reference: string; name: string; roles: string[] }[]> {
  return tx.query({
    text: 'select practitioner as reference, name, roles from account where tenant_id = $1 and practitioner is not null and not disabled order by name',
    values: [tx.tenant],
  })
}

// Verified against when there is no such account, so that the answer takes as long.
const nobody = hash('no account has this password', cost)

export async function passwordHolds(stored: string | undefined, password: string): Promise<boolean> {
  const right = await verify(stored ?? (await nobody), password)
  return right && stored !== undefined
}
