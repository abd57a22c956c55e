import { z } from 'zod'
import { type Hazard, safety as shapes } from '../../contracts/index.ts'
import { readYaml } from '../../pathways/index.ts'

const fileSchema = z.strictObject({
  /** None: of every automation. */
  automation: z.string().optional(),
  hazards: z.array(shapes.hazard).min(1),
})
export type HazardFile = z.infer<typeof fileSchema>

/** Reads a file of hazards. Throws a ZodError that names what is wrong. */
export const readHazards = (source: string): HazardFile => fileSchema.parse(readYaml(source).content)

/** The hazards of an automation: its own before those that all have. */
export const hazardsOf = (files: readonly HazardFile[], automation: string): Hazard[] => [
  ...files.filter((one) => one.automation === automation).flatMap(({ hazards }) => hazards),
  ...files.filter((one) => one.automation === undefined).flatMap(({ hazards }) => hazards),
]
