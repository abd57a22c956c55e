import { recordAccess } from '../audit/index.ts'
import type { SignInStep, TotpBegun } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { type CallContext, newSecret } from '../kernel/index.ts'
import { myAccountOf, type StoredAccount } from './accounts.ts'
import { refuse } from './errors.ts'
import { countPasskeys } from './passkey-store.ts'
import type { Vault } from './vault.ts'
import { liftSetUp } from './sessions.ts'
import { readPolicy } from './sign-in-policy.ts'
import { giveTicket, lookAtTicket, sha256, takeTicket } from './tickets.ts'
import { newTotpSecret, stepOfCode, totpUri } from './totp.ts'

const recoveryCount = 10

const place = (tx: Tx, account: string) => `${tx.tenant}/totp/${account}`

/** How an account can prove itself beside its password; none when it has set up nothing. */
export async function waysOf(
  tx: Tx,
  account: StoredAccount,
): Promise<Extract<SignInStep, { step: 'second-factor' }>['ways']> {
  const passkeys = await countPasskeys(tx, account.id)
  const recovery = await countRecoveryCodes(tx, account.id)
  if (account.totp_sealed === null && passkeys === 0) return []
  return [
    ...(passkeys > 0 ? (['passkey'] as const) : []),
    ...(account.totp_sealed === null ? [] : (['totp'] as const)),
    ...(recovery > 0 ? (['recovery-code'] as const) : []),
  ]
}

/** Takes a code of the authenticator app, once; two calls with the same code are told apart by the row's lock. */
export async function takeTotp(
  tx: Tx,
  context: CallContext,
  vault: Vault,
  account: StoredAccount,
  code: string,
): Promise<boolean> {
  if (account.totp_sealed === null) return false
  const step = stepOfCode(vault.open(place(tx, account.id), account.totp_sealed), code, context.clock.now())
  if (step === undefined) return false
  const taken = await tx.run({
    text: 'update account set totp_step = $3 where tenant_id = $1 and id = $2 and totp_step < $3',
    values: [tx.tenant, account.id, step],
  })
  return taken === 1
}

const foldCode = (code: string): string => code.toLowerCase().replace(/[^a-z0-9]/g, '')

/** Uses up a recovery code. */
export async function takeRecoveryCode(tx: Tx, context: CallContext, account: string, code: string): Promise<boolean> {
  const taken = await tx.run({
    text: 'delete from recovery_code where tenant_id = $1 and account = $2 and hash = $3',
    values: [tx.tenant, account, sha256(`${account} ${foldCode(code)}`)],
  })
  if (taken === 0) return false
  await recordAccess(tx, context, [
    { action: 'U', code: 'recovery-code-used', entities: [], about: [{ kind: 'account', id: account }] },
  ])
  return true
}

export async function countRecoveryCodes(tx: Tx, account: string): Promise<number> {
  const [row] = await tx.query<{ n: number }>({
    text: 'select count(*)::int as n from recovery_code where tenant_id = $1 and account = $2',
    values: [tx.tenant, account],
  })
  return row?.n ?? 0
}

const changed = (tx: Tx, context: CallContext, account: string, what: string) =>
  recordAccess(tx, context, [
    {
      action: 'U',
      code: 'second-factor-changed',
      entities: [],
      about: [
        { kind: 'account', id: account },
        { kind: 'second-factor', id: what },
      ],
    },
  ])

/** New recovery codes, told once; those made before are void. Fifty random bits each. */
export async function makeRecoveryCodes(tx: Tx, context: CallContext, account: string): Promise<string[]> {
  await tx.run({
    text: 'delete from recovery_code where tenant_id = $1 and account = $2',
    values: [tx.tenant, account],
  })
  const codes = Array.from({ length: recoveryCount }, () => {
    const bits = BigInt(`0x${Buffer.from(newSecret(8), 'base64url').toString('hex')}`)
    // Ten signs of thirty-two, without those that look alike.
    const signs = Array.from(
      { length: 10 },
      (_, at) => 'abcdefghjkmnpqrstuvwxyz23456789x'[Number((bits >> BigInt(at * 5)) & 31n)],
    )
    return `${signs.slice(0, 5).join('')}-${signs.slice(5).join('')}`
  })
  await tx.run({
    text: 'insert into recovery_code (tenant_id, account, hash) select $1, $2, unnest($3::text[])',
    values: [tx.tenant, account, codes.map((code) => sha256(`${account} ${foldCode(code)}`))],
  })
  await changed(tx, context, account, 'recovery-codes-made')
  return codes
}

