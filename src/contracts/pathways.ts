import { z } from 'zod'
import { finding, localized } from './shared.ts'
import { graph, person, scenario, scenarioReport, signed, template } from './pathway-parts.ts'

/** Shapes of the API: pathways and their versions. Times are ISO 8601 in UTC; references are FHIR's `Type/id`. */
const time = z.iso.datetime()

const versionLine = z.object({
  version: z.number(),
  /** As FHIR's publication status: `active` as long as it is live somewhere. */
  status: z.enum(['active', 'retired']),
  note: z.string(),
  publishedAt: time,
  by: z.string(),
  /** Who wrote it, the last writer last; empty where the program itself published it. */
  writers: z.array(person),
  approved: signed.nullable(),
  restores: z.number().nullable(),
  /** Why one person alone brought it back, and who has looked at it since. */
  emergency: z.string().nullable(),
  seconded: signed.nullable(),
  draft: z.string().nullable(),
  running: z.number(),
})

export const pathwayList = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      title: localized,
      /** The version that is live for all clinics; 0 when none is. */
      activeVersion: z.number(),
      /** Clinics that have another version live. */
      clinics: z.array(z.object({ clinic: z.string(), version: z.number() })),
      versions: z.array(versionLine),
    }),
  ),
})

export const pathwayVersion = versionLine.extend({
  id: z.string(),
  title: localized,
  description: localized.nullable(),
  source: z.string(),
  templates: z.array(template),
  scenarios: z.array(scenario),
  graph,
  findings: z.array(finding),
  report: scenarioReport,
})

export const pathwayCheck = z.strictObject({
  source: z.string().max(400_000),
  templates: z.array(template).max(100).default([]),
})
/** Answer of `POST /api/pathways/check`. */
export const checked = z.object({ findings: z.array(finding) })

export type PathwayVersion = z.infer<typeof pathwayVersion>
export type Checked = z.infer<typeof checked>
export type PathwayList = z.infer<typeof pathwayList>
