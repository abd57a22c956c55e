import { createHash } from 'node:crypto'
import type { Tx } from '../db/index.ts'
import { type CallContext, newSecret } from '../kernel/index.ts'
import { refuse } from './errors.ts'

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** What was begun and must be finished soon, by what it is for. */
export type Purpose =
  | 'second-factor'
  | 'passkey-sign-in'
  | 'passkey-set-up'
  | 'passkey-confirm'
  | 'totp-set-up'
  | 'outside'

export interface Ticket<T> {
  account: string | null
  data: T
}

const lasts = 5 * 60_000

/** Makes a ticket; its text is told to the one who began, its hash is kept. */
export async function giveTicket(
  tx: Tx,
  context: CallContext,
  purpose: Purpose,
  { account, data }: Ticket<unknown>,
): Promise<string> {
  const secret = newSecret()
  const now = context.clock.now()
  await tx.run({
    text: 'delete from sign_in_ticket where tenant_id = $1 and expires_at <= $2',
    values: [tx.tenant, new Date(now)],
  })
  await tx.run({
    text: 'insert into sign_in_ticket (tenant_id, hash, purpose, account, data, expires_at) values ($1, $2, $3, $4, $5, $6)',
    values: [tx.tenant, sha256(secret), purpose, account, JSON.stringify(data), new Date(now + lasts)],
  })
  return secret
}

/** Takes a ticket: it is good once. */
export async function takeTicket<T>(
  tx: Tx,
  context: CallContext,
  purpose: Purpose,
  secret: string,
): Promise<Ticket<T>> {
  const [row] = await tx.query<Ticket<T>>({
    text: 'delete from sign_in_ticket where tenant_id = $1 and hash = $2 and purpose = $3 and expires_at > $4 returning account, data',
    values: [tx.tenant, sha256(secret), purpose, new Date(context.clock.now())],
  })
  if (!row) throw refuse('ticket-expired', { faults: [{ path: 'ticket', message: 'is unknown, used or too old' }] })
  return row
}

/** Looks at a ticket without using it up: a mistyped code may be typed again, as often as the gate lets. */
export async function lookAtTicket<T>(
  tx: Tx,
  context: CallContext,
  purpose: Purpose,
  secret: string,
): Promise<Ticket<T>> {
  const [row] = await tx.query<Ticket<T>>({
    text: 'select account, data from sign_in_ticket where tenant_id = $1 and hash = $2 and purpose = $3 and expires_at > $4',
    values: [tx.tenant, sha256(secret), purpose, new Date(context.clock.now())],
  })
  if (!row) throw refuse('ticket-expired', { faults: [{ path: 'ticket', message: 'is unknown, used or too old' }] })
  return row
}
