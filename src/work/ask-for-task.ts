import type { Task } from '@medplum/fhirtypes'
import { concept, descriptionExtension, outcomeExtension, type Title, titleExtension, words } from './task-words.ts'

/** A Task that no journey asks for and that is in no patient's record: open, in a role's queue. Times in milliseconds. */
export function taskFor(asked: {
  id: string
  title: Title
  description: Title
  role: string
  identifier: { system: string; value: string }
  outcomes: readonly { code: string; title: Title }[]
  now: number
  due: number
}): Task & { id: string } {
  const at = new Date(asked.now).toISOString()
  return {
    resourceType: 'Task',
    id: asked.id,
    identifier: [asked.identifier],
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
    authoredOn: at,
    lastModified: at,
    performerType: [concept(words.role, asked.role)],
    restriction: { period: { end: new Date(asked.due).toISOString() } },
  }
}
