import { z } from 'zod'
import { finding, localized } from './shared.ts'

/** Shapes of the service menu. Times are ISO 8601 in UTC; places of law are ISO 3166-2 (`US-NY`). */
const time = z.iso.datetime()
const id = z.string().regex(/^[a-z][a-z0-9-]{0,47}$/, 'a name in lower-case letters, digits and dashes')
const text = z.strictObject({ en: z.string().trim().min(1).max(400), fr: z.string().trim().min(1).max(400) })
const jurisdiction = z.string().regex(/^(?:US|CA)-[A-Z]{2}$/, 'a state or province such as US-NY or CA-ON')

/** Systems that a service's codes are of. Fee codes stand apart: each holds in some places only. */
export const codeSystems = ['icd-10-cm', 'icd-10', 'snomed', 'loinc', 'rxnorm'] as const
export const feeSystems = ['cpt', 'hcpcs', 'fee-schedule'] as const
export const modes = ['in-person', 'video', 'telephone', 'home', 'message'] as const

/** A service as a file says it and as the console edits it. Codes only: the texts of CPT are the AMA's. */
export const serviceDefinition = z.strictObject({
  service: id,
  title: text,
  description: text.optional(),
  /** Minutes that it takes the patient; what each need takes is the kind's own. */
  minutes: z.int().min(1).max(600),
  modes: z.array(z.enum(modes)).min(1),
  /** What it is for and what it is made of: diagnoses, laboratory tests, medicines. */
  codes: z.array(z.strictObject({ system: z.enum(codeSystems), code: z.string().min(1).max(20) })).default([]),
  /** What it is charged by, and where; without places wherever it is offered. `fee-schedule`: a province's own codes. */
  fees: z
    .array(
      z.strictObject({
        system: z.enum(feeSystems),
        code: z.string().min(1).max(20),
        in: z.array(jurisdiction).min(1).optional(),
      }),
    )
    .default([]),
  /** Canonicals of Questionnaires. */
  forms: z.array(z.string().min(1).max(200)).default([]),
  pathways: z.array(id).default([]),
  /** CEL over age, sex, jurisdiction, payer and language; without it everybody. */
  eligibility: z.string().trim().min(1).max(1_000).optional(),
  /** States and provinces where it is offered. */
  in: z.array(jurisdiction).min(1),
  /** Ids of Locations where it is given, when it needs one. */
  places: z.array(z.string().regex(/^[A-Za-z0-9.-]{1,64}$/)).default([]),
  hours: z.enum(['clinic', 'always']),
  /** What somebody must do for it, as kinds of the task ontology. */
  needs: z
    .array(z.strictObject({ kind: id }))
    .min(1)
    .max(12),
})
export type ServiceDefinition = z.infer<typeof serviceDefinition>

const status = z.enum(['draft', 'active', 'retired'])
const named = z.object({ id: z.string(), title: localized })

export const serviceList = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      title: localized,
      minutes: z.number(),
      modes: z.array(z.string()),
      jurisdictions: z.array(z.string()),
      needs: z.array(named),
      pathways: z.array(z.string()),
      /** The version that is live, and the draft after it. */
      live: z.number().nullable(),
      draft: z.number().nullable(),
    }),
  ),
})

/** Who can do a service somewhere at a moment. */
const offeredIn = z.object({
  jurisdiction: named,
  /** Open, and for each need somebody at work may do it. */
  now: z.boolean(),
  needs: z.array(
    z.object({
      kind: named,
      /** At work and permitted, the least costly first. */
      ready: z.array(z.object({ reference: z.string(), name: z.string(), credential: localized.nullable() })),
      /** How many may do it there, at work or not. */
      may: z.number(),
      /** When the next of them is at work; null when somebody is now, or nobody is in two weeks. */
      next: time.nullable(),
      /** What would help when nobody is ready. */
      unblock: z.string().nullable(),
    }),
  ),
  fees: z.array(z.object({ system: z.string(), code: z.string() })),
})

export const serviceOffered = z.object({
  at: time,
  open: z.boolean(),
  /** When it opens next; null when it is open, or not within two weeks. */
  opens: time.nullable(),
  items: z.array(offeredIn),
})

/** Every live service of a place, by whether it can be had there at a moment. */
export const servicesOffered = z.object({
  at: time,
  jurisdiction: named,
  items: z.array(
    z.object({
      id: z.string(),
      title: localized,
      minutes: z.number(),
      now: z.boolean(),
      open: z.boolean(),
      /** When both the hours and, for each need, somebody are there, as far as the next two weeks' rosters tell. */
      next: time.nullable(),
    }),
  ),
})

export const serviceDetail = z.object({
  id: z.string(),
  version: z.number(),
  status,
  /** Version of the resource, to say which one somebody has looked at. */
  stored: z.number(),
  definition: serviceDefinition,
  findings: z.array(finding),
  versions: z.array(z.object({ version: z.number(), status, date: time.nullable() })),
  /** The resources of the record that say so. */
  resources: z.array(z.string()),
  /** Service levels that hold for tasks of its kinds. */
  levels: z.array(
    z.object({ id: z.string(), title: localized, minutes: z.number(), calendar: z.enum(['always', 'hours']) }),
  ),
})

/** What an edit may choose from. */
export const serviceChoices = z.object({
  kinds: z.array(named),
  jurisdictions: z.array(named),
  pathways: z.array(named),
  forms: z.array(z.string()),
  places: z.array(z.object({ id: z.string(), name: z.string() })),
})

export const serviceChecked = z.object({ findings: z.array(finding), items: z.array(offeredIn) })

/** null: something that the rule asks about is not known of the patient; `unknown` names it. */
export const serviceEligible = z.object({ eligible: z.boolean().nullable(), unknown: z.array(z.string()) })

export type ServiceList = z.infer<typeof serviceList>
export type ServiceOffered = z.infer<typeof serviceOffered>
export type ServicesOffered = z.infer<typeof servicesOffered>
export type ServiceDetail = z.infer<typeof serviceDetail>
export type ServiceChoices = z.infer<typeof serviceChoices>
export type ServiceChecked = z.infer<typeof serviceChecked>
export type ServiceEligible = z.infer<typeof serviceEligible>
export type OfferedIn = z.infer<typeof offeredIn>
