import { holdsAt, type Ontology, ruleFor } from './ontology.ts'
import type { Licence, Need, Person } from './person.ts'

/** Why somebody may not do a task. `what` names the missing thing, so that whoever reads it knows what would help. */
export interface Bar {
  code:
    | 'kind-not-offered'
    | 'excluded'
    | 'credential'
    | 'licence-missing'
    | 'licence-not-yet'
    | 'licence-ended'
    | 'licence-suspended'
    | 'licence-restricted'
    | 'supervisor-away'
    | 'skill'
    | 'privilege'
    | 'language'
  what: string
}

export interface Permit {
  person: string
  /** The credential by which they may; undefined when they may not. The least costly, where several would do. */
  credential: string | undefined
  /** Who signs for them, when they may only under supervision. */
  supervisor?: string
  bars: readonly Bar[]
}

export const atWork = (person: Person, at: number): boolean =>
  person.shifts.some((shift) => holdsAt(shift, at)) && !person.leave.some((leave) => holdsAt(leave, at))

/**
 * Whether a person may do a task at a moment, by law and by the house's rules; whether they are at work is another question.
 * @param team everybody; supervisors are looked for among those at work
 */
export function permit(ontology: Ontology, need: Need, person: Person, at: number, team: readonly Person[]): Permit {
  const rule = ruleFor(ontology, need.kind, need.jurisdiction, at)
  const none = (bars: readonly Bar[]): Permit => ({ person: person.reference, credential: undefined, bars })
  if (!rule || rule.may.length + (rule.supervised?.length ?? 0) === 0)
    return none([{ code: 'kind-not-offered', what: `${need.kind} in ${need.jurisdiction}` }])
  const bars: Bar[] = []
  if (need.not?.includes(person.reference) === true) bars.push({ code: 'excluded', what: need.kind })
  for (const skill of rule.skills ?? [])
    if (!person.skills.some((one) => one.id === skill && holdsAt(one, at))) bars.push({ code: 'skill', what: skill })
  if (need.language !== undefined && !person.languages.includes(need.language))
    bars.push({ code: 'language', what: need.language })
  const privileged = ontology.kinds.find(({ id }) => id === need.kind)?.privileged === true
  if (privileged && !person.privileges.some((one) => one.site === need.site && holdsAt(one, at)))
    bars.push({ code: 'privilege', what: need.site ?? 'no site' })

  const own = person.credentials.filter((one) => holdsAt(one, at)).map(({ id }) => id)
  const ways = [...rule.may.map((credential) => ({ credential, by: undefined })), ...(rule.supervised ?? [])].toSorted(
    (a, b) => costOf(ontology, a.credential) - costOf(ontology, b.credential),
  )
  const open = ways.filter(({ credential }) => own.includes(credential))
  if (open.length === 0)
    return none([...bars, { code: 'credential', what: ways.map(({ credential }) => credential).join(', ') }])
  let nearest: Bar | undefined
  for (const { credential, by } of open) {
    const licence = licenceBar(ontology, need, person, credential, at)
    const supervisor = by && supervisorOf(ontology, need, person, by, at, team)
    const bar = licence ?? (by && !supervisor ? { code: 'supervisor-away' as const, what: by.join(', ') } : undefined)
    if (!bar) {
      if (bars.length > 0) return none(bars)
      return { person: person.reference, credential, bars, ...(supervisor === undefined ? {} : { supervisor }) }
    }
    nearest ??= bar
  }
  return none(nearest ? [...bars, nearest] : bars)
}

export const costOf = (ontology: Ontology, credential: string): number =>
  ontology.credentials.find(({ id }) => id === credential)?.cost ?? Number.POSITIVE_INFINITY

/** The first at work who holds one of the credentials, licensed where the patient is, in the order of their references. */
function supervisorOf(
  ontology: Ontology,
  need: Need,
  person: Person,
  by: readonly string[],
  at: number,
  team: readonly Person[],
): string | undefined {
  return team
    .filter(
      (other) =>
        other.reference !== person.reference &&
        atWork(other, at) &&
        by.some(
          (credential) =>
            other.credentials.some((one) => one.id === credential && holdsAt(one, at)) &&
            !licenceBar(ontology, need, other, credential, at),
        ),
    )
    .map(({ reference }) => reference)
    .toSorted()[0]
}

/** What is wrong with a person's licences for a credential where the patient is; undefined when one of them holds. */
function licenceBar(ontology: Ontology, need: Need, person: Person, credential: string, at: number): Bar | undefined {
  const kind = ontology.credentials.find(({ id }) => id === credential)
  if (kind?.licensed === false) return undefined
  const what = `${credential} in ${need.jurisdiction}`
  const reaching = person.licences.filter(
    (licence) => licence.credential === credential && reaches(ontology, licence, need.jurisdiction, at),
  )
  const faults = reaching.map((licence): Bar | undefined => {
    if (licence.from > at) return { code: 'licence-not-yet', what }
    if (!holdsAt(licence, at)) return { code: 'licence-ended', what }
    if (licence.status !== 'active') return { code: 'licence-suspended', what }
    if (licence.excludes?.includes(need.kind) === true) return { code: 'licence-restricted', what: need.kind }
    return undefined
  })
  if (faults.includes(undefined)) return undefined
  return faults[0] ?? { code: 'licence-missing', what }
}

/** Whether a licence speaks of a place: its own, or one of a compact to which both states belong at that moment. */
function reaches(ontology: Ontology, licence: Licence, jurisdiction: string, at: number): boolean {
  if (licence.jurisdiction === jurisdiction) return true
  const compact = ontology.compacts.find(({ id }) => id === licence.compact)
  if (!compact?.credentials.includes(licence.credential)) return false
  const member = (place: string) => compact.members.some((one) => one.jurisdiction === place && holdsAt(one, at))
  return member(licence.jurisdiction) && member(jurisdiction)
}
