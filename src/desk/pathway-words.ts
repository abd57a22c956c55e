import { type Definition, type Localized, stepsOf } from '../pathways/index.ts'

/** How a journey may end, in words: by the title of the step or of the stop that gives the outcome. Null: nobody named it. */
export function endingTitle(definition: Definition, outcome: string | null): Localized | null {
  if (outcome === null) return null
  const step = stepsOf(definition).find((one) => one.step.end?.outcome === outcome)
  return step?.step.end?.title ?? definition.stops?.find((one) => one.outcome === outcome)?.title ?? null
}
