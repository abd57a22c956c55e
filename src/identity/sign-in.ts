import { recordAccess } from '../audit/index.ts'
import type { SignInStep } from '../contracts/index.ts'
import type { Database } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { foldEmail, readAccount } from './accounts.ts'
import { refuse } from './errors.ts'
import { type Counted, giveBack, takeTries, tries } from './gate.ts'
import { passwordHolds } from './passwords.ts'
import type { Vault } from './vault.ts'
import { takeRecoveryCode, takeTotp, waysOf } from './second-factor.ts'
import { beginSession } from './sessions.ts'
import { giveTicket, lookAtTicket, takeTicket } from './tickets.ts'

export interface Cookie {
  cookie: string
  seconds: number
}
/** What a step of signing in came to: the cookie of a session, or what is still to prove. */
export type Step = Cookie | Extract<SignInStep, { step: 'second-factor' }>

/** Keeps a failed try in the audit, and the lockout when it was the last. */
export const noteFailure = (
  database: Database,
  context: CallContext,
  {
    last,
    account,
    code = 'sign-in',
    reason,
  }: { last: boolean; account: string | undefined; code?: string; reason: string },
): Promise<void> =>
  database.transaction(context.tenant, (tx) => {
    const about = account === undefined ? [] : [{ kind: 'account', id: account }]
    return recordAccess(tx, context, [
      { action: 'E', code, entities: [], about, outcome: 'failure', reason },
      ...(last ? [{ action: 'E' as const, code: 'lockout', entities: [], about, outcome: 'failure' as const }] : []),
    ])
  })

/**
 * Tries a password, in the tenant of the context. The same refusal for an unknown e-mail and a wrong password, after the same
 * time. The try is counted before the password is looked at.
 */
export async function signInByPassword(
  database: Database,
  context: CallContext,
  given: { email: string; password: string; userAgent: string },
): Promise<Step> {
  const { tenant } = context
  const email = foldEmail(given.email)
  const byAccount = tries.account(email)
  const byAddress = tries.address(context.address ?? '')
  const { row, last } = await database.transaction(tenant, async (tx) => ({
    last: await takeTries(tx, context, [byAccount, byAddress]),
    row: await readAccount(tx, { email }),
  }))
  const holds = await passwordHolds(row?.password_hash, given.password)
  if (!row || !holds || row.disabled) {
    await noteFailure(database, context, { last, account: row?.id, reason: 'sign-in-failed' })
    throw refuse('sign-in-failed')
  }
  return database.transaction(tenant, async (tx): Promise<Step> => {
    await giveBack(tx, context, { forget: [byAccount], back: [byAddress] })
    const ways = await waysOf(tx, row)
    if (ways.length === 0) return beginSession(tx, context, row, { way: 'password', userAgent: given.userAgent })
    const ticket = await giveTicket(tx, context, 'second-factor', { account: row.id, data: {} })
    await recordAccess(tx, context, [
      { action: 'E', code: 'password-accepted', entities: [], about: [{ kind: 'account', id: row.id }] },
    ])
    return { step: 'second-factor', ticket, ways }
  })
}

/** Takes the tries of a second factor before it is looked at; returns what to give back after a success. */
export async function countFactorTry(
  database: Database,
  context: CallContext,
  account: string,
): Promise<{ last: boolean; success: { forget: Counted[]; back: Counted[] } }> {
  const byFactor = tries.factor(account)
  const byAddress = tries.address(context.address ?? '')
  const last = await database.transaction(context.tenant, (tx) => takeTries(tx, context, [byFactor, byAddress]))
  return { last, success: { forget: [byFactor], back: [byAddress] } }
}

/** Ends a sign-in with a code of the authenticator app or a recovery code. */
export async function signInBySecondFactor(
  database: Database,
  context: CallContext,
  vault: Vault,
  given: { ticket: string; code: string; userAgent: string },
): Promise<Cookie> {
  const { tenant } = context
  const { account: id } = await database.transaction(tenant, (tx) =>
    lookAtTicket(tx, context, 'second-factor', given.ticket),
  )
  if (id === null) throw refuse('ticket-expired')
  const { last, success } = await countFactorTry(database, context, id)
  const done = await database.transaction(tenant, async (tx): Promise<Cookie | undefined> => {
    const account = await readAccount(tx, { id })
    if (!account || account.disabled) return undefined
    const totp = /^\s*\d{3}\s?\d{3}\s*$/.test(given.code)
    const right = totp
      ? await takeTotp(tx, context, vault, account, given.code)
      : await takeRecoveryCode(tx, context, account.id, given.code)
    if (!right) return undefined
    await takeTicket(tx, context, 'second-factor', given.ticket)
    await giveBack(tx, context, success)
    return beginSession(tx, context, account, {
      way: totp ? 'password-totp' : 'password-recovery',
      userAgent: given.userAgent,
    })
  })
  if (done) return done
  await noteFailure(database, context, { last, account: id, reason: 'code-wrong' })
  throw refuse('code-wrong', { faults: [{ path: 'code', message: 'is wrong or used' }] })
}
