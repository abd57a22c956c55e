import { z } from 'zod'
import { localized } from './shared.ts'

/** Shapes of the API: simulations of a pathway. Durations in hours, times of day on the clinic's clock, shares from 0 to 1. */
const clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/)
const hours = z.number().min(0).max(100_000)
const weights = z.record(z.string().max(60), z.number().min(0).max(1_000_000_000))

const distribution = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('exponential'), mean: hours }),
  z.strictObject({ kind: z.literal('lognormal'), mean: z.number().gt(0).max(100_000), cv: z.number().gt(0).max(20) }),
  z.strictObject({ kind: z.literal('fixed'), mean: hours }),
  z.strictObject({ kind: z.literal('sample'), values: z.array(hours).min(1).max(200) }),
])

export const simulationSettings = z.strictObject({
  /** Milliseconds. */
  from: z.number().int().min(0).max(4_102_444_800_000),
  days: z.int().min(1).max(730),
  warmUp: z.int().min(0).max(365),
  replications: z.int().min(1).max(200),
  seed: z.int().min(0).max(4_294_967_295),
  arrivals: z.strictObject({
    perDay: z.array(z.number().min(0).max(10_000)).length(7),
    from: clock,
    to: z.union([clock, z.literal('24:00')]),
  }),
  priorities: weights,
  surge: z
    .strictObject({
      extra: z.number().min(0).max(100_000),
      day: z.int().min(0).max(730),
      days: z.int().min(1).max(365),
    })
    .nullable(),
  roles: z.record(
    z.string().max(60),
    z
      .array(
        z.strictObject({
          days: z.array(z.int().min(0).max(6)).max(7),
          from: clock,
          to: clock,
          staff: z.number().min(0).max(10_000),
        }),
      )
      .max(20),
  ),
  steps: z.record(
    z.string().max(60),
    z.strictObject({ takes: distribution, outcomes: weights, skips: z.number().min(0).max(1) }),
  ),
  /** Ends, rests and tracks that events bring about, by the rule's path. */
  events: z.record(z.string().max(200), z.strictObject({ share: z.number().min(0).max(1), after: distribution })),
})

const fitted = z.object({
  distribution,
  n: z.number(),
  mean: z.number(),
  cv: z.number(),
  distance: z.number(),
})

/** What the record suggests for a simulation. */
export const simulationFit = z.object({
  pathway: z.string(),
  title: localized,
  /** Journeys that it rests on. */
  journeys: z.number(),
  settings: simulationSettings,
  steps: z.array(
    z.object({
      step: z.string(),
      kind: z.string(),
      title: localized,
      role: z.string().nullable(),
      asked: z.number(),
      skipped: z.number(),
      outcomes: z.record(z.string(), z.number()),
      elapsed: fitted.nullable(),
      takes: fitted.nullable(),
    }),
  ),
  roles: z.array(z.object({ role: z.string(), title: localized })),
  /** What may come from outside, in the order of the definition. */
  events: z.array(
    z.object({
      rule: z.string(),
      kind: z.enum(['stop', 'rest', 'rest-ends', 'track', 'track-stop']),
      title: localized,
    }),
  ),
})

const estimate = z.object({ mean: z.number(), low: z.number(), high: z.number() })

const summary = z.object({
  replications: z.number(),
  begun: estimate,
  ended: estimate,
  length: estimate,
  length90: estimate,
  outcomes: z.record(z.string(), z.number()),
  roles: z.record(
    z.string(),
    z.object({
      busy: estimate,
      wait: estimate,
      waitMedian: estimate,
      wait90: estimate,
      tasks: estimate,
      late: estimate,
      queue: z.array(z.object({ middle: z.number(), low: z.number(), high: z.number() })),
      breaks: z.object({ share: z.number(), day: z.number().nullable() }),
    }),
  ),
})

export const simulation = z.object({
  summaries: z.array(summary),
  /** Of two variants: what the second has more, with 95 % intervals. */
  comparison: z
    .object({
      length: estimate,
      ended: estimate,
      roles: z.record(z.string(), z.object({ wait: estimate, late: estimate, tasks: estimate })),
    })
    .nullable(),
})

export type SimulationSettings = z.infer<typeof simulationSettings>
export type SimulationFit = z.infer<typeof simulationFit>
export type Simulation = z.infer<typeof simulation>
