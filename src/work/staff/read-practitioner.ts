import type { Practitioner, PractitionerQualification, PractitionerRole } from '@medplum/fhirtypes'
import { momentOf } from '../../pathways/index.ts'
import type { HouseOntology } from '../ontology/house-ontology.ts'
import { placeOf } from '../ontology/place-of.ts'
import { spanOf } from '../ontology/span-of.ts'
import type { Licence, Period } from '../routing/index.ts'

/** The extension by which HL7's Plan-Net guide says whether a qualification holds, and where. */
export const qualificationUrl =
  'http://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition/practitioner-qualification'
export const staffWords = {
  credential: 'urn:throughline:credential',
  skill: 'urn:throughline:skill',
  compact: 'urn:throughline:compact',
  excludes: 'urn:throughline:excludes',
  /** Of a PractitionerRole: percent of the time at work that is for tasks. */
  capacity: 'urn:throughline:capacity',
  /** ISO 3166-2. */
  place: 'urn:iso:std:iso:3166:-2',
} as const

export interface HeldLicence extends Licence {
  number: string | undefined
}

/** What routing takes from a Practitioner. */
export interface ReadPractitioner {
  name: string
  credentials: (Period & { id: string })[]
  licences: HeldLicence[]
  languages: string[]
}

export interface ReadPost extends Period {
  practitioner: string
  skills: string[]
  sites: string[]
  /** Percent of the time at work that is for tasks. */
  capacity: number
}

/** A Practitioner as routing sees it: qualifications that hold somewhere are licences there, in the order of the resource. */
export function readPractitioner(ontology: HouseOntology, resource: Practitioner): ReadPractitioner {
  const held = (resource.qualification ?? []).flatMap((one) => {
    const credential = credentialOf(ontology, one)
    return credential === undefined ? [] : [{ credential, one }]
  })
  const name = resource.name?.find(({ use }) => use === 'official') ?? resource.name?.[0]
  return {
    name: name?.text ?? [name?.given?.join(' '), name?.family].filter(Boolean).join(' '),
    credentials: held.map(({ credential, one }) => ({
      id: credential,
      // What somebody is trained as does not end with a licence: else its end could not be told from never having had it.
      ...(one.extension?.some(({ url }) => url === qualificationUrl) ? { from: 0 } : spanIn(ontology, one.period)),
    })),
    licences: held.flatMap(({ credential, one }) => licencesOf(ontology, credential, one)),
    languages: [
      ...new Set(
        (resource.communication ?? []).flatMap((concept) =>
          (concept.coding ?? []).flatMap(({ code }) => (code === undefined ? [] : [code.slice(0, 2).toLowerCase()])),
        ),
      ),
    ],
  }
}

const spanIn = (ontology: HouseOntology, period: { start?: string; end?: string } | undefined): Period =>
  spanOf(period, (text) => momentOf(text, ontology.zone))

function credentialOf(ontology: HouseOntology, { code }: PractitionerQualification): string | undefined {
  for (const coding of code.coding ?? []) {
    const found = ontology.credentials.find(({ id, codes }) =>
      coding.system === staffWords.credential ? id === coding.code : codes.includes(coding.code ?? ''),
    )
    if (found) return found.id
  }
  return undefined
}

function licencesOf(ontology: HouseOntology, credential: string, one: PractitionerQualification): HeldLicence[] {
  const told = one.extension?.find(({ url }) => url === qualificationUrl)?.extension ?? []
  const value = (url: string) => told.find((part) => part.url === url)?.valueCode
  const compact = value(staffWords.compact)
  const excludes = told.flatMap(({ url, valueCode }) =>
    url === staffWords.excludes && valueCode !== undefined ? [valueCode] : [],
  )
  const status = value('status') ?? 'active'
  return told.flatMap((part) => {
    if (part.url !== 'whereValid') return []
    const codes = part.valueCodeableConcept?.coding ?? []
    const jurisdiction = codes.map(({ code }) => placeOf(ontology, code)).find((place) => place !== undefined)
    if (jurisdiction === undefined) return []
    return [
      {
        credential,
        jurisdiction,
        number: one.identifier?.[0]?.value,
        // Whatever else a register says, somebody with this licence may not work by it.
        status: status === 'active' || status === 'revoked' ? status : 'suspended',
        ...spanIn(ontology, one.period),
        ...(compact === undefined ? {} : { compact }),
        ...(excludes.length > 0 ? { excludes } : {}),
      },
    ]
  })
}

/** Skills (specialties of this house) and sites where somebody is privileged; undefined for a role that is not held. */
export function readPost(ontology: HouseOntology, resource: PractitionerRole): ReadPost | undefined {
  const practitioner = resource.practitioner?.reference
  if (resource.active === false || practitioner === undefined || !/^Practitioner\/[^/]+$/.test(practitioner))
    return undefined
  return {
    practitioner: practitioner.slice('Practitioner/'.length),
    skills: (resource.specialty ?? []).flatMap((concept) =>
      (concept.coding ?? []).flatMap(({ system, code }) =>
        system === staffWords.skill && code !== undefined ? [code] : [],
      ),
    ),
    sites: (resource.location ?? []).flatMap(({ reference }) => (reference === undefined ? [] : [reference])),
    capacity: shareOf(resource),
    ...spanIn(ontology, resource.period),
  }
}

/** Everything unless it is said, in whole percents of which there are a hundred. */
function shareOf({ extension }: PractitionerRole): number {
  const told = extension?.find(({ url }) => url === staffWords.capacity)?.valueInteger ?? 100
  return Math.min(100, Math.max(0, Math.trunc(told)))
}
