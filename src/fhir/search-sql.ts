import { beginning, type DateRange, end } from './date-range.ts'
import type { Bind, SearchOptions } from './search-options.ts'
import type { Condition, DatePrefix, SearchPlan, SortKey } from './parse-search.ts'

/** Highest character: `x ≤ value < x + highest` is "begins with x" under the collation "C". */
const highest = '\u{10ffff}'

/** Type and parameter names come from the generated tables, never from the query, so they may stand in the text. */
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

/** Does the stored range [low, high) stand in this relation to the searched one (FHIR R4 3.1.1.5.9)? */
function relation(
  prefix: DatePrefix,
  low: string,
  high: string,
  a: (at: number) => string,
  range: DateRange,
  now: number,
): string {
  const inside = () => `(${low} >= ${a(range.low)} and ${high} <= ${a(range.high)})`
  switch (prefix) {
    case 'eq':
      return inside()
    case 'ne':
      return `(${low} < ${a(range.low)} or ${high} > ${a(range.high)})`
    case 'lt':
      return `${low} < ${a(range.low)}`
    case 'gt':
      return `${high} > ${a(range.high)}`
    case 'le':
      return `(${low} < ${a(range.low)} or ${inside()})`
    case 'ge':
      return `(${high} > ${a(range.high)} or ${inside()})`
    case 'sa':
      return `${low} >= ${a(range.high)}`
    case 'eb':
      return `${high} <= ${a(range.low)}`
    case 'ap': {
      const about = approximate(range, now)
      return `(${low} < ${a(about.high)} and ${high} > ${a(about.low)})`
    }
  }
}

/** A tenth of the time between now and the date, either way. */
export function approximate(range: DateRange, now: number): DateRange {
  const gap = Math.floor(Math.abs(now - range.low) / 10)
  return { low: Math.max(beginning, range.low - gap), high: Math.min(end, range.high + gap) }
}

const rowsOf = (table: string, type: string, param: string) =>
  `fhir_${table} t where t.tenant_id = $1 and t.type = ${quoted(type)} and t.param = ${quoted(param)}`

/** The rows of a search table that meet a condition; undefined for conditions on the resource's own row. */
function matching(condition: Condition, type: string, bind: Bind, now: number): string | undefined {
  switch (condition.kind) {
    case 'token': {
      const rows = rowsOf('token', type, condition.param)
      const { values } = condition
      if (values.every(({ value, system }) => value !== undefined && system === undefined)) {
        return `${rows} and t.value = ${
          values.length === 1
            ? bind(values[0]?.value, 'text')
            : `any (${bind(
                values.map(({ value }) => value),
                'text[]',
              )})`
        }`
      }
      const each = values.map(({ value, system }) =>
        [
          value === undefined ? [] : `t.value = ${bind(value, 'text')}`,
          system === undefined ? [] : `t.system = ${bind(system, 'text')}`,
        ]
          .flat()
          .join(' and '),
      )
      return `${rows} and ${each.length === 1 ? each[0] : `(${each.map((one) => `(${one})`).join(' or ')})`}`
    }
    case 'below': {
      const each = condition.values.map(
        (value) => `(t.value >= ${bind(value, 'text')} and t.value < ${bind(value + highest, 'text')})`,
      )
      return `${rowsOf('token', type, condition.param)} and (${each.join(' or ')})`
    }
    case 'reference': {
      const each = condition.values.map(
        ({ targetId, targetType }) =>
          `t.target_id = ${bind(targetId, 'text')}${targetType === undefined ? '' : ` and t.target_type = ${bind(targetType, 'text')}`}`,
      )
      return `${rowsOf('reference', type, condition.param)} and ${each.length === 1 ? each[0] : `(${each.map((one) => `(${one})`).join(' or ')})`}`
    }
    case 'date': {
      const each = condition.values.map((range) =>
        relation(range.prefix, 't.low', 't.high', (at) => bind(at, 'bigint'), range, now),
      )
      return `${rowsOf('date', type, condition.param)} and (${each.join(' or ')})`
    }
    case 'string': {
      const each = condition.values.map(({ folded, exact }) => {
        if (condition.how === 'exact') return `(t.value = ${bind(folded, 'text')} and t.exact = ${bind(exact, 'text')})`
        if (condition.how === 'contains') return `position(${bind(folded, 'text')} in t.value) > 0`
        return `(t.value >= ${bind(folded, 'text')} and t.value < ${bind(folded + highest, 'text')})`
      })
      return `${rowsOf('string', type, condition.param)} and (${each.join(' or ')})`
    }
    case 'missing':
      return rowsOf(condition.table, type, condition.param)
    default:
      return undefined
  }
}

function own(condition: Condition, bind: Bind, now: number): string {
  if (condition.kind === 'id') return `${condition.not ? 'not ' : ''}(r.id = any (${bind(condition.values, 'text[]')}))`
  if (condition.kind !== 'updated') return 'true'
  const at = (milliseconds: number) => bind(new Date(milliseconds), 'timestamptz')
  // An instant of one millisecond: [updated, updated + 1 ms).
  return `(${condition.values.map((range) => relation(range.prefix, 'r.updated', `r.updated + interval '1 millisecond'`, at, range, now)).join(' or ')})`
}

/** Lower goes first. The statement starts from this condition's rows, which lie in the order of resource ids. */
function rank(condition: Condition): number {
  if (condition.kind === 'token') {
    if (condition.not || condition.values.length !== 1 || condition.values[0]?.value === undefined) return 9
    return condition.param === 'identifier' ? 0 : 2
  }
  return condition.kind === 'reference' && !condition.not && condition.values.length === 1 ? 1 : 9
}

