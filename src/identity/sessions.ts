import { recordAccess } from '../audit/index.ts'
import type { SessionList } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { type Actor, type CallContext, type Clock, newId, newSecret, type TenantId } from '../kernel/index.ts'
import { type Account, actorOf } from './accounts.ts'
import { deviceOf } from './device.ts'
import { refuse } from './errors.ts'
import { endGrantsOfSessions } from './grants.ts'
import { readPolicy } from './sign-in-policy.ts'
import { sha256 } from './tickets.ts'

/** A fresh proof of who somebody is holds this long. */
const proofLasts = 10 * 60_000

/** No policy lets a session last longer: a week. */
const longest = 168 * 3_600_000

export type Way = SessionList['items'][number]['way']

/** Who calls, as told by a cookie or a bearer token. */
export interface Caller {
  tenant: TenantId
  actor: Actor
  locale: 'en' | 'fr'
  /** Present for a session: its hash, to end it. */
  session: string | undefined
  /** A session that may set up a second factor and nothing else. */
  limited?: boolean
}

/** Begins a session: returns the cookie's value and how long a browser may keep it, in seconds. */
export async function beginSession(
  tx: Tx,
  context: CallContext,
  account: Account,
  { way, userAgent }: { way: Way; userAgent: string },
): Promise<{ cookie: string; seconds: number }> {
  const secret = newSecret()
  const policy = await readPolicy(tx)
  await tx.run({
    text: 'delete from session where tenant_id = $1 and created_at < $2',
    values: [tx.tenant, new Date(context.clock.now() - longest)],
  })
  await tx.run({
    text: `insert into session (tenant_id, hash, id, account, way, device, address, created_at, seen_at, proved_at, only_set_up)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8, $9)`,
    values: [
      tx.tenant,
      sha256(secret),
      newId(context.clock),
      account.id,
      way,
      deviceOf(userAgent),
      context.address ?? '',
      new Date(context.clock.now()),
      way === 'password' && policy.secondFactor === 'required',
    ],
  })
  await recordAccess(tx, { ...context, actor: actorOf(account) }, [
    { action: 'E', code: 'sign-in', entities: [], about: [{ kind: 'sign-in-way', id: way }] },
  ])
  return { cookie: `${tx.tenant}.${secret}`, seconds: policy.absoluteHours * 3_600 }
}

// The limits of the tenant's policy, in every statement that asks whether a session is good.
const good = `s.seen_at > $2::timestamptz - make_interval(mins => coalesce(p.idle_minutes, 60))
  and s.created_at > $2::timestamptz - make_interval(hours => coalesce(p.absolute_hours, 12))`

/** Who a session's secret belongs to. `extend: false`: look only, and do not count as a call that keeps it alive. */
export async function callerOfSession(
  tx: Tx,
  clock: Clock,
  secret: string,
  { extend }: { extend: boolean },
): Promise<Caller | undefined> {
  const session = sha256(secret)
  const now = clock.now()
  const [row] = await tx.query<Account & { seen_at: Date; only_set_up: boolean }>({
    name: 'account-of-session',
    text: `select a.id, a.name, a.email, a.roles, a.practitioner, a.locale, a.disabled, s.seen_at, s.only_set_up from session s
           join account a on a.tenant_id = s.tenant_id and a.id = s.account
           left join sign_in_policy p on p.tenant_id = s.tenant_id
           where s.tenant_id = $1 and s.hash = $3 and ${good} and not a.disabled`,
    values: [tx.tenant, new Date(now), session],
  })
  if (!row) return undefined
  // Written once a minute at most, so that reading does not always write.
  if (extend && now - row.seen_at.getTime() > 60_000)
    await tx.run({
      text: 'update session set seen_at = $3 where tenant_id = $1 and hash = $2',
      values: [tx.tenant, session, new Date(now)],
    })
  const actor = actorOf(row)
  return {
    tenant: tx.tenant,
    actor: row.only_set_up ? { ...actor, roles: [] } : actor,
    locale: row.locale,
    session,
    limited: row.only_set_up,
  }
}

/** Whether the session of this hash is good still. */
export async function sessionLives(tx: Tx, clock: Clock, session: string): Promise<boolean> {
  const rows = await tx.query({
    text: `select 1 from session s left join sign_in_policy p on p.tenant_id = s.tenant_id
           where s.tenant_id = $1 and s.hash = $3 and ${good}`,
    values: [tx.tenant, new Date(clock.now()), session],
  })
  return rows.length > 0
}

