import type { Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'

/** A passkey as it is kept: the public half. */
export interface Passkey {
  id: string
  account: string
  name: string
  public_key: Buffer
  counter: string
  transports: string[]
  synced: boolean
  created_at: Date
  used_at: Date | null
}

const columns = 'id, account, name, public_key, counter, transports, synced, created_at, used_at'

export async function countPasskeys(tx: Tx, account: string): Promise<number> {
  const [row] = await tx.query<{ n: number }>({
    text: 'select count(*)::int as n from passkey where tenant_id = $1 and account = $2',
    values: [tx.tenant, account],
  })
  return row?.n ?? 0
}

export const listPasskeys = (tx: Tx, account: string): Promise<Passkey[]> =>
  tx.query({
    text: `select ${columns} from passkey where tenant_id = $1 and account = $2 order by created_at`,
    values: [tx.tenant, account],
  })

export async function readPasskey(tx: Tx, id: string): Promise<Passkey | undefined> {
  const [row] = await tx.query<Passkey>({
    text: `select ${columns} from passkey where tenant_id = $1 and id = $2 for update`,
    values: [tx.tenant, id],
  })
  return row
}

export const keepPasskey = (
  tx: Tx,
  context: CallContext,
  passkey: Pick<Passkey, 'id' | 'account' | 'name' | 'public_key' | 'transports' | 'synced'> & { counter: number },
): Promise<number> =>
  tx.run({
    text: `insert into passkey (tenant_id, id, account, name, public_key, counter, transports, synced, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
    values: [
      tx.tenant,
      passkey.id,
      passkey.account,
      passkey.name,
      passkey.public_key,
      passkey.counter,
      passkey.transports,
      passkey.synced,
      new Date(context.clock.now()),
    ],
  })

export const notePasskeyUse = (tx: Tx, context: CallContext, id: string, counter: number): Promise<number> =>
  tx.run({
    text: 'update passkey set counter = $3, used_at = $4 where tenant_id = $1 and id = $2',
    values: [tx.tenant, id, counter, new Date(context.clock.now())],
  })
