import { z } from 'zod'
import { levels, scope, training } from './release.ts'
import { localized } from './shared.ts'

/** Shapes of the API about why a version is held to be safe enough: hazards and what holds them, with the evidence as it is now. */
const time = z.iso.datetime()
const level = z.enum(levels)

export const hazard = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,59}$/),
  title: localized,
  harm: localized,
  severity: z.enum(['minor', 'moderate', 'major']),
  controls: z
    .array(
      z.strictObject({
        says: localized,
        tests: z.array(z.strictObject({ file: z.string(), test: z.string() })).min(1),
      }),
    )
    .min(1),
  residual: z.strictObject({ risk: z.enum(['low', 'medium', 'high']), because: localized }),
})

/** What is missing, in the order in which it should be mended. */
const gap = z.enum([
  'no-hazards',
  'open-incident',
  'open-action',
  'unsigned',
  'no-evidence',
  'no-drill',
  'no-runbook',
  'no-flag',
  'disparity',
  'alarm',
])

/** `GET /api/automations/:id/versions/:version/safety-case` */
export const safetyCase = z.object({
  automation: z.string(),
  title: localized,
  version: z.number(),
  /** SHA-256 of the version's source. */
  hash: z.string(),
  at: time,
  hazards: z.array(hazard),
  standings: z.array(z.object({ scope, level, since: time })),
  evidence: z.array(
    z.object({
      supports: level,
      scope,
      cases: z.number().nullable(),
      agreed: z.number().nullable(),
      until: time,
      by: z.string(),
    }),
  ),
  /** Who signed for which level. */
  signers: z.array(z.object({ level, scope, side: z.enum(['clinical', 'technical']), by: z.string(), at: time })),
  flags: z.array(z.object({ key: z.string(), lets: level, expires: z.iso.date() })),
  drill: z.object({ at: time, cases: z.number(), countsUntil: time }).nullable(),
  runbook: z.number().nullable(),
  incidents: z.array(
    z.object({
      id: z.string(),
      openedAt: time,
      closedAt: time.nullable(),
      reason: z.string(),
      watchedBy: z.string().nullable(),
    }),
  ),
  openActions: z.number(),
  alarms: z.array(z.object({ kind: z.string(), about: z.string() })),
  /** Groups of patients by what is shown of them. */
  fairness: z.object({ equivalent: z.number(), disparity: z.number(), notEnough: z.number() }),
  gaps: z.array(gap),
})

/** `GET /api/automations/:id/versions/:version/model-card` */
export const modelCard = z.object({
  automation: z.string(),
  title: localized,
  version: z.number(),
  hash: z.string(),
  publishedAt: time,
  by: z.string(),
  owner: z.string(),
  clinicalOwner: z.string(),
  intendedUse: localized,
  exclusions: z.array(localized),
  kind: z.enum(['rules', 'table', 'model', 'text']),
  inputs: z.array(z.object({ name: z.string(), type: z.string(), from: z.string(), required: z.boolean() })),
  answers: z.array(z.object({ code: z.string(), title: localized, alone: z.boolean() })),
  /** Null for what people wrote down. */
  training: training.nullable(),
  /** Of the last 30 days; of the version that answers. */
  measures: z.object({
    asked: z.number(),
    acted: z.number(),
    accepted: z.number(),
    edited: z.number(),
    reversed: z.number(),
  }),
  fairness: safetyCase.shape.fairness,
  /** Minutes after which its inputs are too old. */
  freshFor: z.number(),
  proves: z.object({ cases: z.number(), agreement: z.number() }),
  fallbackRole: z.string(),
})

/** `GET /api/automations/:id/release-notes`: newest first. Frozen when a version rose or began to answer. */
export const releaseNoteList = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      version: z.number(),
      occasion: z.enum(['risen', 'promoted']),
      at: time,
      by: z.string(),
      /** SHA-256 of the note's text, kept in the audit too. */
      hash: z.string(),
    }),
  ),
})
/** `GET /api/automations/release-notes/:id`: the text as it was hashed is `content`. */
export const releaseNote = releaseNoteList.shape.items.element.extend({ content: z.string() })

export type Hazard = z.infer<typeof hazard>
export type SafetyCase = z.infer<typeof safetyCase>
export type ModelCard = z.infer<typeof modelCard>
export type ReleaseNoteList = z.infer<typeof releaseNoteList>
export type ReleaseNote = z.infer<typeof releaseNote>
