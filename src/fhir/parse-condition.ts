import { clip, foldText } from './fold-text.ts'
import {
  alternatives,
  invalid,
  readDateTest,
  readNumberTest,
  readQuantityTest,
  splitAt,
  unescape,
  unsupported,
} from './read-value.ts'
import type { Condition, RowParam, RowTable, RowTest } from './search-condition.ts'
import {
  partsOf,
  type SearchKind,
  type SearchParameter,
  type SearchPath,
  searchParameters,
} from './search-parameters.ts'
import { compositeParam, readReference, typedIdentifier } from './search-rows.ts'
import { isResourceType } from './structure.ts'

const longestChain = 6
const mostTargets = 12
const mostValues = 1000

/** What is known of R4 and cannot be done, or not by everybody: refused by name, never passed over. */
const refused: Readonly<Record<string, string>> = {
  _text: 'searching the narrative is not supported',
  _content: 'searching the whole content is not supported',
  _query: 'there is no named query',
  _filter: 'is not supported',
  _contained: 'contained resources are not searched by themselves',
  _containedType: 'contained resources are not searched by themselves',
}

/** The table where the rows of a parameter are, when it is neither composite nor unknown. */
export function tableOf(kind: SearchKind): RowTable | undefined {
  switch (kind) {
    case 'uri':
      return 'token'
    case 'number':
    case 'quantity':
    case 'special':
      return 'quantity'
    case 'composite':
      return undefined
    default:
      return kind
  }
}

const literal = new Set(['code', 'boolean', 'string', 'id', 'uri', 'ContactPoint', 'deceased', 'canonical'])
/** A code element has its system by its binding and not in its value, so its rows hold none. */
const isBare = (paths: readonly SearchPath[]) => paths.every(({ type }) => literal.has(type))

/** The end of every path to a parameter's values, through those that it unites. */
const pathsOf = (type: string, parameter: SearchParameter): readonly SearchPath[] =>
  parameter.stored.flatMap((code) => searchParameters(type).get(code)?.paths ?? [])

const paramsOf = ({ stored }: SearchParameter, suffix = ''): RowParam[] =>
  stored.map((code) => ({ name: code + suffix, open: false }))

function readToken(bare: boolean, text: string): { value: string | undefined; system: string | undefined } {
  const [first = '', ...rest] = splitAt(text, '|')
  if (rest.length === 0) return { value: clip(unescape(first)), system: undefined }
  const value = unescape(rest.join('|'))
  return {
    value: value === '' ? undefined : clip(value),
    system: bare && value !== '' ? undefined : clip(unescape(first)),
  }
}

function readSystemCode(path: string, text: string): { system: string; code: string } {
  const [system = '', code = '', ...rest] = splitAt(text, '|').map(unescape)
  if (system === '' || code === '' || rest.length > 0) throw invalid(path, 'is not system|code')
  return { system, code }
}

/** `latitude|longitude|distance|units`; the distance is 1 km when it is not given. */
function readNearness(path: string, text: string): RowTest {
  const [latitude, longitude, distance = '1', unit = 'km'] = splitAt(text, '|')
  const metres: Readonly<Record<string, number>> = {
    km: 1,
    m: 0.001,
    '[mi_i]': 1.609344,
    '[mi_us]': 1.609347,
    mi: 1.609344,
  }
  const given = [latitude, longitude, distance === '' ? '1' : distance].map((one) =>
    one === undefined || one === '' ? NaN : Number(one),
  )
  const [north = NaN, east = NaN, far = NaN] = given
  const scale = Object.hasOwn(metres, unit === '' ? 'km' : unit) ? metres[unit === '' ? 'km' : unit] : undefined
  if (!(Math.abs(north) <= 90 && Math.abs(east) <= 180 && far >= 0 && far < 1e6) || scale === undefined)
    throw invalid(path, 'is not latitude|longitude|distance|units')
  return { by: 'nearness', latitude: north, longitude: east, kilometres: far * scale }
}

