import { z } from 'zod'
import { localized } from './shared.ts'

/** Shapes of what people say of an automation's answers. Times are ISO 8601 in UTC. */
const time = z.iso.datetime()
const id = z.string().max(80)
const value = z.union([z.boolean(), z.number(), z.string(), z.null()])
const answer = z.object({ code: z.string(), title: localized })

/**
 * `GET /api/automations/:id/comparison?version=`: what a version said while it only looked on, against what counted. `queue`:
 * cases in which they differ and that nobody has judged; which answer is whose is not told.
 */
export const comparison = z.object({
  version: z.number(),
  cases: z.number(),
  agreed: z.number(),
  discordant: z.number(),
  /** Whom the judges preferred. */
  judged: z.object({ version: z.number(), other: z.number(), both: z.number(), neither: z.number() }),
  /** Evidence that the version is the more often wrong, and that it is not by `margin` times; `needed` proves. */
  worse: z.number(),
  noWorse: z.number(),
  margin: z.number(),
  needed: z.number(),
  queue: z.array(
    z.object({
      decision: id,
      patient: z.string(),
      name: z.string(),
      journey: id,
      step: z.string(),
      askedAt: time,
      inputs: z.array(z.object({ name: z.string(), value })),
      first: answer,
      second: answer,
    }),
  ),
})
/** `POST /api/decisions/:id/adjudicate` */
export const adjudication = z.object({
  version: z.int().min(1),
  prefers: z.enum(['first', 'second', 'both', 'neither']),
  why: z.string().trim().min(3).max(1_000).optional(),
})

const coding = z.object({
  system: z.string().max(400).optional(),
  code: z.string().max(200),
  display: z.string().max(400).optional(),
})
/** `POST /cds-services/:id/feedback`, as CDS Hooks 2.0 has it; `card` is the decision's id. */
export const cdsFeedback = z.object({
  feedback: z
    .array(
      z.object({
        card: id,
        outcome: z.enum(['accepted', 'overridden']),
        acceptedSuggestions: z
          .array(z.object({ id: z.string().max(200) }))
          .max(20)
          .default([]),
        overrideReason: z
          .object({ reason: coding.optional(), userComment: z.string().trim().max(2_000).optional() })
          .optional(),
        outcomeTimestamp: z.iso.datetime({ offset: true }),
      }),
    )
    .min(1)
    .max(100),
})

export type VersionComparison = z.infer<typeof comparison>
