import { z } from 'zod'
import { messageItem } from './messages.ts'
import { graph } from './pathway-parts.ts'
import { localized, why } from './shared.ts'
import { workItem } from './work.ts'

/** Shapes of the API: the board, journeys and their log. Times are ISO 8601 in UTC; references are FHIR's `Type/id`. */
const time = z.iso.datetime()

export const board = z.object({
  pathway: z.object({ id: z.string(), title: localized, version: z.number() }),
  stages: z.array(
    z.object({
      id: z.string(),
      title: localized,
      count: z.number(),
      overdue: z.number(),
      oldestSince: time.nullable(),
      cards: z.array(
        z.object({
          id: z.string(),
          patient: z.object({ id: z.string(), name: z.string() }),
          since: time,
          due: time.nullable(),
          overdue: z.boolean(),
          priority: z.string(),
          waitingFor: z.string(),
        }),
      ),
    }),
  ),
  ended: z.object({
    lastThirtyDays: z.number(),
    byOutcome: z.array(z.object({ outcome: z.string(), title: localized.nullable(), count: z.number() })),
  }),
})

export const journeyDetail = z.object({
  journey: z.object({
    id: z.string(),
    pathway: z.string(),
    version: z.number(),
    title: localized,
    status: z.string(),
    outcome: z.string().nullable(),
    outcomeTitle: localized.nullable(),
    stage: localized.nullable(),
    startedAt: time,
    endedAt: time.nullable(),
    patient: z.object({ id: z.string(), name: z.string(), birthDate: z.string().nullable() }),
    trigger: z.string(),
  }),
  graph: graph.extend({
    nodes: z.array(
      graph.shape.nodes.element.extend({
        state: z.enum(['open', 'overdue', 'waiting', 'done', 'skipped', 'stopped', 'not-reached']),
        times: z.number(),
      }),
    ),
  }),
  timeline: z.array(
    z.object({
      at: time,
      kind: z.string(),
      sentence: z.string(),
      step: z.string().nullable(),
      rule: z.string(),
      event: z.string(),
    }),
  ),
  tasks: z.array(workItem),
  messages: z.array(messageItem),
  waitingFor: z.array(z.string()),
  /** What would have to happen next, the soonest due first: who must act, and what follows each way it may go. */
  next: z.array(z.object({ step: z.string(), must: z.string(), follows: z.array(z.string()) })),
  why,
  variables: z.array(
    z.object({ name: z.string(), value: z.union([z.string(), z.number(), z.boolean(), z.null()]), from: z.string() }),
  ),
})

/**
 * `GET /api/journeys?pathway=&stage=&status=active|ended&overdue=true&after=`: the rows behind the board's numbers, the
 * longest in their stage first.
 */
export const journeyList = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      pathway: z.string(),
      version: z.number(),
      patient: z.object({ id: z.string(), name: z.string() }),
      status: z.string(),
      outcome: z.string().nullable(),
      outcomeTitle: localized.nullable(),
      stage: z.object({ id: z.string(), title: localized }).nullable(),
      since: time,
      startedAt: time,
      endedAt: time.nullable(),
      due: time.nullable(),
      overdue: z.boolean(),
      priority: z.string(),
    }),
  ),
  next: z.string().nullable(),
})
export type Board = z.infer<typeof board>
export type JourneyDetail = z.infer<typeof journeyDetail>
export type JourneyList = z.infer<typeof journeyList>
