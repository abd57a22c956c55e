import type { Observation, Patient, Resource } from '@medplum/fhirtypes'

// A clinic's observations, as many as asked: a hundred for each patient, over two years, of forty common kinds and a rare
// one. For the bench of searches and the test of their plans.
const perPatient = 100
const start = Date.UTC(2024, 0, 1)
const span = 2 * 365 * 86_400_000
const families = ['Smith', 'Tremblay', 'Nguyen', 'Okafor', 'Roy', 'Singh', 'Gagnon', 'Martin', 'Lee', 'Côté']

const patientOf = (i: number) => Math.floor(i / perPatient)
const spread = (i: number, over: number) => (i * 7919) % over

export const patient = (i: number): Patient & { id: string } => ({
  resourceType: 'Patient',
  id: `p${i}`,
  identifier: [{ system: 'urn:mrn', value: `m${i}` }],
  name: [{ family: `${families[i % families.length]}-${spread(i, 997)}`, given: ['Ana'] }],
  gender: i % 2 === 0 ? 'female' : 'male',
  birthDate: `19${50 + (i % 50)}-0${1 + (i % 9)}-11`,
})

/** The `i`th of `total` observations. */
export const observation = (i: number, total: number): Observation & { id: string } => ({
  resourceType: 'Observation',
  id: `o${String(spread(i, 10_000_019)).padStart(8, '0')}`,
  identifier: [{ system: 'urn:accession', value: `a${i}` }],
  status: i % 50 === 0 ? 'amended' : 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
  ],
  code: {
    coding: [
      spread(i, 5003) === 1
        ? { system: 'http://loinc.org', code: '99-9', display: 'Rarely measured' }
        : { system: 'http://loinc.org', code: `8${i % 40}-4`, display: `Measure ${i % 40}` },
    ],
  },
  subject: { reference: `Patient/p${patientOf(i)}` },
  effectiveDateTime: new Date(start + Math.floor((spread(i, total) / total) * span)).toISOString(),
  valueQuantity: { value: spread(i, 200), unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
})

export function worldOf(total: number): { count: number; at(i: number): Resource } {
  const patients = Math.ceil(total / perPatient)
  return { count: patients + total, at: (i) => (i < patients ? patient(i) : observation(i - patients, total)) }
}

const loinc = encodeURIComponent('http://loinc.org|')
const mercury = encodeURIComponent('|http://unitsofmeasure.org|mm[Hg]')

/** Searches as clinics make them; `i` varies the values. Each must take as long in a large record as in a small one. */
export const worldSearches: readonly {
  name: string
  type: 'Observation' | 'Patient'
  query(i: number, total: number): string
}[] = [
  { name: 'by identifier', type: 'Observation', query: (i, n) => `identifier=urn:accession|a${i % n}` },
  {
    name: "a patient's, newest first",
    type: 'Observation',
    query: (i, n) => `patient=p${patientOf(i % n)}&_sort=-date`,
  },
  {
    name: "a patient's of a kind",
    type: 'Observation',
    query: (i, n) => `patient=p${patientOf(i % n)}&code=${loinc}8${i % 40}-4&_sort=-date`,
  },
  {
    name: "a patient's above a value",
    type: 'Observation',
    query: (i, n) => `patient=p${patientOf(i % n)}&value-quantity=gt150${mercury}`,
  },
  { name: 'of a common kind', type: 'Observation', query: (i) => `code=${loinc}8${i % 40}-4` },
  { name: 'of a common kind, newest first', type: 'Observation', query: (i) => `code=8${i % 40}-4&_sort=-date` },
  { name: 'final, last written first', type: 'Observation', query: () => 'status=final&_sort=-_lastUpdated' },
  { name: 'all, newest first', type: 'Observation', query: () => '_sort=-date' },
  {
    name: 'since a day, in order',
    type: 'Observation',
    query: (i) => `date=ge2025-06-${String(1 + (i % 28)).padStart(2, '0')}&_sort=date`,
  },
  {
    name: 'of a kind above a value',
    type: 'Observation',
    query: (i) => `code-value-quantity=8${i % 40}-4$gt198${mercury}`,
  },
  { name: 'of a rare kind by its text', type: 'Observation', query: () => 'code:text=rarely' },
  {
    name: "by the patient's identifier",
    type: 'Observation',
    query: (i, n) => `patient.identifier=urn:mrn|m${patientOf(i % n)}`,
  },
  {
    name: 'with the patient',
    type: 'Observation',
    query: (i, n) => `patient=p${patientOf(i % n)}&code=8${i % 40}-4&_include=Observation:patient`,
  },
  {
    name: 'a patient with observations',
    type: 'Patient',
    query: (i, n) => `identifier=urn:mrn|m${patientOf(i % n)}&_revinclude=Observation:patient`,
  },
  { name: 'patients of a name', type: 'Patient', query: (i) => `family=smith-${(i * 10) % 997}` },
  {
    name: 'a patient who has a kind',
    type: 'Patient',
    query: (i, n) => `identifier=urn:mrn|m${patientOf(i % n)}&_has:Observation:patient:code=8${i % 40}-4`,
  },
]
