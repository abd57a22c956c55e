import { z } from 'zod'
import { finding } from './shared.ts'

/** Answer of `POST /api/pathways/import`: a pathway's source made of a FHIR Bundle or PlanDefinition. Nothing is stored. */
export const pathwayImport = z.object({
  /** YAML of the pathway; null when nothing could be made of what came: the report says why. */
  source: z.string().nullable(),
  /** `own`: one of the house's own, which comes back whole; `foreign`: a draft of somebody else's plan. */
  origin: z.enum(['own', 'foreign', 'none']),
  report: z.array(
    z.object({
      kind: z.enum(['refused', 'left-out', 'guessed', 'understood']),
      code: z.string(),
      /** FHIRPath of the element in what came. */
      path: z.string(),
      message: z.string(),
    }),
  ),
  /** What the checker says of the source. */
  findings: z.array(finding),
})
export type PathwayImport = z.infer<typeof pathwayImport>
