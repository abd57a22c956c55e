import type { CompiledPathway } from './compile.ts'
import { predecessorsOf, stepsOf } from './model.ts'

/**
 * What scenarios should go through: every step, by its name; and every outcome that some step follows, `step.outcome`.
 * Compare with a scenario report's `steps` and `outcomes`.
 */
export function branchesOf({ definition }: CompiledPathway): string[] {
  const steps = stepsOf(definition)
  return [
    ...new Set([
      ...steps.map((one) => one.id),
      ...steps.flatMap(({ step }) =>
        predecessorsOf(step).from.flatMap((edge) =>
          edge.outcome === undefined ? [] : [`${edge.step}.${edge.outcome}`],
        ),
      ),
      ...steps.flatMap(({ id, step }) => (step.when === undefined ? [] : [`${id}.skipped`])),
    ]),
  ]
}
