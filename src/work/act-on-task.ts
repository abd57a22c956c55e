import type { Annotation, Task } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import type { FhirRecord, ResourceWrite } from '../fhir/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { noForm, refuse, taskNotFound } from './errors.ts'
import type { Routing } from './staff/routing.ts'
import { type Cause, keepTaskOverride } from './overrides/keep-override.ts'
import { acknowledged, pauseEnded } from './levels/task-level.ts'
import { lockTask } from './lock-task.ts'
import { keptFor } from './claims.ts'
import { refuseWaiting, type SeveralAction, severalTasks } from './several-tasks.ts'
import { concept, escalatedTo, formOf, isOpen, outcomesOf, roleOf, withExtensions, words } from './task-words.ts'

/** What a person may do with a task. */
export type TaskAction =
  | { do: 'claim' }
  | { do: 'release' }
  | { do: 'start' }
  /** `answers`: the QuestionnaireResponse that a form's Task asked for. */
  | { do: 'complete'; outcome?: string | undefined; note?: string | undefined; answers?: string | undefined }
  /** A form that nobody can fill in. */
  | ({ do: 'give-up'; reason: string } & Cause)
  | ({ do: 'decline'; reason: string } & Cause)
  | ({
      do: 'reassign'
      role?: string | undefined
      owner?: { reference: string; name: string } | undefined
      reason: string
    } & Cause)
  /** Some of it was done outside the system; the task stays as it is. */
  | ({ do: 'off-system'; text: string } & Cause)
  /** Puts it off: it stands in no list until then. ISO 8601. `waiting`: for the patient, so that its service level rests. */
  | { do: 'snooze'; until: string; reason: string; waiting?: 'patient' | undefined }
  /** Says that the actor knows of an escalation. */
  | { do: 'acknowledge' }
  | { do: 'comment'; text: string }
  /** Back from having been put off. */
  | { do: 'wake' }
  /** To somebody else, with what they must know. */
  | {
      do: 'hand-off'
      role?: string | undefined
      owner?: { reference: string; name: string } | undefined
      situation: string
      pending?: string | undefined
      watch?: string | undefined
    }
  /** To somebody who does it in the actor's name, who signs for them where the rules ask for it. */
  | { do: 'delegate'; owner: { reference: string; name: string }; reason: string }
  | SeveralAction

export interface ActOptions {
  /** The version the person looked at; another version now is refused. */
  version?: number | undefined
  /** Whether the actor may act on tasks of roles that are not theirs. */
  mayManage: boolean
  roles: readonly string[]
  /** Who may do what kind of task. */
  routing: Routing
}

/**
 * Does one action on a Task, in the caller's transaction. The work item's row is locked first, so that of two people who
 * take the same task at the same moment the second is told who has it.
 */
export async function actOnTask(
  tx: Tx,
  context: CallContext,
  record: FhirRecord,
  id: string,
  action: TaskAction,
  options: ActOptions,
): Promise<Task> {
  const locked = await lockTask(tx, record, id)
  if (!locked) throw taskNotFound()
  const { task, version } = locked
  const taken =
    action.do === 'claim' && task.owner?.reference !== undefined && task.owner.reference !== context.actor.reference
  if (taken)
    throw refuse('task-taken', {
      detail: `${task.owner?.display ?? 'Someone else'} has taken this task.`,
      faults: [{ path: 'owner', message: 'the task has an owner' }],
    })
  if (options.version !== undefined && options.version !== version)
    throw refuse('task-changed', { faults: [{ path: 'version', message: `is ${version} now` }] })
  if (!isOpen(task) && action.do !== 'comment' && action.do !== 'off-system')
    throw refuse('task-closed', { faults: [{ path: 'status', message: `is ${task.status}` }] })
  permitted(task, context, action, options)
  if (action.do === 'claim' || action.do === 'start' || action.do === 'complete')
    await refuseWaiting(tx, context, record, task)
  const rests = ['comment', 'acknowledge', 'off-system'].includes(action.do)
  const before = rests ? task : awake(task, context.clock.now())
  const several = isSeveral(action) ? await severalTasks(tx, context, record, { ...before, id }, action) : undefined
  const also: readonly ResourceWrite[] = several?.also ?? []
  const changedTask = keptFor(
    several?.task ?? (isSeveral(action) ? before : changed(before, context, action, options)),
    { before: task, claimed: action.do === 'claim', policy: options.routing.ontology.policy },
    context,
  )
  const next = {
    ...(await checkedOwner(tx, context, options.routing, { before: task, after: changedTask, action })),
    id,
    lastModified: new Date(context.clock.now()).toISOString(),
  }
  const written = await record.write(
    tx,
    context,
    [...also, { interaction: 'update', resource: next, ifMatch: version }],
    { validate: false },
  )
  if (action.do === 'decline' || action.do === 'reassign' || action.do === 'give-up' || action.do === 'off-system')
    await keepTaskOverride(tx, context, next, action.do, action)
  const stored = written.at(-1)?.resource
  return stored?.resourceType === 'Task' ? stored : next
}

