import { createPrivateKey, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { recordAccess } from '../audit/index.ts'
import type { SigningKeyList } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { type CallContext, newId } from '../kernel/index.ts'
import type { Vault } from './vault.ts'

// Identity tokens are signed with RS256, which OpenID Connect asks of everybody (Core, 15.1).
const algorithm = 'RS256'
const modulusLength = 3072
/** A retired key is published until everything that it signed has expired. */
const shownAfter = 24 * 60 * 60_000

export interface SigningKey extends JsonWebKey {
  kid: string
  alg: string
  use: 'sig'
}

const place = (tx: Tx, id: string) => `${tx.tenant}/signing-key/${id}`

/** Makes the key that signs from now on, and retires the one before. */
export async function rotateKeys(tx: Tx, context: CallContext, vault: Vault): Promise<void> {
  const now = context.clock.now()
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength })
  const id = newId(context.clock)
  await tx.run({
    text: 'update signing_key set retired_at = $2 where tenant_id = $1 and retired_at is null',
    values: [tx.tenant, new Date(now)],
  })
  await tx.run({
    text: 'delete from signing_key where tenant_id = $1 and retired_at < $2',
    values: [tx.tenant, new Date(now - shownAfter)],
  })
  await tx.run({
    text: 'insert into signing_key (tenant_id, id, algorithm, sealed, created_at) values ($1, $2, $3, $4, $5)',
    values: [
      tx.tenant,
      id,
      algorithm,
      vault.close(place(tx, id), privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
      new Date(now),
    ],
  })
  await recordAccess(tx, context, [
    { action: 'C', code: 'signing-key-made', entities: [], about: [{ kind: 'signing-key', id }] },
  ])
}

const current = (tx: Tx, context: CallContext) =>
  tx.query<{ id: string; algorithm: string; sealed: Buffer; created_at: Date; retired_at: Date | null }>({
    text: `select id, algorithm, sealed, created_at, retired_at from signing_key
           where tenant_id = $1 and (retired_at is null or retired_at > $2) order by retired_at nulls first, created_at desc`,
    values: [tx.tenant, new Date(context.clock.now() - shownAfter)],
  })

/** The keys, private parts too, the one that signs first; made when there is none yet. */
export async function openKeys(tx: Tx, context: CallContext, vault: Vault): Promise<SigningKey[]> {
  let rows = await current(tx, context)
  if (!rows.some((row) => row.retired_at === null)) {
    // Of two nodes that start together one makes the key.
    await tx.run({ text: `select pg_advisory_xact_lock(hashtext('signing-key'), hashtext($1))`, values: [tx.tenant] })
    if (!(await current(tx, context)).some((row) => row.retired_at === null)) await rotateKeys(tx, context, vault)
    rows = await current(tx, context)
  }
  return rows.map((row) => ({
    ...createPrivateKey(vault.open(place(tx, row.id), row.sealed)).export({ format: 'jwk' }),
    kid: row.id,
    alg: row.algorithm,
    use: 'sig',
  }))
}

/** Which keys there are, to tell whether they changed. */
export const keyIds = async (tx: Tx, context: CallContext): Promise<string> =>
  (await current(tx, context)).map(({ id, retired_at }) => `${id}${retired_at === null ? '' : '-'}`).join(' ')

export async function listKeys(tx: Tx, context: CallContext): Promise<SigningKeyList> {
  const rows = await current(tx, context)
  return {
    items: rows.map((row) => ({
      id: row.id,
      algorithm: row.algorithm,
      state: row.retired_at === null ? 'active' : 'retired',
      createdAt: row.created_at.toISOString(),
      retiredAt: row.retired_at?.toISOString() ?? null,
    })),
  }
}
