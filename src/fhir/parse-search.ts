import { refuse } from './errors.ts'
import { readCondition, tableOf } from './parse-condition.ts'
import { alternatives, invalid, unsupported } from './read-value.ts'
import type { Condition, RowTable } from './search-condition.ts'
import { readCursor } from './search-cursor.ts'
import { searchParameters } from './search-parameters.ts'
import { isResourceType } from './structure.ts'

export interface SortKey {
  by: '_id' | '_lastUpdated' | RowTable
  /** Names of the parameters whose rows are sorted by. */
  params: readonly string[]
  descending: boolean
}

/** `_include=Observation:patient:Patient`, or `_revinclude` when `reverse`. `source` and `param` may be `*`. */
export interface Include {
  reverse: boolean
  /** Goes on from what was included, too. */
  iterate: boolean
  source: string
  param: string
  target: string | undefined
}

/** Which elements are shown: `_summary` and `_elements`. */
export interface Shown {
  summary: 'true' | 'text' | 'data' | 'false'
  /** `name`, or `Patient.name`; empty when all are. */
  elements: readonly string[]
}

export interface SearchPlan {
  type: string
  conditions: readonly Condition[]
  /** Ends with `_id`, so that the order is total. */
  sort: readonly SortKey[]
  count: number
  /** The total is counted. Without it, it is told when it is known anyway, unless `untold`. */
  total: boolean
  untold: boolean
  after: readonly (string | number)[] | undefined
  includes: readonly Include[]
  shown: Shown
  /** Parameters that were left out because this type has none of that name. */
  unknown: readonly string[]
  /** What was used, for the self link: `_cursor` left out. */
  used: readonly [string, string][]
}

const mostConditions = 100

function readSort(path: string, type: string, text: string): SortKey[] {
  const keys = text.split(',').map((part): SortKey => {
    const descending = part.startsWith('-')
    const code = descending ? part.slice(1) : part
    if (code === '_id' || code === '_lastUpdated') return { by: code, params: [code], descending }
    const parameter = searchParameters(type).get(code)
    const by = parameter && tableOf(parameter.kind)
    if (by === undefined)
      throw refuse('search-parameter-unknown', {
        faults: [{ path, message: `${type} cannot be sorted by this` }],
      })
    return { by, params: parameter?.stored ?? [], descending }
  })
  if (keys.length > 4) throw unsupported(path, 'more than 4 keys are not supported')
  return keys
}

function readInclude(path: string, modifier: string, raw: string, reverse: boolean): Include {
  if (modifier !== '' && modifier !== 'iterate' && modifier !== 'recurse')
    throw unsupported(path, `the modifier ${modifier} is not supported`)
  const iterate = modifier !== ''
  if (raw === '*') {
    if (reverse) throw unsupported(path, 'name the type that refers: Type:*')
    return { reverse, iterate, source: '*', param: '*', target: undefined }
  }
  const [source = '', param = '', target, ...rest] = raw.split(':')
  const known = isResourceType(source) && (param === '*' || searchParameters(source).get(param)?.kind === 'reference')
  if (!known || rest.length > 0) throw invalid(path, 'is not Type:reference')
  if (target !== undefined && !isResourceType(target)) throw invalid(path, 'names a target that is no resource type')
  return { reverse, iterate, source, param, target }
}

const readElements = (path: string, raw: string): string[] =>
  raw.split(',').map((element) => {
    if (!/^(?:[A-Z][A-Za-z]+\.)?[a-z_][A-Za-z]*$/.test(element)) throw invalid(path, 'is not a list of elements')
    return element
  })

/** Reads a search. Unknown parameters are gathered in `unknown`; what is known but cannot be read or done is refused. */
export function parseSearch(type: string, query: URLSearchParams): SearchPlan {
  const conditions: Condition[] = []
  const includes: Include[] = []
  const unknown: string[] = []
  const used: [string, string][] = []
  let sort: SortKey[] = []
  let count = 20
  let total = false
  let untold = false
  let summary: Shown['summary'] = 'false'
  let elements: string[] = []
  let cursor: string | undefined
  for (const [name, raw] of query) {
    const cut = name.indexOf(':')
    const code = cut < 0 ? name : name.slice(0, cut)
    switch (code) {
      case '_format':
      case '_pretty':
        continue
      case '_cursor':
        cursor = raw
        continue
      case '_sort':
        sort = readSort(name, type, raw)
        break
      case '_count':
        if (!/^\d{1,9}$/.test(raw)) throw invalid(name, 'is not a whole number')
        count = Math.min(Number(raw), 1000)
        break
      case '_total':
        if (raw !== 'none' && raw !== 'estimate' && raw !== 'accurate')
          throw invalid(name, 'is not none, estimate or accurate')
        total = raw !== 'none'
        untold = raw === 'none'
        break
      case '_summary':
        if (raw === 'count') count = 0
        else if (raw === 'true' || raw === 'text' || raw === 'data' || raw === 'false') summary = raw
        else throw invalid(name, 'is not true, text, data, count or false')
        break
      case '_elements':
        elements = [...elements, ...readElements(name, raw)]
        break
      case '_include':
      case '_revinclude':
        for (const one of alternatives(name, raw))
          includes.push(readInclude(name, cut < 0 ? '' : name.slice(cut + 1), one, code === '_revinclude'))
        break
      default: {
        const condition = readCondition(name, type, name, raw)
        if (!condition) {
          unknown.push(name)
          continue
        }
        conditions.push(condition)
      }
    }
    used.push([name, raw])
  }
  if (conditions.length > mostConditions)
    throw unsupported('', `more than ${mostConditions} conditions are not supported`)
  const last = sort.at(-1)
  if (!sort.some(({ by }) => by === '_id'))
    sort.push({ by: '_id', params: ['_id'], descending: last?.descending ?? false })
  const after = cursor === undefined ? undefined : readCursor(cursor, sort)
  return {
    type,
    conditions,
    sort,
    count,
    total: total || count === 0,
    untold: untold && count > 0,
    after,
    includes,
    shown: { summary, elements },
    unknown,
    used,
  }
}
