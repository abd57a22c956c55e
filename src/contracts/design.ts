import { z } from 'zod'
import { localized } from './shared.ts'

/** Shapes of the API: what a pathway may name here, for the designer, which checks and plays pathways in the browser. */
const template = z.object({ template: z.string(), subject: localized, body: localized, sms: localized })

/** A question of a form; those of groups come after the group's own. `type`: FHIR's item type. */
const formQuestion = z.object({
  linkId: z.string(),
  /** Where its answers stand in a QuestionnaireResponse: `item`, `item.item` within a group, `item.answer.item` below a question. */
  path: z.string(),
  text: localized,
  type: z.string(),
  /** What may be chosen, by the code that an answer says. */
  options: z.array(z.object({ code: z.string(), text: localized })),
})

export const designSurroundings = z.object({
  /** Kinds of task that the house knows. */
  kinds: z.array(z.string()),
  roles: z.array(z.object({ id: z.string(), title: localized })),
  /** The library's messages; a draft's own come before them. */
  templates: z.array(template),
  channels: z.array(z.string()),
  /** The record's forms. A step names one by its url (the version in use) or by a version's `canonical`. */
  forms: z.array(
    z.object({
      url: z.string(),
      title: localized,
      /** The newest first. */
      versions: z.array(
        z.object({
          id: z.string(),
          /** `url|version` */
          canonical: z.string(),
          version: z.string(),
          /** A draft goes live with the pathway that names it. */
          status: z.enum(['draft', 'active', 'retired']),
          questions: z.array(formQuestion),
        }),
      ),
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
export type FormQuestion = z.infer<typeof formQuestion>
export type DesignSurroundings = z.infer<typeof designSurroundings>
