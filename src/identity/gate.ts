import { createHash } from 'node:crypto'
import type { Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { refuse } from './errors.ts'

const span = 15 * 60_000

/** Who is counted, and how many tries they have in a quarter of an hour. */
export interface Counted {
  subject: string
  most: number
}
export const tries = {
  account: (name: string): Counted => ({ subject: `account ${name}`, most: 10 }),
  factor: (account: string): Counted => ({ subject: `factor ${account}`, most: 10 }),
  // A clinic behind one address signs in together at eight.
  address: (address: string): Counted => ({ subject: `address ${address}`, most: 60 }),
  /** Questions that keep something until it is answered, such as a passkey's challenge. */
  asking: (address: string): Counted => ({ subject: `asking ${address}`, most: 600 }),
} as const

const hashOf = ({ subject }: Counted): string => createHash('sha256').update(subject).digest('hex')

/**
 * Takes a try before anything is checked, so that guesses sent at once are counted one after the other by the row's lock:
 * the count and the write are one guarded statement, and no more pass than there are tries. Returns whether one was left;
 * `last` when it was the last one.
 */
async function take(tx: Tx, context: CallContext, counted: Counted): Promise<{ left: boolean; last: boolean }> {
  const now = context.clock.now()
  const [row] = await tx.query<{ tries: number }>({
    name: 'take-try',
    text: `insert into sign_in_gate as g (tenant_id, subject, since, tries) values ($1, $2, $3, 1)
           on conflict (tenant_id, subject) do update
             set tries = case when g.since <= $4 then 1 else g.tries + 1 end,
                 since = case when g.since <= $4 then $3 else g.since end
             where g.since <= $4 or g.tries < $5
           returning tries`,
    values: [tx.tenant, hashOf(counted), new Date(now), new Date(now - span), counted.most],
  })
  return { left: row !== undefined, last: row?.tries === counted.most }
}

/** Takes a try of each; refuses when one has none left. True when one of them was the last. The caller's transaction commits it. */
export async function takeTries(tx: Tx, context: CallContext, all: readonly Counted[]): Promise<boolean> {
  let last = false
  // Always in one order, so that two who share a subject do not wait for each other.
  for (const counted of all.toSorted((a, b) => (hashOf(a) < hashOf(b) ? -1 : 1))) {
    const taken = await take(tx, context, counted)
    if (!taken.left) throw refuse('too-many-failures')
    last ||= taken.last
  }
  return last
}

/** After a success: what was counted against the account is forgotten, and the address gets its try back. */
export async function giveBack(
  tx: Tx,
  context: CallContext,
  { forget, back }: { forget: readonly Counted[]; back: readonly Counted[] },
): Promise<void> {
  await tx.run({
    text: 'delete from sign_in_gate where tenant_id = $1 and (subject = any($2) or since <= $3)',
    values: [tx.tenant, forget.map(hashOf), new Date(context.clock.now() - span)],
  })
  await tx.run({
    text: 'update sign_in_gate set tries = greatest(tries - 1, 0) where tenant_id = $1 and subject = any($2)',
    values: [tx.tenant, back.map(hashOf)],
  })
}
