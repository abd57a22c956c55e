import { beginning, type DateRange, end } from './date-range.ts'
import type { DateTest, NumberTest, QuantityTest, RowParam, RowTest } from './search-condition.ts'
import type { Bind } from './search-options.ts'

/** Highest character: `x ≤ value < x + highest` is "begins with x" under the collation "C". */
export const highest = '\u{10ffff}'

/** Type and parameter names come from the generated tables, never from the query, so they may stand in the text. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

const either = (parts: readonly string[]): string => `(${parts.map((part) => `(${part})`).join(' or ') || 'false'})`

/** Looks at the rows of these parameters. A name that holds a value of the query is bound. */
export function paramIs(alias: string, params: readonly RowParam[], bind: Bind): string {
  const plain = params.filter(({ name, open }) => !open && !name.includes('\u0001'))
  const parts = params
    .filter((param) => !plain.includes(param))
    .map(({ name, open }) =>
      open
        ? `${alias}.param >= ${bind(name, 'text')} and ${alias}.param < ${bind(name + highest, 'text')}`
        : `${alias}.param = ${bind(name, 'text')}`,
    )
  const [first] = plain
  if (first)
    parts.unshift(
      plain.length === 1
        ? `${alias}.param = ${quoted(first.name)}`
        : `${alias}.param in (${plain.map(({ name }) => quoted(name)).join(', ')})`,
    )
  return either(parts)
}

/** A tenth of the time between now and the date, either way. */
export function approximate(range: DateRange, now: number): DateRange {
  const gap = Math.floor(Math.abs(now - range.low) / 10)
  return { low: Math.max(beginning, range.low - gap), high: Math.min(end, range.high + gap) }
}

// A day: what is longer stands in the partial index fhir_date_long.
const longest = 86_400_000

/** Does the stored range [low, high) stand in this relation to the searched one (FHIR R4 3.1.1.5.9)? */
function dateTest(alias: string, { prefix, ...range }: DateTest, bind: Bind, now: number): string {
  const [low, high] = [`${alias}.low`, `${alias}.high`]
  const at = (value: number) => bind(value, 'bigint')
  const endsAfter = (value: number) => `${high} > ${at(value)}`
  // That it begins before the end goes without saying, but it closes the index range.
  const inside = () => `(${low} >= ${at(range.low)} and ${low} < ${at(range.high)} and ${high} <= ${at(range.high)})`
  switch (prefix) {
    case 'eq':
      return inside()
    case 'ne':
      return `(${low} < ${at(range.low)} or ${high} > ${at(range.high)})`
    case 'lt':
      return `${low} < ${at(range.low)}`
    case 'gt':
      return endsAfter(range.high)
    case 'le':
      return `(${low} < ${at(range.low)} or ${inside()})`
    case 'ge':
      return `(${endsAfter(range.high)} or ${inside()})`
    case 'sa':
      return `${low} >= ${at(range.high)}`
    case 'eb':
      return `(${low} < ${at(range.low)} and ${high} <= ${at(range.low)})`
    case 'ap': {
      const about = approximate(range, now)
      return `(${low} < ${at(about.high)} and ${endsAfter(about.low)})`
    }
  }
}

/**
 * Between which `low` every row lies that meets one of the tests: a range of the index, without the tests' own alternatives.
 * `from` is `from … where …` of the parameter's rows under the alias `l`: the few long ones may begin at any time. `+ 0` keeps
 * PostgreSQL from looking for their least among all rows, in order.
 */
export function lowBounds(
  alias: string,
  values: readonly DateTest[],
  from: () => string,
  bind: Bind,
  now: number,
): string[] {
  const [only, ...rest] = values
  if (!only || rest.length > 0) return []
  const { prefix } = only
  const range = prefix === 'ap' ? approximate(only, now) : only
  const at = (value: number) => bind(value, 'bigint')
  const upTo = (value: number) => [`${alias}.low < ${at(value)}`]
  const endingAfter = (value: number) => {
    const least = at(value - longest)
    return [
      `${alias}.low >= least(${least}, (select min(l.low + 0) ${from()} and l.high > ${at(value)} and l.high - l.low > ${longest}))`,
    ]
  }
  switch (prefix) {
    case 'eq':
      return [`${alias}.low >= ${at(range.low)}`, ...upTo(range.high)]
    case 'sa':
      return [`${alias}.low >= ${at(range.high)}`]
    case 'gt':
      return endingAfter(range.high)
    case 'ge':
      return endingAfter(range.low)
    case 'ap':
      return [...endingAfter(range.low), ...upTo(range.high)]
    case 'lt':
    case 'eb':
      return upTo(range.low)
    case 'le':
      return upTo(range.high)
    case 'ne':
      return []
  }
}

