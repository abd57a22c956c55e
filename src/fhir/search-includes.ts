import type { Tx } from '../db/index.ts'
import type { Include } from './parse-search.ts'
import { createBuilder } from './search-builder.ts'
import type { SearchMatch } from './search.ts'
import type { SearchOptions } from './search-options.ts'
import { quoted } from './search-row-sql.ts'
import { looksAt, type SearchParameter, searchParameters } from './search-parameters.ts'
import { searchRows } from './search-rows.ts'
import { resourceTypes } from './structure.ts'

/** More than this is not put beside one page: the answer says so. */
export const mostIncluded = 1000
const mostRounds = 8

const keyOf = ({ type, id }: { type: string; id: string }) => `${type}/${id}`
const parametersOf = (type: string, code: string, { visible }: SearchOptions): SearchParameter[] =>
  [...searchParameters(type).values()].filter(
    (parameter) =>
      parameter.kind === 'reference' &&
      (code === '*' || parameter.code === code) &&
      !looksAt(type, parameter.code, visible?.hidden?.(type) ?? []),
  )

/** What the given resources point to by the include's parameters, as ids by type; canonical URLs under the empty type. */
function pointedTo(
  found: readonly SearchMatch[],
  include: Include,
  options: SearchOptions,
): { ids: Map<string, Set<string>>; urls: Map<string, Set<string>> } {
  const ids = new Map<string, Set<string>>()
  const urls = new Map<string, Set<string>>()
  const add = (to: Map<string, Set<string>>, type: string, value: string) => {
    if (include.target === undefined || include.target === type) to.set(type, (to.get(type) ?? new Set()).add(value))
  }
  for (const one of found) {
    if (include.source !== '*' && include.source !== one.type) continue
    const parameters = new Map(
      parametersOf(one.type, include.param, options).map((parameter) => [parameter.code, parameter]),
    )
    if (parameters.size === 0) continue
    for (const { param, targetType, targetId } of searchRows(JSON.parse(one.content) as object).reference.values()) {
      const parameter = parameters.get(param)
      if (!parameter) continue
      if (targetType !== '') add(ids, targetType, targetId)
      else if (parameter.paths.some(({ type }) => type === 'canonical'))
        for (const target of parameter.targets) if (searchParameters(target).has('url')) add(urls, target, targetId)
    }
  }
  return { ids, urls }
}

/**
 * What stands beside the matches by `_include` and `_revinclude`, each resource once and none that is a match. `cut`: there
 * was more than is shown.
 */
export async function includedWith(
  tx: Tx,
  matches: readonly SearchMatch[],
  includes: readonly Include[],
  now: number,
  options: SearchOptions,
): Promise<{ included: SearchMatch[]; cut: boolean }> {
  const seen = new Set(matches.map(keyOf))
  const included: SearchMatch[] = []
  let cut = false
  let fresh: readonly SearchMatch[] = matches
  for (let round = 0; round < mostRounds && fresh.length > 0 && !cut; round += 1) {
    const builder = createBuilder(tx.tenant, now, options.visible)
    const { bind } = builder
    const parts: string[] = []
    const select = (type: string, condition: string) =>
      parts.push(
        `select ${quoted(type)} collate "C" as type, r.id, r.content from fhir_resource r where ${builder.resource(type, 'r')} and ${condition}`,
      )
    const rowsOf = (table: 'token' | 'reference', type: string, code: string) =>
      builder.rows(table, 't', type, [{ name: code, open: false }])
    for (const include of includes) {
      if (round > 0 && !include.iterate) continue
      if (include.reverse) {
        for (const parameter of parametersOf(include.source, include.param, options)) {
          for (const target of new Set(fresh.map(({ type }) => type))) {
            if (include.target !== undefined && include.target !== target) continue
            const ids = bind(
              fresh.filter(({ type }) => type === target).map(({ id }) => id),
              'text[]',
            )
            select(
              include.source,
              `r.id in (select t.id ${rowsOf('reference', include.source, parameter.code)} and t.target_type = ${quoted(target)} and t.target_id = any (${ids}))`,
            )
          }
        }
      } else {
        const { ids, urls } = pointedTo(fresh, include, options)
        for (const [type, wanted] of ids)
          if (resourceTypes.includes(type)) select(type, `r.id = any (${bind([...wanted], 'text[]')})`)
        for (const [type, wanted] of urls)
          select(
            type,
            `r.id in (select t.id ${rowsOf('token', type, 'url')} and t.value = any (${bind([...wanted], 'text[]')}))`,
          )
      }
    }
    if (parts.length === 0) break
    // One row more than there is room for tells that something was cut; what has been seen may come again.
    const room = mostIncluded + seen.size + 1
    const rows = await tx.query<SearchMatch>({
      text: `select distinct on (type, id) * from (${parts.join(' union all ')}) u order by type, id limit ${room}`,
      values: builder.values,
    })
    const next: SearchMatch[] = []
    for (const row of rows) {
      if (seen.has(keyOf(row))) continue
      if (included.length === mostIncluded) {
        cut = true
        break
      }
      seen.add(keyOf(row))
      included.push(row)
      next.push(row)
    }
    fresh = next
    if (round === mostRounds - 1 && fresh.length > 0 && includes.some(({ iterate }) => iterate)) cut = true
  }
  return { included, cut }
}
