import type {
  Appointment,
  CareTeam,
  Encounter,
  EpisodeOfCare,
  Patient,
  Person,
  PractitionerRole,
  Reference,
  RelatedPerson,
  Resource,
} from '@medplum/fhirtypes'
import type { Policy } from './policy.ts'

/** One statement of a resource that somebody stands in a relationship to a patient. Times in ISO 8601. */
export interface Relation {
  who: string
  patient: string
  kind: string
  until: string | null
}

/** One statement that somebody acts in the name of something else. */
export interface Membership {
  member: string
  standsFor: string
  until: string | null
}

/** What the rules go by, as one resource tells it. */
export interface Facts {
  subjects: readonly string[]
  labels: readonly string[]
  relations: readonly Relation[]
  members: readonly Membership[]
}

/** How long whoever saw a patient still counts as seeing them: for the letter, the result, the question that comes later. */
const afterwards = 30 * 86_400_000

const reference = (one: Reference | undefined): string | undefined =>
  /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}/.exec(one?.reference ?? '')?.[0]
const isPatient = (one: string | undefined): one is `Patient/${string}` => one?.startsWith('Patient/') === true
const isStaff = (one: string | undefined): one is `${string}/${string}` =>
  /^(?:Practitioner|PractitionerRole|Organization)\//.test(one ?? '')

/** A FHIR date or time; a day lasts until its end. */
const endOf = (time: string | undefined): number | undefined => {
  if (time === undefined) return undefined
  const at = Date.parse(time)
  if (Number.isNaN(at)) return undefined
  return /T/.test(time) ? at : at + (time.length === 10 ? 1 : time.length === 7 ? 31 : 366) * 86_400_000
}
const earlier = (...times: (number | undefined)[]): string | null => {
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? null : new Date(Math.min(...known)).toISOString()
}

type Tell = (resource: Resource) => Relation[]
const tellers: Partial<Record<Resource['resourceType'], Tell>> = {
  CareTeam: (resource) => {
    const team = resource as CareTeam
    const patient = reference(team.subject)
    if (!isPatient(patient) || (team.status !== undefined && team.status !== 'active')) return []
    return (team.participant ?? []).flatMap(({ member, period }) => {
      const who = reference(member)
      return isStaff(who)
        ? [{ who, patient, kind: 'care-team', until: earlier(endOf(team.period?.end), endOf(period?.end)) }]
        : []
    })
  },
  Appointment: (resource) => {
    const { status, participant, end } = resource as Appointment
    if (!['booked', 'arrived', 'checked-in', 'fulfilled', 'pending'].includes(status)) return []
    const actors = (participant ?? []).flatMap((one) => (one.status === 'declined' ? [] : (reference(one.actor) ?? [])))
    const last = endOf(end)
    const until = earlier(last === undefined ? undefined : last + afterwards)
    return actors
      .filter(isPatient)
      .flatMap((patient) => actors.filter(isStaff).map((who) => ({ who, patient, kind: 'appointment', until })))
  },
  Encounter: (resource) => {
    const { status, subject, participant, period } = resource as Encounter
    const patient = reference(subject)
    if (!isPatient(patient) || status === 'cancelled' || status === 'entered-in-error') return []
    const last = endOf(period?.end)
    const until = earlier(last === undefined ? undefined : last + afterwards)
    return (participant ?? []).flatMap(({ individual }) => {
      const who = reference(individual)
      return isStaff(who) ? [{ who, patient, kind: 'encounter', until }] : []
    })
  },
  EpisodeOfCare: (resource) => {
    const { status, patient: subject, careManager, period } = resource as EpisodeOfCare
    const patient = reference(subject)
    const who = reference(careManager)
    return isPatient(patient) && isStaff(who) && status === 'active'
      ? [{ who, patient, kind: 'care-team', until: earlier(endOf(period?.end)) }]
      : []
  },
  Patient: (resource) => {
    const { id, generalPractitioner, managingOrganization } = resource as Patient
    const patient = `Patient/${id}`
    const organisation = reference(managingOrganization)
    return [
      ...(generalPractitioner ?? []).flatMap((one) => {
        const who = reference(one)
        return isStaff(who) ? [{ who, patient, kind: 'general-practitioner', until: null }] : []
      }),
      ...(organisation === undefined ? [] : [{ who: organisation, patient, kind: 'organisation', until: null }]),
    ]
  },
  // A Person says that a practitioner is a patient too (`self`), or is somebody's relative (`kin`; whose, the RelatedPerson says).
  Person: (resource) => {
    const { active, link } = resource as Person
    if (active === false) return []
    const linked = (link ?? []).flatMap(({ target }) => reference(target) ?? [])
    return linked
      .filter((one) => one.startsWith('Practitioner/'))
      .flatMap((who) =>
        linked.flatMap((one) =>
          isPatient(one)
            ? [{ who, patient: one, kind: 'self', until: null }]
            : one.startsWith('RelatedPerson/')
              ? [{ who, patient: one, kind: 'kin', until: null }]
              : [],
        ),
      )
  },
  RelatedPerson: (resource) => {
    const { id, active, patient: subject, period } = resource as RelatedPerson
    const patient = reference(subject)
    return isPatient(patient) && active !== false
      ? [{ who: `RelatedPerson/${id}`, patient, kind: 'related', until: earlier(endOf(period?.end)) }]
      : []
  },
}

