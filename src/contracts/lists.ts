import { z } from 'zod'
import { localized } from './shared.ts'

/** Shapes of the API: what waits for somebody although no task may say so. Times are ISO 8601 in UTC. */
const time = z.iso.datetime()

export const matterListName = z.enum(['referrals', 'results', 'no-next-step', 'unreachable', 'messages'])

export const matterItem = z.object({
  /** The resource that waits: FHIR's `Type/id`. */
  reference: z.string(),
  patient: z.object({ id: z.string(), name: z.string(), birthDate: z.string().nullable() }).nullable(),
  title: z.string(),
  /** Why it stands on the list. */
  why: z.string(),
  priority: z.enum(['routine', 'urgent', 'asap', 'stat']),
  since: time,
  due: time,
  overdue: z.boolean(),
  /** Open tasks of the same patient, at most three: somebody may be at it already. */
  tasks: z.array(z.object({ id: z.string(), title: localized, owner: z.string().nullable(), aboutThis: z.boolean() })),
})

/** A page may be short though `next` says that more follow. */
export const matterList = z.object({ items: z.array(matterItem), next: z.string().nullable() })

/** `more`: there are more than were counted. */
export const listCounts = z.object({
  items: z.array(z.object({ list: z.string(), count: z.number(), more: z.boolean() })),
})

/** The Task that was made of it. */
export const matterTaken = z.object({ task: z.string() })
/** Messages with a patient, both ways, newest first. `answers`: id of the message that it is a reply to. */
export const thread = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      fromPatient: z.boolean(),
      by: z.string().nullable(),
      at: time,
      text: z.string(),
      status: z.string(),
      answers: z.string().nullable(),
    }),
  ),
})
export type Thread = z.infer<typeof thread>
export type MatterListName = z.infer<typeof matterListName>
export type MatterItem = z.infer<typeof matterItem>
export type MatterPage = z.infer<typeof matterList>
export type ListCounts = z.infer<typeof listCounts>
