import type { Tx } from '../../db/index.ts'
import { CodedError, type Fault } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'
import { parseSearch, type SearchPlan } from '../parse-search.ts'
import { runSearch } from '../search.ts'
import type { SearchOptions } from '../search-options.ts'

/** Reads a `_typeFilter`: any search of the type, without anything that is about the answer and not about the resource. */
export function readTypeFilter(type: string, query: string): SearchPlan | { faults: readonly Fault[] } {
  try {
    const plan = parseSearch(type, new URLSearchParams(query))
    const faults: Fault[] = plan.unknown.map((name) => ({
      path: name.slice(0, 64),
      message: `is not a search parameter of ${type}`,
    }))
    if (plan.conditions.length !== plan.used.length)
      faults.push({ path: type, message: 'is filtered by more than conditions' })
    return faults.length > 0 ? { faults } : plan
  } catch (error) {
    if (error instanceof CodedError) return { faults: error.faults }
    throw error
  }
}

/**
 * Ids, after the given one and in order, of the resources of a type that match any of the searches. Each search gives its
 * next `count`; of all together the first `count` are right, and none is there twice.
 */
export async function matchingIds(
  tx: Tx,
  type: string,
  queries: readonly string[],
  page: { after: string; count: number; now: number },
  options: SearchOptions,
): Promise<string[]> {
  const ids = new Set<string>()
  for (const query of queries) {
    const plan = readTypeFilter(type, query)
    if ('faults' in plan) throw refuse('export-refused', { faults: plan.faults })
    const found = await runSearch(
      tx,
      {
        ...plan,
        sort: [{ by: '_id', params: ['_id'], descending: false }],
        count: page.count,
        total: false,
        after: page.after === '' ? undefined : [page.after],
      },
      page.now,
      options,
    )
    for (const { id } of found.matches) ids.add(id)
  }
  return [...ids].toSorted((a, b) => (a < b ? -1 : 1)).slice(0, page.count)
}
