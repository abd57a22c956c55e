import type { Task } from '@medplum/fhirtypes'
import type { CallContext } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'
import { type Title, titleExtension } from '../task-words.ts'
import type { MatterRow } from './list-matters.ts'
import type { MatterList } from './matters-of.ts'

const titles: Readonly<Record<MatterList, Title>> = {
  referrals: { en: 'Follow up an overdue referral', fr: 'Relancer une demande de consultation en retard' },
  results: { en: 'Acknowledge an abnormal result', fr: 'Prendre en compte un résultat anormal' },
  'no-next-step': { en: 'Plan the next step for a patient', fr: 'Prévoir la prochaine étape d’une personne' },
  unreachable: { en: 'Reach a patient', fr: 'Joindre une personne' },
  messages: { en: 'Answer a message', fr: 'Répondre à un message' },
}
const priorities = ['stat', 'asap', 'urgent', 'routine'] as const
const day = 86_400_000

/** A Task of the caller's own about something that waits: taken, or, with a note, dealt with already. */
export function taskForMatter(
  context: CallContext,
  asked: { id: string; list: MatterList; matter: MatterRow; note: string | undefined },
): Task & { id: string } {
  const { reference, name } = context.actor
  if (reference === undefined) throw refuse('no-practitioner')
  const { list, matter, note } = asked
  const now = context.clock.now()
  const at = new Date(now).toISOString()
  return {
    resourceType: 'Task',
    id: asked.id,
    extension: [titleExtension(titles[list])],
    status: note === undefined ? 'accepted' : 'completed',
    intent: 'order',
    priority: priorities[matter.rank] ?? 'routine',
    code: { text: titles[list].en },
    focus: { reference: `${matter.type}/${matter.id}` },
    for: { reference: matter.patient },
    authoredOn: at,
    lastModified: at,
    owner: { reference, display: name },
    // What was late already gets a day: due in the past says nothing to whoever takes it now.
    restriction: { period: { end: new Date(Math.max(now + day, matter.due.getTime())).toISOString() } },
    ...(note === undefined
      ? {}
      : {
          executionPeriod: { start: at, end: at },
          note: [{ authorReference: { reference, display: name }, time: at, text: note }],
        }),
  }
}
