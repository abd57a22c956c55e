import { z } from 'zod'
import { localized } from './shared.ts'

/** Shapes of the API: replays of past journeys on a draft or a version. Times are ISO 8601 in UTC; hours are hours. */
const time = z.iso.datetime()

export const replayAsked = z.object({ id: z.string() })

const fault = z.object({
  code: z.enum(['look-ahead', 'failed']),
  event: z.string().nullable(),
  journey: z.string().nullable(),
  message: z.string(),
})

const replay = z.object({
  id: z.string(),
  pathway: z.string(),
  title: localized,
  /** The published version or the draft that was tried; neither for a text that is kept nowhere else. */
  version: z.number().nullable(),
  draft: z.string().nullable(),
  from: time,
  until: time,
  assume: z.enum(['open', 'alike']),
  /** The one clinic that it looks at, an Organization or a Location. */
  clinic: z.string().nullable(),
  status: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']),
  askedBy: z.string(),
  askedAt: time,
  endedAt: time.nullable(),
  patients: z.number().nullable(),
  patientsDone: z.number(),
  /** Equal for equal input. */
  hash: z.string().nullable(),
  fault: fault.nullable(),
})

export const replayList = z.object({ items: z.array(replay) })

const stays = z.object({
  n: z.number(),
  open: z.number(),
  meanHours: z.number().nullable(),
  medianHours: z.number().nullable(),
})

/** What a replay came to; `result` is null until it is done. */
export const replayDetail = z.object({
  replay,
  result: z
    .object({
      events: z.number(),
      journeys: z.number(),
      same: z.number(),
      differing: z.number(),
      onlyBefore: z.number(),
      onlyAfter: z.number(),
      unfaithful: z.number(),
      assumed: z.number(),
      /** Kinds of difference, the most frequent first: `what` and `change`, how many, over all journeys. */
      counts: z.array(z.object({ what: z.string(), change: z.string(), n: z.number() })),
      /** Tasks asked of each role on each local day. */
      work: z.array(
        z.object({
          role: z.string(),
          title: localized,
          before: z.number(),
          after: z.number(),
          days: z.array(z.object({ day: z.string(), before: z.number(), after: z.number() })),
        }),
      ),
      stages: z.array(z.object({ stage: z.string(), title: localized, before: stays, after: stays })),
    })
    .nullable(),
})

const patient = z.object({ id: z.string(), name: z.string(), birthDate: z.string().nullable() })

export const replayJourneys = z.object({
  items: z.array(
    z.object({
      journey: z.string(),
      patient,
      differs: z.number(),
      assumed: z.number(),
      faithful: z.boolean().nullable(),
      side: z.enum(['both', 'before', 'after']),
      kinds: z.array(z.string()),
    }),
  ),
  next: z.string().nullable(),
})

const line = z.object({ at: time, sentence: z.string(), rule: z.string(), event: z.string(), assumed: z.boolean() })

/** One journey: rows of the recorded log beside those of the draft, in order of time. */
export const replayJourney = z.object({
  journey: z.string(),
  patient,
  /** The version it really ran on. */
  version: z.number().nullable(),
  faithful: z.boolean().nullable(),
  differences: z.number(),
  rows: z.array(
    z.object({
      /** How this row differs; empty where both are the same. */
      changes: z.array(z.string()),
      /** Whether it is the first that differs: what follows comes of it. */
      first: z.boolean(),
      before: line.nullable(),
      after: line.nullable(),
      /** Why it differs, in a sentence. */
      why: z.string().nullable(),
    }),
  ),
})

export type ReplayList = z.infer<typeof replayList>
export type ReplayDetail = z.infer<typeof replayDetail>
export type ReplayJourneys = z.infer<typeof replayJourneys>
export type ReplayJourney = z.infer<typeof replayJourney>
