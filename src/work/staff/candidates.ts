import type { Extension, Task } from '@medplum/fhirtypes'
import type { HouseOntology } from '../ontology/house-ontology.ts'
import { atWork, costOf, type Need, type Permit, permit } from '../routing/index.ts'
import { words } from '../task-words.ts'
import type { Member } from './team.ts'

/** Somebody of a task's role: whether they may do it, whether they are at work, and how well it would be with them. */
export interface Candidate {
  member: Member
  permit: Permit
  atWork: boolean
  /** Milliseconds: when they are at work next and may do it then; undefined when they are now, or not within two weeks. */
  next: number | undefined
  /** In minutes of the least costly person's time; lower is better. */
  cost: number
  /** Whether they know the patient. */
  knows: boolean
  /** Whether the patient asked for them (true) or would rather not see them (false); undefined when neither. */
  wished: boolean | undefined
  /** Whether they speak the patient's language; undefined when it is not known. */
  speaks: boolean | undefined
}

/** What a task would like besides what it needs. */
export interface Wish {
  minutes: number
  /** Two letters. */
  language: string | undefined
  /** `Practitioner/…` who know the patient: theirs by the record, or by tasks done for them. */
  known: ReadonlySet<string>
  /** `Practitioner/…` whom the patient asked for, and whom they would rather not see. */
  wished: readonly string[]
  unwished: readonly string[]
}

/** Everybody with one of the roles: those who may and are at work first, the least costly first. */
export function candidatesFor(
  ontology: HouseOntology,
  asked: { need: Need | undefined; roles: readonly string[]; wish: Wish },
  team: readonly Member[],
  at: number,
): Candidate[] {
  const { need, roles, wish } = asked
  const allowed = (member: Member, moment: number): Permit =>
    need
      ? permit(ontology, need, member, moment, team)
      : { person: member.reference, credential: member.credentials[0]?.id ?? '', bars: [] }
  return team
    .filter((member) => roles.length === 0 || member.roles.some((role) => roles.includes(role)))
    .map((member): Candidate => {
      const answer = allowed(member, at)
      const here = atWork(member, at)
      const may = answer.credential !== undefined
      return {
        member,
        permit: answer,
        atWork: here,
        next:
          may && here
            ? undefined
            : startsOf(member, at).find((moment) => allowed(member, moment).credential !== undefined),
        cost: may ? costFor(ontology, member, answer.credential, wish) : Number.POSITIVE_INFINITY,
        knows: wish.known.has(member.reference),
        wished: wish.unwished.includes(member.reference) ? false : wish.wished.includes(member.reference) || undefined,
        speaks: wish.language === undefined ? undefined : member.languages.includes(wish.language),
      }
    })
    .toSorted(
      (a, b) =>
        Number(ready(b)) - Number(ready(a)) ||
        (a.next ?? Number.POSITIVE_INFINITY) - (b.next ?? Number.POSITIVE_INFINITY) ||
        (a.cost === b.cost ? 0 : a.cost - b.cost) ||
        (a.member.reference < b.member.reference ? -1 : 1),
    )
}

export const ready = ({ permit: answer, atWork: here }: Pick<Candidate, 'permit' | 'atWork'>): boolean =>
  here && answer.credential !== undefined

/**
 * The task as theirs to do: asked of them, and accepted once they begin. Who signs for them stands in it, and why they have it
 * when the program gave it to them (`gift`).
 */
export const giveTo = (
  task: Task,
  { member, permit: { supervisor } }: Pick<Candidate, 'member' | 'permit'>,
  gift?: Extension,
): Task => ({
  ...task,
  status: 'requested',
  owner: { reference: member.reference, display: member.name },
  extension: [
    ...(task.extension ?? []).filter(({ url }) => url !== words.supervisor && url !== words.given),
    ...(supervisor === undefined ? [] : [{ url: words.supervisor, valueReference: { reference: supervisor } }]),
    ...(gift ? [gift] : []),
  ],
})

/** Moments to come at which somebody begins to be at work: shifts, and the ends of leave within them. */
function startsOf(member: Member, at: number): number[] {
  const moments = [...member.shifts.map(({ from }) => from), ...member.leave.map(({ until }) => until)]
  return moments.filter((moment) => moment > at && atWork(member, moment)).toSorted((a, b) => a - b)
}

/** What it costs that this person does it: their time by what they are trained as, their load, and what the patient would miss. */
export function costFor(ontology: HouseOntology, member: Member, credential: string | undefined, wish: Wish): number {
  const { load, stranger, wished, unwished, language } = ontology.policy.weights
  const hourly = credential === undefined || credential === '' ? 1 : costOf(ontology, credential)
  return (
    wish.minutes * hourly +
    (load * (member.held / 60)) / (member.share ?? 1) +
    (wish.known.has(member.reference) ? 0 : stranger) +
    (wish.wished.length === 0 || wish.wished.includes(member.reference) ? 0 : wished) +
    (wish.unwished.includes(member.reference) ? unwished : 0) +
    (wish.language === undefined || member.languages.includes(wish.language) ? 0 : language)
  )
}
