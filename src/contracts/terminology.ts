import { z } from 'zod'
import { localized } from './shared.ts'

/** Shapes of the API: code systems and the search of concepts. Times are ISO 8601 in UTC; references are FHIR's `Type/id`. */
const time = z.iso.datetime()

export const terminologySystems = z.object({
  items: z.array(
    z.object({
      id: z.number(),
      url: z.string(),
      version: z.string(),
      title: z.string(),
      /** shipped, resource, icd-10-cm, loinc, rxnorm, snomed-ct, cpt. */
      kind: z.string(),
      /** The version that is meant when none is named. */
      current: z.boolean(),
      concepts: z.number(),
      loadedAt: time,
    }),
  ),
})

const terminologyKind = z.enum(['icd-10-cm', 'loinc', 'rxnorm', 'snomed-ct', 'cpt'])

export const terminologyLoads = z.object({
  kinds: z.array(
    z.object({
      kind: terminologyKind,
      title: z.string(),
      /** Where its owner gives it out. */
      from: z.string(),
      notice: localized,
      /** Who confirmed the notice for the organisation; a load needs it. */
      confirmed: z.object({ by: z.string(), at: time }).nullable(),
    }),
  ),
  loads: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      source: z.string(),
      status: z.enum(['running', 'done', 'failed']),
      /** reading (in KiB), concepts, words, properties, hierarchy, maps, finishing. */
      phase: z.string(),
      done: z.number(),
      /** 0: not known beforehand. */
      total: z.number(),
      /** Code of the refusal and where it is. */
      fault: z.string().nullable(),
      by: z.string(),
      startedAt: time,
      updatedAt: time,
    }),
  ),
  /** What lies in the folder to be loaded from. */
  files: z.array(z.object({ name: z.string(), bytes: z.number(), folder: z.boolean() })),
})

export const terminologyLoad = z.object({
  kind: terminologyKind,
  file: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 ._()+-]{0,150}$/),
  version: z.string().trim().min(1).max(200).optional(),
  replace: z.boolean().optional(),
})

export const terminologyLicence = z.object({ kind: terminologyKind, confirmed: z.literal(true) })

export const conceptSearch = z.object({
  items: z.array(
    z.object({
      system: z.string(),
      version: z.string(),
      code: z.string(),
      display: z.string(),
      /** The name that was found, when it is another than the display. */
      matched: z.string().nullable(),
    }),
  ),
})
export type TerminologyLoads = z.infer<typeof terminologyLoads>
export type TerminologySystems = z.infer<typeof terminologySystems>
export type ConceptSearch = z.infer<typeof conceptSearch>