/** When the caller last proved who they are and until when that holds (milliseconds), and what they must set up first. Undefined for a caller without a session. */
export async function standingOf(
  tx: Tx,
  context: CallContext,
): Promise<{ provedAt: number; confirmedUntil: number | null; mustSetUp: 'second-factor' | null } | undefined> {
  if (context.session === undefined) return undefined
  const [row] = await tx.query<{ proved_at: Date; only_set_up: boolean }>({
    text: 'select proved_at, only_set_up from session where tenant_id = $1 and hash = $2',
    values: [tx.tenant, context.session],
  })
  if (!row) return undefined
  const until = row.proved_at.getTime() + proofLasts
  return {
    provedAt: row.proved_at.getTime(),
    confirmedUntil: until > context.clock.now() ? until : null,
    mustSetUp: row.only_set_up ? 'second-factor' : null,
  }
}

/** Refuses what needs a fresh proof of who calls: a password, a code or a passkey within the last ten minutes. */
export async function refuseUnconfirmed(tx: Tx, context: CallContext): Promise<void> {
  const standing = await standingOf(tx, context)
  if (!standing) throw refuse('people-only')
  if (standing.confirmedUntil === null)
    throw refuse('confirmation-needed', { faults: [{ path: 'session', message: 'was proved too long ago' }] })
}

/** Notes a fresh proof; returns until when it holds. */
export async function noteProof(tx: Tx, context: CallContext, way: string): Promise<number> {
  await tx.run({
    text: 'update session set proved_at = $3 where tenant_id = $1 and hash = $2',
    values: [tx.tenant, context.session, new Date(context.clock.now())],
  })
  await recordAccess(tx, context, [
    { action: 'E', code: 'confirmed', entities: [], about: [{ kind: 'sign-in-way', id: way }] },
  ])
  return context.clock.now() + proofLasts
}

/** Lifts the limit on the caller's own session once a second factor stands. */
export async function liftSetUp(tx: Tx, context: CallContext, way: Way): Promise<void> {
  await tx.run({
    text: 'update session set only_set_up = false, way = $3 where tenant_id = $1 and hash = $2 and only_set_up',
    values: [tx.tenant, context.session, way],
  })
}

/** Which sessions are meant: of an account all, or all but one (a hash), or one by its id. */
export type Which =
  | { account: string; except?: string | undefined }
  | { id: string; account?: string }
  | { hash: string }

/** Ends sessions, what applications held only as long as they, and the lines that their consoles listen on. Returns how many. */
export async function endSessions(
  tx: Tx,
  context: CallContext,
  which: Which,
  code: 'sign-out' | 'session-ended',
): Promise<number> {
  const [text, values] =
    'hash' in which
      ? ['hash = $2', [which.hash]]
      : 'id' in which
        ? ['id = $2 and ($3::text is null or account = $3)', [which.id, which.account ?? null]]
        : ['account = $2 and hash is distinct from $3', [which.account, which.except ?? null]]
  const ended = await tx.query<{ hash: string; id: string; account: string }>({
    text: `delete from session where tenant_id = $1 and ${text} returning hash, id, account`,
    values: [tx.tenant, ...values],
  })
  if (ended.length === 0) return 0
  const hashes = ended.map(({ hash }) => hash)
  await endGrantsOfSessions(tx, context, hashes)
  await tx.run({
    text: `select pg_notify('throughline_feed', $1)`,
    values: [JSON.stringify({ tenant: tx.tenant, topic: 'ended', ids: hashes.slice(0, 50) })],
  })
  await recordAccess(
    tx,
    context,
    ended.map(({ id, account }) => ({
      action: 'E' as const,
      code,
      entities: [],
      about: [
        { kind: 'session', id },
        { kind: 'account', id: account },
      ],
    })),
  )
  return ended.length
}

/** Sessions that are good, the last used first: of one account, or of all. */
export async function listSessions(
  tx: Tx,
  context: CallContext,
  { account }: { account: string | undefined },
): Promise<SessionList> {
  const rows = await tx.query<{
    id: string
    hash: string
    account: string
    name: string
    way: Way
    device: string
    address: string
    created_at: Date
    seen_at: Date
    ends_at: Date
  }>({
    text: `select s.id, s.hash, s.account, a.name, s.way, s.device, s.address, s.created_at, s.seen_at,
             least(s.seen_at + make_interval(mins => coalesce(p.idle_minutes, 60)),
                   s.created_at + make_interval(hours => coalesce(p.absolute_hours, 12))) as ends_at
           from session s join account a on a.tenant_id = s.tenant_id and a.id = s.account
           left join sign_in_policy p on p.tenant_id = s.tenant_id
           where s.tenant_id = $1 and ($3::text is null or s.account = $3) and ${good}
           order by s.seen_at desc limit 500`,
    values: [tx.tenant, new Date(context.clock.now()), account ?? null],
  })
  return {
    items: rows.map((row) => ({
      id: row.id,
      account: { id: row.account, name: row.name },
      current: row.hash === context.session,
      way: row.way,
      device: row.device,
      address: row.address,
      createdAt: row.created_at.toISOString(),
      seenAt: row.seen_at.toISOString(),
      endsAt: row.ends_at.toISOString(),
    })),
  }
}
