import { recordAccess } from '../audit/index.ts'
import type { TokenList } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { type CallContext, type Clock, newId, newSecret } from '../kernel/index.ts'
import { refuse } from './errors.ts'
import { forgetCallers } from './recent-callers.ts'
import type { Caller } from './sessions.ts'
import { sha256 } from './tickets.ts'

/** Makes a program's own token, by roles and without SMART; it is told this once. */
export async function createToken(
  tx: Tx,
  context: CallContext,
  options: { name: string; roles: readonly string[]; days?: number | undefined },
): Promise<{ id: string; token: string }> {
  const id = newId(context.clock)
  const secret = newSecret()
  const now = context.clock.now()
  await tx.run({
    text: 'insert into api_token (tenant_id, id, hash, name, roles, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)',
    values: [
      tx.tenant,
      id,
      sha256(secret),
      options.name,
      options.roles,
      new Date(now),
      options.days === undefined ? null : new Date(now + options.days * 86_400_000),
    ],
  })
  await recordAccess(tx, context, [
    { action: 'C', code: 'token-created', entities: [], about: [{ kind: 'token', id }] },
  ])
  return { id, token: `tl_${tx.tenant}_${secret}` }
}

export async function callerOfToken(tx: Tx, clock: Clock, secret: string): Promise<Caller | undefined> {
  const [row] = await tx.query<{ id: string; name: string; roles: string[] }>({
    name: 'token',
    text: 'select id, name, roles from api_token where tenant_id = $1 and hash = $2 and revoked_at is null and (expires_at is null or expires_at > $3)',
    values: [tx.tenant, sha256(secret), new Date(clock.now())],
  })
  return row && { tenant: tx.tenant, actor: { kind: 'client', ...row }, locale: 'en', session: undefined }
}

export async function revokeToken(tx: Tx, context: CallContext, id: string): Promise<void> {
  const revoked = await tx.run({
    text: 'update api_token set revoked_at = $3 where tenant_id = $1 and id = $2 and revoked_at is null',
    values: [tx.tenant, id, new Date(context.clock.now())],
  })
  if (revoked === 0) throw refuse('token-not-found', { faults: [{ path: 'id', message: 'no token has this id' }] })
  forgetCallers(tx)
  await tx.run({
    text: `select pg_notify('throughline_feed', $1)`,
    values: [JSON.stringify({ tenant: tx.tenant, topic: 'ended', ids: [id] })],
  })
  await recordAccess(tx, context, [
    { action: 'D', code: 'token-revoked', entities: [], about: [{ kind: 'token', id }] },
  ])
}

/** Programs' tokens as they may be shown: everything but the secret. */
export async function listTokens(tx: Tx): Promise<TokenList> {
  const rows = await tx.query<{
    id: string
    name: string
    roles: string[]
    created_at: Date
    expires_at: Date | null
    revoked: boolean
  }>({
    text: 'select id, name, roles, created_at, expires_at, revoked_at is not null as revoked from api_token where tenant_id = $1 order by created_at desc limit 500',
    values: [tx.tenant],
  })
  return {
    items: rows.map(({ created_at, expires_at, ...row }) => ({
      ...row,
      createdAt: created_at.toISOString(),
      expiresAt: expires_at?.toISOString() ?? null,
    })),
  }
}
