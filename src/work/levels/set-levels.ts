import type { Tx } from '../../db/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'
import type { WrittenPolicy } from './written-policy.ts'

const minute = 60_000

/** One set of service levels, as it was written down. */
export interface SetOfLevels {
  version: number
  from: Date
  policies: WrittenPolicy[]
  note: string
  by: string
  madeAt: Date
  withdrawnAt: Date | null
}

/** Every set that was ever written, the newest first. */
export const listSets = (tx: Tx): Promise<SetOfLevels[]> =>
  tx.query<SetOfLevels>({
    name: 'list-service-levels',
    text: `select version, from_at as "from", policies, note, made_by as by, made_at as "madeAt", withdrawn_at as "withdrawnAt"
           from service_levels where tenant_id = $1 order by version desc`,
    values: [tx.tenant],
  })

/**
 * Writes the next set, that holds for tasks made from a moment on (milliseconds, not before this minute). Throws `levels-changed` when
 * another set was written than the one it was made from, `levels-window` for a moment that has passed or lies beyond a year.
 */
export async function setLevels(
  tx: Tx,
  context: CallContext,
  asked: { from: number; policies: readonly WrittenPolicy[]; note: string; after: number },
): Promise<number> {
  const now = context.clock.now()
  // The clock runs between the asking and here.
  if (asked.from < now - minute || asked.from > now + 366 * 86_400_000)
    throw refuse('levels-window', { faults: [{ path: 'from', message: 'lies ahead, and within a year' }] })
  await tx.run({
    name: 'lock-service-levels',
    text: `select pg_advisory_xact_lock(hashtextextended('service-levels ' || $1, 0))`,
    values: [tx.tenant],
  })
  const [latest] = await listSets(tx)
  if ((latest?.version ?? 0) !== asked.after)
    throw refuse('levels-changed', { faults: [{ path: 'after', message: `the newest is ${latest?.version ?? 0}` }] })
  const version = asked.after + 1
  await tx.run({
    name: 'set-service-levels',
    text: 'insert into service_levels (tenant_id, version, from_at, policies, note, made_by, made_at) values ($1, $2, $3, $4, $5, $6, $7)',
    values: [
      tx.tenant,
      version,
      new Date(asked.from),
      JSON.stringify(asked.policies),
      asked.note,
      context.actor.name,
      new Date(now),
    ],
  })
  return version
}

/** Takes back a set that lies ahead: it never comes into force. Throws `levels-in-force` when it has, or is gone already. */
export async function withdrawLevels(tx: Tx, context: CallContext, version: number): Promise<void> {
  const now = new Date(context.clock.now())
  const rows = await tx.query({
    name: 'withdraw-service-levels',
    text: `update service_levels set withdrawn_at = $3
           where tenant_id = $1 and version = $2 and withdrawn_at is null and from_at > $3 returning version`,
    values: [tx.tenant, version, now],
  })
  if (rows.length === 0)
    throw refuse('levels-in-force', { faults: [{ path: 'version', message: `${version} does not lie ahead` }] })
}
