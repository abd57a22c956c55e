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

function gather(value: unknown, path: readonly string[], at: number, found: Set<string>): void {
  if (Array.isArray(value)) for (const one of value) gather(one, path, at, found)
  else if (isObject(value)) {
    const name = path[at]
    if (name !== undefined) gather(value[name], path, at + 1, found)
    else {
      const patient = find(value, [], 0)
      if (patient !== undefined) found.add(patient)
    }
  }
}

/** Elements that name a patient though R4's compartment does not count them. */
const besides = ['patient', 'subject', 'securityContext']

/** Every patient, as `Patient/…`, whose record a resource is in. */
export function patientsOf(resource: { resourceType: string; id?: string }): string[] {
  const found = new Set<string>()
  if (resource.resourceType === 'Patient' && resource.id !== undefined) found.add(`Patient/${resource.id}`)
  else
    for (const path of [...patientElements(resource.resourceType), ...besides])
      gather(resource, path.split('.'), 0, found)
  return [...found]
}

/** Whether resources of this type are ever in a patient's record. */
export const inPatientRecord = (type: string): boolean => type === 'Patient' || patientElements(type).length > 0

/** The same patient always falls into the same bucket (FNV-1a, 32 bit). */
export function bucketOf(subject: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < subject.length; i += 1) hash = Math.imul(hash ^ subject.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % bucketCount
}
