import { z } from 'zod'
import { localized } from './shared.ts'

/** Shapes of the API: what a pathway may name here, for the designer, which checks and plays pathways in the browser. */
const template = z.object({ template: z.string(), subject: localized, body: localized, sms: localized })

export const designSurroundings = z.object({
  roles: z.array(z.object({ id: z.string(), title: localized })),
  /** The library's messages; a draft's own come before them. */
  templates: z.array(template),
  channels: z.array(z.string()),
  forms: z.array(
    z.object({
      url: z.string(),
      title: z.string(),
      /** Its questions in order, those of groups after the group's own name. `type`: FHIR's item type. */
      questions: z.array(z.object({ linkId: z.string(), text: z.string(), type: z.string() })),
    }),
  ),
  /** Whether a patient can open a form by a link. */
  formLinks: z.boolean(),
  /** `connector.operation` */
  connectors: z.array(z.string()),
  automations: z.array(z.string()),
  /** What a step may start: published versions, the newest of a pathway last. */
  pathways: z.array(
    z.object({
      pathway: z.string(),
      version: z.number(),
      title: localized,
      variables: z.record(z.string(), z.string()),
      outcomes: z.array(z.string()),
    }),
  ),
  /** When the clinic works: minutes after midnight by weekday, 0 Sunday. */
  calendar: z.object({
    zone: z.string(),
    hours: z.record(z.string(), z.tuple([z.number(), z.number()])),
    holidays: z.array(z.string()),
  }),
  /** The elements of FHIR's resource types and the types of those, by which expressions are checked. */
  table: z.record(z.string(), z.record(z.string(), z.string())),
})
export type DesignSurroundings = z.infer<typeof designSurroundings>
