import type { PublishedOutline } from './check.ts'
import type { CompiledPathway } from './compile.ts'
import { stepsOf } from './model.ts'

/** What another pathway's `start` step must know of this version: its variables, and the ways its journeys may end. */
export function outlineOf({ id, version, definition }: CompiledPathway): PublishedOutline {
  const ends = stepsOf(definition).flatMap(({ step }) => (step.end ? [step.end.outcome] : []))
  const stops = (definition.stops ?? []).map((stop) => stop.outcome)
  return {
    pathway: id,
    version,
    variables: definition.variables,
    // Nothing left to do; nothing left but what somebody cancelled; stopped by a person or by this step.
    outcomes: [...new Set([...ends, ...stops, 'complete', 'abandoned', 'cancelled'])],
  }
}
