import type { FhirPathAtom } from '@medplum/core'

/** Elements of each R4 type: name → types it may hold, `|` between them, `*` after a list. */
export type TypeTable = Readonly<Record<string, Readonly<Record<string, string>>>>

interface Checking {
  table: TypeTable
  names: readonly string[]
}

/** Unknown: some value whose type the check does not follow. */
export type Types = readonly string[] | 'unknown'

class TypeFault extends Error {
  readonly code: 'function-not-offered' | undefined
  constructor(message: string, code?: 'function-not-offered') {
    super(message)
    this.code = code
  }
}

/**
 * The functions that are evaluated. The library answers others of FHIRPath with nothing (`repeat`, `descendants`, `trim`) or
 * fails at them (`sum`, `memberOf`), which is nothing here: a condition would be false for everybody and nobody would see why.
 */
const evaluated = new Set(
  `empty exists all allTrue anyTrue allFalse anyFalse subsetOf supersetOf count distinct isDistinct not where select ofType
  single first last tail skip take intersect exclude union combine iif is as toBoolean convertsToBoolean toInteger
  convertsToInteger toDate convertsToDate toDateTime convertsToDateTime toDecimal convertsToDecimal toQuantity
  convertsToQuantity toString convertsToString toTime convertsToTime indexOf substring startsWith endsWith contains upper lower
  replace matches replaceMatches length toChars join abs ceiling exp floor ln log power round sqrt truncate trace extension
  hasValue type between`.split(/\s+/),
)
const clocks = new Set(['now', 'today', 'timeOfDay'])

const keepsInput = new Set(['where', 'first', 'last', 'tail', 'skip', 'take', 'single', 'distinct', 'trace'])
const givesBoolean = new Set([
  'exists',
  'empty',
  'not',
  'all',
  'allTrue',
  'anyTrue',
  'allFalse',
  'anyFalse',
  'startsWith',
  'endsWith',
  'contains',
  'matches',
  'hasValue',
  'memberOf',
  'subsetOf',
  'supersetOf',
  'isDistinct',
])
const booleanOperators = new Set([
  '=',
  '!=',
  '~',
  '!~',
  '<',
  '>',
  '<=',
  '>=',
  'and',
  'or',
  'xor',
  'implies',
  'in',
  'contains',
  'is',
])

/** The types that an expression over `type` may give, or what does not type-check in it, in words. */
export function checkTypes(
  atom: FhirPathAtom,
  options: { type: string; names: readonly string[]; table: TypeTable; wants: 'condition' | 'value' },
): { types: Types } | { fault: string; code?: 'function-not-offered' } {
  if (!(options.type in options.table)) return { fault: `there is no resource type ${options.type} in FHIR R4` }
  try {
    const types = typesOf(parts(atom), [options.type], options)
    if (options.wants === 'condition' && types !== 'unknown' && !types.some((type) => type === 'boolean'))
      return { fault: `gives ${types.join(' or ')}; a condition must give true or false` }
    return { types }
  } catch (error) {
    if (error instanceof TypeFault)
      return { fault: error.message, ...(error.code === undefined ? {} : { code: error.code }) }
    throw error
  }
}

/** The fields the parser's different atoms have, read without knowing which atom it is. */
interface Parts {
  original?: string
  child?: Parts
  left?: Parts
  right?: Parts
  /** Of an indexer, what stands in its brackets. */
  expr?: Parts
  operator?: string
  name?: string
  args?: Parts[]
  value?: { type: string }
}

const parts = (atom: FhirPathAtom): Parts => atom as unknown as Parts

