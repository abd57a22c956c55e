import { z } from 'zod'
import { graph, person, scenario, scenarioReport, signed, template } from './pathway-parts.ts'
import { finding, localized } from './shared.ts'

/** Shapes of the API: drafts of pathways, their review, scenarios, and what is live where. Times are ISO 8601 in UTC. */
const time = z.iso.datetime()
const note = z.string().trim().min(1).max(500)
const source = z.string().max(400_000)

const draftStatus = z.enum(['draft', 'in-review', 'approved', 'published', 'discarded'])

/** Of each part of a draft, the revision that last changed it and who did. */
const part = z.object({ revision: z.number(), by: person, at: time })

/** Whether the caller may do it now: true, or the code of the refusal. */
const allowed = z.union([z.literal(true), z.string()])

const draftItem = z.object({
  id: z.string(),
  pathway: z.string(),
  title: localized.nullable(),
  status: draftStatus,
  revision: z.number(),
  basedOn: z.number().nullable(),
  restores: z.number().nullable(),
  note: z.string(),
  begunAt: time,
  changedAt: time,
  lastWriter: person,
  writers: z.array(person),
  asked: signed.nullable(),
  approved: signed.nullable(),
  /** The version it became. */
  version: z.number().nullable(),
  openComments: z.number(),
})
export const draftList = z.object({ items: z.array(draftItem) })

export const draft = draftItem.extend({
  source: z.string(),
  templates: z.array(template),
  scenarios: z.array(scenario),
  parts: z.object({ source: part, templates: part, scenarios: part }),
  may: z.object({
    save: allowed,
    ask: allowed,
    approve: allowed,
    sendBack: allowed,
    reopen: allowed,
    publish: allowed,
    discard: allowed,
  }),
})

/** Body of `POST /api/drafts`: from a version of a pathway (the newest when none is named), from the catalogue, or from a text. */
export const draftBegin = z.union([
  z.strictObject({ pathway: z.string().max(60), version: z.number().int().min(1).optional() }),
  z.strictObject({ catalogue: z.string().max(60) }),
  z.strictObject({ source }),
])

/**
 * Body of `PUT /api/drafts/:id`: the parts that changed, made from `revision`. Answers 409 `stale-draft` when somebody
 * else has changed one of these parts since; the fault's message says who and when. Nothing is stored then: the caller
 * still has the one text and reads the other from the draft.
 */
export const draftSave = z.strictObject({
  revision: z.number().int().min(1),
  source: source.optional(),
  templates: z.array(template).max(100).optional(),
  scenarios: z.array(scenario).max(100).optional(),
  /** The newest version, once its changes have been taken in. */
  basedOn: z.number().int().min(1).optional(),
})
export const draftSaved = z.object({ revision: z.number() })

/** The revision that the caller has seen. */
const seen = { revision: z.number().int().min(1) }
export const draftAsk = z.strictObject({ ...seen, note })
export const draftApprove = z.strictObject({ ...seen, note: z.string().trim().max(500).default('') })
export const draftSendBack = z.strictObject({ note })
/** `clinics`: references of Organizations and Locations; left out: all clinics. */
const clinics = z
  .array(z.string().regex(/^(?:Organization|Location)\/[A-Za-z0-9.-]{1,64}$/))
  .min(1)
  .max(100)
  .optional()
export const draftPublish = z.strictObject({ ...seen, clinics })

export const scenariosRun = z.strictObject({
  source,
  scenarios: z.array(scenario).max(100),
  templates: z.array(template).max(100).default([]),
})
/** `report`: null while the definition has errors. */
export const scenariosRan = z.object({ findings: z.array(finding), report: scenarioReport.nullable() })

/** What stands between a draft and its publication. */
export const examination = z.object({
  /** Drafts of forms that its steps name: they go live with it. */
  forms: z.array(z.object({ id: z.string(), canonical: z.string(), title: localized })),
  findings: z.array(finding),
  graph: graph.nullable(),
  report: scenarioReport.nullable(),
  /** Refusals that publishing would meet now; empty: nothing of the text stands in its way. */
  refusals: z.array(
    z.object({ code: z.string(), finding: z.string().optional(), path: z.string(), message: z.string() }),
  ),
})

