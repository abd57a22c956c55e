import { z } from 'zod'
import { finding, localized } from './shared.ts'

/** Shapes of the API: pathways and their versions. Times are ISO 8601 in UTC; references are FHIR's `Type/id`. */
const time = z.iso.datetime()

export const graph = z.object({
  nodes: z.array(
    z.object({ id: z.string(), kind: z.string(), track: z.string(), stage: z.string().nullable(), title: localized }),
  ),
  /** `title`: what the pathway calls the outcome; null where only the code is known. */
  edges: z.array(
    z.object({ from: z.string(), to: z.string(), outcome: z.string().nullable(), title: localized.nullable() }),
  ),
})

export const pathwayList = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      title: localized,
      activeVersion: z.number(),
      versions: z.array(
        z.object({
          version: z.number(),
          status: z.string(),
          note: z.string(),
          publishedAt: time,
          by: z.string(),
          running: z.number(),
        }),
      ),
    }),
  ),
})

export const pathwayVersion = z.object({
  id: z.string(),
  version: z.number(),
  status: z.string(),
  title: localized,
  description: localized.nullable(),
  source: z.string(),
  graph,
  findings: z.array(finding),
})

/** Answer of `POST /api/pathways/check`. */
export const checked = z.object({ findings: z.array(finding) })

/** Answer of `POST /api/pathways`; `changed` is false when the source is that of the active version already. */
export const published = z.object({ pathway: z.string(), version: z.number(), changed: z.boolean() })
export type PathwayVersion = z.infer<typeof pathwayVersion>
export type Checked = z.infer<typeof checked>
export type Graph = z.infer<typeof graph>
export type Published = z.infer<typeof published>
export type PathwayList = z.infer<typeof pathwayList>
