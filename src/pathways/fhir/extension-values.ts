import type { Extension } from '@medplum/fhirtypes'

export type Plain = string | number | boolean | readonly Plain[] | { readonly [name: string]: Plain | undefined }

export const isList = (value: Plain | undefined): value is readonly Plain[] => Array.isArray(value)

/**
 * Plain data as an extension: a part for each field, named as the field; the parts of a list are named by their place. No
 * field of the language begins with a digit, so the two cannot be taken for each other. What is empty is a code, since an
 * extension must hold something.
 */
export function asExtension(url: string, value: Plain): Extension {
  if (typeof value === 'string') return { url, valueString: value }
  if (typeof value === 'boolean') return { url, valueBoolean: value }
  if (typeof value === 'number') return { url, valueInteger: value }
  const parts = isList(value)
    ? value.map((one, index) => asExtension(String(index), one))
    : Object.entries(value).flatMap(([name, one]) => (one === undefined ? [] : [asExtension(name, one)]))
  return parts.length > 0 ? { url, extension: parts } : { url, valueCode: isList(value) ? 'empty-list' : 'empty' }
}

/** What `asExtension` made; undefined for what it could not have made. */
export function fromExtension(extension: Extension): Plain | undefined {
  if (extension.valueString !== undefined) return extension.valueString
  if (extension.valueBoolean !== undefined) return extension.valueBoolean
  if (extension.valueInteger !== undefined) return extension.valueInteger
  if (extension.valueCode !== undefined)
    return extension.valueCode === 'empty-list' ? [] : extension.valueCode === 'empty' ? {} : undefined
  const parts = extension.extension ?? []
  const read = parts.map((part) => [part.url, fromExtension(part)] as const)
  if (parts.length === 0 || read.some(([, value]) => value === undefined)) return undefined
  return read.every(([name], index) => name === String(index))
    ? read.flatMap(([, value]) => (value === undefined ? [] : [value]))
    : Object.fromEntries(read)
}
