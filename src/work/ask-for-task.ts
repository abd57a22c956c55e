import type { Task } from '@medplum/fhirtypes'
import { concept, descriptionExtension, outcomeExtension, type Title, titleExtension, words } from './task-words.ts'

/** A Task that a person asks for and no journey does: open, in a role's queue. Times in milliseconds. */
export function taskFor(asked: {
  id: string
  title: Title
  description: Title
  role: string
  patient: string
  outcomes: readonly { code: string; title: Title }[]
  now: number
  due: number
}): Task & { id: string } {
  const at = new Date(asked.now).toISOString()
  return {
    resourceType: 'Task',
    id: asked.id,
    extension: [
      titleExtension(asked.title),
      descriptionExtension(asked.description),
      ...asked.outcomes.map(outcomeExtension),
    ],
    status: 'requested',
    intent: 'order',
    priority: 'urgent',
    code: { text: asked.title.en },
    description: asked.description.en,
    for: { reference: asked.patient },
    authoredOn: at,
    lastModified: at,
    performerType: [concept(words.role, asked.role)],
    restriction: { period: { end: new Date(asked.due).toISOString() } },
  }
}
