import type { Patient } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import type { Applicant } from '../../scheduling/index.ts'
import { type HouseOntology, languageOf, placeOfPatient } from '../../work/index.ts'

/** What a rule of eligibility may ask about. `payer`: of the first coverage that is active, its payer's identifier, or else its type's code. */
export async function applicantOf(
  tx: Tx,
  { record, ontology }: { record: FhirRecord; ontology: HouseOntology },
  patient: Patient,
  now: number,
): Promise<Applicant> {
  const { resources } = await record.search(
    tx,
    'Coverage',
    new URLSearchParams({ beneficiary: `Patient/${patient.id}`, status: 'active', _count: '20' }),
  )
  const [coverage] = resources
    .flatMap((one) => (one.resourceType === 'Coverage' ? [one] : []))
    .toSorted((a, b) => (a.order ?? 99) - (b.order ?? 99))
  return {
    age: patient.birthDate === undefined ? undefined : ageAt(patient.birthDate, new Date(now).toISOString()),
    sex: patient.gender,
    jurisdiction: placeOfPatient(ontology, patient, now),
    payer: coverage?.payor[0]?.identifier?.value ?? coverage?.type?.coding?.[0]?.code,
    language: languageOf(patient),
  }
}

/** Full years between a birth date, which may be a year or a month only, and a day. A year alone counts as its first day. */
function ageAt(birth: string, today: string): number {
  const whole = `${birth}-01-01`.slice(0, 10)
  return Number(today.slice(0, 4)) - Number(whole.slice(0, 4)) - (today.slice(5, 10) < whole.slice(5, 10) ? 1 : 0)
}
