import type { Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { type Answer, bundleText } from './answer.ts'
import { refuse } from './errors.ts'
import { shown, sightOf } from './guard.ts'
import { knownType, patientsOf, type RecordDeps } from './interact.ts'
import { warning } from './outcome.ts'
import { parseSearch } from './parse-search.ts'
import { runSearch } from './search.ts'

/** A search as a Bundle. What this type cannot be searched by is named in an outcome entry, or refused when `strict`. */
export async function searchOne(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  type: string,
  query: URLSearchParams,
  options: { base: string; strict: boolean },
): Promise<Answer> {
  knownType(type)
  const plan = parseSearch(type, query)
  const faults = plan.unknown.map((path) => ({ path, message: `is not a search parameter of ${type}` }))
  if (options.strict && faults.length > 0) throw refuse('search-parameter-unknown', { faults })
  const sight = await sightOf(deps, tx, context)
  const page = await runSearch(tx, plan, context.clock.now(), {
    visible: sight?.visible('search'),
    expander: deps.expander,
  })
  const used = new URLSearchParams(plan.used.map(([name, value]) => [name, value])).toString()
  const url = (cursor: string) =>
    `${options.base}/${type}${used || cursor ? '?' : ''}${[used, cursor].filter((part) => part !== '').join('&')}`
  const asked = query.get('_cursor')
  const links: [string, string][] = [['self', url(asked === null ? '' : `_cursor=${asked}`)]]
  if (page.next !== undefined) links.push(['next', url(`_cursor=${page.next}`)])
  const entries = page.matches.map(
    ({ id, content }) =>
      `{"fullUrl":${JSON.stringify(`${options.base}/${type}/${id}`)},"resource":${shown(sight, type, content)},"search":{"mode":"match"}}`,
  )
  if (faults.length > 0)
    entries.push(`{"resource":${JSON.stringify(warning('not-supported', faults))},"search":{"mode":"outcome"}}`)
  await deps.audit(tx, context, {
    action: 'E',
    interaction: 'search',
    entities: page.matches.map(({ id }) => `${type}/${id}`),
    ...patientsOf(page.matches.map(({ content }) => content)),
    query: `${type}?${query}`,
  })
  return { status: 200, content: bundleText('searchset', { total: page.total, links, entries }) }
}
