import { beginning, end } from './date-range.ts'
import type { SearchPlan, SortKey } from './parse-search.ts'
import { type Builder, createBuilder, rank } from './search-builder.ts'
import type { SearchOptions } from './search-options.ts'
import { highest, quoted } from './search-row-sql.ts'

export interface BuiltStatement {
  text: string
  values: unknown[]
}

const isColumn = ({ by }: SortKey) => by === '_id' || by === '_lastUpdated'
const columnOf = ({ by }: SortKey) => (by === '_id' ? 'r.id' : 'r.updated')

/**
 * The value a resource is sorted by; what has none goes last, either way. `+ 0` and `|| ''` keep PostgreSQL from reading
 * the least of one resource as the first of all that happens to be its own. Tokens and references have no index by
 * resource: their whole parameter is read once (`s0`, `s1` …) instead of once a resource.
 */
function sortExpression({ rows }: Builder, key: SortKey, index: number, type: string): string {
  const { by, params, descending } = key
  if (by === '_id' || by === '_lastUpdated') return columnOf(key)
  const from = () =>
    `${rows(
      by,
      't',
      type,
      params.map((name) => ({ name, open: false })),
    )} and t.id = r.id`
  switch (by) {
    case 'date':
      return descending
        ? `coalesce((select max(t.low + 0) ${from()}), ${beginning})`
        : `coalesce((select min(t.low + 0) ${from()}), ${end})`
    case 'quantity':
      return descending
        ? `coalesce((select max(t.base_low + 0) ${from()}), '${-Number.MAX_VALUE}'::float8)`
        : `coalesce((select min(t.base_low + 0) ${from()}), '${Number.MAX_VALUE}'::float8)`
    case 'string':
      return descending
        ? `coalesce((select max(t.value || '') ${from()}), '')`
        : `coalesce((select min(t.value || '') ${from()}), '${highest}')`
    default:
      return descending ? `coalesce(s${index}.most, '')` : `coalesce(s${index}.least, '${highest}')`
  }
}

function sortJoin({ rows }: Builder, { by, params }: SortKey, index: number, type: string): string {
  if (by !== 'token' && by !== 'reference') return ''
  const column = by === 'reference' ? 't.target_id' : 't.value'
  const names = params.map((name) => ({ name, open: false }))
  return ` left join (select t.id, min(${column}) as least, max(${column}) as most ${rows(by, 't', type, names)} group by t.id) s${index} on s${index}.id = r.id`
}

const sortTypes = { _id: 'text', _lastUpdated: 'timestamptz', date: 'bigint', quantity: 'float8' } as const

/**
 * After the cursor, in the sort's order. Of a search over several types the cursor ends with a type, and types follow
 * each other by name among equal keys: then the ids count only in the cursor's own.
 */
function afterCursor({ bind }: Builder, plan: SearchPlan, names: readonly string[]): string {
  const { sort, type } = plan
  const keys = plan.after ?? []
  const last = sort.at(-1)
  const cursorType = keys[sort.length]
  const own = cursorType === undefined || cursorType === type
  const passed = !own && (last?.descending ? type > String(cursorType) : type < String(cursorType))
  const compared = own ? sort : sort.slice(0, -1)
  const bound = compared.map((key, index) => {
    const value = keys[index]
    if (key.by === '_lastUpdated') return bind(new Date(Number(value)), 'timestamptz')
    return bind(value, key.by in sortTypes ? sortTypes[key.by as 'date'] : 'text')
  })
  if (compared.length === 0) return passed ? 'false' : 'true'
  const orEqual = own || passed ? '' : '='
  if (compared.every(({ descending }) => descending === sort[0]?.descending))
    return `(${names.slice(0, compared.length).join(', ')}) ${sort[0]?.descending ? '<' : '>'}${orEqual} (${bound.join(', ')})`
  const steps = compared.map((key, index) =>
    [
      ...compared.slice(0, index).map((_, before) => `${names[before]} = ${bound[before]}`),
      `${names[index]} ${key.descending ? '<' : '>'}${index === compared.length - 1 ? orEqual : ''} ${bound[index]}`,
    ].join(' and '),
  )
  return `(${steps.map((step) => `(${step})`).join(' or ')})`
}

