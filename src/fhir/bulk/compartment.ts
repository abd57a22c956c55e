import { patientElements, searchParameters } from '../search-parameters.ts'
import { isObject } from '../search-rows.ts'
import { resourceTypes } from '../structure.ts'

/** The resource types of the patient compartment (R4 CompartmentDefinition), Patient among them. */
export const patientTypes: readonly string[] = resourceTypes.filter(
  (type) => type === 'Patient' || patientElements(type).length > 0,
)

function collect(value: unknown, path: readonly string[], at: number, found: Set<string>): void {
  if (Array.isArray(value)) {
    for (const one of value) collect(one, path, at, found)
    return
  }
  if (!isObject(value)) return
  const name = path[at]
  if (name !== undefined) return collect(value[name], path, at + 1, found)
  const reference = value['reference']
  const id = typeof reference === 'string' ? /^Patient\/([A-Za-z0-9.-]{1,64})/.exec(reference)?.[1] : undefined
  if (id !== undefined) found.add(id)
}

/** The ids of all patients in whose compartment a resource is. */
export function compartmentsOf(resource: { resourceType: string; id?: string }): Set<string> {
  const found = new Set<string>()
  if (resource.resourceType === 'Patient' && resource.id !== undefined) found.add(resource.id)
  for (const path of patientElements(resource.resourceType)) collect(resource, path.split('.'), 0, found)
  return found
}

/** The search parameters by whose rows the resources of a patient are found. */
export function compartmentParameters(type: string): string[] {
  const elements = new Set(patientElements(type))
  return [...searchParameters(type).values()]
    .filter(
      ({ kind, paths }) =>
        kind === 'reference' && paths.some(({ steps }) => elements.has(steps.map(({ name }) => name).join('.'))),
    )
    .map(({ code }) => code)
}