/** The same for the moment of the last write: one millisecond, so a comparison with one side is enough. */
export function updatedTest(column: string, { prefix, ...range }: DateTest, bind: Bind, now: number): string {
  const at = (value: number) => bind(new Date(value), 'timestamptz')
  switch (prefix) {
    case 'eq':
      return `(${column} >= ${at(range.low)} and ${column} < ${at(range.high)})`
    case 'ne':
      return `(${column} < ${at(range.low)} or ${column} >= ${at(range.high)})`
    case 'lt':
    case 'eb':
      return `${column} < ${at(range.low)}`
    case 'le':
      return `${column} < ${at(range.high)}`
    case 'gt':
    case 'sa':
      return `${column} >= ${at(range.high)}`
    case 'ge':
      return `${column} >= ${at(range.low)}`
    case 'ap': {
      const about = approximate(range, now)
      return `(${column} >= ${at(about.low)} and ${column} < ${at(about.high)})`
    }
  }
}

/** A closed range [low, high], mostly one number, against a number (FHIR R4 3.1.1.4.7): `eq` and `ne` go by its precision. */
function numberTest(low: string, high: string, { prefix, at, low: from, high: to }: NumberTest, bind: Bind): string {
  const n = (value: number) => bind(value, 'float8')
  // The second half is for what is not one number: those few have an index of their own.
  const upTo = (sign: '>' | '>=', value: number) =>
    `(${low} ${sign} ${n(value)} or (${high} ${sign} ${n(value)} and ${high} <> ${low}))`
  switch (prefix) {
    case 'eq':
      return `(${low} >= ${n(from)} and ${low} < ${n(to)} and ${high} < ${n(to)})`
    case 'ne':
      return `(${low} < ${n(from)} or ${high} >= ${n(to)})`
    case 'lt':
      return `${low} < ${n(at)}`
    case 'le':
      return `${low} <= ${n(at)}`
    case 'gt':
      return upTo('>', at)
    case 'ge':
      return upTo('>=', at)
    case 'sa':
      return `${low} > ${n(at)}`
    case 'eb':
      return `(${low} < ${n(at)} and ${high} < ${n(at)})`
    case 'ap': {
      const about = Math.abs(at) / 10
      return `(${low} <= ${n(at + about)} and ${upTo('>=', at - about)})`
    }
  }
}

function quantityTest(alias: string, test: QuantityTest, bind: Bind): string {
  const side = test.base === undefined ? '' : 'base_'
  return [
    ...(test.base === undefined ? [] : [`${alias}.base = ${bind(test.base, 'text')}`]),
    ...(test.system === undefined ? [] : [`${alias}.system = ${bind(test.system, 'text')}`]),
    ...(test.code === undefined ? [] : [`${alias}.code = ${bind(test.code, 'text')}`]),
    ...(test.unit === undefined
      ? []
      : [`(${alias}.code = ${bind(test.unit, 'text')} or ${alias}.unit = ${bind(test.unit, 'text')})`]),
    numberTest(`${alias}.${side}low`, `${alias}.${side}high`, test, bind),
  ].join(' and ')
}

/** Of the two numbers of one row, the one is its `low` and the other its `high`. */
const isOne = (column: string, test: NumberTest, bind: Bind) => numberTest(column, column, test, bind)

const earthRadius = 6371.0088

/** Great-circle distance; the band of latitudes goes by the index. */
function nearness(alias: string, test: Extract<RowTest, { by: 'nearness' }>, bind: Bind): string {
  const n = (value: number) => bind(value, 'float8')
  const degrees = (test.kilometres / earthRadius) * (180 / Math.PI)
  const [latitude, longitude] = [n(test.latitude), n(test.longitude)]
  return `${alias}.base = '' and ${alias}.base_low between ${n(test.latitude - degrees)} and ${n(test.latitude + degrees)}
    and ${2 * earthRadius} * asin(least(1, sqrt(sind((${alias}.low - ${latitude}) / 2) ^ 2
      + cosd(${latitude}) * cosd(${alias}.low) * sind((${alias}.high - ${longitude}) / 2) ^ 2))) <= ${n(test.kilometres)}`
}