/** Where a statement begins, and what must hold besides. `wander`: it goes through the resources themselves. */
function found(builder: Builder, plan: SearchPlan, wander: boolean): { from: string; where: string } {
  const { type } = plan
  const ordered = plan.conditions.toSorted((a, b) => (rank(a) ?? 9) - (rank(b) ?? 9))
  const [head] = ordered
  const named = ordered.some(({ kind }) => kind === 'ids')
  const begun = !wander && !named && head && rank(head) !== undefined ? builder.ids(type, head) : undefined
  const conditions = ordered
    .filter((condition) => begun === undefined || condition !== head)
    .map((condition) => builder.holds(type, condition, { id: 'r.id', alias: 'r' }))
  return {
    from:
      begun === undefined
        ? 'from fhir_resource r'
        : `from (select distinct d.id from (${begun}) d) d join fhir_resource r on r.id = d.id`,
    where: [builder.resource(type, 'r'), ...conditions].join(' and '),
  }
}

/** The statement of the total. */
export function totalStatement(plan: SearchPlan, tenant: string, now: number, options: SearchOptions): BuiltStatement {
  const builder = createBuilder(tenant, now, options.visible)
  const { from, where } = found(builder, plan, false)
  return { text: `select count(*)::int as total ${from} where ${where}`, values: builder.values }
}

function pageText(builder: Builder, plan: SearchPlan): string {
  const { type, sort } = plan
  const limit = plan.count + 1
  const order = sort.map(({ descending }, index) => `k${index}${descending ? ' desc' : ''}`).join(', ')
  const { from, where } = found(builder, plan, false)
  const columns = sort.map((key, index) => `${sortExpression(builder, key, index, type)} as k${index}`)
  if (sort.every(isColumn)) {
    // Sorted by columns: the cursor stands on them, so that an index gives the page without a sort.
    const after = plan.after ? ` and ${afterCursor(builder, plan, sort.map(columnOf))}` : ''
    return `select r.content, ${columns.join(', ')} ${from} where ${where}${after} order by ${order} limit ${limit}`
  }
  const joins = sort.map((key, index) => sortJoin(builder, key, index, type)).join('')
  const after = plan.after
    ? `where ${afterCursor(
        builder,
        plan,
        sort.map((_, index) => `k${index}`),
      )}`
    : ''
  // `offset 0`: the keys are computed once for what matches, not again inside the joins.
  return `
    with s as materialized (
      select * from (select r.id, ${columns.join(', ')} ${from}${joins} where ${where} offset 0) q
      ${after} order by ${order} limit ${limit})
    select r.content, s.* from s join fhir_resource r on r.tenant_id = $1 and r.type = ${quoted(type)} and r.id = s.id order by ${order}`
}

/** The statement of a page; one row more than asked tells whether there is a next one. */
export function pageStatement(plan: SearchPlan, tenant: string, now: number, options: SearchOptions): BuiltStatement {
  const builder = createBuilder(tenant, now, options.visible)
  return { text: pageText(builder, plan), values: builder.values }
}

/** One page over several types: each type's own page, put together in the order of the sort and then of the types. */
export function manyTypesStatement(
  plans: readonly SearchPlan[],
  tenant: string,
  now: number,
  options: SearchOptions,
): BuiltStatement {
  const builder = createBuilder(tenant, now, options.visible)
  const [first] = plans
  const sort = first?.sort ?? []
  const last = sort.at(-1)?.descending ? ' desc' : ''
  const order = [
    ...sort.slice(0, -1).map(({ descending }, index) => `k${index}${descending ? ' desc' : ''}`),
    `type${last}`,
    `k${sort.length - 1}${last}`,
  ].join(', ')
  const keys = sort.map((_, index) => `k${index}`).join(', ')
  const each = plans.map(
    (plan) => `(select ${quoted(plan.type)} collate "C" as type, content, ${keys} from (${pageText(builder, plan)}) p)`,
  )
  return {
    text: `select * from (${each.join(' union all ')}) u order by ${order} limit ${(first?.count ?? 0) + 1}`,
    values: builder.values,
  }
}
