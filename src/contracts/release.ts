import { z } from 'zod'
import { finding, localized } from './shared.ts'

/** Shapes of the API about automations: what they may do, what they did, and how they are stopped. Times are ISO 8601 in UTC. */
const time = z.iso.datetime()
const id = z.string().max(80)
const why = z.string().trim().min(3).max(1_000)
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'HH:MM')
const zones = new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])

export const levels = ['off', 'shadow', 'recommend', 'assisted', 'bounded', 'autonomous'] as const
const level = z.enum(levels)

/** Where something holds: all that is named must fit; an empty scope is the whole organisation. */
export const scope = z.strictObject({
  site: z.string().min(1).max(200).optional(),
  department: z.string().min(1).max(200).optional(),
  providerGroup: z.string().min(1).max(200).optional(),
  step: z.string().min(1).max(200).optional(),
  shift: z
    .strictObject({
      start: clock,
      end: clock,
      zone: z.string().refine((zone) => zones.has(zone), 'an IANA time zone'),
      days: z.array(z.int().min(0).max(6)).min(1).max(7).optional(),
    })
    .optional(),
  acuity: z
    .array(z.enum(['routine', 'urgent', 'asap', 'stat']))
    .min(1)
    .optional(),
  confidence: z.number().min(0).max(1).optional(),
})

const standing = z.object({ scope, level, since: time })
const rise = z.object({
  id,
  version: z.number(),
  scope,
  to: level,
  reason: z.string(),
  askedAt: time,
  by: z.string(),
  signatures: z.array(z.object({ side: z.enum(['clinical', 'technical']), by: z.string(), at: time })),
})

/** How settled decisions ended, over the last 30 days. `corrected`: changed by a person or reversed. */
const counts = z.object({
  asked: z.number(),
  waiting: z.number(),
  acted: z.number(),
  proposed: z.number(),
  accepted: z.number(),
  edited: z.number(),
  handed: z.number(),
  reversed: z.number(),
})

/** `GET /api/automations`: the ladder board. */
export const automationList = z.object({
  items: z.array(
    z.object({
      id,
      title: localized,
      owner: z.string(),
      clinicalOwner: z.string(),
      active: z.number(),
      candidate: z.number().nullable(),
      /** Of the version that answers. */
      standings: z.array(standing),
      health: z.object({ level, reason: z.string() }).nullable(),
      counts,
      rises: z.array(rise),
      openIncidents: z.number(),
    }),
  ),
})

const learntFrom = z.object({ cases: z.number(), happened: z.number() })
/** What a trained version was fitted to, and how it did on the last days, which it had not seen. */
export const training = z.object({
  from: time,
  heldOutFrom: time,
  until: time,
  learnt: learntFrom,
  heldOut: learntFrom,
  /** Area under the curve, and the lower end of its 90 % interval. */
  area: z.number(),
  atLeast: z.number(),
  /** 1 where chances are as spread as they should be; below, they are too bold. */
  slope: z.number(),
  observedPerExpected: z.number(),
  /** Mean squared error, and that of foretelling the same for everybody. */
  brier: z.number(),
  brierOfNone: z.number(),
  fifths: z.array(z.object({ cases: z.number(), foreseen: z.number(), happened: z.number() })),
  weights: z.array(z.object({ name: z.string(), weight: z.number(), mean: z.number(), scale: z.number() })),
  /** SHA-256 over the cases in order, with their inputs and outcomes. */
  dataHash: z.string(),
})
/** `POST /api/automations/:id/train`: fit the next version to the cases of some days, and judge it on the last of them. */
export const newTraining = z.object({
  days: z.int().min(7).max(1_100),
  heldOutDays: z.int().min(3).max(370),
  note: z.string().trim().min(1).max(500),
})
export const trained = z.object({ version: z.number(), training })

const version = z.object({
  version: z.number(),
  note: z.string(),
  hash: z.string(),
  publishedAt: time,
  by: z.string(),
  standings: z.array(standing),
  /** Of a version that was fitted here. */
  training: training.nullable(),
})

/** `GET /api/automations/:id` */
export const automation = z.object({
  id,
  title: localized,
  intendedUse: localized,
  exclusions: z.array(localized),
  owner: z.string(),
  clinicalOwner: z.string(),
  fallbackRole: z.string(),
  active: z.number(),
  candidate: z.number().nullable(),
  source: z.string(),
  answers: z.array(z.object({ code: z.string(), title: localized })),
  bounds: z.array(z.string()),
  /** Whether it can be fitted to the clinic's own cases. */
  learns: z.boolean(),
  versions: z.array(version),
  health: z.object({ level, reason: z.string() }).nullable(),
  counts,
  evidence: z.array(
    z.object({
      id,
      version: z.number(),
      scope,
      supports: level,
      kind: z.string(),
      /** Cases and how many of them agreed; of a review, its words. */
      cases: z.number().nullable(),
      agreed: z.number().nullable(),
      /** Of one that learns, while it looked on: how well it told cases apart. */
      area: z.number().nullable(),
      review: z.string().nullable(),
      until: time,
      at: time,
      by: z.string(),
    }),
  ),
  rises: z.array(rise),
  events: z.array(
    z.object({
      at: time,
      by: z.string(),
      kind: z.string(),
      version: z.number(),
      scope: scope.nullable(),
      to: level.nullable(),
      reason: z.string().nullable(),
      incident: z.string().nullable(),
    }),
  ),
  incidents: z.array(z.object({ id, openedAt: time, closedAt: time.nullable(), reason: z.string() })),
})

