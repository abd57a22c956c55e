import type { ContentOf } from './content-sql.ts'
import { parseSearch } from './parse-search.ts'
import { createBuilder } from './search-builder.ts'
import type { Bind } from './search-options.ts'

/**
 * SQL: does a resource match these search parameters? It is put into other statements, whose values and aliases are not its
 * own: both are renamed. Throws for what is no parameter of the type, and for what must be looked up beforehand (value
 * sets, lists) or lies in no search row (`_lastUpdated`).
 */
export function matchesSql({ type, id }: ContentOf, query: string, tenant: string, now: number, bind: Bind): string {
  const plan = parseSearch(type, new URLSearchParams(query))
  if (plan.unknown.length > 0 || plan.conditions.length === 0)
    throw new TypeError(`${type} cannot be searched by this scope`)
  if (JSON.stringify(plan.conditions).includes('"kind":"updated"')) throw new TypeError('no row to look at')
  const builder = createBuilder(tenant, now)
  const text = plan.conditions
    .map((condition) => builder.holds(type, condition, { id: 'matched_id', alias: 'matched' }))
    .join(' and ')
  const own = text
    .replace(/\b([a-z])(\d+)\b(?=[ .])/g, 'scope_$1$2')
    .replace(/\$(\d+)(?:::([a-z]+(?:\[\])?))?/g, (_place, at: string, kind: string | undefined) =>
      bind(builder.values[Number(at) - 1], kind ?? 'text'),
    )
  return `(${own.replaceAll('matched_id', id)})`
}
