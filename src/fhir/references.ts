import { isObject, type Json } from './search-rows.ts'
import { typeRule } from './structure.ts'

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

/** A copy with every reference replaced by what `target` says of it; parts that stay as they are are shared, not copied. */
export function replaceReferences<T>(value: T, target: (reference: string) => string): T {
  if (Array.isArray(value)) {
    const copies = value.map((one: unknown) => replaceReferences(one, target))
    return copies.some((copy, index) => copy !== value[index]) ? (copies as T) : value
  }
  if (!isObject(value)) return value
  let copy: Record<string, unknown> | undefined
  for (const name in value) {
    const inner = value[name]
    const next =
      name === 'reference' && typeof inner === 'string'
        ? target(inner)
        : typeof inner === 'object'
          ? replaceReferences(inner, target)
          : inner
    if (next !== inner) {
      copy ??= { ...value }
      copy[name] = next
    }
  }
  return (copy as T | undefined) ?? value
}

const links = new Set(['uri', 'url', 'canonical', 'oid', 'uuid'])

/** Does a text that is no reference name an entry of the bundle? Cheap: most resources do not, and need no closer look. */
export function mentions(value: unknown, table: ReadonlyMap<string, string>, name = ''): boolean {
  if (typeof value === 'string')
    return value.startsWith('urn:')
      ? name !== 'reference' && table.has(value)
      : name === 'div' && value.includes('urn:')
  if (Array.isArray(value)) return value.some((one) => mentions(one, table, name))
  if (!isObject(value)) return false
  for (const key in value) if (mentions(value[key], table, key)) return true
  return false
}

/**
 * A copy in which elements of the types uri, url, canonical, oid and uuid, and links of the narrative, that name an entry
 * of the bundle name what it became (FHIR R4 3.1.0.11.2). By type, since a text such as an identifier's value may look
 * the same and must stay.
 */
export function replaceLinks<T extends object>(value: T, type: string, table: ReadonlyMap<string, string>): T {
  const rule = typeRule(type)
  const copy = { ...value } as Json
  for (const [name, inner] of Object.entries(copy)) {
    const element = rule?.elements.get(name)
    if (!element) continue
    const one = (part: unknown): unknown => {
      if (typeof part === 'string') {
        if (links.has(element.type)) return table.get(part) ?? part
        return element.type === 'xhtml'
          ? part.replace(/\b(href|src)="(urn:[^"]+)"/g, (whole, attribute: string, url: string) =>
              table.has(url) ? `${attribute}="${table.get(url)}"` : whole,
            )
          : part
      }
      if (!isObject(part)) return part
      const own = part['resourceType']
      return replaceLinks(part, element.type === 'Resource' && typeof own === 'string' ? own : element.type, table)
    }
    copy[name] = Array.isArray(inner) ? inner.map(one) : one(inner)
  }
  return copy as unknown as T
}

export const isConditional = (reference: string): boolean => /^[A-Z][A-Za-z]+\?./.test(reference)