/** Begins to set up an authenticator app: nothing is kept with the account until a code proves that the app has the secret. */
export async function beginTotp(tx: Tx, context: CallContext, vault: Vault): Promise<TotpBegun> {
  const account = await myAccountOf(tx, context)
  const [tenant] = await tx.query<{ name: string }>({
    text: 'select name from tenant where tenant_id = $1',
    values: [tx.tenant],
  })
  const secret = newTotpSecret()
  const sealed = vault.close(place(tx, account.id), secret).toString('base64')
  const ticket = await giveTicket(tx, context, 'totp-set-up', { account: account.id, data: { sealed } })
  return { ticket, secret, ...totpUri(secret, { issuer: tenant?.name ?? 'Throughline', account: account.email }) }
}

/** Keeps the secret once a code of it was given; returns recovery codes. */
export async function confirmTotp(
  tx: Tx,
  context: CallContext,
  vault: Vault,
  given: { ticket: string; code: string },
): Promise<string[]> {
  const account = await myAccountOf(tx, context)
  const { data, account: whose } = await lookAtTicket<{ sealed: string }>(tx, context, 'totp-set-up', given.ticket)
  if (whose !== account.id) throw refuse('ticket-expired')
  const sealed = Buffer.from(data.sealed, 'base64')
  const step = stepOfCode(vault.open(place(tx, account.id), sealed), given.code, context.clock.now())
  if (step === undefined) throw refuse('code-wrong', { faults: [{ path: 'code', message: 'is not the code of now' }] })
  await takeTicket(tx, context, 'totp-set-up', given.ticket)
  await tx.run({
    text: 'update account set totp_sealed = $3, totp_since = $4, totp_step = $5 where tenant_id = $1 and id = $2',
    values: [tx.tenant, account.id, sealed, new Date(context.clock.now()), step],
  })
  await changed(tx, context, account.id, 'totp-set-up')
  await liftSetUp(tx, context, 'password-totp')
  return makeRecoveryCodes(tx, context, account.id)
}

/** Takes the authenticator app away; not the last factor where one is demanded. */
export async function removeTotp(tx: Tx, context: CallContext): Promise<void> {
  const account = await myAccountOf(tx, context)
  if (account.totp_sealed === null) throw refuse('totp-not-set-up')
  const passkeys = await countPasskeys(tx, account.id)
  if (passkeys === 0 && (await readPolicy(tx)).secondFactor === 'required') throw refuse('second-factor-needed')
  await tx.run({
    text: 'update account set totp_sealed = null, totp_since = null where tenant_id = $1 and id = $2',
    values: [tx.tenant, account.id],
  })
  if (passkeys === 0)
    await tx.run({
      text: 'delete from recovery_code where tenant_id = $1 and account = $2',
      values: [tx.tenant, account.id],
    })
  await changed(tx, context, account.id, 'totp-removed')
}

/** An administrator takes every second factor from an account whose person has lost them. */
export async function resetSecondFactors(tx: Tx, context: CallContext, account: string): Promise<void> {
  const touched = await tx.run({
    text: 'update account set totp_sealed = null, totp_since = null where tenant_id = $1 and id = $2',
    values: [tx.tenant, account],
  })
  if (touched === 0) throw refuse('account-not-found', { faults: [{ path: 'id', message: 'no account has this id' }] })
  for (const table of ['recovery_code', 'passkey'])
    await tx.run({ text: `delete from ${table} where tenant_id = $1 and account = $2`, values: [tx.tenant, account] })
  await changed(tx, context, account, 'all-reset')
}
