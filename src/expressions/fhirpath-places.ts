import { parseFhirPath, toTypedValue, type TypedValue } from '@medplum/core'
import { type ExpressionFault, longestSource, runsPatterns } from './expression.ts'

type Json = Record<string, unknown>

/** Where an element stands in a resource: `parent[name]`, in a list `parent[name][index]`; of the resource itself nothing but its value. */
export interface Place {
  value: unknown
  parent: Json | undefined
  name: string
  index: number | undefined
  /** Element names from the resource down, as JSON has them: `['contact', 'name']`. */
  path: readonly string[]
}

/** An element that may be there or not: what holds it, and its name. */
export type Spot = Pick<Place, 'path' | 'name'> & { parent: Json }

export interface Places {
  ok: true
  /** The elements that the path leads to. */
  find(resource: object): Place[]
  /** Where they stand or would stand; empty when the path does not end in an element's name. */
  spots(resource: object): Spot[]
}

interface Parts {
  child?: Parts
  left?: Parts
  right?: Parts
  expr?: Parts
  operator?: string
  name?: string
  args?: Parts[]
  value?: { type: string; value: unknown }
  eval?(context: { variables: Record<string, TypedValue> }, input: TypedValue[]): TypedValue[]
}

class CannotFollow extends Error {}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The name under which an object has an element: its own, or with a type (`valueString` for `value`). */
const named = (object: Json, name: string): string => {
  if (Object.hasOwn(object, name)) return name
  return Object.keys(object).find((key) => key.startsWith(name) && /^[A-Z]/.test(key.slice(name.length))) ?? name
}

function step(place: Place, name: string): Place[] {
  if (!isObject(place.value)) return []
  const parent = place.value
  const key = named(parent, name)
  const value = Object.hasOwn(parent, key) ? parent[key] : undefined
  const path = [...place.path, key]
  if (Array.isArray(value))
    return value.flatMap((one: unknown, index) =>
      one === null ? [] : [{ value: one, parent, name: key, index, path }],
    )
  return value === undefined ? [] : [{ value, parent, name: key, index: undefined, path }]
}

function holds(criterion: Parts, place: Place): boolean {
  const answer = criterion.eval?.({ variables: {} }, [toTypedValue(place.value)]) ?? []
  return answer.length === 1 && answer[0]?.value === true
}

function follow(atom: Parts, from: readonly Place[]): Place[] {
  if (atom.child) return follow(atom.child, from)
  if (atom.left && atom.expr) {
    const index = atom.expr.value?.value
    if (typeof index !== 'number') throw new CannotFollow('an index must be a number')
    return follow(atom.left, from).slice(index, index + 1)
  }
  if (atom.left && atom.right && atom.operator === '.') return follow(atom.right, follow(atom.left, from))
  if (atom.name !== undefined && atom.args) return call(atom.name, atom.args, from)
  const { name } = atom
  if (name === undefined || atom.left || !/^[A-Za-z]\w*$/.test(name))
    throw new CannotFollow('only names, indices, where(), first(), last(), extension() and ofType() can be followed')
  const own = from.filter(
    ({ value, parent }) => parent === undefined && isObject(value) && value['resourceType'] === name,
  )
  return own.length > 0 ? own : from.flatMap((place) => step(place, name))
}

function call(name: string, args: readonly Parts[], from: readonly Place[]): Place[] {
  const [argument] = args
  if (name === 'where' && argument) return from.filter((place) => holds(argument, place))
  if (name === 'first' && !argument) return from.slice(0, 1)
  if (name === 'last' && !argument) return from.slice(-1)
  if (name === 'ofType' && argument?.name !== undefined) {
    const { name: type } = argument
    return from.filter(({ name: key }) => key.toLowerCase().endsWith(type.toLowerCase()))
  }
  if (name === 'extension' && typeof argument?.value?.value === 'string') {
    const url = argument.value.value
    return from
      .flatMap((place) => step(place, 'extension'))
      .filter(({ value }) => isObject(value) && value['url'] === url)
  }
  throw new CannotFollow(`${name}() cannot be followed here`)
}

/** A FHIRPath that leads to elements of a resource, for changing them where they stand (FHIR R4 3.1.0.11.4.2). */
export function fhirPathPlaces(source: string): Places | ExpressionFault {
  const fault = (message: string): ExpressionFault => ({ ok: false, message, offset: undefined })
  if (source.length > longestSource) return fault(`longer than ${longestSource} characters`)
  if (runsPatterns(source)) return fault('regular expressions are not run here')
  let atom: Parts
  try {
    atom = parseFhirPath(source)
    // What cannot be followed shows on any resource.
    follow(atom, [])
  } catch (error) {
    return fault(
      error instanceof CannotFollow
        ? error.message
        : `is not FHIRPath: ${error instanceof Error ? error.message.split('\n')[0] : 'unreadable'}`,
    )
  }
  const root = (resource: object): Place => ({
    value: resource,
    parent: undefined,
    name: '',
    index: undefined,
    path: [],
  })
  return {
    ok: true,
    find: (resource) => follow(atom, [root(resource)]),
    spots(resource) {
      const end = atom.child ?? atom
      const last = end.left && end.right && end.operator === '.' ? end.right : end
      const { name } = last
      if (name === undefined || last.args || last.left) return []
      const holders = end === last ? [root(resource)] : follow(end.left ?? {}, [root(resource)])
      return holders.flatMap(({ value, path }) => {
        if (!isObject(value)) return []
        const key = named(value, name)
        return [{ parent: value, name: key, path: [...path, key] }]
      })
    },
  }
}
