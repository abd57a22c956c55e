import { refuse } from './errors.ts'
import type { ContentOf } from './content-sql.ts'
import { parseSearch } from './parse-search.ts'
import { createPartBuilder } from './search-builder.ts'
import type { Condition } from './search-condition.ts'
import type { Bind } from './search-options.ts'

/**
 * SQL: does a resource match these search parameters, those of a SMART scope (`category=laboratory&status=final`)? Throws for
 * a parameter that its type does not have and for what one row of it cannot tell: chains, value sets, paging.
 */
export function matchesSql({ type, id }: ContentOf, query: string, now: number, bind: Bind): string {
  const asked = new URLSearchParams(query)
  const odd = [...asked.keys()].filter(
    (name) => name.startsWith('_') && !['_id', '_tag', '_security', '_profile'].includes(name),
  )
  const plan = parseSearch(type, asked)
  const faults = [...odd, ...plan.unknown].map((path) => ({ path, message: `a scope on ${type} cannot go by it` }))
  if (faults.length > 0) throw refuse('search-parameter-unknown', { faults })
  for (const condition of plan.conditions)
    if (!tellable(condition)) throw new TypeError(`a scope on ${type} goes by what one resource cannot tell`)
  return createPartBuilder(bind, now).holds(type, { kind: 'all', of: plan.conditions }, { id })
}

/** Whether the search rows of the resource itself are enough. */
function tellable(condition: Condition): boolean {
  switch (condition.kind) {
    case 'ids':
    case 'rows':
      return true
    case 'any':
    case 'all':
      return condition.of.every(tellable)
    case 'not':
      return tellable(condition.of)
    default:
      return false
  }
}
