import type { Task } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { atWork, type Need, permit } from '../routing/index.ts'
import { escalatedTo, needOf, notBy, roleOf } from '../task-words.ts'
import { candidatesFor } from './candidates.ts'
import type { Routing } from './routing.ts'
import { sayBar } from './say-bar.ts'
import type { Member } from './team.ts'
import { type Unblock, unblockOf } from './unblock.ts'

/** Somebody, and which of several tasks they may do. */
export interface AbleFor {
  member: Member
  inRole: boolean
  atWork: boolean
  /** Milliseconds: their next shift; undefined when there is none in two weeks, or they are there. */
  next: number | undefined
  /** How many of the tasks. */
  may: number
  /** Of some of them, under supervision. */
  supervised: boolean
  /** Why they may not do the others, each sentence once. */
  reasons: readonly string[]
}

/** Everybody who holds tasks, and how many of these they may do now: those of the tasks' roles, who are there and may do all of them, first. */
export async function ableFor(
  tx: Tx,
  context: CallContext,
  routing: Routing,
  tasks: readonly Task[],
): Promise<AbleFor[]> {
  const now = context.clock.now()
  const { ontology } = routing
  const team = await routing.team(tx, now)
  const roles = new Set(tasks.flatMap(rolesOf))
  const signed = context.locale === 'fr' ? 'a fait l’étape d’avant' : 'did the step before this one'
  return team
    .map((member): AbleFor => {
      const answers = tasks.map((task) => {
        const need = needOf(task)
        if (notBy(task).includes(member.reference)) return { may: false, supervised: false, reasons: [signed] }
        if (!need) return { may: true, supervised: false, reasons: [] }
        const { credential, supervisor, bars } = permit(ontology, need, member, now, team)
        return {
          may: credential !== undefined,
          supervised: supervisor !== undefined,
          reasons: bars.map((bar) => sayBar(ontology, bar, context.locale)),
        }
      })
      const here = atWork(member, now)
      return {
        member,
        inRole: roles.size === 0 || member.roles.some((role) => roles.has(role)),
        atWork: here,
        next: here
          ? undefined
          : member.shifts
              .map(({ from }) => from)
              .filter((from) => from > now && atWork(member, from))
              .toSorted((a, b) => a - b)[0],
        may: answers.filter(({ may }) => may).length,
        supervised: answers.some(({ supervised }) => supervised),
        reasons: [...new Set(answers.flatMap(({ may, reasons }) => (may ? [] : reasons)))],
      }
    })
    .toSorted(
      (a, b) =>
        Number(b.inRole) - Number(a.inRole) ||
        b.may - a.may ||
        Number(b.atWork) - Number(a.atWork) ||
        a.member.held - b.member.held ||
        (a.member.reference < b.member.reference ? -1 : 1),
    )
}

const rolesOf = (task: Task): string[] =>
  [roleOf(task), ...escalatedTo(task)].flatMap((role) => (role === undefined ? [] : [role]))

/** What would unblock each task that nobody at work may do; tasks that ask for the same are looked at once. */
export async function unblocksOf(
  tx: Tx,
  context: CallContext,
  routing: Routing,
  tasks: readonly Task[],
): Promise<{ id: string; unblock: Unblock }[]> {
  const now = context.clock.now()
  const team = await routing.team(tx, now)
  const known = new Map<string, Unblock | undefined>()
  const wish = { minutes: 0, language: undefined, known: new Set<string>(), wished: [], unwished: [] }
  return tasks.flatMap((task) => {
    const asked: { need: Need | undefined; roles: readonly string[] } = { need: needOf(task), roles: rolesOf(task) }
    const key = JSON.stringify(asked)
    if (!known.has(key))
      known.set(
        key,
        unblockOf(
          routing.ontology,
          asked.need,
          candidatesFor(routing.ontology, { ...asked, wish }, team, now),
          context.locale,
        ),
      )
    const unblock = known.get(key)
    return unblock && task.id !== undefined ? [{ id: task.id, unblock }] : []
  })
}
