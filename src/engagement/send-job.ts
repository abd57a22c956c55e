import type { JobRequest } from '../jobs/index.ts'

export const sendJob = 'send-message'

/** The durable job that sends a Communication, by the first of `channels` that reaches its recipient, at `runAt`. */
export const sendJobFor = (message: string, channels: string, runAt: number): JobRequest => ({
  kind: sendJob,
  key: message,
  payload: { reference: `Communication/${message}`, channels },
  runAt,
})
