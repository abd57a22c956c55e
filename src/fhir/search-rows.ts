import { beginning, type DateRange, end, readDate, readPeriod } from './date-range.ts'
import { clip, foldText } from './fold-text.ts'
import { type SearchKind, type SearchParameter, type SearchPath, searchParameters } from './search-parameters.ts'
import { canonicalUnit, inBase } from './search-units.ts'

/** What the searches of one resource go by; each map is keyed by the whole row, so that two sets can be compared. */
export interface SearchRows {
  token: Map<string, { param: string; value: string; system: string }>
  reference: Map<string, { param: string; targetId: string; targetType: string }>
  date: Map<string, { param: string; low: number; high: number }>
  string: Map<string, { param: string; value: string; exact: string }>
  quantity: Map<string, QuantityRow>
}

/** As written, and in base units when the unit is understood (`base` is empty when it is not). */
export interface QuantityRow {
  param: string
  low: number
  high: number
  system: string
  code: string
  unit: string
  base: string
  baseLow: number
  baseHigh: number
}

export const rowTables = ['token', 'reference', 'date', 'string', 'quantity'] as const

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
  quantity: new Map(),
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
  if (range) rows.date.set(`${param}\u0001${range.low}\u0001${range.high}`, { param, low: range.low, high: range.high })
}

function addString(rows: SearchRows, param: string, written: unknown): void {
  const exact = text(written)
  if (exact === undefined) return
  // Never empty: an empty value stands for none where strings are sorted.
  const row = { param, value: foldText(exact) || ' ', exact: clip(exact) }
  rows.string.set(`${param}\u0001${row.value}\u0001${row.exact}`, row)
}

export const ucum = 'http://unitsofmeasure.org'

// An end that is open is a number, since JSON (in a page's cursor) has no infinity; what has no value sorts beyond it.
const bounded = (value: number): number => Math.max(-1e308, Math.min(1e308, value))

