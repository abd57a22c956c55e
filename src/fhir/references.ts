import { isObject } from './search-rows.ts'

/** Calls `see` with every `reference` string in a resource. */
export function eachReference(value: unknown, see: (reference: string) => void): void {
  if (Array.isArray(value)) for (const one of value) eachReference(one, see)
  else if (isObject(value)) {
    for (const name in value) {
      const inner = value[name]
      if (name === 'reference' && typeof inner === 'string') see(inner)
      else if (typeof inner === 'object') eachReference(inner, see)
    }
  }
}

/** A copy with every reference that stands in the table replaced; parts without one are shared, not copied. */
export function replaceReferences<T>(value: T, table: ReadonlyMap<string, string>): T {
  if (Array.isArray(value)) {
    const copies = value.map((one: unknown) => replaceReferences(one, table))
    return copies.some((copy, index) => copy !== value[index]) ? (copies as T) : value
  }
  if (!isObject(value)) return value
  let copy: Record<string, unknown> | undefined
  for (const name in value) {
    const inner = value[name]
    const next =
      name === 'reference' && typeof inner === 'string'
        ? (table.get(inner) ?? inner)
        : typeof inner === 'object'
          ? replaceReferences(inner, table)
          : inner
    if (next !== inner) {
      copy ??= { ...value }
      copy[name] = next
    }
  }
  return (copy as T | undefined) ?? value
}

export const isConditional = (reference: string): boolean => /^[A-Z][A-Za-z]+\?./.test(reference)
