import type { Patient, Resource } from '@medplum/fhirtypes'
import type { Sight } from '../access/index.ts'
import type { AuditEntry } from '../audit/index.ts'
import type { Database, Tx } from '../db/index.ts'
import { type Bind, type FhirRecord, sightings } from '../fhir/index.ts'
import type { BatchDependencies, PublishedPathways } from '../journeys/index.ts'
import type { CallContext } from '../kernel/index.ts'
import type { Explaining, Library } from '../pathways/index.ts'
import type { Menu } from '../scheduling/index.ts'
import type { Routing } from '../work/index.ts'

export interface DeskDependencies {
  database: Database
  record: FhirRecord
  /** Who may do which task. */
  routing: Routing
  menu: Menu
  pathways: PublishedPathways
  library: Library
  /** To cancel a journey: the same parts as the runtime's. */
  batch: BatchDependencies
  audit(tx: Tx, context: CallContext, entries: readonly AuditEntry[]): Promise<void>
  permitted(context: CallContext, permission: string): boolean
  /** What the caller may see, as of now, or for a list of a second ago at most; everything when it is undefined. */
  sight(tx: Tx, context: CallContext, age?: 'recent'): Promise<Sight | undefined>
}

/** SQL to be and-ed: the record of the patient that `patient` (SQL of `Patient/…`) names may be searched by the caller. */
export function inSight(sight: Sight | undefined, values: unknown[], patient: string): string {
  const bind: Bind = (value, type) => `$${values.push(value)}::${type}`
  return sight ? ` and (${sight.visibleIn('search', 'Patient', patient, bind)})` : ''
}

interface PatientShown {
  id: string
  name: string
  birthDate: string | null
}

/** Name and birth date of patients, many at once; of those that the caller may see, as far as these are shown to them. */
export async function patientsOf(
  tx: Tx,
  record: FhirRecord,
  references: readonly (string | null | undefined)[],
  sight: Sight | undefined,
): Promise<Map<string, PatientShown>> {
  const wanted = ofPatients(references)
  const seen = sight && (await sightings(tx, sight, 'read', wanted))
  const open = wanted.filter((reference) => !seen || seen.get(reference) === true)
  const found = open.length > 0 ? await record.readMany(tx, open) : new Map<string, Resource>()
  return patientsAmong(found, wanted, sight)
}

/** The same from what was read already. */
export function patientsAmong(
  found: ReadonlyMap<string, Resource>,
  references: readonly (string | null | undefined)[],
  sight: Sight | undefined,
): Map<string, PatientShown> {
  const hidden = sight?.hidden('Patient') ?? []
  const shows = (element: string) => !hidden.some((path) => path === element || path.startsWith(`${element}.`))
  return new Map(
    ofPatients(references).map((reference) => {
      const patient = found.get(reference)
      const known = patient?.resourceType === 'Patient' ? patient : undefined
      return [
        reference,
        {
          id: reference.slice('Patient/'.length),
          name: known && shows('name') ? nameOf(known) : reference,
          birthDate: shows('birthDate') ? (known?.birthDate ?? null) : null,
        },
      ]
    }),
  )
}

const ofPatients = (references: readonly (string | null | undefined)[]): string[] => [
  ...new Set(references.flatMap((one) => (one?.startsWith('Patient/') ? [one] : []))),
]

function nameOf(patient: Patient): string {
  const name = patient.name?.find((one) => one.use === 'official') ?? patient.name?.[0]
  return name?.text ?? [name?.family?.toUpperCase(), name?.given?.join(' ')].filter(Boolean).join(', ')
}

export const iso = (time: Date | number): string => new Date(time).toISOString()

export const explaining = async (
  tx: Tx,
  { pathways, library }: DeskDependencies,
  context: CallContext,
  pathway: string,
  version: number,
): Promise<Explaining> => ({
  definition: (await pathways.version(tx, pathway, version)).definition,
  version,
  roles: library.roles,
  locale: context.locale,
  zone: library.calendar.zone,
})
