import type { FhirPathAtom } from '@medplum/core'

/** A FHIRPath collection. */
type Collection = readonly unknown[]
type Run = (input: Collection, environment: Readonly<Record<string, string>>) => Collection

/** The fields of the parser's atoms that are read here. */
interface Parts {
  child?: Parts
  left?: Parts
  right?: Parts
  operator?: string
  name?: string
  args?: Parts[]
  value?: { type: string; value: unknown }
}

const yes: Collection = [true]
const no: Collection = [false]
const empty: Collection = []

/**
 * The commonest part of FHIRPath as closures: element names, literals, `%names`, `=`, `!=`, `and`, `or`, `in` a list of
 * literals, `where`, `exists`, `empty`, `not`, `first`. Undefined for anything else, which the library then evaluates; a
 * property test holds both to the same answers. A condition on each event of each patient is worth the few lines.
 */
export function compileFast(atom: FhirPathAtom): Run | undefined {
  return compile(atom as unknown as Parts)
}

function compile(atom: Parts): Run | undefined {
  if (atom.left && atom.right) return compileOperator(atom.operator ?? '', atom.left, atom.right)
  if (atom.child) return compile(atom.child)
  if (atom.value !== undefined) return compileLiteral(atom.value)
  if (atom.args) return compileCall(atom.name ?? '', atom.args)
  if (atom.name === undefined) return undefined
  if (atom.name.startsWith('%')) {
    const name = atom.name.slice(1)
    return (_input, environment) => (environment[name] === undefined ? empty : [environment[name]])
  }
  return compileName(atom.name)
}

function compileLiteral({ type, value }: { type: string; value: unknown }): Run | undefined {
  if (type !== 'string' && type !== 'boolean' && type !== 'integer') return undefined
  const literal: Collection = [value]
  return () => literal
}

function compileName(name: string): Run | undefined {
  // A type name (`Patient`) and `$this` follow rules of their own: the library knows them.
  if (!/^[a-z][A-Za-z]*$/.test(name)) return undefined
  return (input) => {
    let only: unknown
    let many: unknown[] | undefined
    let count = 0
    for (const one of input) {
      if (typeof one !== 'object' || one === null) continue
      const found: unknown = (one as Record<string, unknown>)[name]
      const typed = found ?? typedValue(one as Record<string, unknown>, name)
      if (typed === undefined || typed === null) continue
      for (const value of Array.isArray(typed) ? (typed as unknown[]) : [typed]) {
        count += 1
        if (count === 1) only = value
        else {
          many ??= [only]
          many.push(value)
        }
      }
    }
    return count === 0 ? empty : (many ?? [only])
  }
}

/** Thrown when a resource turns out to need the whole language. One for all: a stack for each would cost more than it tells. */
export const notFast = new Error('needs the whole language')
const slow: Run = () => {
  throw notFast
}
/** A part that only sometimes matters: what cannot be compiled is the library's when it comes to that. */
const compileLate = (atom: Parts): Run => compile(atom) ?? slow

// The types that a choice element's name may end with (FHIR R4 2.24.0.1).
const choiceEnd =
  /^(?:Boolean|Integer|String|Decimal|Date|DateTime|Time|Instant|Code|Uri|Url|Canonical|Id|Markdown|Base64Binary|PositiveInt|UnsignedInt|Oid|Uuid|Quantity|CodeableConcept|Coding|Identifier|Period|Range|Ratio|Reference|SampledData|Attachment|Age|Duration|Money|Timing|Count|Distance|Annotation|Address|ContactPoint|HumanName|Signature|Expression|Dosage|Meta)$/

/** The value of an element that may have several types, under its typed name (valueString). */
function typedValue(one: Record<string, unknown>, name: string): unknown {
  for (const key in one) {
    const next = key.charCodeAt(name.length)
    if (next >= 65 && next <= 90 && key.startsWith(name) && choiceEnd.test(key.slice(name.length))) return one[key]
  }
  return undefined
}