/** One thing that differs between two versions, with the sentence that says it. */
const difference = z.object({
  kind: z.enum(['added', 'removed', 'changed']),
  /** `tracks.intake.steps.triage.task.due`. */
  path: z.string(),
  step: z.string().nullable(),
  sentence: localized,
})
/** Two versions side by side. The graph holds the steps of both; `change` is null for a step that is the same. */
export const comparison = z.object({
  changes: z.array(difference),
  graph: z.object({
    nodes: z.array(graph.shape.nodes.element.extend({ change: z.enum(['added', 'removed', 'changed']).nullable() })),
    edges: z.array(graph.shape.edges.element.extend({ change: z.enum(['added', 'removed']).nullable() })),
  }),
  before: z.string(),
  after: z.string(),
})

export const comment = z.object({
  id: z.string(),
  path: z.string(),
  text: z.string(),
  author: person,
  at: time,
  resolved: signed.nullable(),
})
export const commentList = z.object({ items: z.array(comment) })
export const commentAdd = z.strictObject({
  path: z.string().max(400).default(''),
  text: z.string().trim().min(1).max(2_000),
})
export const commentResolve = z.strictObject({ resolved: z.boolean() })

export const pathwayChange = z.object({
  id: z.string(),
  at: time,
  act: z.enum([
    'begun',
    'asked',
    'sent-back',
    'approved',
    'reopened',
    'discarded',
    'published',
    'rolled-back',
    'seconded',
    'retired',
  ]),
  by: person,
  draft: z.string().nullable(),
  version: z.number().nullable(),
  clinics: z.array(z.string()).nullable(),
  note: z.string(),
})
export const pathwayHistory = z.object({ items: z.array(pathwayChange) })

/**
 * Body of `POST /api/pathways/:id/roll-back`. It makes a draft of the old version's text and asks for its review at once;
 * with `emergency`, the reason, it goes live at once by one person alone, flagged until a second has looked at it.
 */
export const rollBack = z.strictObject({
  version: z.number().int().min(1),
  note,
  clinics,
  emergency: note.optional(),
})
export const rolledBack = z.object({ draft: z.string().nullable(), version: z.number().nullable() })

/** Body of `…/retire` (for all, or for the named clinics, which go back to what is live for all) and of `…/live` (for all, or for the named clinics). */
export const retire = z.strictObject({ note, clinics })

export const second = z.strictObject({ note })

export const wentLive = z.object({ pathway: z.string(), version: z.number() })

/** Pathways of the library that a clinic may take up. */
export const catalogue = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      title: localized,
      description: localized.nullable(),
      graph,
      scenarios: z.number(),
      /** A draft or a version of it is here already. */
      takenUp: z.boolean(),
    }),
  ),
})

/** A scenario made from a journey, with nothing of the patient in it. */
export const recordedScenario = z.object({
  name: z.string(),
  source: z.string(),
  /** False when playing it does not come to the journey's own end, with what differs. */
  faithful: z.boolean(),
  differs: z.array(z.string()),
})

export type Comparison = z.infer<typeof comparison>
export type Catalogue = z.infer<typeof catalogue>
export type CommentList = z.infer<typeof commentList>
export type Draft = z.infer<typeof draft>
export type DraftItem = z.infer<typeof draftItem>
export type DraftList = z.infer<typeof draftList>
export type DraftSave = z.infer<typeof draftSave>
export type DraftSaved = z.infer<typeof draftSaved>
export type Examination = z.infer<typeof examination>
export type PathwayHistory = z.infer<typeof pathwayHistory>
export type RecordedScenario = z.infer<typeof recordedScenario>
export type RolledBack = z.infer<typeof rolledBack>
export type ScenariosRan = z.infer<typeof scenariosRan>
export type WentLive = z.infer<typeof wentLive>
