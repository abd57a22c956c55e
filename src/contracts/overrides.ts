import { z } from 'zod'
import { localized } from './shared.ts'
import { workItem } from './work.ts'

/** Shapes of the API: what people did otherwise than the pathway or the routing had it, and why. */
const time = z.iso.datetime()

/** Why; the person's own words stand beside the code. */
export const overrideReasons = [
  'no-capacity',
  'not-competent',
  'wrong-person',
  'information-missing',
  'patient-wishes',
  'clinical-judgement',
  'system-slow',
  'system-cannot',
  'done-already',
  'urgent',
  'other',
] as const
export type OverrideReason = (typeof overrideReasons)[number]

/** `decline`, `reassign`, `give-up`: a task; `skip`, `add`, `cancel`: a journey; `off-system`: work that was done elsewhere. */
const kind = z.enum(['decline', 'reassign', 'give-up', 'off-system', 'skip', 'add', 'cancel'])
export type OverrideKind = z.infer<typeof kind>

export const overrideSummary = z.object({
  from: time,
  total: z.number(),
  /** Minutes lost, as people said. */
  minutes: z.number(),
  reasons: z.array(z.object({ reason: z.string(), count: z.number() })),
  /** By step and version, the most overridden first; at most 200. */
  items: z.array(
    z.object({
      kind,
      pathway: z.string().nullable(),
      version: z.number().nullable(),
      step: z.string().nullable(),
      pathwayTitle: localized.nullable(),
      stepTitle: localized.nullable(),
      count: z.number(),
      minutes: z.number(),
      people: z.number(),
      /** The commonest reason. */
      reason: z.string(),
      last: time,
    }),
  ),
})

/** The single overrides behind a number, the newest first; those alone whose patient the caller may see. */
export const overrideList = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      at: time,
      kind,
      reason: z.string(),
      minutes: z.number().nullable(),
      by: z.string(),
      task: workItem.nullable(),
      journey: z.string().nullable(),
    }),
  ),
})
export const offSystem = z.object({ task: z.string() })
export type OverrideSummary = z.infer<typeof overrideSummary>
export type OverrideList = z.infer<typeof overrideList>
