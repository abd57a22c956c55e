import { type Adapter, type AdapterPayload, errors } from 'oidc-provider'
import { recordAccess } from '../../audit/index.ts'
import type { Database, Tx } from '../../db/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { accessTokenKinds } from '../access-tokens.ts'
import { endGrant, forgetRunOut } from '../grants.ts'
import { forgetCallers } from '../recent-callers.ts'
import { sha256 } from '../tickets.ts'

export interface ArtifactStore {
  database: Database
  /** The call under way. */
  context(): CallContext
  /** A client as oidc-provider wants it described. */
  client(tx: Tx, id: string): Promise<AdapterPayload | undefined>
}

// Everything that oidc-provider keeps here has an end; this would be a mistake of ours, and must not live for ever.
const fallback = 3_600

const isToken = (kind: string) => kind === 'RefreshToken' || accessTokenKinds.some((one) => one === kind)

/** What a token is traced by in the audit: never by itself. */
const aboutOf = (kind: string, payload: AdapterPayload) => [
  { kind: 'token-kind', id: kind },
  ...(payload.clientId === undefined ? [] : [{ kind: 'client', id: payload.clientId }]),
  ...(payload.accountId === undefined ? [] : [{ kind: 'account', id: payload.accountId }]),
  ...(payload.grantId === undefined ? [] : [{ kind: 'grant', id: payload.grantId }]),
]

/**
 * Where oidc-provider keeps what it makes, for one kind of it: PostgreSQL, in the tenant of the call. An id is a secret
 * (a code or token is its id), so its hash is kept in place of it. Times go by the house's clock.
 */
export function artifactsOf(store: ArtifactStore, kind: string): Adapter {
  const inTx = <T>(work: (tx: Tx, context: CallContext) => Promise<T>): Promise<T> => {
    const context = store.context()
    return store.database.transaction(context.tenant, (tx) => work(tx, context))
  }
  type Row = { payload: AdapterPayload; consumed_at: Date | null }
  const restore = ({ payload, consumed_at }: Row, id: string): AdapterPayload => ({
    ...payload,
    jti: id,
    ...(consumed_at === null ? {} : { consumed: Math.floor(consumed_at.getTime() / 1000) }),
  })
  const find = (id: string) =>
    inTx(async (tx, { clock }) => {
      if (kind === 'Client') return store.client(tx, id)
      const [row] = await tx.query<Row>({
        name: 'oauth-artifact',
        text: 'select payload, consumed_at from oauth_artifact where tenant_id = $1 and kind = $2 and hash = $3 and expires_at > $4',
        values: [tx.tenant, kind, sha256(id), new Date(clock.now())],
      })
      return row && restore(row, id)
    })
  return {
    find,
    upsert: (id, given, expiresIn) =>
      inTx(async (tx, context) => {
        const now = context.clock.now()
        const { jti: _, ...payload } = given
        // Whenever something new is granted, what has run out makes room.
        if (kind === 'Grant' || kind === 'ClientCredentials') await forgetRunOut(tx, context)
        const replay = kind === 'ReplayDetection'
        const written = await tx.run({
          text: `insert into oauth_artifact (tenant_id, kind, hash, payload, grant_id, expires_at) values ($1, $2, $3, $4, $5, $6)
                 on conflict (tenant_id, kind, hash) do ${replay ? 'nothing' : 'update set payload = excluded.payload, expires_at = excluded.expires_at'}`,
          values: [
            tx.tenant,
            kind,
            sha256(id),
            JSON.stringify(payload),
            kind === 'Grant' ? id : (given.grantId ?? null),
            new Date(now + (expiresIn ?? fallback) * 1000),
          ],
        })
        // Of two that bring the same assertion at once, only one has looked before the other wrote.
        if (replay && written === 0) throw new errors.InvalidClient('this assertion was used already')
        if (!isToken(kind)) return
        if (given.grantId !== undefined)
          await tx.run({
            text: 'update oauth_grant set used_at = $3 where tenant_id = $1 and id = $2',
            values: [tx.tenant, given.grantId, new Date(now)],
          })
        await tx.run({
          text: 'update oauth_client set used_at = $3 where tenant_id = $1 and id = $2',
          values: [tx.tenant, given.clientId, new Date(now)],
        })
        await recordAccess(tx, context, [
          { action: 'C', code: 'token-issued', entities: [], about: aboutOf(kind, given) },
        ])
      }),
    async consume(id) {
      const first = await inTx(async (tx, { clock }) => {
        const [row] = await tx.query<{ was: Date | null; grant_id: string | null }>({
          text: `update oauth_artifact t set consumed_at = coalesce(t.consumed_at, $4)
                 from (select consumed_at as was from oauth_artifact where tenant_id = $1 and kind = $2 and hash = $3 for update) before
                 where t.tenant_id = $1 and t.kind = $2 and t.hash = $3 returning before.was, t.grant_id`,
          values: [tx.tenant, kind, sha256(id), new Date(clock.now())],
        })
        if (row?.was === null) return true
        // Brought twice at once: one of the two has stolen it, and nobody knows which (RFC 6749, 4.1.2).
        if (row?.grant_id) await endGrant(tx, store.context(), row.grant_id).catch(() => {})
        return false
      })
      if (!first) throw new errors.InvalidGrant('used already')
    },
    destroy: (id) =>
      inTx(async (tx, context) => {
        const [gone] = await tx.query<{ payload: AdapterPayload }>({
          text: 'delete from oauth_artifact where tenant_id = $1 and kind = $2 and hash = $3 returning payload',
          values: [tx.tenant, kind, sha256(id)],
        })
        forgetCallers(tx)
        if (gone && isToken(kind))
          await recordAccess(tx, context, [
            { action: 'D', code: 'token-revoked', entities: [], about: aboutOf(kind, gone.payload) },
          ])
      }),
    revokeByGrantId: (grant) =>
      inTx(async (tx, context) => {
        const gone = await tx.query<{ payload: AdapterPayload }>({
          text: 'delete from oauth_artifact where tenant_id = $1 and kind = $2 and grant_id = $3 returning payload',
          values: [tx.tenant, kind, grant],
        })
        forgetCallers(tx)
        if (isToken(kind))
          await recordAccess(
            tx,
            context,
            gone.map(({ payload }) => ({
              action: 'D' as const,
              code: 'token-revoked',
              entities: [],
              about: aboutOf(kind, payload),
            })),
          )
        // Whatever revokes a grant's tokens revokes the grant: the person's list must say so.
        await tx.run({ text: 'delete from oauth_grant where tenant_id = $1 and id = $2', values: [tx.tenant, grant] })
      }),
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
  }
}