/** `POST /api/automations/check`, `POST /api/automations` */
export const automationSource = z.object({ source: z.string().max(400_000) })
export const automationChecked = z.object({ findings: z.array(finding) })
export const newAutomation = automationSource.extend({ note: z.string().trim().min(1).max(500) })
export const automationPublished = z.object({ automation: id, version: z.number(), changed: z.boolean() })

/** `POST /api/automations/:id/evidence`: of the cases at a level, for the next; `review` in words for the first. */
export const newEvidence = z.object({
  version: z.int().min(1),
  scope,
  level,
  review: z.string().trim().min(10).max(2_000).optional(),
})
export const evidenceMade = z.object({ id, supports: level })

/** `POST /api/automations/:id/rises` and `POST /api/automations/rises/:rise/sign` */
export const newRise = z.object({ version: z.int().min(1), scope, to: level, evidence: id.nullable(), reason: why })
export const riseMade = z.object({ id })
export const signed = z.object({ automation: id, risen: z.boolean() })

/** `POST /api/automations/:id/stop`. `knownGoodAt`: from when on to look back; the last promotion, or rise that holds for the whole scope, unless told. */
export const stop = z.object({
  scope,
  to: level,
  reason: why,
  knownGoodAt: time.optional(),
})
export const stopped = z.object({ incident: id, held: z.number(), lookBack: z.number() })
export const promoted = z.object({ version: z.number() })

/** `POST /api/automations/:id/replay`: a version over the stored inputs of the last days. Nothing takes effect. */
export const newReplay = z.object({ version: z.int().min(1), days: z.int().min(1).max(92) })
export const replayed = z.object({
  cases: z.number(),
  /** SHA-256 over all answers in order. */
  hash: z.string(),
  /** What it would say otherwise than was said, most urgent first; `from` and `to` are answers, or why there was none. */
  changed: z.array(
    z.object({
      acuity: z.string(),
      from: z.string(),
      to: z.string(),
      count: z.number(),
      /** Ids of the first few decisions. */
      examples: z.array(z.string()),
    }),
  ),
})

const output = z.object({
  gives: z.string(),
  confidence: z.number(),
  rule: z.string(),
  score: z.number().optional(),
})

export const decisionItem = z.object({
  id,
  automation: id,
  version: z.number(),
  journey: id,
  step: z.string(),
  patient: z.string(),
  name: z.string(),
  askedAt: time,
  status: z.enum(['waiting', 'proposed', 'handed', 'acted', 'answered', 'withdrawn']),
  level: level.nullable(),
  because: z.string().nullable(),
  handed: z.string().nullable(),
  /** What it said; null to whoever was not to see it before deciding. */
  output: output.nullable(),
  answer: z.string().nullable(),
  disposition: z.enum(['accepted', 'edited', 'rejected', 'answered', 'ignored']).nullable(),
  /** What was proposed, and what a person made of it. */
  diff: z.object({ from: z.string(), to: z.string() }).nullable(),
  answeredAt: time.nullable(),
  answeredBy: z.string().nullable(),
  /** From taking the task to its answer. */
  seconds: z.number().nullable(),
  note: z.string().nullable(),
  reversal: z.object({ at: time, by: z.string(), to: z.string().nullable(), why: z.string() }).nullable(),
  conservative: z.boolean().nullable(),
})

/** `GET /api/decisions?automation=&show=&after=`: newest first. */
export const decisionList = z.object({ items: z.array(decisionItem), next: z.string().nullable() })
/** `GET /api/decisions/:id` */
export const decision = decisionItem.extend({
  inputsHash: z.string(),
  inputs: z.array(
    z.object({
      name: z.string(),
      value: z.union([z.boolean(), z.number(), z.string(), z.null()]),
      from: z.string(),
      at: time.nullable(),
    }),
  ),
  /** When its authority was read, and when somebody took the task. */
  settledAt: time.nullable(),
  takenAt: time.nullable(),
  /** What clients told that showed it as a card. */
  feedback: z.array(
    z.object({
      outcome: z.enum(['accepted', 'overridden']),
      suggestions: z.array(z.string()),
      reason: z.object({ system: z.string().optional(), code: z.string(), display: z.string().optional() }).nullable(),
      comment: z.string().nullable(),
      happenedAt: time,
      by: z.string(),
    }),
  ),
  /** What later versions that only looked on said. */
  others: z.array(z.object({ version: z.number(), output: output.nullable(), silence: z.string().nullable() })),
})
/** `POST /api/decisions/:id/reverse`: it was wrong, whoever gave it. */
export const reversal = z.object({ to: z.string().max(60).optional(), why, conservative: z.boolean().default(false) })

