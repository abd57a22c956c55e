import generated from './generated/search-parameters.json' with { type: 'json' }
import { resourceTypes, typeRule } from './structure.ts'

export type SearchKind =
  | 'token'
  | 'reference'
  | 'date'
  | 'string'
  | 'uri'
  | 'quantity'
  | 'number'
  | 'composite'
  | 'special'

/** One way from a resource to a searched value: concrete element names, a filter on some, the FHIR type at the end. */
export interface SearchPath {
  steps: readonly { name: string; filter?: { element: string; value: string } | { target: string } }[]
  type: string
  /** Inside a composite: starts from the resource and not from the element that holds the parts together. */
  fromResource: boolean
}

/** One part of a composite, beside the others in the same element. */
export interface SearchPart {
  kind: SearchKind
  paths: readonly SearchPath[]
}

export interface SearchParameter {
  code: string
  kind: SearchKind
  paths: readonly SearchPath[]
  /** The parameters whose rows answer this one: itself, or those that it unites. */
  stored: readonly string[]
  /** What a reference may point to, by its definition. */
  targets: readonly string[]
  /** Of a composite: each place where its parts stand together. */
  composites: readonly { context: SearchPath; parts: readonly SearchPart[] }[]
}

type Table<T> = Record<string, Record<string, T | undefined> | undefined>
const tables: Table<string> = generated.types
const targetTables: Table<string> = generated.targets
const compositeTables: Table<string | string[][]> = generated.composites
const patientPaths: Record<string, string | undefined> = generated.patient
const compiled = new Map<string, ReadonlyMap<string, SearchParameter>>()

function readPath(written: string): SearchPath {
  const fromResource = written.startsWith('^')
  const text = fromResource ? written.slice(1) : written
  const colon = text.lastIndexOf(':')
  const steps = text
    .slice(0, colon)
    .split('.')
    .filter((part) => part !== '')
    .map((part) => {
      const match = /^(\w+)\{(?:(\w+)=)?(.+)\}$/.exec(part)
      const [, name, element, value] = match ?? []
      if (name === undefined || value === undefined) return { name: part }
      return { name, filter: element === undefined ? { target: value } : { element, value } }
    })
  return { steps, type: text.slice(colon + 1), fromResource }
}

const isUnited = (words: readonly string[]) => words.some((word) => word.startsWith('='))
const united = (code: string, words: readonly string[]) =>
  isUnited(words) ? words.map((word) => word.slice(1)) : [code]

function readParameter(type: string, code: string, text: string): SearchParameter {
  const [kind = '', ...words] = text.split(' ')
  const targets = targetTables[type]?.[code] ?? ''
  return {
    code,
    kind: kind as SearchKind,
    paths: isUnited(words) ? [] : words.map(readPath),
    stored: united(code, words),
    targets: targets === '*' ? resourceTypes : targets.split(' ').filter((one) => one !== ''),
    composites: [],
  }
}

function readComposite(code: string, written: string | readonly string[][]): SearchParameter {
  const base = { code, kind: 'composite', paths: [], targets: [] } as const
  if (typeof written === 'string') return { ...base, stored: united(code, written.split(' ')), composites: [] }
  const composites = written.map(([context = '', ...parts]) => ({
    context: readPath(`${context}:`),
    parts: parts.map((part) => {
      const [kind = '', ...paths] = part.split(' ')
      return { kind: kind as SearchKind, paths: paths.map(readPath) }
    }),
  }))
  return { ...base, stored: [code], composites }
}

/** The search parameters of a type beside `_id` and `_lastUpdated`, which the resource's own row answers. */
export function searchParameters(type: string): ReadonlyMap<string, SearchParameter> {
  let table = compiled.get(type)
  if (!table) {
    const filled = new Map<string, SearchParameter>()
    for (const [code, text] of Object.entries(tables[type] ?? {}))
      if (text !== undefined) filled.set(code, readParameter(type, code, text))
    for (const [code, written] of Object.entries(compositeTables[type] ?? {}))
      if (written !== undefined) filled.set(code, readComposite(code, written))
    table = filled
    compiled.set(type, table)
  }
  return table
}

/** The parts of a composite, whichever of those that it unites. */
export function partsOf(type: string, parameter: SearchParameter): readonly SearchPart[] {
  const [first = ''] = parameter.stored
  return searchParameters(type).get(first)?.composites[0]?.parts ?? []
}

/** Has a resource one value of the parameter at the most? Then every element on the way is single, and there is one way or a choice. */
export function isSingle(type: string, code: string): boolean {
  const paths = searchParameters(type).get(code)?.paths ?? []
  const ways = new Set<string>()
  for (const { steps } of paths) {
    let at = type
    let way = ''
    for (const { name } of steps) {
      const element = typeRule(at)?.elements.get(name)
      if (!element || element.many) return false
      way += `.${element.choice ?? name}`
      at = element.type
    }
    ways.add(way)
  }
  return ways.size === 1 && !paths.some(({ type: end }) => ['HumanName', 'Address', 'CodeableConcept'].includes(end))
}

const within = (path: string, other: string) => path === other || path.startsWith(`${other}.`)

/** The parameter that rows of this name belong to: `identifier` of `identifier:of-type`. */
export const codeOfRow = (row: string): string => row.split(':')[0]?.split('\u0001')[0] ?? ''

/** Does a parameter, named as its rows are, look at one of these elements, or at one that is a part of theirs? */
export function looksAt(type: string, row: string, elements: readonly string[]): boolean {
  if (elements.length === 0) return false
  const parameter = searchParameters(type).get(codeOfRow(row))
  const written = ({ steps }: SearchPath) => steps.map(({ name }) => name).join('.')
  const ways = [
    ...(parameter?.paths ?? []).map(written),
    ...(parameter?.composites ?? []).flatMap(({ context, parts }) =>
      parts.flatMap(({ paths }) =>
        paths.map((path) =>
          path.fromResource ? written(path) : [written(context), written(path)].filter((one) => one !== '').join('.'),
        ),
      ),
    ),
  ]
  // What is not understood may look at anything.
  return (
    ways.length === 0 || ways.some((way) => elements.some((element) => within(way, element) || within(element, way)))
  )
}

/** Element paths that may hold the patient whose record a resource of this type is in, best first. */
export const patientElements = (type: string): readonly string[] => patientPaths[type]?.split(' ') ?? []