/**
 * The changed Task with whoever signs for its owner. Refuses a new owner who may not do it, and an owner who begins or ends
 * it and may not any more: a licence that lapsed since counts from its minute.
 */
async function checkedOwner(
  tx: Tx,
  context: CallContext,
  routing: Routing,
  { before, after, action }: { before: Task; after: Task; action: TaskAction },
): Promise<Task> {
  const owner = after.owner?.reference
  const isNew = owner !== before.owner?.reference
  const rest = (after.extension ?? []).filter(({ url }) => url !== words.supervisor)
  if (owner === undefined) return rest.length === (after.extension ?? []).length ? after : withExtensions(after, rest)
  if (action.do === 'delegate') return delegated(tx, context, routing, after, rest)
  if (!isNew && action.do !== 'start' && action.do !== 'complete') return after
  const { supervisor } = await routing.refuseUnlessPermitted(tx, context, after, owner)
  if (supervisor === undefined)
    return rest.length === (after.extension ?? []).length ? after : withExtensions(after, rest)
  return { ...after, extension: [...rest, { url: words.supervisor, valueReference: { reference: supervisor } }] }
}

const isSeveral = (action: TaskAction): action is SeveralAction =>
  ['split', 'merge', 'wait-for', 'stop-waiting', 'ask-sign-off'].includes(action.do)

/** Who does it under supervision is signed for by whoever delegated it, if these may do it alone. */
async function delegated(
  tx: Tx,
  context: CallContext,
  routing: Routing,
  after: Task,
  rest: NonNullable<Task['extension']>,
): Promise<Task> {
  const { supervisor } = await routing.refuseUnlessPermitted(tx, context, after, after.owner?.reference ?? '')
  const by = context.actor.reference
  if (supervisor === undefined || by === undefined) return withExtensions(after, rest)
  const own = await routing.refuseUnlessPermitted(tx, context, after, by)
  const signs = own.supervisor === undefined ? by : supervisor
  return { ...after, extension: [...rest, { url: words.supervisor, valueReference: { reference: signs } }] }
}

function permitted(task: Task, context: CallContext, action: TaskAction, options: ActOptions): void {
  const mine = task.owner?.reference !== undefined && task.owner.reference === context.actor.reference
  const roles = [roleOf(task), ...escalatedTo(task)]
  const forMe = roles.some((role) => role !== undefined && context.actor.roles.includes(role)) || roles[0] === undefined
  if (!mine && !forMe && !options.mayManage)
    throw refuse('task-not-for-you', {
      faults: [{ path: 'performerType', message: `needs ${roles.filter(Boolean).join(' or ')}` }],
    })
  if (
    ['start', 'complete', 'give-up', 'release', 'decline', 'delegate', 'ask-sign-off', 'hand-off'].includes(
      action.do,
    ) &&
    !mine &&
    !((action.do === 'release' || action.do === 'hand-off') && options.mayManage)
  )
    throw refuse('task-not-yours', { faults: [{ path: 'owner', message: task.owner?.display ?? 'nobody yet' }] })
}

function changed(
  task: Task,
  context: CallContext,
  action: Exclude<TaskAction, SeveralAction>,
  options: ActOptions,
): Task {
  switch (action.do) {
    case 'claim':
      if (context.actor.reference === undefined) throw refuse('no-practitioner')
      return acknowledged(
        { ...task, status: 'accepted', owner: { reference: context.actor.reference, display: context.actor.name } },
        context,
      )
    case 'release':
      return unowned(task)
    case 'start':
      return {
        ...task,
        status: 'in-progress',
        executionPeriod: { ...task.executionPeriod, start: new Date(context.clock.now()).toISOString() },
      }
    case 'complete':
      return completed(task, context, action)
    case 'give-up':
      if (formOf(task) === undefined) throw noForm()
      return noted({ ...ended(task, 'failed', context), statusReason: causeOf(action) }, context, action.reason)
    case 'decline':
      return noted({ ...unowned(task), statusReason: causeOf(action) }, context, action.reason)
    case 'reassign':
      return reassigned(task, context, action, options)
    case 'snooze':
      return snoozed(task, context, action)
    case 'acknowledge': {
      const known = acknowledged(task, context)
      if (known === task)
        throw refuse('nothing-to-acknowledge', { faults: [{ path: 'extension', message: 'no escalation waits' }] })
      return known
    }
    case 'wake':
      return task.status === 'on-hold' ? { ...task, status: task.owner ? 'accepted' : 'requested' } : task
    case 'hand-off':
      return reassigned(task, context, { ...action, do: 'reassign', reason: handOffNote(action, context) }, options)
    case 'delegate': {
      if (context.actor.reference === undefined) throw refuse('no-practitioner')
      const requester = { reference: context.actor.reference, display: context.actor.name }
      return { ...reassigned(task, context, { ...action, do: 'reassign' }, options), requester }
    }
    case 'comment':
      return noted(task, context, action.text)
    case 'off-system':
      return noted(
        {
          ...task,
          extension: [
            ...(task.extension ?? []),
            {
              url: words.override,
              extension: [
                { url: 'at', valueDateTime: new Date(context.clock.now()).toISOString() },
                { url: 'reason', valueCode: action.code ?? 'other' },
                ...(action.lost === undefined ? [] : [{ url: 'minutes', valueInteger: action.lost }]),
              ],
            },
          ],
        },
        context,
        action.text,
      )
  }
}

