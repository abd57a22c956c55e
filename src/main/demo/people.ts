import type { Address, Patient, Practitioner } from '@medplum/fhirtypes'
import type { Chance } from '../../kernel/index.ts'

export interface StaffMember {
  id: string
  name: string
  email: string
  roles: string[]
  locale: 'en' | 'fr'
}

export const demoPassword = 'try-the-river-2026'

/** The clinic's people. All invented. */
export const staff: readonly StaffMember[] = [
  { id: 'demo-nadia', name: 'Nadia Tremblay', email: 'nadia@demo.example', roles: ['triage-nurse'], locale: 'en' },
  { id: 'demo-luc', name: 'Luc Gagnon', email: 'luc@demo.example', roles: ['triage-nurse'], locale: 'fr' },
  {
    id: 'demo-charlotte',
    name: 'Charlotte Osei',
    email: 'charlotte@demo.example',
    roles: ['charge-nurse'],
    locale: 'en',
  },
  { id: 'demo-amir', name: 'Amir Haddad', email: 'amir@demo.example', roles: ['access-coordinator'], locale: 'en' },
  { id: 'demo-sophie', name: 'Sophie Roy', email: 'sophie@demo.example', roles: ['care-coordinator'], locale: 'fr' },
  { id: 'demo-mei', name: 'Dr. Mei Tanaka', email: 'mei@demo.example', roles: ['physician'], locale: 'en' },
  {
    id: 'demo-david',
    name: 'Dr. David Okafor',
    email: 'david@demo.example',
    roles: ['clinical-director', 'physician'],
    locale: 'en',
  },
  {
    id: 'demo-olga',
    name: 'Olga Lindqvist',
    email: 'olga@demo.example',
    roles: ['operations-lead', 'administrator'],
    locale: 'en',
  },
]

const given = [
  'Aline',
  'Bruno',
  'Camille',
  'Dara',
  'Elias',
  'Farah',
  'Gilles',
  'Hana',
  'Ines',
  'Jonas',
  'Karim',
  'Leila',
  'Mateo',
  'Noor',
  'Odile',
  'Pavel',
  'Quinn',
  'Rosa',
  'Samir',
  'Thea',
  'Ugo',
  'Vera',
  'Wen',
  'Yara',
  'Zoe',
]
const family = [
  'Abbott',
  'Bouchard',
  'Chowdhury',
  'Dufour',
  'Eze',
  'Fortin',
  'Grewal',
  'Hansen',
  'Ito',
  'Jalali',
  'Kowalski',
  'Lavoie',
  'Mbeki',
  'Nguyen',
  'Ouellet',
  'Park',
  'Quiroga',
  'Rossi',
  'Singh',
  'Tessier',
  'Ursu',
  'Vaillant',
  'Wright',
  'Yilmaz',
  'Zhou',
]

const two = (n: number) => String(n).padStart(2, '0')

/** Where the clinic's patients live: ten states and three provinces. */
export const places = [
  ['ON', 'CA'],
  ['NY', 'US'],
  ['OH', 'US'],
  ['PA', 'US'],
  ['QC', 'CA'],
  ['MA', 'US'],
  ['NH', 'US'],
  ['VT', 'US'],
  ['TX', 'US'],
  ['FL', 'US'],
  ['NB', 'CA'],
  ['WA', 'US'],
  ['CA', 'US'],
] as const

function addressOf(number: number): Address {
  const [state, country] = places[(number - 1) % places.length] ?? places[0]
  return { use: 'home', state, country }
}

/** An invented patient. A few have no telephone, a few only e-mail: the clinic must cope. */
export function makePatient(chance: Chance, number: number): Patient & { id: string } {
  const first = chance.pick(given)
  const last = chance.pick(family)
  const french = chance.happens(0.35)
  const mobile = chance.happens(0.85)
  const email = chance.happens(0.6)
  const telecom = [
    ...(mobile ? [{ system: 'phone' as const, use: 'mobile' as const, value: `+1 555 01${two(number % 100)}` }] : []),
    ...(email ? [{ system: 'email' as const, value: `patient${number}@demo.example` }] : []),
  ]
  return {
    resourceType: 'Patient',
    id: `demo-patient-${number}`,
    active: true,
    identifier: [{ system: 'urn:throughline:demo:mrn', value: `D${String(10_000 + number)}` }],
    name: [{ use: 'official', family: last, given: [first] }],
    gender: chance.pick(['female', 'male', 'female', 'male', 'other'] as const),
    // By the number, not by chance.
    address: [addressOf(number)],
    birthDate: `${1935 + chance.below(80)}-${two(1 + chance.below(12))}-${two(1 + chance.below(28))}`,
    ...(telecom.length > 0 ? { telecom } : {}),
    communication: [
      { language: { coding: [{ system: 'urn:ietf:bcp:47', code: french ? 'fr-CA' : 'en-CA' }] }, preferred: true },
    ],
  }
}

export const makePractitioner = (member: StaffMember): Practitioner & { id: string } => ({
  resourceType: 'Practitioner',
  id: member.id,
  active: true,
  name: [{ text: member.name }],
  telecom: [{ system: 'email', value: member.email }],
})

/** Physicians outside the clinic who send referrals. */
export const referrers: readonly (Practitioner & { id: string })[] = [
  {
    resourceType: 'Practitioner',
    id: 'demo-ref-1',
    name: [{ text: 'Dr. Anna Petrov' }],
    telecom: [{ system: 'email', value: 'petrov@practice.example' }],
  },
  {
    resourceType: 'Practitioner',
    id: 'demo-ref-2',
    name: [{ text: 'Dr. Jules Caron' }],
    telecom: [{ system: 'email', value: 'caron@practice.example' }],
  },
  { resourceType: 'Practitioner', id: 'demo-ref-3', name: [{ text: 'Dr. Ruth Adeyemi' }] },
]
