import type { Resource } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { refuse } from './errors.ts'
import { prepared } from './prepared.ts'
import { parseSearch, type SearchPlan } from './parse-search.ts'
import { resolveCondition } from './resolve-condition.ts'
import type { Condition } from './search-condition.ts'
import { writeCursor } from './search-cursor.ts'
import type { SearchOptions } from './search-options.ts'
import { manyTypesStatement, pageStatement, totalStatement } from './search-sql.ts'

export interface SearchMatch {
  type: string
  id: string
  /** JSON text, as stored. */
  content: string
}

export interface SearchPage {
  matches: SearchMatch[]
  total: number | undefined
  /** Cursor of the next page. */
  next: string | undefined
}

/** The plan with everything looked up that SQL cannot ask. */
export async function resolvePlan(tx: Tx, plan: SearchPlan, now: number, options: SearchOptions): Promise<SearchPlan> {
  const conditions: Condition[] = []
  for (const condition of plan.conditions)
    conditions.push(await resolveCondition(tx, plan.type, condition, now, options))
  return { ...plan, conditions }
}

/**
 * Runs a search that has been read, over one type or, with the same sort, over several. `now` is for approximate dates.
 */
export async function runSearch(
  tx: Tx,
  asked: SearchPlan | readonly SearchPlan[],
  now: number,
  options: SearchOptions = {},
): Promise<SearchPage> {
  const several = 'type' in asked ? undefined : asked
  const plans: SearchPlan[] = []
  for (const plan of several ?? [asked as SearchPlan]) plans.push(await resolvePlan(tx, plan, now, options))
  const [plan] = plans
  const matches: SearchMatch[] = []
  if (!plan) return { matches, total: several ? 0 : undefined, next: undefined }
  const idKey = `k${plan.sort.findIndex(({ by }) => by === '_id')}` as const
  let next: string | undefined
  let total: number | undefined
  if (plan.count > 0) {
    type Row = { type?: string; content: string } & Record<`k${number}`, string | number | Date>
    const statement = several
      ? manyTypesStatement(plans, tx.tenant, now, options)
      : pageStatement(plan, tx.tenant, now, options)
    const rows = await tx.query<Row>(prepared(statement))
    const more = rows.length > plan.count
    const page = more ? rows.slice(0, plan.count) : rows
    for (const row of page) matches.push({ type: row.type ?? plan.type, id: String(row[idKey]), content: row.content })
    const last = page.at(-1)
    if (more && last) {
      const keys = plan.sort.map(({ by }, index) => {
        const key = last[`k${index}`]
        return key instanceof Date ? key.getTime() : by === 'date' || by === 'quantity' ? Number(key) : String(key)
      })
      next = writeCursor(last.type === undefined ? keys : [...keys, last.type])
    } else if (!plan.after) total = matches.length
  }
  if (plan.total && total === undefined) {
    total = 0
    for (const one of plans) {
      const [row] = await tx.query<{ total: number }>(prepared(totalStatement(one, tx.tenant, now, options)))
      total += row?.total ?? 0
    }
  }
  return { matches, total: plan.untold ? undefined : total, next }
}

/** Search as the rooms ask it. An unknown parameter is our own mistake and refused: left out, it would find too much. */
export async function search(
  tx: Tx,
  resourceType: string,
  query: URLSearchParams,
  now: number,
  options: SearchOptions = {},
) {
  const plan = parseSearch(resourceType, query)
  if (plan.unknown.length > 0) {
    throw refuse('search-parameter-unknown', {
      faults: plan.unknown.map((path) => ({ path, message: `${resourceType} has no such search parameter` })),
    })
  }
  const page = await runSearch(tx, plan, now, options)
  return {
    resources: page.matches.map(({ content }) => JSON.parse(content) as Resource),
    total: page.total,
    next: page.next,
  }
}

/** The statements of a search with PostgreSQL's plan of each; they are not carried out. */
export async function searchPlans(
  tx: Tx,
  asked: SearchPlan,
  now: number,
  options: SearchOptions = {},
): Promise<{ statement: string; plan: string }[]> {
  const plan = await resolvePlan(tx, asked, now, options)
  const statements = [
    ...(plan.count > 0 ? [pageStatement(plan, tx.tenant, now, options)] : []),
    ...(plan.total ? [totalStatement(plan, tx.tenant, now, options)] : []),
  ]
  const plans: { statement: string; plan: string }[] = []
  for (const { text, values } of statements) {
    const rows = await tx.query<{ 'QUERY PLAN': string }>({ text: `explain (costs off) ${text}`, values })
    plans.push({ statement: text, plan: rows.map((row) => row['QUERY PLAN']).join('\n') })
  }
  return plans
}
