import { beginning, end } from './date-range.ts'
import type { SearchPlan, SortKey } from './parse-search.ts'
import { type Builder, createBuilder, firstOf, needsRow } from './search-builder.ts'
import type { Condition } from './search-condition.ts'
import type { SearchOptions } from './search-options.ts'
import { isSingle } from './search-parameters.ts'
import { highest, lowBounds, quoted, rowTest } from './search-row-sql.ts'

export interface BuiltStatement {
  text: string
  values: unknown[]
}

/** Where the rows of a table stand in the order of their values, all that tells two rows of a resource apart, and what stands for none. */
const ordered = {
  date: { value: 'low', whole: ['low', 'high'], least: beginning - 1, most: end + 1, type: 'bigint' },
  string: { value: 'value', whole: ['value', 'exact'], least: '', most: highest, type: 'text' },
} as const

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
        ? `coalesce((select max(t.low + 0) ${from()}), ${ordered.date.least})`
        : `coalesce((select min(t.low + 0) ${from()}), ${ordered.date.most})`
    case 'quantity':
      return descending
        ? `coalesce((select max(t.base_low + 0) ${from()}), '${-Number.MAX_VALUE}'::float8)`
        : `coalesce((select min(t.base_low + 0) ${from()}), '${Number.MAX_VALUE}'::float8)`
    case 'string':
      return descending
        ? `coalesce((select max(t.value || '') ${from()}), '${ordered.string.least}')`
        : `coalesce((select min(t.value || '') ${from()}), '${ordered.string.most}')`
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

/** With what condition's rows a statement begins; without one it goes through all there is. */
export interface Beginning {
  begin: Condition | undefined
  /** The rest is looked at for each in turn, for when these are few or come in the order asked for; else PostgreSQL may join. */
  inTurn: boolean
}

/** Where a statement begins, and what must hold besides. */
function found(builder: Builder, plan: SearchPlan, { begin, inTurn }: Beginning): { from: string; where: string } {
  const { type } = plan
  const begun = begin && builder.ids(type, begin)
  const rest = plan.conditions.filter((condition) => begun === undefined || condition !== begin)
  const resource = builder.resource(type, 'r')
  const seen = { id: 'r.id', alias: 'r' }
  const holding = (conditions: readonly Condition[]) => conditions.map((one) => builder.holds(type, one, seen))
  if (begun === undefined) return { from: 'from fhir_resource r', where: [resource, ...holding(rest)].join(' and ') }
  const ids = `from (select distinct d.id from (${begun}) d) d`
  const early = inTurn
    ? rest.filter((one) => !needsRow(one)).map((one) => builder.holds(type, one, { id: 'd.id' }))
    : []
  // `offset 0` once more: what is asked of the resource, and whether it may be seen, is asked of those that are left.
  const left =
    early.length > 0
      ? `from (select d.id ${ids} cross join lateral (select 1 where ${early.join(' and ')} offset 0) c offset 0) d`
      : ids
  const late = inTurn ? rest.filter(needsRow) : rest
  return {
    from: `${left} join fhir_resource r on r.id = d.id`,
    where: [resource, ...holding(late)].join(' and '),
  }
}

/** The statement of the total. */
export function totalStatement(
  plan: SearchPlan,
  begin: Condition | undefined,
  tenant: string,
  now: number,
  options: SearchOptions,
): BuiltStatement {
  const builder = createBuilder(tenant, now, options.visible)
  const { from, where } = found(builder, plan, { begin, inTurn: false })
  return { text: `select count(*)::int as total ${from} where ${where}`, values: builder.values }
}

/** How many rows a condition is begun with, counted no further than `most` + 1. */
export function probeStatement(
  type: string,
  condition: Condition,
  most: number,
  tenant: string,
  now: number,
  options: SearchOptions,
): BuiltStatement {
  const builder = createBuilder(tenant, now, options.visible)
  return {
    text: `select count(*)::int as total from (select 1 from (${builder.ids(type, condition) ?? ''}) d limit ${most + 1}) d`,
    values: builder.values,
  }
}

