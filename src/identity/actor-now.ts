import type { Tx } from '../db/index.ts'
import type { Actor, Clock } from '../kernel/index.ts'

/**
 * Somebody who asked for something that goes on without them, as they are now: with the roles that they have today.
 * Undefined when they may not act any more: the account is disabled, the token revoked or run out.
 */
export async function actorNow<A extends Actor>(tx: Tx, clock: Clock, actor: A): Promise<A | undefined> {
  if (actor.kind === 'engine' || actor.kind === 'system') return actor
  const [row] =
    actor.kind === 'account'
      ? await tx.query<{ roles: string[] }>({
          name: 'account-now',
          text: 'select roles from account where tenant_id = $1 and id = $2 and not disabled',
          values: [tx.tenant, actor.id],
        })
      : await tx.query<{ roles: string[] }>({
          name: 'token-now',
          text: 'select roles from api_token where tenant_id = $1 and id = $2 and revoked_at is null and (expires_at is null or expires_at > $3)',
          values: [tx.tenant, actor.id, new Date(clock.now())],
        })
  return row && { ...actor, roles: row.roles }
}
