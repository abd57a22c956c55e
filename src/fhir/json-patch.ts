import { moveDigits } from '../kernel/index.ts'
import { refuse } from './errors.ts'
import { isObject, type Json } from './search-rows.ts'

type Holder = Json | unknown[]

const wrong = (path: string, message: string) => refuse('patch-invalid', { faults: [{ path, message }] })
const failed = (path: string, message: string) => refuse('patch-failed', { faults: [{ path, message }] })

/** The parts of a JSON Pointer (RFC 6901). */
function readPointer(pointer: unknown, at: string): string[] {
  if (typeof pointer !== 'string') throw wrong(at, 'is required')
  if (pointer === '') return []
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) throw wrong(at, 'is not a JSON Pointer')
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** A place in a list: `-` is after its end. */
function readIndex(list: readonly unknown[], part: string, at: string, end: number): number {
  const index = part === '-' ? list.length : /^(?:0|[1-9]\d{0,8})$/.test(part) ? Number(part) : -1
  if (index < 0 || index > end) throw failed(at, 'is no place in this list')
  return index
}

const has = (holder: Holder, part: string, at: string): boolean =>
  Array.isArray(holder) ? readIndex(holder, part, at, holder.length - 1) >= 0 : Object.hasOwn(holder, part)

const take = (holder: Holder, part: string): unknown => (Array.isArray(holder) ? holder[Number(part)] : holder[part])

function copy<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copy) as T
  if (!isObject(value)) return value
  // A spread keeps the digits of decimals, which lie under a symbol.
  const made: Json = { ...value }
  for (const name of Object.keys(made)) made[name] = copy(made[name])
  return made as T
}

/** Equality of JSON values: the order of members does not count. */
function same(one: unknown, other: unknown): boolean {
  if (Array.isArray(one))
    return Array.isArray(other) && one.length === other.length && one.every((value, index) => same(value, other[index]))
  if (!isObject(one) || !isObject(other)) return one === other
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && same(one[name], other[name]))
  )
}

/** What holds the last part of a pointer; refused when the way there does not exist. */
function holderOf(root: Json, parts: readonly string[], at: string): Holder {
  let value: unknown = root
  for (const part of parts.slice(0, -1)) {
    if (!(isObject(value) || Array.isArray(value)) || !has(value, part, at)) throw failed(at, 'leads nowhere')
    value = take(value, part)
  }
  if (isObject(value) || Array.isArray(value)) return value
  throw failed(at, 'leads nowhere')
}

/** What stands at a pointer; refused when nothing does. */
function find(root: Json, parts: readonly string[], at: string): { holder: Holder; part: string; value: unknown } {
  const holder = holderOf(root, parts, at)
  const part = parts.at(-1) ?? ''
  if (!has(holder, part, at)) throw failed(at, 'leads nowhere')
  return { holder, part, value: take(holder, part) }
}

function remove(root: Json, parts: readonly string[], at: string): void {
  const { holder, part } = find(root, parts, at)
  if (Array.isArray(holder)) holder.splice(Number(part), 1)
  else delete holder[part]
}

/** `from`: the object and name that the value came with, for the digits of a decimal. */
function add(
  root: Json,
  parts: readonly string[],
  value: unknown,
  at: string,
  from: { holder: Holder; part: string },
): void {
  const holder = holderOf(root, parts, at)
  const part = parts.at(-1) ?? ''
  if (Array.isArray(holder)) holder.splice(readIndex(holder, part, at, holder.length), 0, value)
  else if (part === '__proto__') throw wrong(at, 'is no name of an element')
  else {
    holder[part] = value
    moveDigits(from.holder, from.part, holder, part)
  }
}

function carryOut(root: Json, operation: Json, path: string): Json {
  const at = `${path}.path`
  const parts = readPointer(operation['path'], at)
  const op = operation['op']
  const given = { holder: operation, part: 'value' }
  if (op === 'add' || op === 'replace' || op === 'test') {
    if (!Object.hasOwn(operation, 'value')) throw wrong(`${path}.value`, 'is required')
    const value = operation['value']
    if (parts.length === 0) {
      if (op === 'test') {
        if (!same(root, value)) throw failed(at, 'is not what the test says')
        return root
      }
      if (!isObject(value)) throw failed(`${path}.value`, 'is not a resource')
      return copy(value)
    }
    if (op === 'test') {
      if (!same(find(root, parts, at).value, value)) throw failed(at, 'is not what the test says')
      return root
    }
    if (op === 'replace') {
      const { holder, part } = find(root, parts, at)
      if (Array.isArray(holder)) holder[Number(part)] = copy(value)
      else {
        holder[part] = copy(value)
        moveDigits(operation, 'value', holder, part)
      }
    } else add(root, parts, copy(value), at, given)
    return root
  }
  if (parts.length === 0) throw failed(at, 'is the whole resource')
  if (op === 'remove') {
    remove(root, parts, at)
    return root
  }
  if (op !== 'move' && op !== 'copy') throw wrong(`${path}.op`, 'is not add, remove, replace, move, copy or test')
  const from = readPointer(operation['from'], `${path}.from`)
  if (from.length === 0) throw failed(`${path}.from`, 'is the whole resource')
  const source = find(root, from, `${path}.from`)
  if (op === 'copy') add(root, parts, copy(source.value), at, source)
  else {
    if (parts.length > from.length && from.every((part, index) => part === parts[index]))
      throw failed(at, 'lies inside what is moved')
    const { holder, part } = source
    const kept = Array.isArray(holder) ? { holder: [], part: '' } : { holder: { ...holder }, part }
    remove(root, from, `${path}.from`)
    add(root, parts, source.value, at, kept)
  }
  return root
}

/** Carries out a JSON Patch (RFC 6902) on a copy: all of its operations, or a refusal that names the first that cannot be. */
export function jsonPatch(document: Json, patch: readonly unknown[]): Json {
  let root = copy(document)
  for (const [index, operation] of patch.entries()) {
    if (!isObject(operation)) throw wrong(`[${index}]`, 'is not an operation')
    root = carryOut(root, operation, `[${index}]`)
  }
  return root
}