function typesOf(atom: Parts, input: Types, checking: Checking): Types {
  if (atom.value !== undefined && atom.left === undefined) return [atom.value.type]
  if (atom.left && atom.right) {
    const operator = atom.operator ?? ''
    if (operator === '.') return typesOf(atom.right, typesOf(atom.left, input, checking), checking)
    const left = typesOf(atom.left, input, checking)
    if (operator === 'is' || operator === 'as') return operator === 'is' ? ['boolean'] : [atom.right.name ?? 'unknown']
    const right = typesOf(atom.right, input, checking)
    if (operator === '=' || operator === '!=') comparable(left, right)
    if (booleanOperators.has(operator)) return ['boolean']
    return operator === '|' && left !== 'unknown' && right !== 'unknown' ? [...left, ...right] : 'unknown'
  }
  if (atom.child) return typesOf(atom.child, input, checking)
  if (atom.left && atom.expr) {
    typesOf(atom.expr, input, checking)
    return typesOf(atom.left, input, checking)
  }
  if (atom.name !== undefined && atom.args) return typesOfCall(atom.name, atom.args, input, checking)
  if (atom.name !== undefined) return typesOfName(atom.name, input, checking)
  return 'unknown'
}

function typesOfName(name: string, input: Types, checking: Checking): Types {
  if (name.startsWith('%')) {
    if (checking.names.includes(name.slice(1))) return ['string']
    throw new TypeFault(
      `there is no variable ${name} here; known are ${checking.names.map((known) => `%${known}`).join(', ')}`,
    )
  }
  if (name === '$this') return input
  if (input === 'unknown') return 'unknown'
  if (input.includes(name)) return [name]
  const found: string[] = []
  for (const type of input) {
    const element = elementOf(type, name, checking.table)
    if (element !== undefined) found.push(...element.replace('*', '').split('|'))
  }
  if (found.length === 0)
    throw new TypeFault(`${input.join(' and ')} ${input.length > 1 ? 'have' : 'has'} no element ${name}`)
  return found.map((type) => (type.startsWith('System.') ? type.slice(7).toLowerCase() : type))
}

function elementOf(type: string, name: string, table: TypeTable): string | undefined {
  const own = table[type]
  if (own?.[name] !== undefined || own?.[`${name}[x]`] !== undefined) return own[name] ?? own[`${name}[x]`]
  // A type of the table inherits; a primitive has only what an Element has.
  return table['DomainResource']?.[name] !== undefined && own !== undefined && /^[A-Z][A-Za-z]*$/.test(type)
    ? table['DomainResource'][name]
    : table['Element']?.[name]
}

function typesOfCall(name: string, args: Parts[], input: Types, checking: Checking): Types {
  if (clocks.has(name))
    throw new TypeFault(
      `uses ${name}(): what is decided here looks at no clock; let a step wait`,
      'function-not-offered',
    )
  if (!evaluated.has(name)) throw new TypeFault(`uses ${name}(), which is not offered here`, 'function-not-offered')
  if (name === 'ofType' || name === 'as') return args[0]?.name === undefined ? 'unknown' : [args[0].name]
  if (name === 'is') return ['boolean']
  const argTypes = args.map((arg) => typesOf(arg, input, checking))
  if (keepsInput.has(name)) return input
  if (givesBoolean.has(name)) return ['boolean']
  if (name === 'extension') return ['Extension']
  if (name === 'select') return argTypes[0] ?? 'unknown'
  if (name === 'iif')
    return argTypes.length === 3 && argTypes[1] !== 'unknown' && argTypes[2] !== 'unknown'
      ? [...(argTypes[1] ?? []), ...(argTypes[2] ?? [])]
      : 'unknown'
  return 'unknown'
}

const numbers = new Set(['integer', 'decimal', 'positiveInt', 'unsignedInt'])

/** Comparing a number or a truth value with a text is always false: somebody meant something else. */
function comparable(left: Types, right: Types): void {
  if (left === 'unknown' || right === 'unknown') return
  const family = (type: string) =>
    type === 'boolean' ? 'boolean' : numbers.has(type) ? 'number' : /^[A-Z]/.test(type) ? `a ${type}` : 'text'
  const [lefts, rights] = [new Set(left.map(family)), new Set(right.map(family))]
  if (![...lefts].some((one) => rights.has(one)))
    throw new TypeFault(`compares ${[...lefts].join(' or ')} with ${[...rights].join(' or ')}`)
}
