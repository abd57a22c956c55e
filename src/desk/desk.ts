import type { Patient, Resource } from '@medplum/fhirtypes'
import type { AuditEntry } from '../audit/index.ts'
import type { Database, Tx } from '../db/index.ts'
import type { FhirRecord } from '../fhir/index.ts'
import type { BatchDependencies, PublishedPathways } from '../journeys/index.ts'
import type { CallContext } from '../kernel/index.ts'
import type { Explaining, Library } from '../pathways/index.ts'

export interface DeskDependencies {
  database: Database
  record: FhirRecord
  pathways: PublishedPathways
  library: Library
  /** To cancel a journey: the same parts as the runtime's. */
  batch: BatchDependencies
  audit(tx: Tx, context: CallContext, entries: readonly AuditEntry[]): Promise<void>
  permitted(context: CallContext, permission: string): boolean
}

/** Name and birth date of patients, many at once. */
export async function patientsOf(
  tx: Tx,
  record: FhirRecord,
  references: readonly (string | null | undefined)[],
): Promise<Map<string, { id: string; name: string; birthDate: string | null }>> {
  const wanted = [...new Set(references.filter((reference) => reference?.startsWith('Patient/')))] as string[]
  const found = wanted.length > 0 ? await record.readMany(tx, wanted) : new Map<string, Resource>()
  return new Map(
    wanted.map((reference) => {
      const patient = found.get(reference)
      const known = patient?.resourceType === 'Patient' ? patient : undefined
      return [
        reference,
        {
          id: reference.slice('Patient/'.length),
          name: known ? nameOf(known) : reference,
          birthDate: known?.birthDate ?? null,
        },
      ]
    }),
  )
}

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
