import type { Resource } from '@medplum/fhirtypes'
import { CodedError, type Fault } from '../../kernel/index.ts'
import { parseSearch } from '../parse-search.ts'
import type { Condition, DateTest, RowParam, RowTest } from '../search-condition.ts'
import { approximate } from '../search-row-sql.ts'
import { type SearchRows, searchRows } from '../search-rows.ts'

/** A search that is asked of one resource in memory, at the moment of its change, and not of the record. */
export interface Filter {
  tests: readonly Test[]
}

function inRelation(row: { low: number; high: number }, asked: DateTest, now: number): boolean {
  const inside = row.low >= asked.low && row.high <= asked.high
  switch (asked.prefix) {
    case 'eq':
      return inside
    case 'ne':
      return !inside
    case 'lt':
      return row.low < asked.low
    case 'gt':
      return row.high > asked.high
    case 'le':
      return row.low < asked.low || inside
    case 'ge':
      return row.high > asked.high || inside
    case 'sa':
      return row.low >= asked.high
    case 'eb':
      return row.high <= asked.low
    case 'ap': {
      const about = approximate(asked, now)
      return row.low < about.high && row.high > about.low
    }
  }
}

type Test = (resource: Resource, rows: SearchRows, now: number) => boolean

const isNamed = (params: readonly RowParam[], name: string) =>
  params.some((param) => (param.open ? name.startsWith(param.name) : name === param.name))

/** Some row of the named parameters passes. */
const some =
  <Row extends { param: string }>(
    rowsOf: (rows: SearchRows) => ReadonlyMap<string, Row>,
    params: readonly RowParam[],
    passes: (row: Row, now: number) => boolean,
  ): Test =>
  (_resource, rows, now) => {
    for (const row of rowsOf(rows).values()) if (isNamed(params, row.param) && passes(row, now)) return true
    return false
  }

function rowTest(table: keyof SearchRows, params: readonly RowParam[], test: RowTest): Test | undefined {
  switch (test.by) {
    case 'presence':
      return some<{ param: string }>(
        (rows) => rows[table],
        params,
        () => true,
      )
    case 'token':
      return some(
        (rows) => rows.token,
        params,
        (row) =>
          test.values.some(
            ({ value, system }) =>
              (value === undefined || row.value === value) && (system === undefined || row.system === system),
          ),
      )
    case 'beginning':
      return some(
        (rows) => rows.token,
        params,
        (row) => test.values.some((value) => row.value.startsWith(value)),
      )
    case 'reference':
      return some(
        (rows) => rows.reference,
        params,
        (row) =>
          test.values.some(
            ({ targetId, targetType }) =>
              row.targetId === targetId && (targetType === undefined || row.targetType === targetType),
          ),
      )
    case 'date':
      return some(
        (rows) => rows.date,
        params,
        (row, now) => test.values.some((asked) => inRelation(row, asked, now)),
      )
    case 'string':
      return some(
        (rows) => rows.string,
        params,
        (row) =>
          test.values.some(({ folded, exact }) =>
            test.how === 'exact'
              ? row.exact === exact
              : test.how === 'contains'
                ? row.value.includes(folded)
                : row.value.startsWith(folded),
          ),
      )
    default:
      return undefined
  }
}

/** The test of a condition; undefined for a kind that is not asked of a single resource. */
function testOf(condition: Condition): Test | undefined {
  switch (condition.kind) {
    case 'ids':
      return (resource) => condition.ids.includes(resource.id ?? '')
    case 'rows':
      return rowTest(condition.table, condition.params, condition.test)
    case 'not': {
      const test = testOf(condition.of)
      return test && ((...given) => !test(...given))
    }
    case 'any':
    case 'all': {
      const tests = condition.of.map(testOf)
      if (tests.includes(undefined)) return undefined
      return (...given) =>
        condition.kind === 'any'
          ? tests.some((test) => test?.(...given) === true)
          : tests.every((test) => test?.(...given) === true)
    }
    default:
      return undefined
  }
}

/** Reads a search over one type as a filter, e.g. `status=final&patient=Patient/1`; the faults of what cannot be asked so. */
export function readFilter(type: string, query: string, path: string): Filter | { faults: Fault[] } {
  try {
    const plan = parseSearch(type, new URLSearchParams(query))
    const faults: Fault[] = plan.unknown.map((name) => ({
      path,
      message: `${type} has no search parameter ${name.slice(0, 64)}`,
    }))
    if (plan.conditions.length !== plan.used.length)
      faults.push({ path, message: 'holds more than conditions on the resource itself' })
    const tests: Test[] = []
    for (const condition of plan.conditions) {
      const test = testOf(condition)
      if (test) tests.push(test)
      else faults.push({ path, message: 'holds a condition that only the record can answer' })
    }
    return faults.length > 0 ? { faults } : { tests }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return {
      faults: error.faults.map((fault) => ({ path, message: `${fault.path} ${fault.message}` })),
    }
  }
}

// A change is asked by every subscription on its type: what it is searched by is found out once.
const known = new WeakMap<Resource, SearchRows>()

/** Whether a resource meets every condition. `now` (milliseconds) is for approximate dates. */
export function meets(filter: Filter, resource: Resource, now: number): boolean {
  let rows = known.get(resource)
  if (!rows) {
    rows = searchRows(resource)
    known.set(resource, rows)
  }
  for (const test of filter.tests) if (!test(resource, rows, now)) return false
  return true
}
