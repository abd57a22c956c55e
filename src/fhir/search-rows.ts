import { beginning, type DateRange, end, readDate, readPeriod } from './date-range.ts'
import { clip, foldText } from './fold-text.ts'
import { type SearchParameter, type SearchPath, searchParameters } from './search-parameters.ts'

/** What the searches of one resource go by; each map is keyed by the whole row, so that two sets can be compared. */
export interface SearchRows {
  token: Map<string, { param: string; value: string; system: string }>
  reference: Map<string, { param: string; targetId: string; targetType: string }>
  date: Map<string, { param: string; low: number; high: number }>
  string: Map<string, { param: string; value: string; exact: string }>
}

export type Json = Record<string, unknown>
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value])

export const emptyRows = (): SearchRows => ({
  token: new Map(),
  reference: new Map(),
  date: new Map(),
  string: new Map(),
})

function addToken(rows: SearchRows, param: string, value: string | undefined, system = ''): void {
  if (value === undefined) return
  const row = { param, value: clip(value), system: clip(system) }
  rows.token.set(`${param}\u0001${row.value}\u0001${row.system}`, row)
}

function addReference(rows: SearchRows, param: string, targetId: string, targetType: string): void {
  rows.reference.set(`${param}\u0001${targetType}\u0001${targetId}`, { param, targetId: clip(targetId), targetType })
}

function addDate(rows: SearchRows, param: string, range: DateRange | undefined): void {
  if (range) rows.date.set(`${param}\u0001${range.low}\u0001${range.high}`, { param, ...range })
}

function addString(rows: SearchRows, param: string, written: unknown): void {
  const exact = text(written)
  if (exact === undefined) return
  const row = { param, value: foldText(exact), exact: clip(exact) }
  rows.string.set(`${param}\u0001${row.value}\u0001${row.exact}`, row)
}

const local = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/.*)?$/

/** `Type/id` apart; anything else (a URL, a urn) whole, with no type. */
export function readReference(reference: string): { targetType: string; targetId: string } {
  const match = local.exec(reference)
  if (match?.[1] !== undefined && match[2] !== undefined) return { targetType: match[1], targetId: match[2] }
  return { targetType: '', targetId: clip(reference) }
}

/** A Timing: from its first event to its last, or the period that bounds it. */
function readTiming(timing: Json): DateRange | undefined {
  const ranges = list(timing['event']).flatMap((event) => (typeof event === 'string' ? (readDate(event) ?? []) : []))
  const bounds = isObject(timing['repeat']) ? timing['repeat']['boundsPeriod'] : undefined
  const bounded = isObject(bounds) ? readPeriod(bounds) : undefined
  if (bounded) ranges.push(bounded)
  if (ranges.length === 0) return undefined
  return {
    low: Math.min(end, ...ranges.map(({ low }) => low)),
    high: Math.max(beginning, ...ranges.map(({ high }) => high)),
  }
}

type Collect = (rows: SearchRows, param: string, value: unknown) => void

const coding: Collect = (rows, param, value) => {
  if (isObject(value)) addToken(rows, param, text(value['code']), text(value['system']))
}
const whole: Collect = (rows, param, value) => {
  if (isObject(value)) addToken(rows, param, text(value['value']))
}
const plain: Collect = (rows, param, value) =>
  addToken(rows, param, typeof value === 'boolean' ? String(value) : text(value))
const humanName = ['family', 'given', 'prefix', 'suffix', 'text']
const address = ['line', 'city', 'district', 'state', 'postalCode', 'country', 'text']