function pageText(builder: Builder, plan: SearchPlan, beginning: Beginning): string {
  const { type, sort } = plan
  const limit = plan.count + 1
  const order = sort.map(({ descending }, index) => `k${index}${descending ? ' desc' : ''}`).join(', ')
  const { from, where } = found(builder, plan, beginning)
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

/** The statement of a page that begins with a condition's rows; one row more than asked tells whether there is a next one. */
export function pageStatement(
  plan: SearchPlan,
  beginning: Beginning,
  tenant: string,
  now: number,
  options: SearchOptions,
): BuiltStatement {
  const builder = createBuilder(tenant, now, options.visible, beginning.inTurn)
  return { text: pageText(builder, plan, beginning), values: builder.values }
}

/** The part of a sorted list: those that have a value, in its order, then those that have none. */
export type Stretch = 'valued' | 'valueless'

/** Whether an index gives the resources in the order of the sort: by one value, then by id the same way. */
export function isOrdered({ sort }: SearchPlan): boolean {
  const [first, id, ...rest] = sort
  return (
    first !== undefined &&
    (first.by in ordered || first.by === '_lastUpdated') &&
    first.params.length === 1 &&
    id?.by === '_id' &&
    rest.length === 0 &&
    id.descending === first.descending
  )
}

/** The stretch where a cursor stands. */
export function stretchOf({ sort, after }: SearchPlan): Stretch {
  const [first] = sort
  const table = first && first.by in ordered ? ordered[first.by as 'date'] : undefined
  return table && after?.[0] === (first?.descending ? table.least : table.most) ? 'valueless' : 'valued'
}

/**
 * A page that walks along the order of the sort and looks at each resource in turn, `walk` rows at the most: for when so
 * much matches that sorting it would take longer than meeting a page of it.
 */
export function orderedStatement(
  plan: SearchPlan,
  stretch: Stretch,
  walk: number | undefined,
  tenant: string,
  now: number,
  options: SearchOptions,
): BuiltStatement {
  const builder = createBuilder(tenant, now, options.visible, true)
  const { bind } = builder
  const { type, sort, after } = plan
  const [first] = sort
  if (!first) throw new TypeError('a search without a sort')
  const way = first.descending ? ' desc' : ''
  const sign = first.descending ? '<' : '>'
  const limit = plan.count + 1
  const walked = walk === undefined ? '' : ` limit ${walk}`
  // What does not look at the resource's own row is looked at before that is fetched.
  const earlyOf = (conditions: readonly Condition[]) =>
    conditions.filter((one) => !needsRow(one)).map((one) => builder.holds(type, one, { id: 'o.id' }))
  const late = plan.conditions.filter(needsRow).map((one) => builder.holds(type, one, { id: 'r.id', alias: 'r' }))
  const where = [builder.resource(type, 'r'), ...late].join(' and ')
  const page = (inner: string, tests: readonly string[]) => `
    select r.content, o.k0, o.id as k1
    from (${inner}${walked}) o
    cross join lateral (select 1 where ${tests.join(' and ') || 'true'} offset 0) c
    cross join lateral (select r.content from fhir_resource r where ${where} and r.id = o.id offset 0) r
    order by k0${way}, k1${way} limit ${limit}`
  if (first.by === '_lastUpdated') {
    const cursor = after
      ? ` and (o.updated, o.id) ${sign} (${bind(new Date(Number(after[0])), 'timestamptz')}, ${bind(after[1], 'text')})`
      : ''
    const inner = `select o.updated as k0, o.id from fhir_resource o where o.tenant_id = $1 and o.type = ${quoted(type)}${cursor} order by o.updated${way}, o.id${way}`
    return { text: page(inner, earlyOf(plan.conditions)), values: builder.values }
  }
  const table = ordered[first.by as 'date']
  const params = first.params.map((name) => ({ name, open: false }))
  const rows = (alias: string) => builder.rows(first.by === 'date' ? 'date' : 'string', alias, type, params)
  if (stretch === 'valueless') {
    const none = first.descending ? table.least : table.most
    const cursor = after?.[0] === none ? ` and o.id ${sign} ${bind(after[1], 'text')}` : ''
    const inner = `select ${bind(none, table.type)} as k0, o.id from fhir_resource o where o.tenant_id = $1 and o.type = ${quoted(type)}${cursor} order by o.id${way}`
    return {
      text: page(inner, [`not exists (select ${rows('t')} and t.id = o.id offset 0)`, ...earlyOf(plan.conditions)]),
      values: builder.values,
    }
  }
  const whole = (alias: string) => `(${table.whole.map((column) => `${alias}.${column}`).join(', ')})`
  const cursor = after
    ? [`(o.${table.value}, o.id) ${sign} (${bind(after[0], table.type)}, ${bind(after[1], 'text')})`]
    : []
  const single = isSingle(type, first.params[0] ?? '')
  // With one value at the most, what is asked of the value can be asked of the row.
  const own = plan.conditions.flatMap((one) =>
    single && one.kind === 'rows' && one.params.length === 1 && one.params[0]?.name === first.params[0]
      ? [{ one, test: one.test }]
      : [],
  )
  const bounds = own.flatMap(({ test }) =>
    test.by === 'date' ? lowBounds('o', test.values, () => rows('l'), bind, now) : [],
  )
  const others = plan.conditions.filter((condition) => !own.some(({ one }) => one === condition))
  // Otherwise a resource stands where its first value is.
  const alone = single
    ? []
    : [
        `not exists (select ${rows('t')} and t.id = o.id and ${whole('t')} ${first.descending ? '>' : '<'} ${whole('o')} offset 0)`,
      ]
  const inner = `select o.${table.value} as k0, o.* ${[rows('o'), ...bounds, ...cursor].join(' and ')} order by o.${table.value}${way}, o.id${way}`
  return {
    text: page(inner, [...own.map(({ test }) => rowTest('o', test, bind, now)), ...alone, ...earlyOf(others)]),
    values: builder.values,
  }
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
    (plan) =>
      `(select ${quoted(plan.type)} collate "C" as type, content, ${keys} from (${pageText(builder, plan, { begin: firstOf(plan), inTurn: false })}) p)`,
  )
  return {
    text: `select * from (${each.join(' union all ')}) u order by ${order} limit ${(first?.count ?? 0) + 1}`,
    values: builder.values,
  }
}
