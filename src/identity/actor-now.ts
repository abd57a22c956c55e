import type { Tx } from '../db/index.ts'
import type { Actor, Clock } from '../kernel/index.ts'

/**
 * Somebody who asked for something that goes on without them, as they are now: with the roles that they have today, and
 * the scopes under which they asked. Undefined when they may not act any more: the account or the application is
 * disabled, the grant between them is gone, the token is revoked or has run out.
 */
export async function actorNow<A extends Actor>(tx: Tx, clock: Clock, actor: A): Promise<A | undefined> {
  if (actor.kind === 'engine' || actor.kind === 'system') return actor
  const [row] = await tx.query<{ roles: string[] }>(statementOf(tx, clock, actor))
  return row && { ...actor, roles: row.roles }
}

function statementOf(tx: Tx, clock: Clock, { kind, id, clientId }: Actor) {
  if (kind === 'account' && clientId !== undefined)
    return {
      name: 'account-through-client-now',
      text: `
        select a.roles from account a
        join oauth_client c on c.tenant_id = a.tenant_id and c.id = $3 and not c.disabled
        where a.tenant_id = $1 and a.id = $2 and not a.disabled and exists (
          select from oauth_grant g where g.tenant_id = $1 and g.client = $3 and g.account = $2)`,
      values: [tx.tenant, id, clientId],
    }
  if (kind === 'account')
    return {
      name: 'account-now',
      text: 'select roles from account where tenant_id = $1 and id = $2 and not disabled',
      values: [tx.tenant, id],
    }
  if (clientId !== undefined)
    return {
      name: 'client-now',
      text: 'select roles from oauth_client where tenant_id = $1 and id = $2 and not disabled',
      values: [tx.tenant, clientId],
    }
  return {
    name: 'token-now',
    text: 'select roles from api_token where tenant_id = $1 and id = $2 and revoked_at is null and (expires_at is null or expires_at > $3)',
    values: [tx.tenant, id, new Date(clock.now())],
  }
}
