import type { Patient, Resource, Task } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { createLevels, type Levels } from '../levels/level-history.ts'
import { refuse, taskNotFound } from '../errors.ts'
import type { HouseOntology } from '../ontology/house-ontology.ts'
import { permit } from '../routing/index.ts'
import { escalatedTo, needOf, notBy, roleOf, words } from '../task-words.ts'
import { type Candidate, candidatesFor, type Wish } from './candidates.ts'
import { sayBar } from './say-bar.ts'
import { loadTeam, type Member, type RosterOf } from './team.ts'
import { type Unblock, unblockOf } from './unblock.ts'

/** Who may do what in this house, as of now: the ontology's rules over the people of the record. */
export interface Routing {
  ontology: HouseOntology
  /** Service levels as the tenant has set them. */
  levels: Levels
  /** Everybody who can hold tasks, at a moment in milliseconds. */
  team(tx: Tx, at: number): Promise<Member[]>
  /**
   * Throws `second-person-needed` for whoever did the step that this one looks at, and `task-not-permitted` with every reason
   * when somebody (`Practitioner/…`) may not do this task now. Answers who must
   * sign for them, when they may only under supervision. `team`: of this moment, when it is there already.
   */
  refuseUnlessPermitted(
    tx: Tx,
    context: CallContext,
    task: Task,
    who: string,
    team?: readonly Member[],
  ): Promise<{ supervisor?: string }>
  /** Everybody of the task's roles with their reasons, the best first. `patient`: whom it is for. */
  candidates(
    tx: Tx,
    task: Task,
    patient: Patient | undefined,
    team: readonly Member[],
    at: number,
  ): Promise<Candidate[]>
  /** The candidates for a stored task, and what would unblock it when nobody at work may do it now. Throws `task-not-found`. */
  whoMay(
    tx: Tx,
    context: CallContext,
    id: string,
  ): Promise<{ task: Task; candidates: Candidate[]; unblock: Unblock | undefined }>
  /** Times at work and away in a window, by `Practitioner/…`. */
  rosterOf: RosterOf
  /** What a task takes on average. */
  minutesOf(task: Task): number
}

/** What a task of no kind takes. */
const usual = 15

export function createRouting({
  ontology,
  rosterOf,
  read,
}: {
  ontology: HouseOntology
  rosterOf: RosterOf
  /** A resource of the record, by reference. */
  read(tx: Tx, reference: string): Promise<Resource | undefined>
}): Routing {
  const minutesOf = (task: Task) => {
    const kind = needOf(task)?.kind
    return ontology.kinds.find(({ id }) => id === kind)?.minutes ?? usual
  }
  const routing: Routing = {
    ontology,
    levels: createLevels(ontology.levels, ontology.calendars),
    minutesOf,
    rosterOf,
    team: (tx, at) => loadTeam(tx, rosterOf, at),
    async refuseUnlessPermitted(tx, context, task, who, known) {
      if (notBy(task).includes(who))
        throw refuse('second-person-needed', {
          faults: [{ path: 'owner', message: `${who} did the step before this one` }],
        })
      const need = needOf(task)
      if (!need) return {}
      const now = context.clock.now()
      const team = known ?? (await loadTeam(tx, rosterOf, now))
      const member = team.find(({ reference }) => reference === who)
      if (!member)
        throw refuse('task-not-permitted', {
          faults: [{ path: 'owner', message: `${who} is nobody who can hold tasks here`, code: 'no-account' }],
        })
      const { credential, supervisor, bars } = permit(ontology, need, member, now, team)
      if (credential !== undefined) return supervisor === undefined ? {} : { supervisor }
      const told = bars.map((bar) => ({ ...bar, sentence: sayBar(ontology, bar, context.locale) }))
      throw refuse('task-not-permitted', {
        detail: `${member.name} ${told.map(({ sentence }) => sentence).join('; ')}.`,
        faults: told.map(({ code, sentence }) => ({ path: 'owner', message: sentence, code })),
      })
    },
    async candidates(tx, task, patient, team, at) {
      const roles = [roleOf(task), ...escalatedTo(task)].flatMap((role) => (role === undefined ? [] : [role]))
      const wish: Wish = {
        minutes: minutesOf(task),
        language: languageOf(patient),
        known: await knownTo(tx, patient),
        wished: wishesOf(patient, words.wished),
        unwished: wishesOf(patient, words.unwished),
      }
      return candidatesFor(ontology, { need: needOf(task), roles, wish }, team, at)
    },
    async whoMay(tx, context, id) {
      const task = await read(tx, `Task/${id}`)
      if (task?.resourceType !== 'Task') throw taskNotFound()
      const subject = task.for?.reference === undefined ? undefined : await read(tx, task.for.reference)
      const patient = subject?.resourceType === 'Patient' ? subject : undefined
      const now = context.clock.now()
      const team = await loadTeam(tx, rosterOf, now)
      const candidates = await routing.candidates(tx, task, patient, team, now)
      return { task, candidates, unblock: unblockOf(ontology, needOf(task), candidates, context.locale) }
    },
  }
  return routing
}

/** Two letters: what a patient prefers to speak. */
export function languageOf(patient: Patient | undefined): string | undefined {
  const spoken = patient?.communication?.find(({ preferred }) => preferred === true) ?? patient?.communication?.[0]
  return spoken?.language.coding?.[0]?.code?.slice(0, 2).toLowerCase()
}

/** `Practitioner/…` of whom the patient's record says so. */
const wishesOf = (patient: Patient | undefined, url: string): string[] =>
  (patient?.extension ?? []).flatMap((one) =>
    one.url === url && one.valueReference?.reference !== undefined ? [one.valueReference.reference] : [],
  )

/** Their own practitioners, and those who have done work for them. */
async function knownTo(tx: Tx, patient: Patient | undefined): Promise<ReadonlySet<string>> {
  const own = (patient?.generalPractitioner ?? []).flatMap(({ reference }) =>
    reference === undefined ? [] : [reference],
  )
  if (patient?.id === undefined) return new Set(own)
  const rows = await tx.query<{ owner: string }>({
    name: 'who-knows-patient',
    text: `select distinct owner from work_item where tenant_id = $1 and patient = $2 and owner is not null and not open and status = 'completed'`,
    values: [tx.tenant, `Patient/${patient.id}`],
  })
  return new Set([...own, ...rows.map(({ owner }) => owner)])
}
