import type { Tx } from '../db/index.ts'
import type { SearchPlan } from './parse-search.ts'
import { beginnings, rank } from './search-builder.ts'
import type { Condition } from './search-condition.ts'
import type { SearchOptions } from './search-options.ts'
import { type Beginning, type BuiltStatement, isOrdered, probeStatement } from './search-sql.ts'

/**
 * So many rows are joined and sorted without a thought, more are counted no further; so far a walk along the order goes when
 * there is something else to begin with.
 */
export const usualBounds = { few: 1000, walk: 20_000 }

/** How a page is come by. */
export type Strategy =
  /** Take all that meets one condition, look at the others, sort. */
  | ({ by: 'condition' } & Beginning)
  /** Walk along the order; when `otherwise` is given, not too far, and begin with that if the page is not full by then. */
  | { by: 'order'; otherwise: Condition | undefined }

/**
 * Decides by how many rows the conditions have, counted up to a bound: statistics know too little of which values go with
 * which type and parameter. `ask` runs a statement.
 */
export async function chooseStrategy(
  tx: Tx,
  plan: SearchPlan,
  now: number,
  options: SearchOptions,
  ask: (statement: BuiltStatement) => Promise<{ total: number }[]>,
): Promise<Strategy> {
  const { few } = options.bounds ?? usualBounds
  const candidates = beginnings(plan.conditions)
  const [best] = candidates
  const byId = plan.sort[0]?.by === '_id'
  // Rows of one token or reference lie in the order of ids: a page by id is read off them, however many there are.
  const streams = best !== undefined && (rank(best) ?? 9) <= 2
  if (byId && streams && (candidates.length === 1 || (rank(best) ?? 9) <= 1))
    return { by: 'condition', begin: best, inTurn: true }
  if (best !== undefined && rank(best) === 0) return { by: 'condition', begin: best, inTurn: true }
  for (const begin of candidates) {
    const [row] = await ask(probeStatement(plan.type, begin, few, tx.tenant, now, options))
    if ((row?.total ?? 0) <= few) return { by: 'condition', begin, inTurn: true }
  }
  // In the order of ids: off the rows of one value, or through everything.
  if (byId) return { by: 'condition', begin: streams ? best : undefined, inTurn: true }
  return isOrdered(plan) ? { by: 'order', otherwise: best } : { by: 'condition', begin: best, inTurn: false }
}
