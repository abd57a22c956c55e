import type { Tx } from '../db/index.ts'
import type { Actor, Clock } from '../kernel/index.ts'

/**
 * Somebody who asked for something that goes on without them, as they are now: with the roles that they have today, and no
 * more than the scopes they had then. Undefined when they may not act any more: the account or the application is disabled,
 * the token revoked or run out.
 */
export async function actorNow<A extends Actor>(tx: Tx, clock: Clock, actor: A): Promise<A | undefined> {
  if (actor.kind === 'engine' || actor.kind === 'system') return actor
  if (actor.clientId !== undefined && !(await clientWorks(tx, actor.clientId))) return undefined
  const roles = actor.kind === 'account' ? await accountRoles(tx, actor.id) : await clientRoles(tx, clock, actor)
  return roles && { ...actor, roles }
}

interface Roles {
  roles: string[]
}

async function clientWorks(tx: Tx, id: string): Promise<boolean> {
  const rows = await tx.query({
    name: 'application-works',
    text: 'select 1 from oauth_client where tenant_id = $1 and id = $2 and not disabled',
    values: [tx.tenant, id],
  })
  return rows.length > 0
}

async function accountRoles(tx: Tx, id: string): Promise<string[] | undefined> {
  const [row] = await tx.query<Roles>({
    name: 'account-now',
    text: 'select roles from account where tenant_id = $1 and id = $2 and not disabled',
    values: [tx.tenant, id],
  })
  return row?.roles
}

async function clientRoles(tx: Tx, clock: Clock, { id, clientId }: Actor): Promise<string[] | undefined> {
  const [row] = await tx.query<Roles>(
    clientId === undefined
      ? {
          name: 'token-now',
          text: 'select roles from api_token where tenant_id = $1 and id = $2 and revoked_at is null and (expires_at is null or expires_at > $3)',
          values: [tx.tenant, id, new Date(clock.now())],
        }
      : {
          name: 'application-now',
          text: 'select roles from oauth_client where tenant_id = $1 and id = $2 and not disabled',
          values: [tx.tenant, clientId],
        },
  )
  return row?.roles
}
