import type { Communication } from '@medplum/fhirtypes'
import type { JobRequest } from '../jobs/index.ts'
import { words } from './message-words.ts'
import { sendJob } from './send-job.ts'

/** A message to a colleague, from a template and about no patient: the Communication, and the job that sends it. */
export function noticeTo(asked: { id: string; template: string; practitioner: string; now: number }): {
  message: Communication & { id: string }
  job: JobRequest
} {
  return {
    message: {
      resourceType: 'Communication',
      id: asked.id,
      status: 'preparation',
      priority: 'urgent',
      topic: { coding: [{ system: words.template, code: asked.template }] },
      recipient: [{ reference: asked.practitioner }],
      extension: [
        { url: 'urn:throughline:to', valueString: 'colleague' },
        { url: 'urn:throughline:asked-at', valueDateTime: new Date(asked.now).toISOString() },
      ],
    },
    job: {
      kind: sendJob,
      key: asked.id,
      payload: { reference: `Communication/${asked.id}`, channels: 'email sms' },
    },
  }
}
