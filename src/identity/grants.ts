import { recordAccess } from '../audit/index.ts'
import type { ApplicationList } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { refuse } from './errors.ts'
import { forgetCallers } from './recent-callers.ts'

/** What a person let an application do, and the launch it was for. */
export interface AppGrant {
  id: string
  client: string
  account: string
  /** Hash of the session it was given in. */
  session: string | null
  /** Goes on when the person is away. */
  offline: boolean
  scope: string
  /** `Patient/…`, `Encounter/…` */
  patient: string | null
  encounter: string | null
  intent: string | null
}

export async function keepGrant(tx: Tx, context: CallContext, grant: AppGrant): Promise<void> {
  await tx.run({
    text: `insert into oauth_grant (tenant_id, id, client, account, session, offline, scope, patient, encounter, intent, created_at, used_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)`,
    values: [
      tx.tenant,
      grant.id,
      grant.client,
      grant.account,
      grant.session,
      grant.offline,
      grant.scope,
      grant.patient,
      grant.encounter,
      grant.intent,
      new Date(context.clock.now()),
    ],
  })
  await recordAccess(tx, context, [
    {
      action: 'C',
      code: 'application-allowed',
      entities: grant.patient === null ? [] : [grant.patient],
      about: [
        { kind: 'client', id: grant.client },
        { kind: 'grant', id: grant.id },
      ],
    },
  ])
}

export async function readGrant(tx: Tx, id: string): Promise<AppGrant | undefined> {
  const [row] = await tx.query<AppGrant>({
    text: 'select id, client, account, session, offline, scope, patient, encounter, intent from oauth_grant where tenant_id = $1 and id = $2',
    values: [tx.tenant, id],
  })
  return row
}

async function forget(tx: Tx, context: CallContext, where: string, values: readonly unknown[]): Promise<number> {
  const ended = await tx.query<{ id: string; client: string; account: string }>({
    text: `delete from oauth_grant where tenant_id = $1 and ${where} returning id, client, account`,
    values: [tx.tenant, ...values],
  })
  if (ended.length === 0) return 0
  forgetCallers(tx)
  await tx.run({
    text: 'delete from oauth_artifact where tenant_id = $1 and grant_id = any($2)',
    values: [tx.tenant, ended.map(({ id }) => id)],
  })
  await recordAccess(
    tx,
    context,
    ended.map(({ id, client, account }) => ({
      action: 'D' as const,
      code: 'application-ended',
      entities: [],
      about: [
        { kind: 'grant', id },
        { kind: 'client', id: client },
        { kind: 'account', id: account },
      ],
    })),
  )
  return ended.length
}

/** Ends one application's access, with every token of it; `account`: only if it is this one's. */
export async function endGrant(tx: Tx, context: CallContext, id: string, account?: string): Promise<void> {
  const ended = await forget(tx, context, 'id = $2 and ($3::text is null or account = $3)', [id, account ?? null])
  if (ended === 0) throw refuse('application-not-found', { faults: [{ path: 'id', message: 'no access has this id' }] })
}

/** What applications held as long as these sessions and no longer. */
export const endGrantsOfSessions = (tx: Tx, context: CallContext, sessions: readonly string[]): Promise<number> =>
  forget(tx, context, 'session = any($2) and not offline', [sessions])

export const endGrantsOf = (
  tx: Tx,
  context: CallContext,
  whose: { account: string } | { client: string },
): Promise<number> =>
  'account' in whose
    ? forget(tx, context, 'account = $2', [whose.account])
    : forget(tx, context, 'client = $2', [whose.client])

// Something that still opens the API, or may be changed into what does.
const open = `exists (select from oauth_artifact t where t.tenant_id = g.tenant_id and t.grant_id = g.id
  and t.kind in ('AuthorizationCode', 'AccessToken', 'RefreshToken') and t.expires_at > $2)`

/** What has run out by itself is forgotten: codes and tokens at once, a grant a day after its last token. */
export async function forgetRunOut(tx: Tx, context: CallContext): Promise<void> {
  const now = context.clock.now()
  await tx.run({
    text: 'delete from oauth_artifact where tenant_id = $1 and expires_at <= $2',
    values: [tx.tenant, new Date(now)],
  })
  await tx.run({
    text: `delete from oauth_grant g where g.tenant_id = $1 and g.used_at < $3 and not ${open}`,
    values: [tx.tenant, new Date(now), new Date(now - 86_400_000)],
  })
}

/** Applications that are let in, the last used first: by one account, or by all. */
export async function listGrants(
  tx: Tx,
  context: CallContext,
  { account }: { account: string | undefined },
): Promise<ApplicationList> {
  const rows = await tx.query<{
    id: string
    client: string
    client_name: string
    account: string
    name: string
    scope: string
    patient: string | null
    offline: boolean
    created_at: Date
    used_at: Date
  }>({
    text: `select g.id, g.client, c.name as client_name, g.account, a.name, g.scope, g.patient, g.offline, g.created_at, g.used_at
           from oauth_grant g join oauth_client c on c.tenant_id = g.tenant_id and c.id = g.client
           join account a on a.tenant_id = g.tenant_id and a.id = g.account
           where g.tenant_id = $1 and ${open} and ($3::text is null or g.account = $3) order by g.used_at desc limit 500`,
    values: [tx.tenant, new Date(context.clock.now()), account ?? null],
  })
  return {
    items: rows.map((row) => ({
      id: row.id,
      client: { id: row.client, name: row.client_name },
      account: { id: row.account, name: row.name },
      scopes: row.scope.split(' '),
      patient: row.patient,
      offline: row.offline,
      since: row.created_at.toISOString(),
      usedAt: row.used_at.toISOString(),
    })),
  }
}