function compileOperator(operator: string, leftPart: Parts, rightPart: Parts): Run | undefined {
  if (operator === 'in') return compileIn(leftPart, rightPart)
  const left = compile(leftPart)
  if (!left) return undefined
  const right = compileLate(rightPart)
  switch (operator) {
    case '.':
      return (input, environment) => right(left(input, environment), environment)
    case '=':
      return (input, environment) => equals(left(input, environment), right(input, environment))
    case '!=':
      return (input, environment) => negate(equals(left(input, environment), right(input, environment)))
    case 'and':
      return (input, environment) => {
        const one = truth(left(input, environment))
        if (one === false) return no
        const other = truth(right(input, environment))
        return other === false ? no : one && other ? yes : empty
      }
    case 'or':
      return (input, environment) => {
        const one = truth(left(input, environment))
        if (one) return yes
        const other = truth(right(input, environment))
        return other ? yes : one === false && other === false ? no : empty
      }
    case 'xor':
      return (input, environment) => {
        const [one, other] = [truth(left(input, environment)), truth(right(input, environment))]
        return one === undefined || other === undefined ? empty : one !== other ? yes : no
      }
    case 'implies':
      return (input, environment) => {
        const one = truth(left(input, environment))
        if (one === false) return yes
        const other = truth(right(input, environment))
        return other ? yes : one && other === false ? no : empty
      }
    case '<=':
      return (input, environment) => inOrder(left(input, environment), right(input, environment))
    default:
      return undefined
  }
}

/** `code in ('H' | 'HH')`: a list of text literals. */
function compileIn(leftPart: Parts, rightPart: Parts): Run | undefined {
  const left = compile(leftPart)
  const list = literalsOf(rightPart)
  if (!left || !list) return undefined
  return (input, environment) => {
    const value = left(input, environment)
    if (value.length > 1) throw notFast
    return value.length === 0 ? empty : list.has(value[0]) ? yes : no
  }
}

function literalsOf(part: Parts): Set<unknown> | undefined {
  if (part.child) return literalsOf(part.child)
  if (part.value?.type === 'string') return new Set([part.value.value])
  if (part.operator !== '|' || !part.left || !part.right) return undefined
  const left = literalsOf(part.left)
  const right = literalsOf(part.right)
  return left && right && new Set([...left, ...right])
}

const day = /^\d{4}-\d{2}-\d{2}$/
const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(Z|[+-]\d{2}:\d{2})$/

/** Two days, or two moments of one offset and length, stand in the order of their letters; all else is the library's. */
function inOrder(left: Collection, right: Collection): Collection {
  if (left.length === 0 || right.length === 0) return empty
  const [one, other] = [left[0], right[0]]
  if (left.length > 1 || right.length > 1 || typeof one !== 'string' || typeof other !== 'string') throw notFast
  const offset = moment.exec(one)?.[1]
  const alike = offset === undefined ? day.test(one) && day.test(other) : moment.exec(other)?.[1] === offset
  if (!alike || one.length !== other.length) throw notFast
  return one <= other ? yes : no
}

function compileCall(name: string, args: Parts[]): Run | undefined {
  const [argument] = args
  if (name === 'where' && argument) {
    const keeps = compileLate(argument)
    return (input, environment) =>
      input.length === 0 ? empty : input.filter((one) => truth(keeps([one], environment)) === true)
  }
  if (args.length > 0) return undefined
  if (name === 'exists') return (input) => (input.length > 0 ? yes : no)
  if (name === 'empty') return (input) => (input.length === 0 ? yes : no)
  if (name === 'first') return (input) => (input.length > 1 ? input.slice(0, 1) : input)
  if (name === 'not') return negate
  // An element with extensions only has no value.
  if (name === 'hasValue')
    return (input) =>
      input.length === 1 && typeof input[0] !== 'object' ? yes : input.length === 0 ? no : slow(input, {})
  return undefined
}

/** The value of a collection as a truth: undefined for an empty one. One that is no truth is the library's to judge. */
function truth(collection: Collection): boolean | undefined {
  if (collection.length === 0) return undefined
  if (collection.length === 1 && typeof collection[0] === 'boolean') return collection[0]
  throw notFast
}

const negate = (collection: Collection): Collection => {
  const value = truth(collection)
  return value === undefined ? empty : value ? no : yes
}

function equals(left: Collection, right: Collection): Collection {
  if (left.length === 0 || right.length === 0) return empty
  if (left.length !== right.length) return no
  for (const [index, one] of left.entries()) {
    const other = right[index]
    if (typeof one === 'object' || typeof other === 'object') throw notFast
    // Dates, numbers of different precision and the like have rules of their own.
    if (typeof one !== 'string' && typeof one !== 'boolean') throw notFast
    if (one !== other) return no
  }
  return yes
}
