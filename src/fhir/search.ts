import { createHash } from 'node:crypto'
import type { Resource } from '@medplum/fhirtypes'
import type { Statement, Tx } from '../db/index.ts'
import { refuse } from './errors.ts'
import { parseSearch, type SearchPlan } from './parse-search.ts'
import { writeCursor } from './search-cursor.ts'
import type { SearchOptions } from './search-options.ts'
import { searchStatement } from './search-sql.ts'

export interface SearchPage {
  /** `content` is JSON text, as stored. */
  matches: { id: string; content: string }[]
  total: number | undefined
  /** Cursor of the next page. */
  next: string | undefined
}

// Plans are kept per connection for the shapes met first; a caller who varies shapes without end must not fill the
// server's memory with prepared statements.
const mostShapes = 400
const shapes = new Map<string, string>()

function named(statement: { text: string; values: unknown[] }): Statement {
  let name = shapes.get(statement.text)
  if (name === undefined && shapes.size < mostShapes && statement.text.length < 2000) {
    name = `fhir-search-${createHash('sha1').update(statement.text).digest('hex').slice(0, 16)}`
    shapes.set(statement.text, name)
  }
  return name === undefined ? statement : { ...statement, name }
}

/** Runs a search that has been read. `now` is for approximate dates. */
export async function runSearch(
  tx: Tx,
  plan: SearchPlan,
  now: number,
  options: SearchOptions = {},
): Promise<SearchPage> {
  const matches: SearchPage['matches'] = []
  const idKey = `k${plan.sort.findIndex(({ by }) => by === '_id')}` as const
  let next: string | undefined
  let total: number | undefined
  if (plan.count > 0) {
    type Row = { content: string } & Record<`k${number}`, string | Date>
    const rows = await tx.query<Row>(named(searchStatement(plan, tx.tenant, now, 'page', options)))
    const more = rows.length > plan.count
    const page = more ? rows.slice(0, plan.count) : rows
    for (const row of page) matches.push({ id: String(row[idKey]), content: row.content })
    const last = page.at(-1)
    if (more && last) {
      next = writeCursor(
        plan.sort.map(({ by }, index) => {
          const key = last[`k${index}`]
          return key instanceof Date ? key.getTime() : by === 'date' ? Number(key) : String(key)
        }),
      )
    } else if (!plan.after) total = matches.length
  }
  if (plan.total && total === undefined) {
    const [row] = await tx.query<{ total: number }>(named(searchStatement(plan, tx.tenant, now, 'total', options)))
    total = row?.total ?? 0
  }
  return { matches, total, next }
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
