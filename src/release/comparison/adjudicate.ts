import type { Tx } from '../../db/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'
import { firstIsVersion, readPair } from './pairs.ts'

/** One judgement of a case in which two answers differ, once and for all. Whoever gave one of them does not judge. */
export async function adjudicate(
  tx: Tx,
  context: CallContext,
  decision: string,
  asked: { version: number; prefers: 'first' | 'second' | 'both' | 'neither'; why?: string | undefined },
): Promise<void> {
  const { version, prefers, why } = asked
  const pair = await readPair(tx, decision, version)
  if (!pair) throw refuse('nothing-to-judge')
  if (pair.answered_by === context.actor.name) throw refuse('own-answer')
  const chosen =
    prefers === 'both' || prefers === 'neither'
      ? prefers
      : (prefers === 'first') === firstIsVersion(decision, version)
        ? 'version'
        : 'other'
  const kept = await tx.query({
    text: `insert into automation_adjudication (tenant_id, decision, version, prefers, why, at, by_account, by_name)
           values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning 1`,
    values: [
      tx.tenant,
      decision,
      version,
      chosen,
      why ?? null,
      new Date(context.clock.now()),
      context.actor.id,
      context.actor.name,
    ],
  })
  if (kept.length === 0) throw refuse('already-judged')
}
