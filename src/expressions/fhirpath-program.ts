import {
  ArithmeticOperatorAtom,
  type Atom,
  type AtomContext,
  FunctionAtom,
  getTypedPropertyValue,
  parseFhirPath,
  SymbolAtom,
  toTypedValue,
  type TypedValue,
} from '@medplum/core'
import { type ExpressionFault, longestSource } from './expression.ts'
import { addToDate } from './date-arithmetic.ts'
import { readPattern } from './pattern.ts'

/** A value and FHIRPath's name of its type. */
export interface Typed {
  type: string
  value: unknown
}

export interface ProgramRun {
  /** What `$this` is, and what bare names begin at. */
  focus: readonly unknown[]
  /** Values of `%name`, each a collection; a name that is not here is empty. */
  environment: Readonly<Record<string, readonly unknown[]>>
  /** Milliseconds: what `now()` and `today()` say. */
  now: number
  /** IANA zone of `today()`. */
  zone: string
  /** Steps that are left for this and other programs of the same caller. */
  budget: { steps: number }
}

/** A FHIRPath expression that is followed for a limited number of steps. */
export interface FhirPathProgram {
  ok: true
  source: string
  /** The `%names` it uses. */
  names: readonly string[]
  run(run: ProgramRun): { ok: true; values: Typed[] } | { ok: false; message: string }
}

class TooLong extends Error {}
class Unsupported extends Error {}

/**
 * FHIRPath as forms use it (http://hl7.org/fhirpath/N1, and `weight()`, `ordinal()` of SDC): over answers of unknown
 * shape, with variables that are collections. Pure: the time is given. An expression that takes more steps than its
 * budget has is given up, and regular expressions take time by their text alone, so nobody's expression holds up a server.
 */
export function fhirPathProgram(source: string): FhirPathProgram | ExpressionFault {
  if (source.length > longestSource)
    return { ok: false, message: `longer than ${longestSource} characters`, offset: undefined }
  const names = new Set<string>()
  let current: ProgramRun | undefined
  const spend = (steps: number) => {
    if (!current) throw new Unsupported('outside of a run')
    current.budget.steps -= steps
    if (current.budget.steps < 0) throw new TooLong()
    return current
  }
  let atom: Atom
  try {
    // Its outermost node only puts other words around an error.
    atom = parseFhirPath(source).child
    furnish(atom, { names, spend })
  } catch (error) {
    const detail = error instanceof Error ? error.message.split('\n')[0] : 'unreadable'
    return {
      ok: false,
      message: error instanceof Unsupported ? error.message : `is not FHIRPath: ${detail}`,
      offset: undefined,
    }
  }
  return {
    ok: true,
    source,
    names: [...names],
    run(run) {
      const outer = current
      current = run
      try {
        return { ok: true, values: atom.eval({ variables: {} }, typed(run.focus)) }
      } catch (error) {
        if (error instanceof TooLong) return { ok: false, message: 'takes too long' }
        return { ok: false, message: error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'failed' }
      } finally {
        current = outer
      }
    },
  }
}

const typed = (values: readonly unknown[]): TypedValue[] => values.map((value) => toTypedValue(value))

interface Furnishing {
  names: Set<string>
  spend(steps: number): ProgramRun
}

type Own = (args: readonly Atom[], context: AtomContext, input: TypedValue[], run: ProgramRun) => TypedValue[]

const isAtom = (value: unknown): value is Atom =>
  typeof value === 'object' && value !== null && 'eval' in value && typeof value.eval === 'function'

/** Gives each node of a parsed expression its step count, and those that the library lacks or that look at the clock ours. */
function furnish(node: Atom, furnishing: Furnishing): void {
  for (const child of Object.values(node)) {
    if (isAtom(child)) furnish(child, furnishing)
    else if (Array.isArray(child)) for (const one of child) if (isAtom(one)) furnish(one, furnishing)
  }
  const inner = evaluation(node, furnishing)
  node.eval = (context, input) => {
    const found = inner(context, input, furnishing.spend(1 + input.length))
    furnishing.spend(found.length)
    return found
  }
}

