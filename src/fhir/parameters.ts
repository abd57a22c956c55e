import { refuse } from './errors.ts'
import { isObject, type Json } from './search-rows.ts'

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The parameters of an operation however they came: in the address, and in a Parameters resource (simple values as text). */
export function parametersOf(query: URLSearchParams, body: unknown): URLSearchParams {
  const all = new URLSearchParams(query)
  if (!isObject(body) || body['resourceType'] !== 'Parameters') return all
  for (const one of list(body['parameter'])) {
    if (!isObject(one) || typeof one['name'] !== 'string') continue
    const key = Object.keys(one).find((name) => name.startsWith('value'))
    const value = key === undefined ? undefined : one[key]
    if (value !== undefined && !isObject(value)) all.append(one['name'], String(value))
  }
  return all
}

/** The resource (or complex value) that a Parameters has under a name; a body that is no Parameters is taken for it whole. */
export function partOf(body: unknown, name: string): Json | undefined {
  if (!isObject(body)) return undefined
  if (body['resourceType'] !== 'Parameters') return body
  const found = list(body['parameter']).find((one) => isObject(one) && one['name'] === name)
  if (!isObject(found)) return undefined
  if (isObject(found['resource'])) return found['resource']
  const key = Object.keys(found).find((one) => one.startsWith('value'))
  const value = key === undefined ? undefined : found[key]
  return isObject(value) ? value : undefined
}

/** A whole number within bounds, or what to take without it. */
export function readCount(query: URLSearchParams, name: string, without: number, most: number): number {
  const text = query.get(name)
  if (text === null) return without
  if (!/^\d{1,9}$/.test(text))
    throw refuse('operation-invalid', { faults: [{ path: name, message: 'is not a whole number' }] })
  return Math.min(Number(text), most)
}
