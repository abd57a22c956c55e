import type { Communication } from '@medplum/fhirtypes'
import type { JobRequest } from '../jobs/index.ts'
import { channelOf, words } from './message-words.ts'
import { sendJobFor } from './send-job.ts'

/** The `template` of a message whose text a person wrote. */
export const writtenTemplate = 'written'

/**
 * An answer in somebody's own words to a patient's message: the Communication, and the job that sends it, first by the way
 * the message came. `now` in milliseconds.
 */
export function replyTo(asked: {
  id: string
  to: Communication
  patient: string
  by: { reference: string; name: string }
  text: string
  now: number
}): { message: Communication & { id: string }; job: JobRequest } {
  const came = channelOf(asked.to)
  return {
    message: {
      resourceType: 'Communication',
      id: asked.id,
      status: 'preparation',
      inResponseTo: [{ reference: `Communication/${asked.to.id}` }],
      topic: { coding: [{ system: words.template, code: writtenTemplate }] },
      subject: { reference: asked.patient },
      recipient: [{ reference: asked.patient }],
      sender: { reference: asked.by.reference, display: asked.by.name },
      payload: [{ contentString: asked.text }],
      extension: [
        { url: 'urn:throughline:to', valueString: 'patient' },
        { url: 'urn:throughline:asked-at', valueDateTime: new Date(asked.now).toISOString() },
      ],
    },
    job: sendJobFor(asked.id, came === 'email' ? 'email sms' : 'sms email', asked.now),
  }
}
