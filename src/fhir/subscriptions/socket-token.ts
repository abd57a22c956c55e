import { createHash } from 'node:crypto'
import type { Tx } from '../../db/index.ts'

/** Where websockets are bound to subscriptions. */
export const socketPath = '/fhir/$notifications'

export const tokenHash = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** The subscription that a token binds to; undefined when it is unknown or too old. `now` in milliseconds. */
export async function subscriptionOfToken(tx: Tx, secret: string, now: number): Promise<string | undefined> {
  const [row] = await tx.query<{ subscription: string }>({
    name: 'fhir-socket-token',
    text: 'select subscription from fhir_socket_token where tenant_id = $1 and hash = $2 and expires_at > $3',
    values: [tx.tenant, tokenHash(secret), new Date(now)],
  })
  return row?.subscription
}
