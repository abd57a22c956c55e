import { z } from 'zod'
import { why } from './shared.ts'

/** Shapes of the API: messages and what could not be delivered. Times are ISO 8601 in UTC; references are FHIR's `Type/id`. */
const time = z.iso.datetime()

export const messageItem = z.object({
  id: z.string(),
  status: z.string(),
  channel: z.string().nullable(),
  to: z.string(),
  patient: z.object({ id: z.string(), name: z.string() }).nullable(),
  template: z.string(),
  subject: z.string().nullable(),
  at: time,
  sentAt: time.nullable(),
  journey: z.string().nullable(),
})

export const messageList = z.object({
  items: z.array(messageItem),
  counts: z.record(z.string(), z.number()),
  next: z.string().nullable(),
})

export const messageDetail = messageItem.extend({
  text: z.string().nullable(),
  reason: z.string().nullable(),
  /** Why it has not been sent, or not yet, in the reader's language; null for one that was. */
  silence: z.string().nullable(),
  why: why.nullable(),
})

export const deadLetters = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      reference: z.string(),
      attempts: z.number(),
      lastError: z.string(),
      firstAt: time,
      lastAt: time,
    }),
  ),
})
export type MessageItem = z.infer<typeof messageItem>
export type MessageDetail = z.infer<typeof messageDetail>
export type DeadLetterList = z.infer<typeof deadLetters>
export type MessageList = z.infer<typeof messageList>
