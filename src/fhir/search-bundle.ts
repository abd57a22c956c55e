import type { Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { type Answer, bundleText } from './answer.ts'
import { refuse } from './errors.ts'
import { type Sight, shown, sightOf } from './guard.ts'
import { knownType, patientsOf, type RecordDeps } from './interact.ts'
import { warning } from './outcome.ts'
import { searchMade } from './made.ts'
import { parseSearch, type SearchPlan } from './parse-search.ts'
import { includedWith, mostIncluded } from './search-includes.ts'
import type { SearchOptions } from './search-options.ts'
import { showOf } from './search-shown.ts'
import { runSearch, type SearchMatch } from './search.ts'
import { resourceTypes } from './structure.ts'

export interface SearchCall {
  base: string
  strict: boolean
}

export const optionsOf = (deps: RecordDeps, sight: Sight | undefined): SearchOptions => ({
  visible: sight?.visible('search'),
  expander: deps.expander,
  bounds: deps.searchBounds,
})

/** What stands in an answer beside the page: what was left out, as an entry of its own. */
function outcomeEntries(unknown: readonly string[], where: string, cut: boolean, left?: string): string[] {
  const entry = (outcome: object) => `{"resource":${JSON.stringify(outcome)},"search":{"mode":"outcome"}}`
  const faults = unknown.map((path) => ({ path, message: `is not a search parameter of ${where}` }))
  return [
    ...(faults.length > 0 ? [entry(warning('not-supported', faults))] : []),
    ...(left === undefined ? [] : [entry(warning('incomplete', [{ path: where, message: left }]))]),
    ...(cut
      ? [
          entry(
            warning('too-costly', [
              { path: '_include', message: `no more than ${mostIncluded} are included beside a page` },
            ]),
          ),
        ]
      : []),
  ]
}

async function answerSearch(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  plans: readonly SearchPlan[],
  query: URLSearchParams,
  call: SearchCall & { place: string; where: string; typed: readonly [string, string][]; several: boolean },
): Promise<Answer> {
  const [plan] = plans
  const unknown = [...new Set(plans.flatMap((one) => one.unknown))]
  if (call.strict && unknown.length > 0)
    throw refuse('search-parameter-unknown', {
      faults: unknown.map((path) => ({ path, message: `is not a search parameter of ${call.where}` })),
    })
  const sight = await sightOf(deps, tx, context, 'recent')
  const options = optionsOf(deps, sight)
  const now = context.clock.now()
  const page = await runSearch(tx, call.several || !plan ? plans : plan, now, options)
  const made = call.several || !plan ? { found: [] } : await searchMade(deps, tx, sight, plan.type, query)
  const beheld = made.found.map(({ id, content }): SearchMatch => ({ type: plan?.type ?? '', id, content }))
  const total = page.total === undefined ? undefined : page.total + beheld.length
  const matches = plan?.count === 0 ? [] : [...beheld, ...page.matches]
  const beside =
    plan && plan.includes.length > 0
      ? await includedWith(tx, page.matches, plan.includes, now, options)
      : { included: [], cut: false }
  const used = new URLSearchParams(
    [...call.typed, ...(plan?.used ?? [])].map(([name, value]) => [name, value]),
  ).toString()
  const url = (cursor: string) =>
    `${call.place}${used || cursor ? '?' : ''}${[used, cursor].filter((part) => part !== '').join('&')}`
  const asked = query.get('_cursor')
  const links: [string, string][] = [['self', url(asked === null ? '' : `_cursor=${asked}`)]]
  if (page.next !== undefined) links.push(['next', url(`_cursor=${page.next}`)])
  const entry = (mode: 'match' | 'include') => (one: SearchMatch) => {
    const seen = shown(sight, one.type, one.content)
    return `{"fullUrl":${JSON.stringify(`${call.base}/${one.type}/${one.id}`)},"resource":${plan ? showOf(one.type, seen, plan.shown) : seen},"search":{"mode":"${mode}"}}`
  }
  const entries = [
    ...matches.map(entry('match')),
    ...beside.included.map(entry('include')),
    ...outcomeEntries(unknown, call.where, beside.cut, made.left),
  ]
  await deps.audit(tx, context, {
    action: 'E',
    interaction: 'search',
    entities: [...matches, ...beside.included].map(({ type, id }) => `${type}/${id}`),
    ...patientsOf([...matches, ...beside.included].map(({ content }) => content)),
    query: `${call.several ? '' : call.where}?${used}`,
  })
  return { status: 200, content: bundleText('searchset', { total, links, entries }) }
}

/** A search as a Bundle. What this type cannot be searched by is named in an outcome entry, or refused when `strict`. */
export async function searchOne(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  type: string,
  query: URLSearchParams,
  options: SearchCall,
): Promise<Answer> {
  knownType(type)
  return answerSearch(deps, tx, context, [parseSearch(type, query)], query, {
    ...options,
    place: `${options.base}/${type}`,
    where: type,
    typed: [],
    several: false,
  })
}

/** The types that this tenant has anything of: one look into an index each. */
async function presentTypes(tx: Tx): Promise<string[]> {
  const rows = await tx.query<{ type: string }>({
    name: 'fhir-present-types',
    text: `
      select v.type from unnest($2::text[]) as v (type)
      where exists (select from fhir_resource r where r.tenant_id = $1 and r.type = v.type)`,
    values: [tx.tenant, resourceTypes],
  })
  return rows.map(({ type }) => type)
}

/** A search over the types of `_type`, or over all there are, by the parameters that all of them have. */
export async function searchAll(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  query: URLSearchParams,
  options: SearchCall,
): Promise<Answer> {
  const asked = query.getAll('_type').flatMap((text) => text.split(','))
  for (const type of asked) knownType(type)
  const types = [...new Set(asked.length > 0 ? asked : await presentTypes(tx))].sort()
  const rest = new URLSearchParams([...query].filter(([name]) => name !== '_type'))
  const plans = types.map((type) => parseSearch(type, rest))
  return answerSearch(deps, tx, context, plans, query, {
    ...options,
    place: options.base,
    where: asked.length > 0 ? types.join(', ') : 'every type',
    typed: asked.length > 0 ? [['_type', types.join(',')]] : [],
    several: true,
  })
}
