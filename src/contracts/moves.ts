import { z } from 'zod'
import { graph } from './pathway-parts.ts'
import { localized } from './shared.ts'

/** Shapes of the API: moving running journeys to another version of their pathway. Times are ISO 8601 in UTC. */
const time = z.iso.datetime()
const name = z.string().min(1).max(60)

/** What becomes of an open occurrence of a step. */
const stepMove = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('pair'),
    to: name,
    /** `keep`: due times and timers stay as they are; `follow`: they move by as much as the two versions differ. */
    times: z.enum(['keep', 'follow']).default('keep'),
    /** Whose queue an open task stands in: that of the new version, or the one it stands in. */
    role: z.enum(['follow', 'keep']).default('follow'),
    /** Outcomes that have another code in the new version. */
    outcomes: z.record(name, name).optional(),
  }),
  /** No counterpart: nobody is to do it any more. */
  z.strictObject({ do: z.literal('withdraw') }),
  /** No counterpart: the journey is moved once it has been done under the old version. */
  z.strictObject({ do: z.literal('keep') }),
  /** No counterpart: a person says of each journey what becomes of it. */
  z.strictObject({ do: z.literal('ask') }),
])

/** How one version's journeys stand in another version: proposed by the system, edited by a person. */
export const moveMapping = z.strictObject({
  /** Every step of the old version. */
  steps: z.record(name, stepMove),
  /**
   * Steps that only the new version has, where their turn has come already. `if-not-passed`: opened unless something that
   * follows them has begun; `pass`: passed over, as if skipped.
   */
  added: z.record(name, z.enum(['if-not-passed', 'open', 'pass'])),
  stages: z.record(name, name.nullable()),
  variables: z.record(name, name.nullable()),
  tracks: z.record(name, name.nullable()),
  /** Tracks that only the new version has and that start at once. */
  tracksAdded: z.record(name, z.enum(['begin', 'leave'])),
})
export type MoveMapping = z.infer<typeof moveMapping>
export type StepMove = z.infer<typeof stepMove>

/** One thing that a move changes, or keeps, in one journey. `step`: its name before; `to`: its name after. */
export const moveChange = z.object({
  what: z.enum([
    'task',
    'message',
    'request',
    'form',
    'wait',
    'decision',
    'journey',
    'timer',
    'repeat',
    'stage',
    'variable',
    'track',
    'step',
  ]),
  change: z.enum(['kept', 'withdrawn', 'retitled', 'rerouted', 'due-moved', 'created', 'passed', 'lost']),
  step: z.string().nullable(),
  to: z.string().nullable(),
  /** Id of the Task, Communication or request, where there is one already. */
  key: z.string().nullable(),
  before: z.union([z.string(), z.number(), z.null()]),
  after: z.union([z.string(), z.number(), z.null()]),
  /** Why a timer or an occurrence does not stay as it is. */
  why: z.string().nullable(),
})
export type MoveChange = z.infer<typeof moveChange>

export const moveReason = z.object({
  code: z.enum([
    'no-counterpart-kept',
    'no-counterpart-asked',
    'would-end',
    'would-repeat',
    'stranded',
    'resting-rule-gone',
    'ended',
    'kept-by-person',
  ]),
  step: z.string().nullable(),
})
export type MoveReason = z.infer<typeof moveReason>

/** What becomes of one journey. */
export const moveFate = z.enum(['now', 'later', 'ask', 'keep'])
export type MoveFate = z.infer<typeof moveFate>

const nodes = z.array(z.object({ id: z.string(), kind: z.string(), title: localized, running: z.number() }))

/** A pair that the system proposes, and by what. */
const proposedPair = z.object({ from: z.string(), to: z.string(), because: localized })

/** Answer of `GET /api/moves/:id/mapping`: what somebody who edits the mapping goes by. */
export const moveEditor = z.object({
  pairs: z.array(proposedPair),
  /** Steps of the old version, with the journeys that have each open. */
  steps: nodes,
  /** Steps of the new version that each old one may be paired with. */
  fits: z.record(z.string(), z.array(z.string())),
  /** Steps of the new version, with the journeys that would stand there by the mapping as it is. */
  newSteps: nodes,
  graphs: z.object({ from: graph, to: graph }),
})
export type MoveEditor = z.infer<typeof moveEditor>

