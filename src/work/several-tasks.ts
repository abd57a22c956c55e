import type { Task } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import type { FhirRecord, ResourceWrite } from '../fhir/index.ts'
import { type CallContext, newId } from '../kernel/index.ts'
import { refuse, taskNotFound } from './errors.ts'
import {
  concept,
  isOpen,
  journeyOf,
  outcomeExtension,
  outcomeOf,
  roleOf,
  titleExtension,
  titleOf,
  waitsFor,
  words,
} from './task-words.ts'

/** Acts that concern more than one task. */
export type SeveralAction =
  /** Into parts that others can do; the task itself waits for them. */
  | { do: 'split'; parts: readonly string[] }
  /** It is the same work as another one: that one is kept, this one points to it. */
  | { do: 'merge'; into: string }
  /** It cannot be done before another one is over. */
  | { do: 'wait-for'; task: string; reason: string }
  | { do: 'stop-waiting'; task: string }
  /** Somebody else signs before it is completed. `role`: whose queue the signature waits in. */
  | { do: 'ask-sign-off'; role?: string | undefined; note: string }

interface Planned {
  task: Task
  also: ResourceWrite[]
}

/** The task as it stands after the act, and what else is written with it. The caller has locked it and checked who acts. */
export async function severalTasks(
  tx: Tx,
  context: CallContext,
  record: FhirRecord,
  task: Task & { id: string },
  action: SeveralAction,
): Promise<Planned> {
  const other = async (id: string): Promise<Task & { id: string }> => {
    const found = id === task.id ? undefined : await record.read(tx, `Task/${id}`)
    if (found?.resourceType !== 'Task') throw taskNotFound()
    if (!isOpen(found)) throw refuse('task-closed', { faults: [{ path: 'task', message: `is ${found.status}` }] })
    return { ...found, id }
  }
  switch (action.do) {
    case 'split': {
      const parts = action.parts.map((title) => partOf(context, task, title))
      return {
        task: parts.reduce<Task>((whole, { id }) => waiting(whole, id), task),
        also: parts.map((resource) => ({ interaction: 'create', resource })),
      }
    }
    case 'merge': {
      const kept = await other(action.into)
      if (kept.for?.reference !== task.for?.reference)
        throw refuse('other-patient', { faults: [{ path: 'into', message: 'is for another patient' }] })
      // A pathway waits for the task it asked for; the other way round nothing is lost.
      if (journeyOf(task) !== undefined)
        throw refuse('pathway-task', { faults: [{ path: 'id', message: 'a pathway waits for this task' }] })
      return {
        task: {
          ...task,
          status: 'cancelled',
          statusReason: { text: context.locale === 'fr' ? 'En double' : 'Duplicate' },
          extension: [
            ...(task.extension ?? []),
            { url: words.mergedInto, valueReference: { reference: `Task/${kept.id}` } },
          ],
        },
        also: [
          {
            interaction: 'update',
            resource: { ...kept, note: [...(kept.note ?? []), ...(task.note ?? []), mergedNote(context, task)] },
          },
        ],
      }
    }
    case 'wait-for': {
      const before = await other(action.task)
      if (await waitsAlready(tx, before.id, task.id))
        throw refuse('waits-in-circle', { faults: [{ path: 'task', message: 'waits for this one' }] })
      return { task: waiting({ ...task, statusReason: { text: action.reason } }, before.id), also: [] }
    }
    case 'stop-waiting':
      if (!waitsFor(task).includes(action.task))
        throw refuse('not-waiting', { faults: [{ path: 'task', message: 'is not what this task waits for' }] })
      return {
        task: {
          ...task,
          input: (task.input ?? []).filter(({ valueReference }) => valueReference?.reference !== `Task/${action.task}`),
        },
        also: [],
      }
    case 'ask-sign-off': {
      const signature = signatureFor(context, task, action)
      return { task: waiting(task, signature.id), also: [{ interaction: 'create', resource: signature }] }
    }
  }
}

const waiting = (task: Task, id: string): Task =>
  waitsFor(task).includes(id)
    ? task
    : {
        ...task,
        input: [
          ...(task.input ?? []),
          {
            type: { ...concept(words.input, 'waits-for'), text: 'waits for' },
            valueReference: { reference: `Task/${id}` },
          },
        ],
      }

/** What a task is about: taken over by those made of it. */
const subjectOf = ({ for: patient, focus, priority, restriction, performerType, requester }: Task) => ({
  ...(patient ? { for: patient } : {}),
  ...(focus ? { focus } : {}),
  ...(priority ? { priority } : {}),
  ...(restriction ? { restriction } : {}),
  ...(performerType ? { performerType } : {}),
  ...(requester ? { requester } : {}),
})

