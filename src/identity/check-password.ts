import type { Tx } from '../db/index.ts'
import { passwordHolds } from './passwords.ts'

/** Whether this is the account's password. */
export async function checkPassword(tx: Tx, account: string, password: string): Promise<boolean> {
  const [row] = await tx.query<{ password_hash: string }>({
    text: 'select password_hash from account where tenant_id = $1 and id = $2 and not disabled',
    values: [tx.tenant, account],
  })
  return passwordHolds(row?.password_hash, password)
}