export const moveAsked = z.strictObject({
  pathway: z.string().min(1).max(60),
  from: z.int().min(1),
  to: z.int().min(1),
  note: z.string().trim().min(1).max(500),
})
export const moveMade = z.object({ id: z.string() })
/** Answer of what adds journeys to a move, or wishes them back: how many. */
export const moveCounted = z.object({ journeys: z.number() })

export const moveCohort = z.discriminatedUnion('of', [
  z.strictObject({ of: z.literal('first'), count: z.int().min(1).max(1_000_000) }),
  z.strictObject({ of: z.literal('list'), journeys: z.array(z.string().min(1).max(200)).min(1).max(10_000) }),
  /** Patients whose managing organisation this is: `Organization/…`. */
  z.strictObject({ of: z.literal('clinic'), organization: z.string().regex(/^Organization\/[A-Za-z0-9.-]{1,64}$/) }),
  z.strictObject({ of: z.literal('all') }),
])
export type MoveCohort = z.infer<typeof moveCohort>

export const moveStatus = z.enum(['draft', 'proposed', 'approved', 'running', 'paused', 'stopped'])
export const moveRowStatus = z.enum([
  'waiting',
  'later',
  'ask',
  'moved',
  'kept',
  'undoing',
  'undone',
  'not-undone',
  'failed',
])
export type MoveRowStatus = z.infer<typeof moveRowStatus>

const counts = z.record(z.string(), z.number())

export const move = z.object({
  id: z.string(),
  pathway: z.string(),
  title: localized,
  from: z.number(),
  to: z.number(),
  status: moveStatus,
  note: z.string(),
  mapping: moveMapping,
  madeBy: z.string(),
  madeAt: time,
  approvedBy: z.string().nullable(),
  approvedAt: time.nullable(),
  cohorts: z.array(z.object({ n: z.number(), cohort: moveCohort, at: time, by: z.string(), journeys: z.number() })),
  /** Journeys of the cohorts so far, by how each stands. */
  progress: counts,
  /** Journeys that still run on the old version. */
  running: z.number(),
})
export type Move = z.infer<typeof move>
export const moveList = z.object({ items: z.array(move.omit({ mapping: true, cohorts: true })) })
export type MoveList = z.infer<typeof moveList>

/**
 * A page of the preview: what becomes of each of the next running journeys, and the sums over this page by fate and by
 * `what change`. `next`: where the next page begins; null after the last.
 */
export const movePreview = z.object({
  items: z.array(
    z.object({
      journey: z.string(),
      patient: z.object({ id: z.string(), name: z.string() }),
      fate: moveFate,
      sums: counts,
    }),
  ),
  fates: counts,
  sums: counts,
  next: z.string().nullable(),
})
export type MovePreview = z.infer<typeof movePreview>

const side = z.object({
  stage: localized.nullable(),
  waitingFor: z.array(z.string()),
  timers: z.array(z.object({ of: z.string(), due: time })),
})

/** One journey before and after, in sentences of the asker's language. */
export const movedJourney = z.object({
  journey: z.string(),
  status: moveRowStatus.nullable(),
  fate: moveFate,
  reasons: z.array(z.string()),
  /** Steps that have no counterpart and wait for a person's word. */
  asked: z.array(z.object({ step: z.string(), title: localized })),
  changes: z.array(moveChange.extend({ sentence: z.string() })),
  before: side,
  after: side.nullable(),
  /** Why it could not be moved back, and what can be done instead. */
  notUndone: z.object({ sentence: z.string(), instead: z.string() }).nullable(),
})
export type MovedJourney = z.infer<typeof movedJourney>

/** `GET /api/moves/:id/journeys?status=&after=`: journeys of the cohorts so far. */
export const moveRows = z.object({
  items: z.array(
    z.object({
      journey: z.string(),
      patient: z.object({ id: z.string(), name: z.string() }),
      status: moveRowStatus,
      at: time.nullable(),
    }),
  ),
  next: z.string().nullable(),
})
export type MoveRows = z.infer<typeof moveRows>
