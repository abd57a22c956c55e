import { z } from 'zod'

/** Shapes of the API about how an automation does: for people to look at. Nothing of it stops anything. */
const time = z.iso.datetime()
const share = z.number().min(0).max(1)

const controlChart = z.object({
  name: z.enum(['corrected', 'handed', 'late', 'asked', 'wait', 'lag']),
  /** `p`: shares; `xmr`: single values, in `unit`. */
  kind: z.enum(['p', 'xmr']),
  unit: z.enum(['share', 'cases', 'minutes']),
  centre: z.number().nullable(),
  /** One a week, oldest first. */
  points: z.array(
    z.object({
      /** First day. */
      from: z.iso.date(),
      /** Of how many cases. */
      cases: z.number(),
      value: z.number().nullable(),
      low: z.number().nullable(),
      high: z.number().nullable(),
      signals: z.array(z.enum(['outside', 'two-of-three', 'eight-on-one-side'])),
    }),
  ),
})

const inputWatch = z.object({
  name: z.string(),
  /** The week before last and the last one, each against the eight weeks before both. */
  windows: z.array(
    z.object({ cases: z.number(), psi: z.number(), chance: z.number(), state: z.enum(['steady', 'alarm', 'too-few']) }),
  ),
  /** Share of questions without it; null where it is 1 to 10 people. */
  missing: z.object({ before: share.nullable(), now: share.nullable(), alarm: z.boolean() }),
  /** Codes of the last week that were never there before; `count` is null below 11. */
  fresh: z.array(z.object({ value: z.string(), count: z.number().nullable() })),
})

const group = z.object({
  name: z.string(),
  /** Null where a number would tell about single people, or let it be worked out. */
  cases: z.number().nullable(),
  rate: share.nullable(),
  /** This group's rate less that of all others, with its 90 % interval. */
  difference: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  state: z.enum(['equivalent', 'disparity', 'not-enough']),
})

const arm = z.object({
  cases: z.number(),
  /** Median minutes from question to answer. */
  wait: z.number().nullable(),
  /** Share found wrong afterwards; null where it is 1 to 10 cases. */
  reversed: share.nullable(),
})

/** `GET /api/automations/:id/watching` */
export const automationWatch = z.object({
  automation: z.string(),
  /** Fewest people that a number may be about. */
  smallestCell: z.number(),
  charts: z.array(controlChart),
  inputs: z.array(inputWatch),
  alarms: z.array(z.object({ kind: z.enum(['drift', 'missing', 'new-code', 'late-arrival']), about: z.string() })),
  fairness: z.array(
    z.object({
      dimension: z.enum(['serviceLine', 'payer', 'language', 'age', 'sex', 'rurality']),
      measure: z.enum(['corrected', 'handed']),
      /** Difference of rates that would matter. */
      margin: z.number(),
      groups: z.array(group),
    }),
  ),
  /** Over 26 weeks: what ended badly, by kind. */
  safety: z.object({
    incidents: z.number(),
    hardStops: z.number(),
    failed: z.number(),
    tooBold: z.number(),
  }),
  holdout: z.object({ share, held: arm, others: arm }),
  since: time,
})

/** `POST /api/automations/:id/holdout`: the share of patients for whom it only looks on after it went live. */
export const newHoldout = z.object({ share: z.number().min(0).max(0.5), reason: z.string().trim().min(3).max(1_000) })

export type AutomationWatch = z.infer<typeof automationWatch>
export type WatchChart = z.infer<typeof controlChart>
export type FairGroups = AutomationWatch['fairness'][number]
