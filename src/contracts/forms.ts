import { z } from 'zod'
import { finding, localized } from './shared.ts'

/** Shapes of the API: forms, their versions, and answers. A form is a FHIR R4 Questionnaire, answers are items of a QuestionnaireResponse. */
const resource = z.record(z.string(), z.unknown())
const formStatus = z.enum(['draft', 'active', 'retired', 'unknown'])

export const formList = z.object({
  items: z.array(
    z.object({
      /** The canonical by which pathways name it. */
      url: z.string(),
      title: localized,
      /** The newest first. */
      versions: z.array(
        z.object({ id: z.string(), version: z.string(), status: formStatus, date: z.string().nullable() }),
      ),
      /** Pathways whose active version asks for it. */
      usedBy: z.array(z.object({ pathway: z.string(), title: localized })),
    }),
  ),
})

export const formVersion = z.object({
  id: z.string(),
  url: z.string(),
  version: z.string(),
  status: formStatus,
  /** Version of the resource, to say which one somebody has looked at. */
  stored: z.number(),
  questionnaire: resource,
  /** Whether the caller may publish it now: true, or the code of the refusal. */
  publish: z.union([z.literal(true), z.string()]),
  /** Who wrote last in a draft, where that is known. */
  lastWriter: z.string().nullable(),
  findings: z.array(finding),
})

export const taskForm = z.object({
  questionnaire: resource,
  /** `url|version`, to which the answers are pinned. */
  canonical: z.string(),
  status: z.enum(['not-begun', 'in-progress', 'completed', 'amended']),
  /** Items of the answers so far; null before the first are kept. */
  items: z.array(resource).nullable(),
  /** Version of the kept answers; null before there are any. */
  stored: z.number().nullable(),
  /** What initial answers and computations may look at, as far as the caller may see it. */
  launch: z.record(z.string(), resource),
})
export type FormList = z.infer<typeof formList>
export type FormVersion = z.infer<typeof formVersion>
export type TaskForm = z.infer<typeof taskForm>
