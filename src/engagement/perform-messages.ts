import type { Communication } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import type { FhirRecord, ResourceWrite } from '../fhir/index.ts'
import type { JobRequest } from '../jobs/index.ts'
import type { AskedEffect, Performer } from '../journeys/index.ts'
import { words } from './message-words.ts'

export const sendJob = 'send-message'

type AskedMessage = AskedEffect<Extract<AskedEffect['effect'], { kind: 'message' }>>

/** Performs a journey's messages: a Communication in preparation, and a durable job that will send it. */
export function createMessagePerformer(record: FhirRecord): Performer {
  return {
    kinds: ['message', 'cancel'],
    async perform(tx: Tx, context, asked) {
      const writes: ResourceWrite[] = []
      const jobs: JobRequest[] = []
      const made = new Map<string, Communication>()
      for (const one of asked) {
        const { effect } = one
        if (effect.kind === 'message') {
          made.set(effect.key, newMessage({ ...one, effect }, context.clock.now()))
          jobs.push({
            kind: sendJob,
            key: effect.key,
            payload: { reference: `Communication/${effect.key}`, channels: effect.channels.join(' ') },
          })
        }
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
      writes.push(...[...made.values()].map((resource): ResourceWrite => ({ interaction: 'create', resource })))
      return { writes, jobs }
    },
  }
}

function newMessage({ effect, state }: AskedMessage, now: number): Communication {
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
    ],
  }
}