function tokenTest(
  alias: string,
  values: readonly { value: string | undefined; system: string | undefined }[],
  bind: Bind,
) {
  const [only] = values
  if (only && values.every(({ value, system }) => value !== undefined && system === undefined)) {
    return values.length === 1
      ? `${alias}.value = ${bind(only.value, 'text')}`
      : `${alias}.value = any (${bind(
          values.map(({ value }) => value),
          'text[]',
        )})`
  }
  return either(
    values.map(({ value, system }) =>
      [
        ...(value === undefined ? [] : [`${alias}.value = ${bind(value, 'text')}`]),
        ...(system === undefined ? [] : [`${alias}.system = ${bind(system, 'text')}`]),
      ].join(' and '),
    ),
  )
}

/** What a row under `alias` must be like, as SQL. */
export function rowTest(alias: string, test: RowTest, bind: Bind, now: number): string {
  const begins = (value: string) =>
    `${alias}.value >= ${bind(value, 'text')} and ${alias}.value < ${bind(value + highest, 'text')}`
  switch (test.by) {
    case 'presence':
      return 'true'
    case 'token':
      return tokenTest(alias, test.values, bind)
    case 'codes': {
      const codes = bind(
        test.codes.map(({ code }) => code),
        'text[]',
      )
      if (test.bare) return `${alias}.value = any (${codes})`
      const systems = bind(
        test.codes.map(({ system }) => system),
        'text[]',
      )
      return `${alias}.value = any (${codes}) and (${alias}.value, ${alias}.system) in (select * from unnest(${codes}, ${systems}))`
    }
    case 'beginning':
      return either(test.values.map(begins))
    case 'uri-below':
      return either(
        test.values.map((value) => {
          const under = value.endsWith('/') ? value : `${value}/`
          return `${alias}.value = ${bind(value, 'text')} or (${begins(under)})`
        }),
      )
    case 'reference':
      return either(
        test.values.map(
          ({ targetId, targetType }) =>
            `${alias}.target_id = ${bind(targetId, 'text')}${targetType === undefined ? '' : ` and ${alias}.target_type = ${bind(targetType, 'text')}`}`,
        ),
      )
    case 'date':
      return either(test.values.map((value) => dateTest(alias, value, bind, now)))
    case 'string':
      return either(
        test.values.map(({ folded, exact }) => {
          if (test.how === 'exact')
            return `${alias}.value = ${bind(folded, 'text')} and ${alias}.exact = ${bind(exact, 'text')}`
          if (test.how === 'contains') return `position(${bind(folded, 'text')} in ${alias}.value) > 0`
          return begins(folded)
        }),
      )
    case 'quantity':
      return either(test.values.map((value) => quantityTest(alias, value, bind)))
    case 'two-numbers':
      return `${isOne(`${alias}.low`, test.first, bind)} and ${isOne(`${alias}.high`, test.second, bind)}`
    case 'nearness':
      return nearness(alias, test, bind)
  }
}

/**
 * How well the test's index narrows it, best first; 7 when the whole parameter is read, undefined when that is no beginning.
 * Up to 2 the rows found lie in the order of the resources' ids.
 */
export function narrowness(test: RowTest, params: readonly RowParam[]): number | undefined {
  const many = params.length > 1 || params.some(({ open }) => open)
  switch (test.by) {
    case 'token': {
      const exact = test.values.length === 1 && !many
      if (test.values.some(({ value }) => value === undefined)) return 7
      if (exact && params[0]?.name.startsWith('identifier')) return 0
      return exact ? 2 : 3
    }
    case 'reference':
      return test.values.length === 1 && !many ? 1 : 3
    case 'codes':
    case 'beginning':
    case 'uri-below':
      return 3
    case 'string':
      return test.how === 'contains' ? 7 : 3
    case 'date':
      return test.values.length > 1 || test.values.some(({ prefix }) => prefix === 'ne') ? 7 : 5
    case 'quantity':
      return test.values.some(({ prefix, base }) => prefix === 'ne' || base === undefined) ? 7 : 5
    case 'two-numbers':
    case 'nearness':
      return 4
    case 'presence':
      return undefined
  }
}
