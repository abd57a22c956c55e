import type { Resource } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { refuse } from './errors.ts'
import { prepared } from './prepared.ts'
import { parseSearch, type SearchPlan } from './parse-search.ts'
import { resolveCondition } from './resolve-condition.ts'
import { firstOf } from './search-builder.ts'
import type { Condition } from './search-condition.ts'
import { writeCursor } from './search-cursor.ts'
import type { SearchOptions } from './search-options.ts'
import {
  type Beginning,
  type BuiltStatement,
  manyTypesStatement,
  orderedStatement,
  pageStatement,
  type Stretch,
  stretchOf,
  totalStatement,
} from './search-sql.ts'
import { chooseStrategy, type Strategy, usualBounds } from './search-strategy.ts'

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

type Row = { type?: string; content: string } & Record<`k${number}`, string | number | Date>

/** The rows of a page of one type, one more than asked if there is a next page. */
async function pageRows(
  tx: Tx,
  plan: SearchPlan,
  strategy: Strategy,
  now: number,
  options: SearchOptions,
): Promise<Row[]> {
  const run = (statement: BuiltStatement) => tx.query<Row>(prepared(statement))
  const byCondition = (beginning: Beginning) => run(pageStatement(plan, beginning, tx.tenant, now, options))
  if (strategy.by === 'condition') return byCondition(strategy)
  const longest = strategy.otherwise && (options.bounds ?? usualBounds).walk
  const walk = (stretch: Stretch) => run(orderedStatement(plan, stretch, longest, tx.tenant, now, options))
  const rows = stretchOf(plan) === 'valued' ? await walk('valued') : []
  if (rows.length > plan.count) return rows
  if (strategy.otherwise) return byCondition({ begin: strategy.otherwise, inTurn: false })
  if (plan.sort[0]?.by === '_lastUpdated') return rows
  return [...rows, ...(await walk('valueless')).slice(0, plan.count + 1 - rows.length)]
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
  let begin = firstOf(plan)
  if (plan.count > 0) {
    let rows: Row[]
    if (several) rows = await tx.query<Row>(prepared(manyTypesStatement(plans, tx.tenant, now, options)))
    else {
      const strategy = await chooseStrategy(tx, plan, now, options, (statement) => tx.query(prepared(statement)))
      if (strategy.by === 'condition') begin = strategy.begin
      rows = await pageRows(tx, plan, strategy, now, options)
    }
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
      const statement = totalStatement(one, several ? firstOf(one) : begin, tx.tenant, now, options)
      const [row] = await tx.query<{ total: number }>(prepared(statement))
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

/** The statements of a search with PostgreSQL's plan of each. Nothing is carried out but the counts that decide between plans. */
export async function searchPlans(
  tx: Tx,
  asked: SearchPlan,
  now: number,
  options: SearchOptions = {},
): Promise<{ statement: string; plan: string }[]> {
  const plan = await resolvePlan(tx, asked, now, options)
  const statements: BuiltStatement[] = []
  let begin = firstOf(plan)
  if (plan.count > 0) {
    const strategy = await chooseStrategy(tx, plan, now, options, (statement) => {
      statements.push(statement)
      return tx.query(statement)
    })
    if (strategy.by === 'condition') {
      begin = strategy.begin
      statements.push(pageStatement(plan, strategy, tx.tenant, now, options))
    } else
      statements.push(
        orderedStatement(
          plan,
          stretchOf(plan),
          strategy.otherwise && (options.bounds ?? usualBounds).walk,
          tx.tenant,
          now,
          options,
        ),
      )
  }
  if (plan.total) statements.push(totalStatement(plan, begin, tx.tenant, now, options))
  const plans: { statement: string; plan: string }[] = []
  for (const { text, values } of statements) {
    const rows = await tx.query<{ 'QUERY PLAN': string }>({ text: `explain (costs off) ${text}`, values })
    plans.push({ statement: text, plan: rows.map((row) => row['QUERY PLAN']).join('\n') })
  }
  return plans
}
