import { z } from 'zod'

/** Shapes of the API: subscriptions, exports and imports. Times are ISO 8601 in UTC; references are FHIR's `Type/id`. */
const time = z.iso.datetime()

/** `GET /api/subscriptions`: who is told of what, and how it goes. `POST /api/subscriptions/:id/resend` sends now. */
export const subscriptions = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      status: z.enum(['requested', 'active', 'error', 'off']),
      topic: z.object({ url: z.string(), title: z.string() }),
      filters: z.array(z.string()),
      channel: z.enum(['rest-hook', 'websocket', 'email']),
      endpoint: z.string(),
      content: z.enum(['empty', 'id-only', 'full-resource']),
      /** The account or client with whose eyes it is read. */
      maker: z.string(),
      events: z.number(),
      waiting: z.number(),
      sentAt: time.nullable(),
      failures: z.number(),
      lastError: z.string().nullable(),
      lastErrorAt: time.nullable(),
      nextTryAt: time.nullable(),
    }),
  ),
})

/** `GET /api/topics`: what can be subscribed to. `own`: the id of the Basic resource that holds it, when it is no shipped one. */
export const topics = z.object({
  items: z.array(
    z.object({
      url: z.string(),
      title: z.string(),
      description: z.string(),
      resources: z.array(z.string()),
      filters: z.array(z.string()),
      own: z.string().nullable(),
    }),
  ),
})

/** `GET /api/transfers`: exports and imports, newest first. `DELETE /api/transfers/:id` stops one and takes its files away. */
export const transfers = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['export', 'import', 'upload']),
      status: z.enum(['running', 'done', 'failed']),
      owner: z.string(),
      /** What was asked for, in a line. */
      asked: z.string(),
      /** Resources done, and about how many there are in all when that is known. */
      done: z.number(),
      total: z.number().nullable(),
      files: z.number(),
      bytes: z.number(),
      error: z.string().nullable(),
      createdAt: time,
      endedAt: time.nullable(),
      expiresAt: time.nullable(),
    }),
  ),
})
export type SubscriptionList = z.infer<typeof subscriptions>
export type TopicList = z.infer<typeof topics>
export type TransferList = z.infer<typeof transfers>
