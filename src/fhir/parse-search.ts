import { type DateRange, readDate } from './date-range.ts'
import { refuse } from './errors.ts'
import { clip, foldText } from './fold-text.ts'
import { readCursor } from './search-cursor.ts'
import { type SearchParameter, searchParameters } from './search-parameters.ts'
import { readReference } from './search-rows.ts'

export type DatePrefix = 'eq' | 'ne' | 'lt' | 'gt' | 'le' | 'ge' | 'sa' | 'eb' | 'ap'

/** One parameter of a search: its alternatives are joined by OR; conditions among each other by AND. */
export type Condition =
  | { kind: 'id'; values: readonly string[]; not: boolean }
  | { kind: 'updated'; values: readonly (DateRange & { prefix: DatePrefix })[] }
  | {
      kind: 'token'
      param: string
      not: boolean
      values: readonly { value: string | undefined; system: string | undefined }[]
    }
  | { kind: 'below'; param: string; values: readonly string[] }
  | {
      kind: 'reference'
      param: string
      not: boolean
      values: readonly { targetId: string; targetType: string | undefined }[]
    }
  | { kind: 'date'; param: string; values: readonly (DateRange & { prefix: DatePrefix })[] }
  | {
      kind: 'string'
      param: string
      how: 'prefix' | 'exact' | 'contains'
      values: readonly { folded: string; exact: string }[]
    }
  | { kind: 'missing'; table: SortTable; param: string; missing: boolean }

export type SortTable = 'token' | 'reference' | 'date' | 'string'
export interface SortKey {
  by: '_id' | '_lastUpdated' | SortTable
  param: string
  descending: boolean
}

export interface SearchPlan {
  type: string
  conditions: readonly Condition[]
  /** Ends with `_id`, so that the order is total. */
  sort: readonly SortKey[]
  count: number
  total: boolean
  after: readonly (string | number)[] | undefined
  /** Parameters that were left out because this type has none of that name. */
  unknown: readonly string[]
  /** What was used, for the self link: `_cursor` left out. */
  used: readonly [string, string][]
}

export const tableOf = ({ kind }: SearchParameter): SortTable | undefined =>
  kind === 'uri' ? 'token' : kind === 'quantity' || kind === 'number' ? undefined : kind

const unsupported = (name: string, message: string) =>
  refuse('search-parameter-unsupported', { faults: [{ path: name, message }] })
const invalid = (name: string, message: string) => refuse('search-value-invalid', { faults: [{ path: name, message }] })

/** Splits at a separator that no backslash stands before (FHIR R4 3.1.1.4.19). */
function splitAt(text: string, separator: ',' | '|'): string[] {
  const parts: string[] = ['']
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i)
    const last = parts.length - 1
    if (character === '\\' && i + 1 < text.length) {
      parts[last] += character + text.charAt(i + 1)
      i += 1
    } else if (character === separator) parts.push('')
    else parts[last] += character
  }
  return parts
}
const unescape = (text: string) => text.replace(/\\([,|$\\])/g, '$1')

function readDates(name: string, texts: readonly string[]): (DateRange & { prefix: DatePrefix })[] {
  return texts.map((text) => {
    const match = /^(eq|ne|lt|gt|le|ge|sa|eb|ap)?(.+)$/.exec(text)
    // A plus sign in a query is a space once decoded.
    const range = readDate((match?.[2] ?? '').replace(/ (\d{2}:\d{2})$/, '+$1'))
    if (!range) throw invalid(name, 'is not a date, with or without a prefix')
    return { ...range, prefix: (match?.[1] ?? 'eq') as DatePrefix }
  })
}

const literal = new Set(['code', 'boolean', 'string', 'id', 'uri', 'ContactPoint', 'deceased', 'canonical'])

function readToken(
  parameter: SearchParameter,
  text: string,
): { value: string | undefined; system: string | undefined } {
  const [first = '', ...rest] = splitAt(text, '|')
  if (rest.length === 0) return { value: clip(unescape(first)), system: undefined }
  const value = unescape(rest.join('|'))
  // A code element has its system by its binding and not in its value, so the rows hold none.
  const bare = parameter.paths.every(({ type }) => literal.has(type))
  return {
    value: value === '' ? undefined : clip(value),
    system: bare && value !== '' ? undefined : clip(unescape(first)),
  }
}

