import type { CodeableConcept, Reference, Resource } from '@medplum/fhirtypes'
import {
  officialName,
  sayAddress,
  sayCoding,
  sayConcept,
  sayConcepts,
  sayContact,
  sayDate,
  sayIdentifier,
  sayPeriod,
  sayQuantity,
  type Words,
} from './say.ts'

/** What stands in a cell: words, or a reference that becomes a link. */
export type Cell = string | Reference | undefined
export interface Column {
  /** Name of the FHIR element, in words through `element_…`. */
  element: string
  value(resource: Resource, words: Words): Cell
}

type Of<T extends Resource['resourceType']> = Extract<Resource, { resourceType: T }>
const column =
  <T extends Resource['resourceType']>(type: T) =>
  (element: string, value: (resource: Of<T>, words: Words) => Cell): Column => ({
    element,
    value: (resource, words) => (resource.resourceType === type ? value(resource as Of<T>, words) : undefined),
  })

const patient = column('Patient')
const practitioner = column('Practitioner')
const task = column('Task')
const request = column('ServiceRequest')
const observation = column('Observation')
const appointment = column('Appointment')
const communication = column('Communication')
const encounter = column('Encounter')
const condition = column('Condition')
const medication = column('MedicationRequest')
const report = column('DiagnosticReport')
const document = column('DocumentReference')
const consent = column('Consent')
const organization = column('Organization')
const location = column('Location')
const event = column('AuditEvent')

/** The columns that fit a type; of all others, those that most types have. */
const columns: Readonly<Record<string, readonly Column[]>> = {
  Patient: [
    patient('birthDate', ({ birthDate }, words) => sayDate(words, birthDate)),
    patient('gender', ({ gender }, words) => gender && words.code('gender', gender)),
    patient('identifier', ({ identifier }) => identifier?.map(sayIdentifier).join(', ')),
    patient('telecom', ({ telecom }) => telecom?.map(sayContact).join(', ')),
  ],
  Practitioner: [
    practitioner('identifier', ({ identifier }) => identifier?.map(sayIdentifier).join(', ')),
    practitioner('qualification', ({ qualification }) => sayConcepts(qualification?.map((one) => one.code))),
    practitioner('telecom', ({ telecom }) => telecom?.map(sayContact).join(', ')),
  ],
  Organization: [
    organization('type', ({ type }) => sayConcepts(type)),
    organization('telecom', ({ telecom }) => telecom?.map(sayContact).join(', ')),
    organization('address', ({ address }) => sayAddress(address?.[0])),
  ],
  Location: [
    location('status', ({ status }) => status),
    location('address', ({ address }) => sayAddress(address)),
    location('managingOrganization', ({ managingOrganization }) => managingOrganization),
  ],
  Task: [
    task('status', ({ status }, words) => words.code('status', status)),
    task('priority', ({ priority }, words) => priority && words.code('priority', priority)),
    task('for', (one) => one.for),
    task('owner', ({ owner }) => owner),
    task('restriction', ({ restriction }, words) => sayDate(words, restriction?.period?.end)),
  ],
  ServiceRequest: [
    request('status', ({ status }) => status),
    request('priority', ({ priority }, words) => priority && words.code('priority', priority)),
    request('subject', ({ subject }) => subject),
    request('requester', ({ requester }) => requester),
    request('authoredOn', ({ authoredOn }, words) => sayDate(words, authoredOn)),
  ],
  Observation: [
    observation('status', ({ status }) => status),
    observation(
      'value',
      (one) =>
        sayQuantity(one.valueQuantity) ||
        sayConcept(one.valueCodeableConcept) ||
        one.valueString ||
        one.valueInteger?.toString(),
    ),
    observation('interpretation', ({ interpretation }) => sayConcepts(interpretation)),
    observation('subject', ({ subject }) => subject),
    observation('effective', (one, words) =>
      one.effectiveDateTime ? sayDate(words, one.effectiveDateTime) : sayPeriod(words, one.effectivePeriod),
    ),
  ],
  Appointment: [
    appointment('status', ({ status }) => status),
    appointment('start', ({ start }, words) => sayDate(words, start)),
    appointment(
      'participant',
      ({ participant }) => participant.find((one) => one.actor?.reference?.startsWith('Patient/'))?.actor,
    ),
    appointment('serviceType', ({ serviceType }) => sayConcepts(serviceType)),
  ],
  Communication: [
    communication('status', ({ status }, words) => words.code('message', status)),
    communication('subject', ({ subject }) => subject),
    communication('recipient', ({ recipient }) => recipient?.[0]),
    communication('sent', ({ sent }, words) => sayDate(words, sent)),
  ],
  Encounter: [
    encounter('status', ({ status }) => status),
    encounter('type', ({ type }) => sayConcepts(type)),
    encounter('subject', ({ subject }) => subject),
    encounter('period', ({ period }, words) => sayPeriod(words, period)),
  ],
  Condition: [
    condition('clinicalStatus', ({ clinicalStatus }) => sayConcept(clinicalStatus)),
    condition('subject', ({ subject }) => subject),
    condition('onset', (one, words) => sayDate(words, one.onsetDateTime) || one.onsetString),
  ],
  MedicationRequest: [
    medication('status', ({ status }) => status),
    medication('subject', ({ subject }) => subject),
    medication('dosageInstruction', ({ dosageInstruction }) => dosageInstruction?.map((one) => one.text).join(' ')),
    medication('authoredOn', ({ authoredOn }, words) => sayDate(words, authoredOn)),
  ],
  DiagnosticReport: [
    report('status', ({ status }) => status),
    report('subject', ({ subject }) => subject),
    report('issued', ({ issued }, words) => sayDate(words, issued)),
    report('conclusion', ({ conclusion }) => conclusion),
  ],
  DocumentReference: [
    document('status', ({ status }) => status),
    document('type', ({ type }) => sayConcept(type)),
    document('subject', ({ subject }) => subject),
    document('date', ({ date }, words) => sayDate(words, date)),
  ],
  Consent: [
    consent('status', ({ status }) => status),
    consent('patient', (one) => one.patient),
    consent('provision', ({ provision }) => provision?.type),
    consent('dateTime', ({ dateTime }, words) => sayDate(words, dateTime)),
  ],
  AuditEvent: [
    event('action', ({ action }, words) => action && words.code('action', action)),
    event('agent', ({ agent }) => agent[0]?.name ?? agent[0]?.who),
    event('entity', ({ entity }) => entity?.[0]?.what),
    event('recorded', ({ recorded }, words) => sayDate(words, recorded)),
  ],
}

