import type { Communication } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import type { FhirRecord, ResourceWrite } from '../fhir/index.ts'
import type { JobRequest } from '../jobs/index.ts'
import type { AskedEffect, Performer } from '../journeys/index.ts'
import type { Calendar, ContactBudget } from '../pathways/index.ts'
import { dropContacts, planContacts } from './contacts.ts'
import type { ContactPlan } from './contact-budget.ts'
import { words } from './message-words.ts'
import { sendJobFor } from './send-job.ts'

type AskedMessage = AskedEffect<Extract<AskedEffect['effect'], { kind: 'message' }>>

/** Performs a journey's messages: a Communication in preparation, and a durable job that will send it. */
export function createMessagePerformer(record: FhirRecord, budget: ContactBudget, calendar: Calendar): Performer {
  return {
    kinds: ['message', 'cancel'],
    async perform(tx: Tx, context, asked) {
      const writes: ResourceWrite[] = []
      const jobs: JobRequest[] = []
      const made = new Map<string, Communication>()
      const now = context.clock.now()
      const messages = asked.flatMap((one) => (one.effect.kind === 'message' ? [{ ...one, effect: one.effect }] : []))
      const plans = await planContacts(tx, { record, budget, calendar, now }, messages)
      for (const one of messages) {
        const { effect } = one
        const plan = plans.get(effect.key)
        made.set(effect.key, newMessage(one, now, plan))
        // One that leaves with another has no job of its own.
        if (plan?.mergeInto !== undefined) continue
        jobs.push(sendJobFor(effect.key, effect.channels.join(' '), plan?.at ?? now))
      }
      const cancelled = asked.flatMap(({ effect }) =>
        effect.kind === 'cancel' && effect.what === 'Communication' ? [effect] : [],
      )
      for (const effect of cancelled) {
        const fresh = made.get(effect.resource)
        const known = fresh ?? (await record.read(tx, `Communication/${effect.resource}`))
        if (known?.resourceType !== 'Communication' || known.status !== 'preparation') continue
        // The job is left in the queue: it looks at the status first and does nothing for a message that is stopped.
        const stopped: Communication & { id: string } = {
          ...known,
          id: effect.resource,
          status: 'stopped',
          statusReason: { text: effect.reason },
        }
        if (fresh) made.set(effect.resource, stopped)
        else writes.push({ interaction: 'update', resource: stopped })
      }
      jobs.push(
        ...(await dropContacts(
          tx,
          cancelled.map((effect) => effect.resource),
        )),
      )
      writes.push(...[...made.values()].map((resource): ResourceWrite => ({ interaction: 'create', resource })))
      return { writes, jobs }
    },
  }
}

function newMessage({ effect, state }: AskedMessage, now: number, plan: ContactPlan | undefined): Communication {
  return {
    resourceType: 'Communication',
    id: effect.key,
    identifier: [{ system: words.journey, value: state.journey }],
    status: 'preparation',
    priority:
      state.priority === 'stat' || state.priority === 'asap' || state.priority === 'urgent'
        ? state.priority
        : 'routine',
    subject: { reference: state.subject },
    topic: { coding: [{ system: words.template, code: effect.template }] },
    about: [{ reference: state.trigger }],
    ...(effect.to === 'patient' ? { recipient: [{ reference: state.subject }] } : {}),
    extension: [
      { url: 'urn:throughline:to', valueString: effect.to },
      { url: 'urn:throughline:asked-at', valueDateTime: new Date(now).toISOString() },
      // What holds it back, for whoever asks why nothing was sent.
      ...(plan?.held === undefined ? [] : [{ url: 'urn:throughline:held', valueCode: plan.held }]),
      ...(plan?.held === undefined || plan.at === undefined
        ? []
        : [{ url: 'urn:throughline:not-before', valueDateTime: new Date(plan.at).toISOString() }]),
      ...(effect.questionnaire === undefined
        ? []
        : [{ url: 'urn:throughline:questionnaire', valueCanonical: effect.questionnaire }]),
    ],
  }
}