const negated = (condition: Condition) =>
  ('not' in condition && condition.not) || (condition.kind === 'missing' && condition.missing)

/**
 * The value a resource is sorted by; what has none goes last, either way. `+ 0` and `|| ''` keep PostgreSQL from reading
 * the least of one resource as the first of all that happens to be its own. Tokens and references have no index by
 * resource: their whole parameter is read once (`s0`, `s1` …) instead of once a resource.
 */
function sortExpression({ by, param, descending }: SortKey, index: number, type: string): string {
  const from = `from ${rowsOf(by, type, param)} and t.id = r.id`
  switch (by) {
    case '_id':
      return 'r.id'
    case '_lastUpdated':
      return 'r.updated'
    case 'date':
      return descending
        ? `coalesce((select max(t.high + 0) ${from}), ${beginning})`
        : `coalesce((select min(t.low + 0) ${from}), ${end})`
    case 'string':
      return descending
        ? `coalesce((select max(t.value || '') ${from}), '')`
        : `coalesce((select min(t.value || '') ${from}), '${highest}')`
    default:
      return descending ? `coalesce(s${index}.most, '')` : `coalesce(s${index}.least, '${highest}')`
  }
}

function sortJoin({ by, param }: SortKey, index: number, type: string): string {
  if (by !== 'token' && by !== 'reference') return ''
  const column = by === 'reference' ? 't.target_id' : 't.value'
  return ` left join (select t.id, min(${column}) as least, max(${column}) as most from ${rowsOf(by, type, param)} group by t.id) s${index} on s${index}.id = r.id`
}

/** Strictly after the cursor, in the sort's order. */
function afterCursor(sort: readonly SortKey[], keys: readonly (string | number)[], bind: Bind): string {
  const bound = sort.map((key, index) => {
    const value = keys[index]
    if (key.by === '_lastUpdated') return bind(new Date(Number(value)), 'timestamptz')
    return bind(value, key.by === 'date' ? 'bigint' : 'text')
  })
  const column = (index: number) => `k${index}`
  const sameWay = sort.every(({ descending }) => descending === sort[0]?.descending)
  if (sameWay)
    return `(${sort.map((_, index) => column(index)).join(', ')}) ${sort[0]?.descending ? '<' : '>'} (${bound.join(', ')})`
  const steps = sort.map((key, index) =>
    [
      ...sort.slice(0, index).map((_, before) => `${column(before)} = ${bound[before]}`),
      `${column(index)} ${key.descending ? '<' : '>'} ${bound[index]}`,
    ].join(' and '),
  )
  return `(${steps.map((step) => `(${step})`).join(' or ')})`
}

/** The statement of a page (one row more than asked tells whether there is a next one), or of the total. */
export function searchStatement(
  plan: SearchPlan,
  tenant: string,
  now: number,
  want: 'page' | 'total',
  options: SearchOptions,
): { text: string; values: unknown[] } {
  const values: unknown[] = [tenant]
  const bind: Bind = (value, type) => {
    values.push(value)
    return `$${values.length}::${type}`
  }
  const { type, sort } = plan
  const ordered = plan.conditions.toSorted((a, b) => rank(a) - rank(b))
  const head = ordered[0]
  const driver = head && rank(head) < 9 ? head : undefined
  const where = [`r.tenant_id = $1`, `r.type = ${quoted(type)}`, 'r.content is not null']
  if (options.visible) where.push(`(${options.visible(type, 'r', bind)})`)
  let from = 'fhir_resource r'
  if (driver) {
    from = `(select distinct t.id from ${matching(driver, type, bind, now)}) d join fhir_resource r on r.id = d.id`
  }
  for (const condition of ordered) {
    if (condition === driver) continue
    const rows = matching(condition, type, bind, now)
    where.push(
      rows === undefined
        ? own(condition, bind, now)
        : `${negated(condition) ? 'not ' : ''}exists (select from ${rows} and t.id = r.id)`,
    )
  }
  if (want === 'total')
    return { text: `select count(*)::int as total from ${from} where ${where.join(' and ')}`, values }
  const simple = sort.every(({ by }) => by === '_id' || by === '_lastUpdated')
  const columns = sort.map((key, index) => `${sortExpression(key, index, type)} as k${index}`)
  const joins = sort.map((key, index) => sortJoin(key, index, type)).join('')
  const after = plan.after ? afterCursor(sort, plan.after, bind) : undefined
  const order = sort.map(({ descending }, index) => `k${index}${descending ? ' desc' : ''}`).join(', ')
  const limit = plan.count + 1
  if (simple) {
    // Sorted by columns: the condition stands on them, so that an index gives the page without a sort.
    const plain = after?.replace(/\bk(\d)\b/g, (_, index: string) =>
      sort[Number(index)]?.by === '_id' ? 'r.id' : 'r.updated',
    )
    const text = `select r.content, ${columns.join(', ')} from ${from} where ${[...where, ...(plain ? [plain] : [])].join(' and ')} order by ${order} limit ${limit}`
    return { text, values }
  }
  // `offset 0`: the keys are computed once for what matches, not again inside the joins.
  return {
    text: `
      with s as materialized (
        select * from (select r.id, ${columns.join(', ')} from ${from}${joins} where ${where.join(' and ')} offset 0) q
        ${after ? `where ${after}` : ''} order by ${order} limit ${limit})
      select r.content, s.* from s join fhir_resource r on r.tenant_id = $1 and r.type = ${quoted(type)} and r.id = s.id order by ${order}`,
    values,
  }
}