/** Of a type without columns of its own: what most resources have. */
const loose = (resource: Resource) => resource as unknown as Record<string, unknown>
const common: readonly Column[] = [
  {
    element: 'status',
    value: (resource) => {
      const { status } = loose(resource)
      return typeof status === 'string' ? status : undefined
    },
  },
  { element: 'subject', value: (resource) => patientReferenceOf(resource) },
]

export const columnsOf = (type: string): readonly Column[] => columns[type] ?? common

/** The elements that name the patient of a resource, in the order of how much they say. */
const patientElements = ['patient', 'subject', 'for', 'beneficiary', 'individual']

/** The patient that a resource is about; undefined if it names none. */
export function patientReferenceOf(resource: Resource): Reference | undefined {
  for (const element of patientElements) {
    const value = loose(resource)[element]
    if (typeof value === 'object' && value !== null && 'reference' in value) {
      const { reference } = value
      if (typeof reference === 'string' && reference.startsWith('Patient/')) return value as Reference
    }
  }
  if (resource.resourceType === 'Appointment')
    return resource.participant.find((one) => one.actor?.reference?.startsWith('Patient/'))?.actor
  return undefined
}

/** Elements that say what a resource is, in the order of how well they do. */
const saying = [
  'name',
  'title',
  'code',
  'vaccineCode',
  'medicationCodeableConcept',
  'description',
  'topic',
  'type',
  'class',
]

/** What a resource is called, for headings and links; its type where nothing names it. */
export function titleOf(resource: Resource, { language }: Words): string {
  if (resource.resourceType === 'Task') {
    // Throughline's own tasks carry their title in both languages.
    const title = resource.extension?.find((one) => one.url === 'urn:throughline:title')
    const own = title?.extension?.find((one) => one.url === language)?.valueString
    if (own !== undefined) return own
  }
  if (resource.resourceType === 'AuditEvent') return sayCoding(resource.subtype?.[0] ?? resource.type)
  if (resource.resourceType === 'DocumentReference') {
    const title = resource.content[0]?.attachment.title
    if (title !== undefined) return title
  }
  for (const element of saying) {
    const value = loose(resource)[element]
    const said =
      element === 'name' && Array.isArray(value) ? officialName(value) : sayAny(Array.isArray(value) ? value[0] : value)
    if (said !== '') return said
  }
  return resource.resourceType
}

function sayAny(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return ''
  return 'coding' in value || 'text' in value ? sayConcept(value as CodeableConcept) : sayCoding(value)
}