const begun = (context: CallContext) => {
  const at = new Date(context.clock.now()).toISOString()
  return {
    resourceType: 'Task' as const,
    id: newId(context.clock),
    intent: 'order' as const,
    authoredOn: at,
    lastModified: at,
  }
}

function partOf(context: CallContext, task: Task & { id: string }, title: string): Task & { id: string } {
  const kept = (task.extension ?? []).filter(({ url }) => url === words.jurisdiction || url === words.not)
  return {
    ...begun(context),
    ...subjectOf(task),
    status: 'requested',
    partOf: [{ reference: `Task/${task.id}` }],
    // The same kind, so that the same people may do it.
    code: {
      ...(task.code?.coding ? { coding: task.code.coding.filter(({ system }) => system === words.kind) } : {}),
      text: title,
    },
    extension: [titleExtension({ en: title, fr: title }), ...kept],
  }
}

/** A second signature: of the ontology's kind where the task has one, and never by who did the work. */
function signatureFor(
  context: CallContext,
  task: Task & { id: string },
  { role, note }: Extract<SeveralAction, { do: 'ask-sign-off' }>,
): Task & { id: string } {
  const of = titleOf(task)
  const title = { en: `Sign: ${of.en}`, fr: `Signer : ${of.fr}` }
  const asked = role ?? roleOf(task)
  return {
    ...begun(context),
    ...subjectOf(task),
    ...(asked === undefined ? {} : { performerType: [concept(words.role, asked)] }),
    status: 'requested',
    partOf: [{ reference: `Task/${task.id}` }],
    focus: { reference: `Task/${task.id}` },
    code: { coding: [{ system: words.kind, code: 'second-sign-off' }], text: title.en },
    description: note,
    extension: [
      titleExtension(title),
      ...(task.extension ?? []).filter(({ url }) => url === words.jurisdiction),
      ...(task.owner?.reference === undefined
        ? []
        : [{ url: words.not, valueReference: { reference: task.owner.reference } }]),
      outcomeExtension({ code: 'signed', title: { en: 'I sign', fr: 'Je signe' } }),
      outcomeExtension({ code: notSigned, title: { en: 'I do not sign', fr: 'Je ne signe pas' } }),
    ],
  }
}

const notSigned = 'not-signed'

function mergedNote(context: CallContext, task: Task & { id: string }) {
  const title = titleOf(task)[context.locale]
  return {
    authorString: context.actor.name,
    time: new Date(context.clock.now()).toISOString(),
    text:
      context.locale === 'fr'
        ? `Réunie avec « ${title} » (Task/${task.id}).`
        : `Merged with “${title}” (Task/${task.id}).`,
  }
}

/** Whether `from` waits for `to`, over however many others. */
async function waitsAlready(tx: Tx, from: string, to: string): Promise<boolean> {
  const rows = await tx.query({
    name: 'waits-already',
    text: `with recursive waits (id) as (
             select waits_for from work_wait where tenant_id = $1 and id = $2
             union select w.waits_for from work_wait w join waits on w.tenant_id = $1 and w.id = waits.id)
           select from waits where id = $3`,
    values: [tx.tenant, from, to],
  })
  return rows.length > 0
}

/** Refuses to begin or end a task that waits for another, or whose signature was refused and not given since. */
export async function refuseWaiting(tx: Tx, context: CallContext, record: FhirRecord, task: Task): Promise<void> {
  const ids = waitsFor(task)
  if (ids.length === 0) return
  const found = await record.readMany(
    tx,
    ids.map((id) => `Task/${id}`),
  )
  const others = ids.flatMap((id) => {
    const one = found.get(`Task/${id}`)
    return one?.resourceType === 'Task' ? [one] : []
  })
  const open = others.find(isOpen)
  if (open)
    throw refuse('task-waits', {
      detail: `${context.locale === 'fr' ? 'Elle attend' : 'It waits for'}: ${titleOf(open)[context.locale]}.`,
      faults: [{ path: 'input', message: `Task/${open.id} is ${open.status}` }],
    })
  // The last answer counts: a signature refused may be asked for again.
  const signature = others.filter((one) => one.focus?.reference === `Task/${task.id}`).at(-1)
  if (signature && outcomeOf(signature) === notSigned)
    throw refuse('not-signed', { faults: [{ path: 'input', message: `Task/${signature.id} was not signed` }] })
}
