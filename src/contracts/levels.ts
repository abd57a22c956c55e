import { z } from 'zod'
import { localized } from './shared.ts'

/** Shapes of the API: service levels, that a lead edits. Times are ISO 8601 in UTC. */
const time = z.iso.datetime()
const id = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/)
const names = z.array(id).min(1).max(50).optional()
/** A week of the clock at most is far beyond any task. */
const minutes = z.number().int().min(1).max(60_000)

export const levelPolicy = z.strictObject({
  id,
  title: z.strictObject({ en: z.string().trim().min(1).max(120), fr: z.string().trim().min(1).max(120) }),
  /** What a task must be; what is left out does not matter. */
  for: z.strictObject({
    kinds: names,
    services: names,
    pathways: names,
    roles: names,
    priorities: z
      .array(z.enum(['routine', 'urgent', 'asap', 'stat']))
      .min(1)
      .optional(),
  }),
  /** Minutes on the calendar's clock. */
  goal: minutes,
  /** Percent of the goal. */
  atRisk: z.number().int().min(1).max(100),
  /** `clinic`, `always`, or one of the library's. */
  calendar: id,
  /** Minutes for which the clock may stand still in all; 0: not at all. */
  longestPause: z.number().int().min(0).max(60_000),
  ladder: z
    .array(
      z.strictObject({
        /** Percent of the goal. */
        at: z.number().int().min(1).max(499),
        to: id,
        onCall: z.boolean(),
        /** Minutes within which somebody must say that they know; null: nobody must. */
        acknowledge: minutes.nullable(),
      }),
    )
    .max(6),
})

const titled = z.object({ id: z.string(), title: localized })

export const levels = z.object({
  /** What a next set is made from: send it back as `after`. 0 as long as the library's hold. */
  newest: z.number(),
  sets: z.array(
    z.object({
      /** 0: the library's. */
      version: z.number(),
      /** null: since ever. */
      from: time.nullable(),
      state: z.enum(['ahead', 'in-force', 'past', 'withdrawn']),
      note: z.string(),
      by: z.string().nullable(),
      policies: z.array(levelPolicy),
    }),
  ),
  choices: z.object({
    kinds: z.array(titled),
    services: z.array(titled),
    pathways: z.array(titled),
    roles: z.array(titled),
    calendars: z.array(z.string()),
  }),
})

const counts = z.object({ tasks: z.number(), atRisk: z.number(), breached: z.number(), escalated: z.number() })

/** The tasks made in the last 30 days, held against a set of service levels and against those in force. */
export const levelsPreview = z.object({
  from: time,
  /** Tasks looked at; `more`: the month has more, and the newest were looked at. */
  looked: z.number(),
  more: z.boolean(),
  /** By policy, in the order of the set; `before`: the same tasks' policy of this name in force, null when there is none. */
  items: z.array(z.object({ id: z.string(), now: counts, before: counts.nullable() })),
  /** Over all policies. */
  now: counts,
  before: counts,
})

export type LevelPolicyView = z.infer<typeof levelPolicy>
export type Levels = z.infer<typeof levels>
export type LevelsPreview = z.infer<typeof levelsPreview>