function addQuantity(
  rows: SearchRows,
  param: string,
  { low, high }: { low: number; high: number },
  of: { system?: string | undefined; code?: string | undefined; unit?: string | undefined } = {},
): void {
  const system = clip(of.system ?? '')
  const code = clip(of.code ?? '')
  const unit = system === ucum ? canonicalUnit(code) : undefined
  const row: QuantityRow = {
    param,
    low: bounded(low),
    high: bounded(high),
    system,
    code,
    unit: clip(of.unit ?? ''),
    base: unit?.base ?? '',
    baseLow: bounded(unit ? inBase(low, unit) : low),
    baseHigh: bounded(unit ? inBase(high, unit) : high),
  }
  rows.quantity.set(`${param}\u0001${row.low}\u0001${row.high}\u0001${code}\u0001${system}\u0001${row.unit}`, row)
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

/** The words beside a code, for the modifier :text; folded like all text, and only the first of several alike is kept. */
const words = (rows: SearchRows, param: string, value: unknown) => {
  const written = text(value)
  if (written !== undefined) addToken(rows, `${param}:text`, foldText(written) || undefined)
}
const coding: Collect = (rows, param, value) => {
  if (!isObject(value)) return
  addToken(rows, param, text(value['code']), text(value['system']))
  words(rows, param, value['display'])
}
const whole: Collect = (rows, param, value) => {
  if (isObject(value)) addToken(rows, param, text(value['value']))
}
const plain: Collect = (rows, param, value) =>
  addToken(rows, param, typeof value === 'boolean' ? String(value) : text(value))
const humanName = ['family', 'given', 'prefix', 'suffix', 'text']
const address = ['line', 'city', 'district', 'state', 'postalCode', 'country', 'text']

/** What `identifier:of-type=system|code|value` looks for: the value of an identifier under the code of its type. */
export const typedIdentifier = (code: string | undefined, value: string): string => `${code ?? ''}|${value}`

const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

/** `<5` is all below five: a comparator opens the other end. */
const quantity: Collect = (rows, param, value) => {
  if (!isObject(value)) return
  const at = number(value['value'])
  if (at === undefined) return
  const comparator = text(value['comparator']) ?? ''
  addQuantity(
    rows,
    param,
    { low: comparator.startsWith('<') ? -Infinity : at, high: comparator.startsWith('>') ? Infinity : at },
    { system: text(value['system']), code: text(value['code']), unit: text(value['unit']) },
  )
}
const range: Collect = (rows, param, value) => {
  if (!isObject(value)) return
  const [low, high] = [value['low'], value['high']].map((one) => (isObject(one) ? one : undefined))
  const unit = low ?? high
  if (!unit) return
  addQuantity(
    rows,
    param,
    { low: number(low?.['value']) ?? -Infinity, high: number(high?.['value']) ?? Infinity },
    { system: text(unit['system']), code: text(unit['code']), unit: text(unit['unit']) },
  )
}

const collectors: Record<string, Collect | undefined> = {
  'token:Coding': coding,
  'token:CodeableConcept': (rows, param, value) => {
    if (!isObject(value)) return
    for (const one of list(value['coding'])) coding(rows, param, one)
    words(rows, param, value['text'])
  },
  'token:Identifier': (rows, param, value) => {
    if (!isObject(value)) return
    const given = text(value['value'])
    addToken(rows, param, given, text(value['system']))
    const type = isObject(value['type']) ? value['type'] : {}
    words(rows, param, type['text'])
    for (const one of list(type['coding'])) {
      if (!isObject(one) || given === undefined) continue
      addToken(rows, `${param}:of-type`, typedIdentifier(text(one['code']), given), text(one['system']))
    }
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
  'quantity:Range': range,
  'number:Range': range,
  'quantity:Money': (rows, param, value) => {
    if (isObject(value)) quantity(rows, param, { ...value, system: 'urn:iso:std:iso:4217', code: value['currency'] })
  },
  'special:Location.position': (rows, param, value) => {
    const [low, high] = isObject(value) ? [number(value['latitude']), number(value['longitude'])] : []
    if (low !== undefined && high !== undefined) addQuantity(rows, param, { low, high })
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
  quantity,
  number: (rows, param, value) => {
    const at = number(value)
    if (at !== undefined) addQuantity(rows, param, { low: at, high: at })
  },
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

/** Calls `see` with every value at the end of a path. */
function walk(path: SearchPath, see: (value: unknown) => void): (from: unknown) => void {
  let visit = see
  for (const { name, filter } of path.steps.toReversed()) {
    const inner = visit
    const keep =
      filter === undefined
        ? () => true
        : 'target' in filter
          ? (value: unknown) => pointsTo(value, filter.target)
          : (value: unknown) => isObject(value) && value[filter.element] === filter.value
    visit = (value) => {
      const next = isObject(value) ? value[name] : undefined
      if (next === undefined) return
      if (Array.isArray(next)) {
        for (const one of next) if (keep(one)) inner(one)
      } else if (keep(next)) inner(next)
    }
  }
  return visit
}

const collectorOf = (kind: SearchKind, path: SearchPath): Collect | undefined =>
  collectors[`${kind}:${path.type}`] ?? byKind[kind]

function compilePath({ code, kind }: SearchParameter, path: SearchPath): Visit | undefined {
  if (path.type === 'deceased') {
    return (rows, resource) =>
      addToken(rows, code, String(resource['deceasedBoolean'] === true || resource['deceasedDateTime'] !== undefined))
  }
  const collect = collectorOf(kind, path)
  if (!collect) return undefined
  return (rows, resource) => walk(path, (value) => collect(rows, code, value))(resource)
}

const clipKey = (value: string) => clip(value).slice(0, 120)

/**
 * The parameter under which the second part of a composite stands: named after the token that is its other part, so that
 * both are found by one look into an index. Without a system: the beginning of all such names.
 */
export const compositeParam = (code: string, value: string, system?: string): string =>
  `${code}\u0001${clipKey(value)}\u0001${system === undefined ? '' : `${clipKey(system)}\u0001`}`

/** The parts of a composite that stand in one element: a token beside a row of another table, or beside two numbers. */
function compileComposite(code: string, { context, parts }: SearchParameter['composites'][number]): Visit | undefined {
  const at = parts.findIndex(({ kind }) => kind === 'token')
  const token = parts[at]
  const others = parts.filter((_, index) => index !== at)
  if (!token || others.length === 0) return undefined
  const collect = (part: typeof token, resource: Json, element: unknown): SearchRows => {
    const rows = emptyRows()
    for (const path of part.paths)
      walk(path, (value) => collectorOf(part.kind, path)?.(rows, '', value))(path.fromResource ? resource : element)
    return rows
  }
  return (rows, resource) =>
    walk(context, (element) => {
      const found = others.map((part) => collect(part, resource, element))
      if (found.some((one) => rowTables.every((table) => one[table].size === 0))) return
      for (const { param: plainParam, value, system } of collect(token, resource, element).token.values()) {
        if (plainParam !== '') continue
        const param = compositeParam(code, value, system)
        const [first, second] = found
        if (first && second) {
          for (const { low } of first.quantity.values())
            for (const { high } of second.quantity.values()) addQuantity(rows, param, { low, high })
        } else if (first) {
          for (const row of first.token.values()) if (row.param === '') addToken(rows, param, row.value, row.system)
          for (const row of first.reference.values()) addReference(rows, param, row.targetId, row.targetType)
          for (const row of first.date.values()) addDate(rows, param, row)
          for (const row of first.string.values()) addString(rows, param, row.exact)
          for (const row of first.quantity.values()) addQuantity(rows, param, row, row)
        }
      }
    })(resource)
}

const extractors = new Map<string, readonly Visit[]>()

/** The search rows of a resource. */
export function searchRows(resource: object): SearchRows {
  const content: Json = { ...resource }
  const type = String(content['resourceType'])
  let visits = extractors.get(type)
  if (!visits) {
    visits = [...searchParameters(type).values()].flatMap((parameter) => [
      ...parameter.paths.flatMap((path) => compilePath(parameter, path) ?? []),
      ...parameter.composites.flatMap((composite) => compileComposite(parameter.code, composite) ?? []),
    ])
    extractors.set(type, visits)
  }
  const rows = emptyRows()
  for (const visit of visits) visit(rows, content)
  return rows
}
