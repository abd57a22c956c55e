import type { Extension, Task } from '@medplum/fhirtypes'
import type { CallContext } from '../../kernel/index.ts'
import { isOpen, kindOf, roleOf, words } from '../task-words.ts'
import { type LevelHistory, levelsAt, madeAt } from './level-history.ts'
import { type Climbed, type Level, levelAt, type LevelPolicy, type Moments, nextRung } from './level.ts'

/** The policy that holds for a task: the first whose conditions it meets. */
export function policyFor(levels: readonly LevelPolicy[], task: Task): LevelPolicy | undefined {
  const codings = task.code?.coding ?? []
  const of = (system: string) => codings.flatMap((one) => (one.system === system && one.code ? [one.code] : []))
  const has = (wanted: readonly string[] | undefined, own: readonly (string | undefined)[]) =>
    wanted === undefined || own.some((one) => one !== undefined && wanted.includes(one))
  return levels.find(
    ({ for: { kinds, services, pathways, roles, priorities } }) =>
      has(kinds, [kindOf(task)]) &&
      has(services, of(words.service)) &&
      has(
        pathways,
        of(words.step).map((step) => step.split('/')[0]),
      ) &&
      has(roles, [roleOf(task)]) &&
      has(priorities, [task.priority ?? 'routine']),
  )
}

/** What a Task says of its own clock. */
export function momentsOf(task: Task): Moments {
  const at = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text))
  return {
    start: at(task.authoredOn) ?? at(task.meta?.lastUpdated) ?? 0,
    // What is cancelled has no end of its own: it was last written then.
    end: isOpen(task) ? undefined : (at(task.executionPeriod?.end) ?? at(task.meta?.lastUpdated)),
    pauses: (task.extension ?? []).flatMap(({ url, valuePeriod }) =>
      url === words.paused && valuePeriod?.start !== undefined && valuePeriod.end !== undefined
        ? [{ from: Date.parse(valuePeriod.start), until: Date.parse(valuePeriod.end) }]
        : [],
    ),
  }
}

export interface ClimbedRung extends Climbed {
  to: string
  /** `Practitioner/…` who were told. */
  people: readonly string[]
  by: string | undefined
}

/** The rungs of a task's ladder that were climbed, in order. */
export const climbedOf = (task: Task): ClimbedRung[] =>
  (task.extension ?? []).flatMap((one) => {
    if (one.url !== words.rung) return []
    const part = (url: string) => one.extension?.find((other) => other.url === url)
    const told = part('acknowledged')?.valueDateTime
    return [
      {
        rung: part('rung')?.valueInteger ?? 0,
        at: Date.parse(part('at')?.valueDateTime ?? ''),
        to: part('to')?.valueCode ?? '',
        people: (one.extension ?? []).flatMap(({ url, valueReference }) =>
          url === 'person' && valueReference?.reference !== undefined ? [valueReference.reference] : [],
        ),
        acknowledgedAt: told === undefined ? undefined : Date.parse(told),
        by: part('by')?.valueReference?.display,
      },
    ]
  })

export const rungExtension = (rung: Pick<ClimbedRung, 'rung' | 'at' | 'to' | 'people'>): Extension => ({
  url: words.rung,
  extension: [
    { url: 'rung', valueInteger: rung.rung },
    { url: 'at', valueDateTime: new Date(rung.at).toISOString() },
    { url: 'to', valueCode: rung.to },
    ...rung.people.map((reference) => ({ url: 'person', valueReference: { reference } })),
  ],
})

/** The task with its latest rung acknowledged by the actor; the same one when none waits for that. */
export function acknowledged(task: Task, { actor, clock }: CallContext): Task {
  const last = task.extension?.findLast(({ url }) => url === words.rung)
  if (!last || last.extension?.some(({ url }) => url === 'acknowledged') === true) return task
  const by = { display: actor.name, ...(actor.reference === undefined ? {} : { reference: actor.reference }) }
  const known: Extension = {
    ...last,
    extension: [
      ...(last.extension ?? []),
      { url: 'acknowledged', valueDateTime: new Date(clock.now()).toISOString() },
      { url: 'by', valueReference: by },
    ],
  }
  return { ...task, extension: (task.extension ?? []).map((one) => (one === last ? known : one)) }
}

/** The task with a pause that would last beyond `now` (milliseconds) ended there. */
export const pauseEnded = (task: Task, now: number): Task => ({
  ...task,
  extension: (task.extension ?? []).map((one) =>
    one.url === words.paused && Date.parse(one.valuePeriod?.end ?? '') > now
      ? { ...one, valuePeriod: { ...one.valuePeriod, end: new Date(now).toISOString() } }
      : one,
  ),
})

export interface TaskLevel extends Level {
  policy: LevelPolicy
  climbed: readonly ClimbedRung[]
  /** What the ladder does next, if nobody does the task before. */
  next: { at: number; to: string; onCall: boolean } | undefined
}

/** How a task stands with its service level at a moment; undefined when no policy holds for it. */
export function levelOf(history: LevelHistory, task: Task, now: number): TaskLevel | undefined {
  const policy = policyFor(levelsAt(history, madeAt(task)), task)
  if (!policy) return undefined
  const moments = momentsOf(task)
  const climbed = climbedOf(task)
  const next = isOpen(task) ? nextRung(policy, moments, climbed) : undefined
  const rung = next && policy.ladder[next.rung]
  return {
    ...levelAt(policy, moments, now),
    policy,
    climbed,
    next: rung && { at: next.at, to: rung.to, onCall: rung.onCall },
  }
}
