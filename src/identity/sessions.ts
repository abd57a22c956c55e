import { createHash } from 'node:crypto'
import { recordAccess } from '../audit/index.ts'
import type { Database, Tx } from '../db/index.ts'
import { type Actor, type CallContext, type Clock, newId, newSecret, type TenantId, tenantId } from '../kernel/index.ts'
import { type Account, passwordHolds } from './accounts.ts'
import { refuse } from './errors.ts'

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const quarter = 15 * 60_000
const mostFailures = 10
/** A session ends after this long without a call, and in any case after twelve hours. */
export const idle = 60 * 60_000
export const longest = 12 * 60 * 60_000

/** Who calls, as told by a cookie or a bearer token. */
export interface Caller {
  tenant: TenantId
  actor: Actor
  locale: 'en' | 'fr'
  /** Present for a session: its hash, to end it. */
  session: string | undefined
}

/** Signs in: returns the cookie's value. The same refusal for an unknown e-mail and a wrong password. */
export async function signIn(
  database: Database,
  context: CallContext,
  options: { email: string; password: string; tenant: TenantId; ip: string },
): Promise<{ cookie: string; account: Account }> {
  const { tenant, password } = options
  const email = options.email.trim().toLowerCase()
  const now = context.clock.now()
  const subjects = [sha256(`account ${email}`), sha256(`address ${options.ip}`)]
  const { row, failures } = await database.transaction(tenant, async (tx) => {
    const [counted] = await tx.query<{ most: number }>({
      text: 'select coalesce(max(n), 0)::int as most from (select count(*) as n from sign_in_failure where tenant_id = $1 and subject = any($2) and at > $3 group by subject) f',
      values: [tenant, subjects, new Date(now - quarter)],
    })
    const [found] = await tx.query<Account & { password_hash: string }>({
      text: 'select id, name, email, roles, practitioner, locale, disabled, password_hash from account where tenant_id = $1 and email = $2',
      values: [tenant, email],
    })
    return { row: found, failures: counted?.most ?? 0 }
  })
  if (failures >= mostFailures) throw refuse('too-many-failures')
  const holds = await passwordHolds(row?.password_hash, password)
  if (!row || !holds || row.disabled) {
    await database.transaction(tenant, async (tx) => {
      await tx.run({
        text: 'insert into sign_in_failure (tenant_id, subject, at) select $1, unnest($2::text[]), $3',
        values: [tenant, subjects, new Date(now)],
      })
      await recordAccess(tx, context, [{ action: 'E', code: 'sign-in', entities: [], outcome: 'failure' }])
    })
    throw refuse('sign-in-failed')
  }
  const secret = newSecret()
  await database.transaction(tenant, async (tx) => {
    await tx.run({
      text: 'insert into session (tenant_id, hash, account, created_at, seen_at) values ($1, $2, $3, $4, $4)',
      values: [tenant, sha256(secret), row.id, new Date(now)],
    })
    await tx.run({
      text: 'delete from sign_in_failure where tenant_id = $1 and (subject = $2 or at < $3)',
      values: [tenant, subjects[0], new Date(now - quarter)],
    })
    await recordAccess(tx, { ...context, actor: actorOf(row) }, [{ action: 'E', code: 'sign-in', entities: [] }])
  })
  const { password_hash: _hash, ...account } = row
  return { cookie: `${tenant}.${secret}`, account }
}

const actorOf = (account: Account): Actor => ({
  kind: 'account',
  id: account.id,
  name: account.name,
  roles: account.roles,
  ...(account.practitioner === null ? {} : { reference: account.practitioner }),
})

function split(text: string, separator: string): { tenant: TenantId; secret: string } | undefined {
  const cut = text.indexOf(separator)
  try {
    return { tenant: tenantId(text.slice(0, cut)), secret: text.slice(cut + 1) }
  } catch {
    return undefined
  }
}

/** Who a call comes from; undefined when neither the cookie nor the token is good any more. */
export async function authenticate(
  database: Database,
  clock: Clock,
  given: { cookie: string | undefined; authorization: string | undefined },
): Promise<Caller | undefined> {
  const bearer = given.authorization?.startsWith('Bearer tl_')
    ? split(given.authorization.slice('Bearer tl_'.length), '_')
    : undefined
  if (given.authorization !== undefined)
    return bearer && database.transaction(bearer.tenant, (tx) => byToken(tx, clock, bearer.secret))
  const session = given.cookie === undefined ? undefined : split(given.cookie, '.')
  return session && database.transaction(session.tenant, (tx) => bySession(tx, clock, session.secret))
}

async function bySession(tx: Tx, clock: Clock, secret: string): Promise<Caller | undefined> {
  const session = sha256(secret)
  const now = clock.now()
  const [row] = await tx.query<Account & { seen_at: Date }>({
    name: 'account-of-session',
    text: `select a.id, a.name, a.email, a.roles, a.practitioner, a.locale, a.disabled, s.seen_at from session s
           join account a on a.tenant_id = s.tenant_id and a.id = s.account
           where s.tenant_id = $1 and s.hash = $2 and s.seen_at > $3 and s.created_at > $4 and not a.disabled`,
    values: [tx.tenant, session, new Date(now - idle), new Date(now - longest)],
  })
  if (!row) return undefined
  // Written once a minute at most, so that reading does not always write.
  if (now - row.seen_at.getTime() > 60_000)
    await tx.run({
      text: 'update session set seen_at = $3 where tenant_id = $1 and hash = $2',
      values: [tx.tenant, session, new Date(now)],
    })
  return { tenant: tx.tenant, actor: actorOf(row), locale: row.locale, session }
}

async function byToken(tx: Tx, clock: Clock, secret: string): Promise<Caller | undefined> {
  const [row] = await tx.query<{ id: string; name: string; roles: string[] }>({
    name: 'token',
    text: 'select id, name, roles from api_token where tenant_id = $1 and hash = $2 and revoked_at is null and (expires_at is null or expires_at > $3)',
    values: [tx.tenant, sha256(secret), new Date(clock.now())],
  })
  return row && { tenant: tx.tenant, actor: { kind: 'client', ...row }, locale: 'en', session: undefined }
}

export async function signOut(tx: Tx, context: CallContext, session: string): Promise<void> {
  await tx.run({ text: 'delete from session where tenant_id = $1 and hash = $2', values: [tx.tenant, session] })
  await recordAccess(tx, context, [{ action: 'E', code: 'sign-out', entities: [] }])
}

/** Makes a client's token; it is told this once. */
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
  await recordAccess(tx, context, [{ action: 'C', code: 'token-created', entities: [] }])
  return { id, token: `tl_${tx.tenant}_${secret}` }
}

/** A client's token as it may be shown: everything but the secret. Times in ISO 8601. */
export async function listTokens(
  tx: Tx,
): Promise<
  { id: string; name: string; roles: string[]; createdAt: string; expiresAt: string | null; revoked: boolean }[]
> {
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
  return rows.map(({ created_at, expires_at, ...row }) => ({
    ...row,
    createdAt: created_at.toISOString(),
    expiresAt: expires_at?.toISOString() ?? null,
  }))
}