/** The test of rows of a kind, without a modifier. */
function readTest(path: string, kind: SearchKind, bare: boolean, texts: readonly string[]): RowTest {
  switch (kind) {
    case 'date':
      return { by: 'date', values: texts.map((text) => readDateTest(path, text)) }
    case 'number':
      return {
        by: 'quantity',
        values: texts.map((text) => ({
          ...readNumberTest(path, text),
          base: '',
          system: undefined,
          code: undefined,
          unit: undefined,
        })),
      }
    case 'quantity':
      return { by: 'quantity', values: texts.map((text) => readQuantityTest(path, text)) }
    case 'reference':
      return {
        by: 'reference',
        values: texts.map((text) => {
          const { targetId, targetType } = readReference(unescape(text))
          return { targetId, targetType: targetType === '' ? undefined : targetType }
        }),
      }
    case 'string':
      return readStrings(path, 'prefix', texts)
    case 'uri':
      return { by: 'token', values: texts.map((text) => ({ value: clip(unescape(text)), system: undefined })) }
    case 'token':
      return { by: 'token', values: texts.map((text) => readToken(bare, text)) }
    case 'special':
      if (texts.length > 1) throw unsupported(path, 'one place at a time is supported')
      return readNearness(path, texts[0] ?? '')
    case 'composite':
      throw unsupported(path, 'a composite inside a composite is not supported')
  }
}

function readStrings(path: string, how: 'prefix' | 'exact' | 'contains', texts: readonly string[]): RowTest {
  const values = texts.map((text) => ({ folded: foldText(unescape(text)), exact: clip(unescape(text)) }))
  if (values.some(({ folded }) => folded === '')) throw invalid(path, 'is empty')
  return { by: 'string', how, values }
}

/** `code$value`: both in the same element. */
function readComposite(path: string, type: string, parameter: SearchParameter, texts: readonly string[]): Condition {
  const parts = partsOf(type, parameter)
  const at = parts.findIndex(({ kind }) => kind === 'token')
  const conditions = texts.map((text): Condition => {
    const given = splitAt(text, '$')
    if (given.length !== parts.length || given.some((one) => one === ''))
      throw invalid(path, `does not have ${parts.length} parts with $ between them`)
    const { value, system } = readToken(isBare(parts[at]?.paths ?? []), given[at] ?? '')
    if (value === undefined) throw invalid(path, 'has a system without a code')
    const params = parameter.stored.map((code) => ({
      name: compositeParam(code, value, system),
      open: system === undefined,
    }))
    const others = parts.flatMap((part, index) => (index === at ? [] : [{ part, text: given[index] ?? '' }]))
    const [first, second] = others
    if (!first) throw unsupported(path, 'is not supported')
    if (second) {
      const test: RowTest = {
        by: 'two-numbers',
        first: readNumberTest(path, first.text),
        second: readNumberTest(path, second.text),
      }
      return { kind: 'rows', table: 'quantity', params, test }
    }
    const table = tableOf(first.part.kind)
    if (table === undefined) throw unsupported(path, 'is not supported')
    return {
      kind: 'rows',
      table,
      params,
      test: readTest(path, first.part.kind, isBare(first.part.paths), [first.text]),
    }
  })
  return oneOf(conditions)
}

const oneOf = (conditions: readonly Condition[]): Condition => {
  const [only] = conditions
  return only && conditions.length === 1 ? only : { kind: 'any', of: conditions }
}

function compositeTable(type: string, parameter: SearchParameter): RowTable {
  const parts = partsOf(type, parameter)
  const other = parts.find((part) => part !== parts.find(({ kind }) => kind === 'token'))
  return (other && tableOf(other.kind)) ?? 'quantity'
}

function readMissing(path: string, type: string, parameter: SearchParameter, raw: string): Condition {
  if (raw !== 'true' && raw !== 'false') throw invalid(path, 'is neither true nor false')
  const composite = parameter.kind === 'composite'
  const present: Condition = {
    kind: 'rows',
    table: tableOf(parameter.kind) ?? compositeTable(type, parameter),
    params: composite ? parameter.stored.map((code) => ({ name: `${code}\u0001`, open: true })) : paramsOf(parameter),
    test: { by: 'presence' },
  }
  return raw === 'true' ? { kind: 'not', of: present } : present
}