/** What the next person must know, under three heads. */
function handOffNote(
  { situation, pending, watch }: Extract<TaskAction, { do: 'hand-off' }>,
  { locale }: CallContext,
): string {
  const heads = locale === 'fr' ? ['Situation', 'En suspens', 'À surveiller'] : ['Situation', 'Pending', 'To watch']
  return [situation, pending, watch]
    .flatMap((text, n) => (text === undefined ? [] : [`${heads[n]}${locale === 'fr' ? ' ' : ''}: ${text}`]))
    .join('\n')
}
const causeOf = ({ code, reason }: Cause & { reason: string }) => ({
  ...(code === undefined ? {} : concept(words.overrideReason, code)),
  text: reason,
})

/** Longer than this is not put off but forgotten. */
const longestSnooze = 30 * 86_400_000

function snoozed(
  task: Task,
  context: CallContext,
  { until, reason, waiting }: Extract<TaskAction, { do: 'snooze' }>,
): Task {
  const at = Date.parse(until)
  const now = context.clock.now()
  if (!(at > now && at - now <= longestSnooze))
    throw refuse('snooze-window', { faults: [{ path: 'until', message: 'lies after now, and within 30 days' }] })
  return noted(
    {
      ...task,
      status: 'on-hold',
      statusReason: { text: reason },
      extension: [
        ...(task.extension ?? []),
        { url: words.snoozed, valueDateTime: new Date(at).toISOString() },
        ...(waiting === undefined
          ? []
          : [
              {
                url: words.paused,
                valuePeriod: { start: new Date(now).toISOString(), end: new Date(at).toISOString() },
              },
            ]),
      ],
    },
    context,
    reason,
  )
}

/** Whatever is done with a task that was put off brings it back, and ends its waiting for the patient. */
function awake(task: Task, now: number): Task {
  const rest = task.extension?.filter(({ url }) => url !== words.snoozed)
  return rest?.length === task.extension?.length ? task : pauseEnded(withExtensions(task, rest ?? []), now)
}

function unowned(task: Task): Task {
  const { owner: _owner, ...rest } = task
  return { ...rest, status: 'requested' }
}

function completed(task: Task, context: CallContext, action: Extract<TaskAction, { do: 'complete' }>): Task {
  if (formOf(task) !== undefined && action.answers === undefined)
    throw refuse('answers-needed', { faults: [{ path: 'output', message: 'has no answers' }] })
  const known = outcomesOf(task).map((outcome) => outcome.code)
  if (known.length > 0 && action.outcome === undefined)
    throw refuse('outcome-needed', { faults: [{ path: 'outcome', message: `one of ${known.join(', ')}` }] })
  if (action.outcome !== undefined && !known.includes(action.outcome))
    throw refuse('unknown-outcome', {
      faults: [
        {
          path: 'outcome',
          message: known.length > 0 ? `one of ${known.join(', ')}` : 'this task has no outcomes to choose from',
        },
      ],
    })
  const output = [
    ...(action.outcome === undefined
      ? []
      : [{ type: { coding: [{ system: words.outcome, code: 'outcome' }] }, valueCode: action.outcome }]),
    ...(action.answers === undefined
      ? []
      : [{ type: { text: 'answers' }, valueReference: { reference: action.answers } }]),
  ]
  const done: Task = {
    ...ended(task, 'completed', context),
    ...(output.length > 0 ? { output: [...(task.output ?? []), ...output] } : {}),
  }
  return action.note ? noted(done, context, action.note) : done
}

const ended = (task: Task, status: 'completed' | 'failed', context: CallContext): Task => ({
  ...task,
  status,
  executionPeriod: { ...task.executionPeriod, end: new Date(context.clock.now()).toISOString() },
})

function reassigned(
  task: Task,
  context: CallContext,
  action: Extract<TaskAction, { do: 'reassign' }>,
  options: ActOptions,
): Task {
  if (action.role !== undefined && !options.roles.includes(action.role))
    throw refuse('unknown-role', { faults: [{ path: 'role', message: `there is no role ${action.role}` }] })
  const base =
    action.role === undefined ? task : { ...unowned(task), performerType: [concept(words.role, action.role)] }
  const next: Task = action.owner
    ? { ...base, status: 'accepted', owner: { reference: action.owner.reference, display: action.owner.name } }
    : base
  return noted({ ...next, statusReason: causeOf(action) }, context, action.reason)
}

function noted(task: Task, context: CallContext, text: string): Task {
  const note: Annotation = {
    ...(context.actor.reference === undefined
      ? { authorString: context.actor.name }
      : { authorReference: { reference: context.actor.reference, display: context.actor.name } }),
    time: new Date(context.clock.now()).toISOString(),
    text,
  }
  return { ...task, note: [...(task.note ?? []), note] }
}
