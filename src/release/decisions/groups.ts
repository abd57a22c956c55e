import type { Coverage, Patient, Resource } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import { type Case } from '../scope.ts'
import { yearsSince } from './snapshot.ts'

/** Groups that a decision is told apart by when it is asked whether an automation does as well for all. */
export const dimensions = ['serviceLine', 'payer', 'language', 'age', 'sex', 'rurality'] as const
export type Dimension = (typeof dimensions)[number]
export type Groups = Readonly<Record<Dimension, string>>

const unknown = 'unknown'
const short = (text: string | undefined): string => text?.trim().toLowerCase().slice(0, 60) || unknown

/** Active coverages by patient, of all patients of a batch at once. */
export async function coveragesOf(
  tx: Tx,
  record: FhirRecord,
  patients: readonly string[],
): Promise<ReadonlyMap<string, Coverage>> {
  const found = new Map<string, Coverage>()
  for (let from = 0; from < patients.length; from += 50) {
    const query = new URLSearchParams({
      beneficiary: patients.slice(from, from + 50).join(','),
      status: 'active',
      _count: '200',
    })
    const { resources } = await record.search(tx, 'Coverage', query)
    for (const one of resources)
      if (one.resourceType === 'Coverage' && one.beneficiary.reference !== undefined) {
        const before = found.get(one.beneficiary.reference)
        // Of several the one that pays first counts.
        if (!before || (one.order ?? 1) < (before.order ?? 1)) found.set(one.beneficiary.reference, one)
      }
  }
  return found
}

/** The groups of one case as they were when the question was asked. Codes and bands only, nobody's own data. */
export function groupsOf(asked: {
  patient: Resource | undefined
  coverage: Coverage | undefined
  given: Case
  now: number
}): Groups {
  const { given, now } = asked
  const patient = asked.patient?.resourceType === 'Patient' ? asked.patient : undefined
  return {
    serviceLine: given.department ?? given.step?.split('/')[0] ?? unknown,
    payer: asked.coverage ? payerOf(asked.coverage) : 'none',
    language: languageOf(patient),
    age: bandOf(yearsSince(patient?.birthDate ?? null, now)),
    sex: patient?.gender ?? unknown,
    rurality: ruralityOf(patient),
  }
}

const payerOf = ({ type, payor }: Coverage): string =>
  short(type?.coding?.[0]?.code ?? payor?.[0]?.reference ?? payor?.[0]?.display)

function languageOf(patient: Patient | undefined): string {
  const spoken = patient?.communication?.find(({ preferred }) => preferred === true) ?? patient?.communication?.[0]
  return short(spoken?.language.coding?.[0]?.code?.split('-')[0])
}

function bandOf(years: number | null): string {
  if (years === null) return unknown
  if (years < 18) return '0-17'
  if (years < 40) return '18-39'
  if (years < 65) return '40-64'
  return years < 80 ? '65-79' : '80+'
}

/** Canada Post: a zero as the second character of a postal code is a rural delivery area. Elsewhere it is not known here. */
function ruralityOf(patient: Patient | undefined): string {
  const [, digit] = /^[A-Z](\d)[A-Z]/i.exec(patient?.address?.[0]?.postalCode?.trim() ?? '') ?? []
  return digit === undefined ? unknown : digit === '0' ? 'rural' : 'urban'
}

/** When what began the journey happened, by its own word: an instant, since a day alone would say nothing of hours. */
function occurredAt(trigger: Resource | undefined): string | undefined {
  switch (trigger?.resourceType) {
    case 'ServiceRequest':
    case 'Task':
      return trigger.authoredOn
    case 'DiagnosticReport':
      return trigger.issued ?? trigger.effectiveDateTime
    case 'Observation':
      return trigger.issued ?? trigger.effectiveDateTime
    case 'Encounter':
      return trigger.period?.end ?? trigger.period?.start
    case 'Appointment':
      return trigger.created
    case 'Communication':
      return trigger.sent
    default:
      return undefined
  }
}

/** Seconds between what began the journey and the question; null where it does not tell its time. */
export function lagOf(trigger: Resource | undefined, now: number): number | null {
  const text = occurredAt(trigger)
  const at = text?.includes('T') ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? null : Math.min(2_000_000_000, Math.max(0, Math.round((now - at) / 1_000)))
}