/** All the addresses that a URL lies below, itself included. */
function addressesAbove(url: string): string[] {
  const found = [url]
  const root = /^[a-z][a-z0-9+.-]*:\/\/[^/]+/i.exec(url)?.[0].length ?? url.length
  for (let cut = url.lastIndexOf('/'); cut >= root; cut = url.lastIndexOf('/', cut - 1)) {
    found.push(url.slice(0, cut), url.slice(0, cut + 1))
    if (cut === 0) break
  }
  return [...new Set(found)].map(clip)
}

/** A parameter of a type with its modifier. `path` is the parameter's name as it was written, for refusals. */
function readParameter(
  path: string,
  type: string,
  parameter: SearchParameter,
  modifier: string,
  raw: string,
): Condition {
  if (modifier === 'missing') return readMissing(path, type, parameter, raw)
  const { kind } = parameter
  const texts = alternatives(path, raw)
  if (texts.length > mostValues) throw unsupported(path, `more than ${mostValues} values are not supported`)
  const table = tableOf(kind)
  if (table === undefined) {
    if (modifier !== '') throw unsupported(path, `the modifier ${modifier} is not supported for composites`)
    return readComposite(path, type, parameter, texts)
  }
  const params = paramsOf(parameter)
  const bare = isBare(pathsOf(type, parameter))
  const rows = (test: RowTest, of: RowTable = table, names = params): Condition => ({
    kind: 'rows',
    table: of,
    params: names,
    test,
  })
  if (modifier === '') return rows(readTest(path, kind, bare, texts))
  const wrong = unsupported(path, `the modifier ${modifier} is not supported for a parameter of kind ${kind}`)
  const negatable = kind === 'token' || kind === 'uri' || kind === 'reference'
  if (modifier === 'not' && negatable) return { kind: 'not', of: rows(readTest(path, kind, bare, texts)) }
  switch (kind) {
    case 'string':
      if (modifier === 'exact' || modifier === 'contains') return rows(readStrings(path, modifier, texts))
      throw wrong
    case 'uri':
      if (modifier === 'below') return rows({ by: 'uri-below', values: texts.map((text) => clip(unescape(text))) })
      if (modifier === 'above')
        return rows({
          by: 'token',
          values: texts.flatMap((text) =>
            addressesAbove(unescape(text)).map((value) => ({ value, system: undefined })),
          ),
        })
      throw wrong
    case 'reference': {
      if (modifier === 'identifier')
        return rows(
          { by: 'token', values: texts.map((text) => readToken(false, text)) },
          'token',
          paramsOf(parameter, ':identifier'),
        )
      if (!isResourceType(modifier)) throw wrong
      const test = readTest(path, kind, bare, texts)
      if (test.by !== 'reference') throw wrong
      return rows({
        by: 'reference',
        values: test.values.map(({ targetId, targetType }) => ({ targetId, targetType: targetType ?? modifier })),
      })
    }
    case 'token':
      if (modifier === 'text')
        return rows(
          {
            by: 'beginning',
            values: texts.map((text) => {
              const folded = foldText(unescape(text))
              if (folded === '') throw invalid(path, 'is empty')
              return folded
            }),
          },
          'token',
          paramsOf(parameter, ':text'),
        )
      if (modifier === 'of-type')
        return rows(
          {
            by: 'token',
            values: texts.map((text) => {
              const [system = '', code = '', value = '', ...rest] = splitAt(text, '|').map(unescape)
              if (code === '' || value === '' || rest.length > 0) throw invalid(path, 'is not system|code|value')
              return { value: clip(typedIdentifier(code, value)), system: system === '' ? undefined : clip(system) }
            }),
          },
          'token',
          paramsOf(parameter, ':of-type'),
        )
      if (modifier === 'in' || modifier === 'not-in') {
        const of = texts.map((text) => ({ how: 'in' as const, valueSet: unescape(text) }))
        const within: Condition = { kind: 'code-set', params, bare, path, of }
        return modifier === 'in' ? within : { kind: 'not', of: within }
      }
      if (modifier === 'above' || modifier === 'below')
        return {
          kind: 'code-set',
          params,
          bare,
          path,
          of: texts.map((text) => ({ how: modifier, ...readSystemCode(path, text) })),
        }
      throw wrong
    default:
      throw wrong
  }
}