type Evaluation = (context: AtomContext, input: TypedValue[], run: ProgramRun) => TypedValue[]

function evaluation(node: Atom, { names, spend }: Furnishing): Evaluation {
  const library = node.eval.bind(node)
  if (node instanceof SymbolAtom && node.name.startsWith('%')) {
    const name = node.name.slice(1).replaceAll(/^[`']|[`']$/g, '')
    names.add(name)
    return (_context, _input, run) => typed(run.environment[name] ?? [])
  }
  if (node instanceof FunctionAtom) {
    const own = Object.hasOwn(ownFunctions, node.name) ? ownFunctions[node.name] : undefined
    if (own) return (context, input, run) => own(node.args, context, input, run)
    if (absent.has(node.name)) throw new Unsupported(`uses ${node.name}(), which is not offered here`)
  }
  if (node instanceof ArithmeticOperatorAtom && (node.operator === '+' || node.operator === '-')) {
    const sign = node.operator === '+' ? 1 : -1
    return (context, input) => {
      const left = node.left.eval(context, input)
      const right = node.right.eval(context, input)
      const moved = addToDate(left[0]?.value, right[0]?.value, sign)
      if (moved !== undefined) return [{ type: left[0]?.type ?? 'date', value: moved }]
      return left.length === 0 || right.length === 0 ? [] : withoutNothing(library(context, input))
    }
  }
  return (context, input) => {
    spend(0)
    return withoutNothing(library(context, input))
  }
}

/** FHIRPath's empty, where the library says null or not-a-number: a division by zero. */
const withoutNothing = (found: TypedValue[]): TypedValue[] =>
  found.some(isNothing) ? found.filter((one) => !isNothing(one)) : found
const isNothing = ({ value }: TypedValue): boolean =>
  value === null || value === undefined || (typeof value === 'number' && !Number.isFinite(value))

/** Functions that the library knows by name but does not do. */
const absent = new Set(['memberOf', 'subsumes', 'subsumedBy', 'resolve', 'conformsTo', 'htmlChecks', 'defineVariable'])

const numberOf = ({ value }: TypedValue): number | undefined => (typeof value === 'number' ? value : undefined)
const numbers = (input: readonly TypedValue[]): number[] =>
  input.flatMap((one) => {
    const value = numberOf(one)
    return value === undefined ? [] : [value]
  })
const number = (value: number): TypedValue => ({ type: Number.isInteger(value) ? 'integer' : 'decimal', value })
/** Decimal fractions added up as people add them: 0.1 + 0.2 is 0.3. */
const tidy = (value: number): number => Number(value.toPrecision(15))

function childrenOf(input: readonly TypedValue[]): TypedValue[] {
  return input.flatMap((one) => {
    if (typeof one.value !== 'object' || one.value === null) return []
    return Object.keys(one.value).flatMap((name) => {
      if (name === 'resourceType' || name.startsWith('_')) return []
      const found = getTypedPropertyValue(one, name)
      return found === undefined ? [] : Array.isArray(found) ? found : [found]
    })
  })
}

const each = (context: AtomContext, variables: AtomContext['variables']): AtomContext => ({
  parent: context,
  variables,
})

/** Follows an expression from each thing found to the next ones, each thing once. */
function repeated(args: readonly Atom[], context: AtomContext, input: TypedValue[]): TypedValue[] {
  const [step] = args
  const found: TypedValue[] = []
  const seen = new Set<unknown>()
  for (let level = input; level.length > 0 && step; ) {
    level = level
      .flatMap((one) => step.eval(each(context, { $this: one }), [one]))
      .filter(({ value }) => (seen.has(value) ? false : seen.add(value)))
    found.push(...level)
  }
  return found
}

function aggregated(args: readonly Atom[], context: AtomContext, input: TypedValue[]): TypedValue[] {
  const [step, begin] = args
  let total = begin?.eval(context, input) ?? []
  for (const [index, one] of input.entries()) {
    const [value] = total
    const variables = { $this: one, $index: number(index), ...(value ? { $total: value } : {}) }
    total = step?.eval(each(context, variables), [one]) ?? []
  }
  return total
}

const scoreUrls = [
  'http://hl7.org/fhir/StructureDefinition/itemWeight',
  'http://hl7.org/fhir/StructureDefinition/ordinalValue',
  'http://hl7.org/fhir/StructureDefinition/questionnaire-ordinalValue',
]

/** The weight that an option's coding carries; of an answer or an item, that of its codings. */
function weights(_args: readonly Atom[], _context: AtomContext, input: TypedValue[]): TypedValue[] {
  return input.flatMap(({ value }) => weightsOf(value)).map(number)
}

function weightsOf(value: unknown): number[] {
  if (typeof value !== 'object' || value === null) return []
  const { extension, answer, valueCoding } = value as {
    extension?: { url: string; valueDecimal?: number }[]
    answer?: unknown[]
    valueCoding?: unknown
  }
  const own = extension?.find((one) => scoreUrls.includes(one.url) && one.valueDecimal !== undefined)?.valueDecimal
  if (own !== undefined) return [own]
  return [...(valueCoding === undefined ? [] : weightsOf(valueCoding)), ...(answer ?? []).flatMap(weightsOf)]
}

function matching(how: 'within' | undefined): Own {
  return (args, context, input) => {
    const text = input[0]?.value
    const source = args[0]?.eval(context, input)[0]?.value
    if (typeof text !== 'string' || typeof source !== 'string') return []
    const pattern = readPattern(source)
    if ('fault' in pattern) throw new Unsupported(`its pattern ${pattern.fault}`)
    return [{ type: 'boolean', value: pattern.test(text, how) }]
  }
}

const dayOf = ({ now, zone }: ProgramRun): string => new Intl.DateTimeFormat('sv', { timeZone: zone }).format(now)

const ownFunctions: Readonly<Record<string, Own | undefined>> = {
  now: (_args, _context, _input, run) => [{ type: 'dateTime', value: new Date(run.now).toISOString() }],
  today: (_args, _context, _input, run) => [{ type: 'date', value: dayOf(run) }],
  timeOfDay: (_args, _context, _input, { now, zone }) => [
    { type: 'time', value: new Intl.DateTimeFormat('sv', { timeZone: zone, timeStyle: 'medium' }).format(now) },
  ],
  // As FHIRPath's first ballot and SDC's forms: some part of the text is enough.
  matches: matching('within'),
  matchesFull: matching(undefined),
  replaceMatches: () => {
    throw new Unsupported('replaceMatches() is not offered here')
  },
  children: (_args, _context, input) => childrenOf(input),
  descendants: (_args, _context, input) => {
    const found: TypedValue[] = []
    for (let level = childrenOf(input); level.length > 0; level = childrenOf(level)) found.push(...level)
    return found
  },
  repeat: repeated,
  aggregate: aggregated,
  sum: (_args, _context, input) =>
    input.length === 0 ? [number(0)] : [number(tidy(numbers(input).reduce((a, b) => a + b, 0)))],
  min: (_args, _context, input) => extreme(input, (a, b) => a < b),
  max: (_args, _context, input) => extreme(input, (a, b) => a > b),
  avg: (_args, _context, input) => {
    const found = numbers(input)
    return found.length === 0 ? [] : [{ type: 'decimal', value: tidy(found.reduce((a, b) => a + b, 0) / found.length) }]
  },
  weight: weights,
  ordinal: weights,
}

function extreme(
  input: readonly TypedValue[],
  before: (a: number | string, b: number | string) => boolean,
): TypedValue[] {
  const [first, ...rest] = input.filter(({ value }) => typeof value === 'number' || typeof value === 'string')
  return first ? [rest.reduce((best, one) => (before(one.value, best.value) ? one : best), first)] : []
}