const collectors: Record<string, Collect | undefined> = {
  'token:Coding': coding,
  'token:CodeableConcept': (rows, param, value) => {
    if (isObject(value)) for (const one of list(value['coding'])) coding(rows, param, one)
  },
  'token:Identifier': (rows, param, value) => {
    if (isObject(value)) addToken(rows, param, text(value['value']), text(value['system']))
  },
  'token:ContactPoint': whole,
  'token:Money': (rows, param, value) => {
    if (isObject(value)) addToken(rows, param, text(value['currency']))
  },
  'string:HumanName': (rows, param, value) => {
    if (isObject(value)) for (const part of humanName) for (const one of list(value[part])) addString(rows, param, one)
  },
  'string:Address': (rows, param, value) => {
    if (isObject(value)) for (const part of address) for (const one of list(value[part])) addString(rows, param, one)
  },
  'date:Period': (rows, param, value) => {
    if (isObject(value)) addDate(rows, param, readPeriod(value))
  },
  'date:Timing': (rows, param, value) => {
    if (isObject(value)) addDate(rows, param, readTiming(value))
  },
  'reference:Reference': (rows, param, value) => {
    if (!isObject(value)) return
    const reference = text(value['reference'])
    if (reference !== undefined && !reference.startsWith('#')) {
      const { targetId, targetType } = readReference(reference)
      addReference(rows, param, targetId, targetType)
    }
    const identifier = value['identifier']
    if (isObject(identifier))
      addToken(rows, `${param}:identifier`, text(identifier['value']), text(identifier['system']))
  },
}

function canonical(rows: SearchRows, param: string, value: unknown): void {
  const url = text(value)
  if (url === undefined) return
  addReference(rows, param, clip(url), '')
  const bar = url.indexOf('|')
  if (bar > 0) addReference(rows, param, clip(url.slice(0, bar)), '')
}

const byKind: Record<string, Collect | undefined> = {
  token: plain,
  uri: plain,
  date: (rows, param, value) => addDate(rows, param, typeof value === 'string' ? readDate(value) : undefined),
  string: addString,
  reference: canonical,
}

/** Does a Reference point to this type? Only what it says itself is looked at: targets need not exist. */
const pointsTo = (value: unknown, target: string): boolean => {
  if (!isObject(value)) return false
  const reference = value['reference']
  return (
    value['type'] === target ||
    (typeof reference === 'string' && (reference.startsWith(`${target}/`) || reference.includes(`/${target}/`)))
  )
}

type Visit = (rows: SearchRows, resource: Json) => void

function compilePath(parameter: SearchParameter, path: SearchPath): Visit | undefined {
  const { code, kind } = parameter
  if (path.type === 'deceased') {
    return (rows, resource) =>
      addToken(rows, code, String(resource['deceasedBoolean'] === true || resource['deceasedDateTime'] !== undefined))
  }
  const collect = collectors[`${kind}:${path.type}`] ?? byKind[kind]
  if (!collect) return undefined
  let visit: (rows: SearchRows, value: unknown) => void = (rows, value) => collect(rows, code, value)
  for (const { name, filter } of path.steps.toReversed()) {
    const inner = visit
    const keep =
      filter === undefined
        ? () => true
        : 'target' in filter
          ? (value: unknown) => pointsTo(value, filter.target)
          : (value: unknown) => isObject(value) && value[filter.element] === filter.value
    visit = (rows, value) => {
      const next = isObject(value) ? value[name] : undefined
      if (next === undefined) return
      if (Array.isArray(next)) {
        for (const one of next) if (keep(one)) inner(rows, one)
      } else if (keep(next)) inner(rows, next)
    }
  }
  return visit
}

const extractors = new Map<string, readonly Visit[]>()

/** The search rows of a resource. */
export function searchRows(resource: object): SearchRows {
  const content: Json = { ...resource }
  const type = String(content['resourceType'])
  let visits = extractors.get(type)
  if (!visits) {
    visits = [...searchParameters(type).values()].flatMap((parameter) =>
      parameter.paths.flatMap((path) => compilePath(parameter, path) ?? []),
    )
    extractors.set(type, visits)
  }
  const rows = emptyRows()
  for (const visit of visits) visit(rows, content)
  return rows
}