const referenceParameter = (type: string, code: string): SearchParameter | undefined => {
  const parameter = searchParameters(type).get(code)
  return parameter?.kind === 'reference' ? parameter : undefined
}

/** `_has:Observation:patient:code=1234`, also of a `_has` or a chain. */
function readHas(path: string, type: string, name: string, raw: string, depth: number): Condition | undefined {
  const match = /^_has:([A-Za-z]+):([A-Za-z0-9_-]+):(.+)$/s.exec(name)
  const [, from = '', code = '', rest = ''] = match ?? []
  if (!match || !isResourceType(from)) throw invalid(path, 'is not _has:Type:reference:parameter')
  const parameter = referenceParameter(from, code)
  if (!parameter) throw invalid(path, `${from} has no reference parameter ${code}`)
  if (!parameter.targets.includes(type)) throw invalid(path, `${from}.${code} does not point to ${type}`)
  const of = readCondition(path, from, rest, raw, depth + 1)
  return of && { kind: 'referred', type: from, params: paramsOf(parameter), of }
}

/** `subject:Patient.name=…`, `patient.organization.name=…`. Without a type, whatever the reference may point to. */
function readChain(path: string, type: string, name: string, raw: string, depth: number): Condition | undefined {
  const cut = name.indexOf('.')
  const [code = '', only] = name.slice(0, cut).split(':')
  const rest = name.slice(cut + 1)
  const parameter = referenceParameter(type, code)
  if (!parameter) return undefined
  if (only !== undefined && !parameter.targets.includes(only))
    throw invalid(path, `${type}.${code} does not point to ${only.slice(0, 64)}`)
  const targets = (only === undefined ? parameter.targets : [only]).flatMap((target) => {
    const of = readCondition(path, target, rest, raw, depth + 1)
    return of ? [{ type: target, of }] : []
  })
  if (targets.length === 0) return undefined
  if (targets.length > mostTargets) throw unsupported(path, `points to many types: name one, as in ${code}:Patient.…`)
  return { kind: 'refers', params: paramsOf(parameter), targets }
}

/**
 * One parameter of a search as a condition on resources of `type`; undefined when the type has no such parameter.
 * What is known but cannot be read or done is refused, with `path` as its place.
 */
export function readCondition(path: string, type: string, name: string, raw: string, depth = 0): Condition | undefined {
  if (depth > longestChain) throw unsupported(path, `more than ${longestChain} links are not supported`)
  if (name.startsWith('_has:')) return readHas(path, type, name, raw, depth)
  if (name.includes('.')) return readChain(path, type, name, raw, depth)
  const cut = name.indexOf(':')
  const code = cut < 0 ? name : name.slice(0, cut)
  const modifier = cut < 0 ? '' : name.slice(cut + 1)
  const reason = Object.hasOwn(refused, code) ? refused[code] : undefined
  if (reason !== undefined) throw unsupported(path, reason)
  if (code === '_id') {
    const ids: Condition = { kind: 'ids', ids: alternatives(path, raw) }
    if (modifier === 'not') return { kind: 'not', of: ids }
    if (modifier !== '') throw unsupported(path, `the modifier ${modifier} is not supported for _id`)
    return ids
  }
  if (code === '_lastUpdated') {
    if (modifier !== '') throw unsupported(path, `the modifier ${modifier} is not supported for _lastUpdated`)
    return { kind: 'updated', values: alternatives(path, raw).map((text) => readDateTest(path, text)) }
  }
  if (code === '_list') {
    if (!/^(List\/)?[A-Za-z0-9.-]{1,64}$/.test(raw) || modifier !== '')
      throw unsupported(path, 'only a List by its id is supported')
    return { kind: 'listed', list: raw.replace(/^List\//, '') }
  }
  const parameter = searchParameters(type).get(code)
  return parameter && readParameter(path, type, parameter, modifier, raw)
}