export const incidentItem = z.object({
  id,
  automation: id,
  title: localized,
  version: z.number(),
  scope,
  cause: z.enum(['person', 'criterion', 'hard-stop', 'feed', 'health']),
  reason: z.string(),
  knownGoodAt: time,
  openedAt: time,
  by: z.string(),
  held: z.number(),
  toReview: z.number(),
  reviewed: z.number(),
  closedAt: time.nullable(),
})
export const incidentList = z.object({ items: z.array(incidentItem) })
/** `GET /api/incidents/:id` */
export const incident = incidentItem.extend({
  learned: z.string().nullable(),
  watchedBy: z.string().nullable(),
  patients: z.array(
    z.object({
      patient: z.string(),
      name: z.string(),
      decisions: z.array(z.string()),
      task: z.string(),
      finding: z.string().nullable(),
      note: z.string().nullable(),
      reviewedAt: time.nullable(),
      by: z.string().nullable(),
    }),
  ),
  /** From the log: what happened to the automation around it, and each review. */
  timeline: z.array(z.object({ at: time, by: z.string(), kind: z.string(), text: z.string().nullable() })),
})
/** `POST /api/incidents/:id/close`: what was learned, and the test or metric that watches for it from now on. */
export const closing = z.object({
  learned: z.string().trim().min(10).max(4_000),
  watchedBy: z.string().trim().min(3).max(400),
})

const metricName = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/, 'lower-case letters, digits and dashes')
const criterion = z.object({
  metric: metricName,
  kind: z.enum(['harm', 'quality']),
  /** How much worse than the others would matter: 1.5 is half as often again. */
  margin: z.number().gt(1).max(10),
  /** Minutes without word after which its data are late, and after which more they are missing. */
  freshFor: z.int().min(1).max(100_000),
  grace: z.int().min(0).max(100_000),
})

/** `POST /api/rollouts`: a release to a part of the patients. What ends it is written before it begins and never changed. */
export const newRollout = z.object({
  automation: id,
  version: z.int().min(1),
  cohort: z.object({
    name: z.string().trim().min(1).max(80),
    slices: z.array(scope).max(20),
    share: z.number().gt(0).lt(1),
    unit: z.enum(['patient', 'clinic-day']),
  }),
  /** The most that the version may do for those who are not in the canary, where it is the one that answers already. */
  controls: level,
  criteria: z.array(criterion).min(1).max(20),
})
export const rolloutMade = z.object({ id })
/** `POST /api/rollouts/:id/tell`: units whose first event it was; an empty list is word that nothing happened. */
export const rolloutTold = z.object({ metric: metricName, units: z.array(z.string().max(200)).max(1_000) })

export const rollout = z.object({
  id,
  automation: id,
  version: z.number(),
  name: z.string(),
  share: z.number(),
  slices: z.array(scope),
  unit: z.enum(['patient', 'clinic-day']),
  controls: level,
  status: z.enum(['running', 'killed', 'stepped-down', 'promoted', 'ended']),
  attempt: z.number(),
  startedAt: time,
  by: z.string(),
  endedAt: time.nullable(),
  incident: z.string().nullable(),
  /** Evidence that proves: 1 / alpha. */
  needed: z.number(),
  units: z.object({ canary: z.number(), control: z.number() }),
  /** `does`: hold, promotable, kill, step-down; `missing`: what is still to be shown. */
  verdict: z.object({ does: z.string(), because: z.string().nullable(), missing: z.array(z.string()) }),
  metrics: z.array(
    criterion.extend({
      canary: z.number(),
      control: z.number(),
      worse: z.number(),
      noWorse: z.number(),
      toldAt: time,
      late: z.boolean(),
    }),
  ),
})
/** `GET /api/rollouts?automation=`: newest first. */
export const rolloutList = z.object({ items: z.array(rollout) })

/** `POST /api/automations/:id/never-event`: stops it where it happened, without statistics. */
export const neverEvent = z.object({
  kind: z.enum([
    'severe-harm',
    'never-event',
    'authority-violated',
    'consent-violated',
    'missed-emergency',
    'wrong-patient',
  ]),
  /** The decision that it came from: it is stopped at that site. Everywhere when it is not known. */
  decision: id.optional(),
  reason: why,
})

export type Training = z.infer<typeof training>
export type Replayed = z.infer<typeof replayed>
export type RolloutList = z.infer<typeof rolloutList>
export type AutomationList = z.infer<typeof automationList>
export type Automation = z.infer<typeof automation>
export type DecisionList = z.infer<typeof decisionList>
export type DecisionItem = z.infer<typeof decisionItem>
export type DecisionDetail = z.infer<typeof decision>
export type IncidentList = z.infer<typeof incidentList>
export type Incident = z.infer<typeof incident>
export type ReleaseScope = z.infer<typeof scope>
export type ReleaseLevel = z.infer<typeof level>
