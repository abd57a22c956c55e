import type { ActivityDefinition, ChargeItemDefinition, Extension, HealthcareService } from '@medplum/fhirtypes'
import type { ServiceDefinition } from '../../contracts/index.ts'
import type { Calendar } from '../../pathways/index.ts'
import { systemUri } from './codes.ts'
import { menuWords } from './words.ts'

export interface ServiceVersion {
  version: number
  status: 'draft' | 'active' | 'retired'
  /** Milliseconds; when it was last changed. */
  date: number
}

export const versionId = (service: string, version: number): string => `${service}-v${version}`

const texts = (title: { en: string; fr: string }): { extension: Extension[] } => ({
  extension: [
    {
      url: 'http://hl7.org/fhir/StructureDefinition/translation',
      extension: [
        { url: 'lang', valueCode: 'fr' },
        { url: 'content', valueString: title.fr },
      ],
    },
  ],
})
const places = (jurisdictions: readonly string[]) =>
  jurisdictions.map((code) => ({ coding: [{ system: menuWords.jurisdiction, code }] }))

/** A version of a service as what is done: FHIR's ActivityDefinition, with a ChargeItemDefinition for what it is charged by. */
export function definitionsOf(
  service: ServiceDefinition,
  { version, status, date }: ServiceVersion,
): [ActivityDefinition & { id: string }, ChargeItemDefinition & { id: string }] {
  const id = versionId(service.service, version)
  const url = `${menuWords.service}:${service.service}`
  const of = (...systems: ServiceDefinition['codes'][number]['system'][]) =>
    service.codes
      .filter(({ system }) => systems.includes(system))
      .map(({ system, code }) => ({ system: systemUri[system], code }))
  const [reasons, activities, products] = [of('icd-10', 'icd-10-cm'), of('snomed', 'loinc'), of('rxnorm')]
  const related = [
    ...service.forms.map((resource) => ({ type: 'depends-on' as const, resource })),
    ...service.pathways.map((one) => ({ type: 'composed-of' as const, resource: `${menuWords.pathway}:${one}` })),
  ]
  const common = {
    id,
    url,
    identifier: [{ system: menuWords.service, value: service.service }],
    version: String(version),
    status,
    date: new Date(date).toISOString(),
    title: service.title.en,
    _title: texts(service.title),
    jurisdiction: places(service.in),
  }
  return [
    {
      ...common,
      resourceType: 'ActivityDefinition',
      ...(service.description ? { description: service.description.en, _description: texts(service.description) } : {}),
      extension: [
        ...service.modes.map((valueCode) => ({ url: menuWords.mode, valueCode })),
        { url: menuWords.hours, valueCode: service.hours },
        ...(service.eligibility === undefined
          ? []
          : [{ url: menuWords.eligibility, valueString: service.eligibility }]),
        // Places that are meant for a step of care stand at it; R4 has room for one only.
        ...service.places.map((place) => ({
          url: menuWords.place,
          valueReference: { reference: `Location/${place}` },
        })),
      ],
      // What it is for.
      ...(reasons.length > 0
        ? {
            useContext: [
              {
                code: { system: 'http://terminology.hl7.org/CodeSystem/usage-context-type', code: 'focus' },
                valueCodeableConcept: { coding: reasons },
              },
            ],
          }
        : {}),
      kind: service.modes.includes('message') && service.modes.length === 1 ? 'Task' : 'Appointment',
      ...(activities.length > 0 ? { code: { coding: activities, text: service.title.en } } : {}),
      ...(products.length > 0 ? { productCodeableConcept: { coding: products } } : {}),
      timingDuration: { value: service.minutes, unit: 'min', system: 'http://unitsofmeasure.org', code: 'min' },
      participant: service.needs.map(({ kind }) => ({
        type: 'practitioner' as const,
        role: { coding: [{ system: menuWords.kind, code: kind }] },
      })),
      ...(related.length > 0 ? { relatedArtifact: related } : {}),
    },
    {
      ...common,
      resourceType: 'ChargeItemDefinition',
      derivedFromUri: [url],
      ...(service.fees.length > 0
        ? {
            code: {
              coding: service.fees.map(({ system, code, in: where }) => ({
                system: systemUri[system],
                code,
                ...(where ? { extension: where.map((valueCode) => ({ url: menuWords.jurisdiction, valueCode })) } : {}),
              })),
            },
          }
        : {}),
    },
  ]
}

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}:00`

/** The service as it is offered now: FHIR's HealthcareService, of its active version. Nothing is read back from it. */
export function offeringOf(
  service: ServiceDefinition,
  { version, status }: Pick<ServiceVersion, 'version' | 'status'>,
  calendar: Calendar,
): HealthcareService & { id: string } {
  const codings = service.codes
    .filter(({ system }) => system === 'snomed' || system === 'loinc')
    .map(({ system, code }) => ({ system: systemUri[system], code }))
  const times =
    service.hours === 'always'
      ? [{ allDay: true }]
      : weekdays.flatMap((day, index) => {
          const open = calendar.hours[index]
          return open
            ? [{ daysOfWeek: [day], availableStartTime: clock(open[0]), availableEndTime: clock(open[1]) }]
            : []
        })
  // A title's translation stands beside it, where the types of FHIR know no place for it.
  const named = { name: service.title.en, _name: texts(service.title) }
  return {
    ...named,
    resourceType: 'HealthcareService',
    id: service.service,
    identifier: [{ system: menuWords.service, value: service.service }],
    active: status === 'active',
    ...(service.description ? { comment: service.description.en } : {}),
    ...(codings.length > 0 ? { type: [{ coding: codings }] } : {}),
    extension: [
      { url: menuWords.definition, valueCanonical: `${menuWords.service}:${service.service}|${version}` },
      ...service.in.map((valueCode) => ({ url: menuWords.jurisdiction, valueCode })),
    ],
    ...(service.places.length > 0 ? { location: service.places.map((one) => ({ reference: `Location/${one}` })) } : {}),
    characteristic: service.modes.map((mode) => ({ coding: [{ system: menuWords.mode, code: mode }] })),
    ...(service.eligibility === undefined
      ? {}
      : { eligibility: [{ code: { text: 'CEL' }, comment: service.eligibility }] }),
    ...(times.length > 0 ? { availableTime: times } : {}),
  }
}
