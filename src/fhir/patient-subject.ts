import { patientElements } from './search-parameters.ts'
import { isObject } from './search-rows.ts'
import { bucketCount } from './record.ts'

function find(value: unknown, path: readonly string[], at: number): string | undefined {
  if (Array.isArray(value)) {
    for (const one of value) {
      const found = find(one, path, at)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (!isObject(value)) return undefined
  const name = path[at]
  if (name !== undefined) return find(value[name], path, at + 1)
  const reference = value['reference']
  const match = typeof reference === 'string' ? /^Patient\/[A-Za-z0-9.-]{1,64}/.exec(reference) : null
  return match?.[0]
}

/** `Patient/…` whose record this resource is in: the patient itself, or what its compartment elements point to. */
export function patientSubject(resource: { resourceType: string; id?: string }): string | undefined {
  if (resource.resourceType === 'Patient') return resource.id === undefined ? undefined : `Patient/${resource.id}`
  for (const path of patientElements(resource.resourceType)) {
    const found = find(resource, path.split('.'), 0)
    if (found !== undefined) return found
  }
  return undefined
}

/** The same patient always falls into the same bucket (FNV-1a, 32 bit). */
export function bucketOf(subject: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < subject.length; i += 1) hash = Math.imul(hash ^ subject.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % bucketCount
}
