import type { Task } from '@medplum/fhirtypes'
import { concept, descriptionExtension, outcomeExtension, type Title, titleExtension, words } from './task-words.ts'

/** Marks the Task by which a journey's `decide` step is answered. Its value names the automation. */
export const decisionSystem = 'urn:throughline:automation'
/** What an automation proposes; `assisted` puts it in as the answer to be confirmed. */
export const proposalExtension = 'urn:throughline:proposal'

export interface DecisionTask {
  /** The effect's key. */
  id: string
  automation: string
  journey: string
  /** `pathway/step` */
  step: string
  title: Title
  description: Title
  role: string
  patient: string
  trigger: string
  priority: string
  outcomes: readonly { code: string; title: Title }[]
  /** Milliseconds. */
  now: number
  due: number
  proposal?: { code: string; assisted: boolean } | undefined
  /** Answered by the automation itself. */
  answer?: string | undefined
}

/** The Task of a `decide` step: open for a person, with or without a proposal, or answered already. */
export function decisionTask(asked: DecisionTask): Task & { id: string } {
  const at = new Date(asked.now).toISOString()
  const priority = asked.priority
  return {
    resourceType: 'Task',
    id: asked.id,
    identifier: [{ system: decisionSystem, value: asked.automation }],
    extension: [
      titleExtension(asked.title),
      descriptionExtension(asked.description),
      ...asked.outcomes.map(outcomeExtension),
      ...(asked.proposal
        ? [
            {
              url: proposalExtension,
              extension: [
                { url: 'code', valueCode: asked.proposal.code },
                { url: 'assisted', valueBoolean: asked.proposal.assisted },
              ],
            },
          ]
        : []),
    ],
    groupIdentifier: { system: words.journey, value: asked.journey },
    status: asked.answer === undefined ? 'requested' : 'completed',
    intent: 'order',
    priority: priority === 'stat' || priority === 'asap' || priority === 'urgent' ? priority : 'routine',
    code: { coding: [{ system: words.step, code: asked.step }], text: asked.title.en },
    description: asked.description.en,
    focus: { reference: asked.trigger },
    for: { reference: asked.patient },
    authoredOn: at,
    lastModified: at,
    performerType: [concept(words.role, asked.role)],
    ...(asked.answer === undefined
      ? { restriction: { period: { end: new Date(asked.due).toISOString() } } }
      : {
          executionPeriod: { start: at, end: at },
          output: [{ type: { coding: [{ system: words.outcome, code: 'outcome' }] }, valueCode: asked.answer }],
        }),
  }
}
