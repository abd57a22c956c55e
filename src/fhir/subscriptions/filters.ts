import type { Resource } from '@medplum/fhirtypes'
import { CodedError, type Fault } from '../../kernel/index.ts'
import type { DateRange } from '../date-range.ts'
import { type Condition, type DatePrefix, parseSearch } from '../parse-search.ts'
import { type SearchRows, searchRows } from '../search-rows.ts'
import { approximate } from '../search-sql.ts'

/** A search that is asked of one resource in memory, at the moment of its change, and not of the record. */
export interface Filter {
  conditions: readonly Condition[]
}

function inRelation(row: DateRange, asked: DateRange & { prefix: DatePrefix }, now: number): boolean {
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

const rowsOf = <K extends keyof SearchRows>(rows: SearchRows, kind: K, param: string) =>
  [...rows[kind].values()].filter((row) => row.param === param) as (SearchRows[K] extends Map<string, infer Row>
    ? Row
    : never)[]

type Test = (resource: Resource, rows: SearchRows, now: number) => boolean

/** The test of a condition; undefined for a kind that is not asked of a single resource. */
function testOf(condition: Condition): Test | undefined {
  switch (condition.kind) {
    case 'id':
      return (resource) => condition.values.includes(resource.id ?? '') !== condition.not
    case 'token':
      return (_resource, rows) =>
        rowsOf(rows, 'token', condition.param).some((row) =>
          condition.values.some(
            ({ value, system }) =>
              (value === undefined || row.value === value) && (system === undefined || row.system === system),
          ),
        ) !== condition.not
    case 'reference':
      return (_resource, rows) =>
        rowsOf(rows, 'reference', condition.param).some((row) =>
          condition.values.some(
            ({ targetId, targetType }) =>
              row.targetId === targetId && (targetType === undefined || row.targetType === targetType),
          ),
        ) !== condition.not
    case 'date':
      return (_resource, rows, now) =>
        rowsOf(rows, 'date', condition.param).some((row) =>
          condition.values.some((asked) => inRelation(row, asked, now)),
        )
    case 'string':
      return (_resource, rows) =>
        rowsOf(rows, 'string', condition.param).some((row) =>
          condition.values.some(({ folded, exact }) =>
            condition.how === 'exact'
              ? row.exact === exact
              : condition.how === 'contains'
                ? row.value.includes(folded)
                : row.value.startsWith(folded),
          ),
        )
    case 'missing':
      return (_resource, rows) => (rowsOf(rows, condition.table, condition.param).length === 0) === condition.missing
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
    for (const condition of plan.conditions)
      if (testOf(condition) === undefined)
        faults.push({ path, message: 'holds a condition that only the record can answer' })
    return faults.length > 0 ? { faults } : { conditions: plan.conditions }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return {
      faults: error.faults.map((fault) => ({ path, message: `${fault.path} ${fault.message}` })),
    }
  }
}

/** Whether a resource meets every condition. `now` (milliseconds) is for approximate dates. */
export function meets(filter: Filter, resource: Resource, now: number): boolean {
  const rows = searchRows(resource)
  return filter.conditions.every((condition) => testOf(condition)?.(resource, rows, now) === true)
}
