import { z } from 'zod'
import { localized, why } from './shared.ts'

/** Shapes of the API: tasks and lists of them. Times are ISO 8601 in UTC; references are FHIR's `Type/id`. */
const time = z.iso.datetime()

/** How a task stands with its service level, told when it was read. */
export const taskLevel = z.object({
  policy: z.string(),
  title: localized,
  status: z.enum(['on-time', 'at-risk', 'breached', 'paused']),
  /** When the goal is or was up; null when the policy's calendar does not open for years. */
  goal: time.nullable(),
  atRisk: time.nullable(),
  /** When the clock runs again. */
  pausedUntil: time.nullable(),
  /** Escalated, and nobody has said yet that they know. */
  unacknowledged: z.boolean(),
})

export const workItem = z.object({
  id: z.string(),
  version: z.number(),
  title: localized,
  status: z.string(),
  stage: z.object({ id: z.string(), title: localized }).nullable(),
  statusReason: z.string().nullable(),
  priority: z.enum(['routine', 'urgent', 'asap', 'stat']),
  role: z.string().nullable(),
  owner: z.object({ reference: z.string(), name: z.string() }).nullable(),
  due: time.nullable(),
  overdue: z.boolean(),
  /** Kept until then for its owner, who took it and has not begun. */
  claimedUntil: time.nullable(),
  /** Put off until then. */
  snoozedUntil: time.nullable(),
  escalatedTo: z.array(z.string()),
  patient: z.object({ id: z.string(), name: z.string(), birthDate: z.string().nullable() }).nullable(),
  journey: z.string().nullable(),
  createdAt: time,
  outcomes: z.array(z.object({ code: z.string(), title: localized })),
  outcome: z.string().nullable(),
  /** null: no service level holds for it. */
  level: taskLevel.nullable(),
})

export const workList = z.object({
  items: z.array(workItem),
  next: z.string().nullable(),
})

/** How many stand in the lists; queues are counted up to 1,000. */
export const workCounts = z.object({ mine: z.number(), queue: z.number(), overdue: z.number() })

export const workDetail = workItem.extend({
  description: z.string().nullable(),
  /** Tasks that must be over first. */
  waitsFor: z.array(z.object({ id: z.string(), title: localized, open: z.boolean() })),
  /** The task that was kept when this one was merged into it. */
  mergedInto: z.string().nullable(),
  partOf: z.string().nullable(),
  /** Canonical of the form to fill in; null when there is none. */
  form: z.string().nullable(),
  comments: z.array(z.object({ at: time.nullable(), by: z.string(), text: z.string() })),
  why: why.nullable(),
  /** Why the program gave it to its owner, in the caller's language; null when they took it, or somebody gave it to them. */
  given: z.string().nullable(),
  /** Its service level's escalations: those that came, and the one to come; both empty without a policy. */
  ladder: z.object({
    climbed: z.array(
      z.object({
        at: time,
        to: z.string(),
        /** Who of the role was on call and was told. */
        people: z.array(z.string()),
        acknowledged: time.nullable(),
        by: z.string().nullable(),
      }),
    ),
    next: z.object({ at: time, to: z.string(), onCall: z.boolean() }).nullable(),
  }),
  about: z.array(z.object({ reference: z.string(), title: z.string(), text: z.string(), date: z.string().nullable() })),
})
/** What became of each task: `version` as it stands now, or why it was refused. */
export const bulkDone = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      done: z.boolean(),
      version: z.number().nullable(),
      title: localized.nullable(),
      error: z.object({ code: z.string(), message: z.string() }).nullable(),
    }),
  ),
})
export type BulkDone = z.infer<typeof bulkDone>
export type WorkItem = z.infer<typeof workItem>
export type WorkDetail = z.infer<typeof workDetail>
export type WorkCounts = z.infer<typeof workCounts>
export type WorkList = z.infer<typeof workList>
