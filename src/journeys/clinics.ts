import type { Resource } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import type { FhirRecord, RecordChange } from '../fhir/index.ts'
import type { CompiledPathway } from '../pathways/index.ts'
import type { LivePathway } from './published-pathways.ts'

// Where a resource says where it happens or who does it, the nearest first. Whatever has another shape says nothing.
const places = [
  'locationReference',
  'location',
  'serviceProvider',
  'performer',
  'participant',
  'owner',
  'managingOrganization',
  'organization',
  'custodian',
]

/** Places and organisations that a resource names. */
function clinicsIn(resource: Resource): string[] {
  const named: string[] = []
  const look = (value: unknown, depth: number): void => {
    if (Array.isArray(value)) for (const one of value) look(one, depth)
    else if (typeof value === 'object' && value !== null && depth > 0) {
      const { reference } = value as { reference?: unknown }
      if (typeof reference === 'string') {
        if (/^(?:Location|Organization)\//.test(reference)) named.push(reference)
      } else for (const inner of Object.values(value)) look(inner, depth - 1)
    }
  }
  const elements = resource as unknown as Record<string, unknown>
  for (const place of places) look(elements[place], 2)
  return named
}

/** A place's own organisation and what it is part of. */
function aboveOf(resource: Resource | undefined): string[] {
  if (resource?.resourceType !== 'Location' && resource?.resourceType !== 'Organization') return []
  const managing = resource.resourceType === 'Location' ? resource.managingOrganization?.reference : undefined
  return [managing, resource.partOf?.reference].filter((one) => one !== undefined)
}

// A house in a hospital in a group in a region: nobody nests deeper, and a circle must end.
const mostLevels = 5

/**
 * The clinics that changes belong to, the nearest first, by the change's id: what the resource names, what that is part
 * of, then the patient's own organisation and what that is part of. As the record says it now.
 */
export async function clinicsOf(
  tx: Tx,
  record: Pick<FhirRecord, 'readMany'>,
  changes: readonly Pick<RecordChange, 'id' | 'subject' | 'resource'>[],
): Promise<Map<string, string[]>> {
  if (changes.length === 0) return new Map()
  const patients = await record.readMany(tx, [...new Set(changes.map((one) => one.subject))])
  const named = changes.map((change) => ({
    change,
    own: clinicsIn(change.resource),
    home: aboveOfPatient(patients.get(change.subject)),
  }))
  const above = new Map<string, string[]>()
  let fresh = [...new Set(named.flatMap(({ own, home }) => [...own, ...home]))]
  for (let level = 0; level < mostLevels && fresh.length > 0; level += 1) {
    const found = await record.readMany(tx, fresh)
    for (const one of fresh) above.set(one, aboveOf(found.get(one)))
    fresh = [...new Set(fresh.flatMap((one) => above.get(one) ?? []))].filter((one) => !above.has(one))
  }
  const withAll = (references: readonly string[]): string[] => {
    const all = new Set(references)
    for (const one of all) for (const next of above.get(one) ?? []) all.add(next)
    return [...all]
  }
  return new Map(named.map(({ change, own, home }) => [change.id, [...withAll(own), ...withAll(home)]]))
}

function aboveOfPatient(patient: Resource | undefined): string[] {
  const organisation = patient?.resourceType === 'Patient' ? patient.managingOrganization?.reference : undefined
  return organisation === undefined ? [] : [organisation]
}

/** The version that a journey of these clinics starts under: that of the nearest clinic that has one of its own, or the one for all. */
export function versionFor(live: LivePathway, clinics: readonly string[]): CompiledPathway | undefined {
  const nearest = live.clinics.size === 0 ? undefined : clinics.find((one) => live.clinics.has(one))
  return nearest === undefined ? live.everywhere : live.clinics.get(nearest)
}