function readCondition(
  type: string,
  parameter: SearchParameter,
  modifier: string,
  name: string,
  raw: string,
): Condition {
  const param = parameter.code
  const table = tableOf(parameter)
  if (table === undefined) throw unsupported(name, `searching by ${parameter.kind} is not supported`)
  if (modifier === 'missing') {
    if (raw !== 'true' && raw !== 'false') throw invalid(name, 'is neither true nor false')
    return { kind: 'missing', table, param, missing: raw === 'true' }
  }
  const texts = splitAt(raw, ',').filter((text) => text !== '')
  if (texts.length === 0) throw invalid(name, 'is empty')
  if (parameter.kind === 'date') {
    if (modifier !== '') throw unsupported(name, `the modifier ${modifier} is not supported for dates`)
    return { kind: 'date', param, values: readDates(name, texts) }
  }
  if (parameter.kind === 'string') {
    if (modifier !== '' && modifier !== 'exact' && modifier !== 'contains')
      throw unsupported(name, `the modifier ${modifier} is not supported for text`)
    const values = texts.map((text) => ({ folded: foldText(unescape(text)), exact: clip(unescape(text)) }))
    if (values.some(({ folded }) => folded === '')) throw invalid(name, 'is empty')
    return { kind: 'string', param, how: modifier === '' ? 'prefix' : modifier, values }
  }
  if (parameter.kind === 'reference') {
    if (modifier === 'identifier')
      return {
        kind: 'token',
        param: `${param}:identifier`,
        not: false,
        values: texts.map((text) => readToken(parameter, text)),
      }
    if (modifier !== '' && modifier !== 'not' && !/^[A-Z]/.test(modifier))
      throw unsupported(name, `the modifier ${modifier} is not supported for references`)
    const values = texts.map((text) => {
      const { targetId, targetType } = readReference(unescape(text))
      if (targetType !== '') return { targetId, targetType }
      return { targetId, targetType: /^[A-Z]/.test(modifier) ? modifier : undefined }
    })
    return { kind: 'reference', param, not: modifier === 'not', values }
  }
  if (parameter.kind === 'uri' && modifier === 'below')
    return { kind: 'below', param, values: texts.map((text) => clip(unescape(text))) }
  if (modifier !== '' && modifier !== 'not')
    throw unsupported(name, `the modifier ${modifier} is not supported for ${type}.${param}`)
  const values =
    parameter.kind === 'uri'
      ? texts.map((text) => ({ value: clip(unescape(text)), system: undefined }))
      : texts.map((text) => readToken(parameter, text))
  return { kind: 'token', param, not: modifier === 'not', values }
}

function readSort(type: string, text: string): SortKey[] {
  const keys = text.split(',').map((part): SortKey => {
    const descending = part.startsWith('-')
    const param = descending ? part.slice(1) : part
    if (param === '_id' || param === '_lastUpdated') return { by: param, param, descending }
    const parameter = searchParameters(type).get(param)
    const by = parameter && tableOf(parameter)
    if (by === undefined)
      throw refuse('search-parameter-unknown', {
        faults: [{ path: '_sort', message: `${type} cannot be sorted by this` }],
      })
    return { by, param, descending }
  })
  return keys.slice(0, 4)
}

/** Reads a search. Unknown parameters are gathered in `unknown`; what is known but cannot be read or done is refused. */
export function parseSearch(type: string, query: URLSearchParams): SearchPlan {
  const parameters = searchParameters(type)
  const conditions: Condition[] = []
  const unknown: string[] = []
  const used: [string, string][] = []
  let sort: SortKey[] = []
  let count = 20
  let total = false
  let cursor: string | undefined
  for (const [name, raw] of query) {
    const cut = name.indexOf(':')
    const code = cut < 0 ? name : name.slice(0, cut)
    const modifier = cut < 0 ? '' : name.slice(cut + 1)
    if (code === '_format' || code === '_pretty') continue
    if (code === '_cursor') {
      cursor = raw
      continue
    }
    const parameter = parameters.get(code)
    if (code === '_id') conditions.push({ kind: 'id', values: splitAt(raw, ','), not: modifier === 'not' })
    else if (code === '_lastUpdated') conditions.push({ kind: 'updated', values: readDates(name, splitAt(raw, ',')) })
    else if (code === '_sort') sort = readSort(type, raw)
    else if (code === '_count') {
      if (!/^\d{1,9}$/.test(raw)) throw invalid(name, 'is not a whole number')
      count = Math.min(Number(raw), 1000)
    } else if (code === '_total') total = raw === 'accurate'
    else if (code === '_summary' && raw === 'count') count = 0
    else if (parameter) conditions.push(readCondition(type, parameter, modifier, name, raw))
    else {
      unknown.push(name)
      continue
    }
    used.push([name, raw])
  }
  const last = sort.at(-1)
  if (!sort.some(({ by }) => by === '_id'))
    sort.push({ by: '_id', param: '_id', descending: last?.descending ?? false })
  const after = cursor === undefined ? undefined : readCursor(cursor, sort)
  return { type, conditions, sort, count, total: total || count === 0, after, unknown, used }
}