function membersOf(resource: Resource): Membership[] {
  if (resource.resourceType === 'CareTeam')
    return (
      tellers
        .CareTeam?.(resource)
        .map(({ who, until }) => ({ member: who, standsFor: `CareTeam/${resource.id}`, until })) ?? []
    )
  if (resource.resourceType !== 'PractitionerRole') return []
  const { id, active, practitioner, organization, period }: PractitionerRole = resource
  const member = reference(practitioner)
  if (member === undefined || active === false) return []
  const until = earlier(endOf(period?.end))
  const organisation = reference(organization)
  return [`PractitionerRole/${id}`, ...(organisation === undefined ? [] : [organisation])].map((standsFor) => ({
    member,
    standsFor,
    until,
  }))
}

/** Which labels the codes of a tenant's policy mean, ready for looking up. */
export type LabelTable = ReadonlyMap<string, { exact: ReadonlyMap<string, string[]>; begins: [string, string][] }>

export function labelTable(policy: Pick<Policy, 'labels'>): LabelTable {
  const table = new Map<string, { exact: Map<string, string[]>; begins: [string, string][] }>()
  for (const { label, codes } of policy.labels)
    for (const [system, list] of Object.entries(codes)) {
      const entry = table.get(system) ?? { exact: new Map<string, string[]>(), begins: [] }
      table.set(system, entry)
      for (const code of list) {
        if (code.endsWith('*')) entry.begins.push([code.slice(0, -1), label])
        else entry.exact.set(code, [...(entry.exact.get(code) ?? []), label])
      }
    }
  return table
}

/** Every coding of a resource, wherever it stands, held against the table. */
function addCoded(value: unknown, table: LabelTable, found: Set<string>): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const one of value) addCoded(one, table, found)
    return
  }
  if ('system' in value && 'code' in value && typeof value.system === 'string' && typeof value.code === 'string') {
    const { code } = value
    const entry = table.get(value.system)
    for (const label of entry?.exact.get(code) ?? []) found.add(label)
    for (const [beginning, label] of entry?.begins ?? []) if (code.startsWith(beginning)) found.add(label)
  }
  for (const inner of Object.values(value)) if (typeof inner === 'object') addCoded(inner, table, found)
}

/** Types that quote codes without being about anybody's health: a code list, a form, a policy's own text. */
const quoting = new Set([
  'CodeSystem',
  'ValueSet',
  'ConceptMap',
  'Questionnaire',
  'PlanDefinition',
  'ActivityDefinition',
])

export function factsOf(resource: Resource, subjects: readonly string[], table: LabelTable): Facts {
  const labels = new Set<string>()
  for (const { code } of resource.meta?.security ?? []) if (code !== undefined) labels.add(code)
  if (table.size > 0 && !quoting.has(resource.resourceType)) addCoded(resource, table, labels)
  return {
    subjects: [...new Set(subjects)],
    labels: [...labels],
    relations: tellers[resource.resourceType]?.(resource) ?? [],
    members: membersOf(resource),
  }
}
