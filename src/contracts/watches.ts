import { z } from 'zod'
import { localized } from './shared.ts'

/** Shapes of the API: what somebody keeps an eye on. Times are ISO 8601 in UTC. */
const time = z.iso.datetime()

export const watches = z.object({
  items: z.array(
    z.object({
      /** `Task/…`, `Patient/…` or `journey/…`. */
      reference: z.string(),
      title: localized,
      patient: z.object({ id: z.string(), name: z.string(), birthDate: z.string().nullable() }).nullable(),
      /** How it stands now, in a sentence. */
      now: z.string(),
      over: z.boolean(),
      since: time,
      seenAt: time,
      /** What changed since then, the newest first; at most ten, and whether there are more. */
      changes: z.array(z.object({ at: time, sentence: z.string() })),
      more: z.boolean(),
    }),
  ),
})
export const watched = z.object({ reference: z.string(), watching: z.boolean() })
/** The references alone. */
export const watchedReferences = z.object({ items: z.array(z.string()) })
export type Watches = z.infer<typeof watches>
export type WatchedReferences = z.infer<typeof watchedReferences>
export type Watched = z.infer<typeof watched>
