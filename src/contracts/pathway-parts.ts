import { z } from 'zod'
import { finding, localized } from './shared.ts'

/** Shapes that drafts and versions of pathways share. */
export const person = z.object({ id: z.string(), name: z.string() })
export const signed = z.object({ by: person, at: z.iso.datetime() })

export const graph = z.object({
  nodes: z.array(
    z.object({ id: z.string(), kind: z.string(), track: z.string(), stage: z.string().nullable(), title: localized }),
  ),
  /** `title`: what the pathway calls the outcome; null where only the code is known. */
  edges: z.array(
    z.object({ from: z.string(), to: z.string(), outcome: z.string().nullable(), title: localized.nullable() }),
  ),
})

/** A message's texts, in the shape of the library's templates. */
export const template = z.object({ template: z.string().max(60), subject: localized, body: localized, sms: localized })

/** A scenario by its name, in YAML. */
export const scenario = z.object({ name: z.string().trim().min(1).max(200), source: z.string().max(100_000) })

const scenarioResult = z.object({
  name: z.string(),
  ok: z.boolean(),
  /** What is wrong with its text. */
  findings: z.array(finding),
  /** Which line expected what and found what else. */
  failures: z.array(z.object({ line: z.number(), path: z.string(), expected: z.unknown(), found: z.unknown() })),
  steps: z.array(z.string()),
  outcomes: z.array(z.string()),
})
/** `branches`: every step, by its name, and every outcome that some step follows, `step.outcome`; `missing`: those that no scenario goes through. */
export const scenarioReport = z.object({
  ok: z.boolean(),
  results: z.array(scenarioResult),
  branches: z.array(z.string()),
  missing: z.array(z.string()),
})
export type Graph = z.infer<typeof graph>
export type ScenarioReport = z.infer<typeof scenarioReport>
