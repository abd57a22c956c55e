import { type Definition, kindOf, type Localized, predecessorsOf, type Step, type StepKind, stepsOf } from './model.ts'

/** A pathway's picture: what the console lays out and colours. */
export interface Graph {
  nodes: { id: string; kind: StepKind; track: string; stage: string | null; title: Localized }[]
  edges: { from: string; to: string; outcome: string | null }[]
}

export function graphOf(definition: Definition): Graph {
  const steps = stepsOf(definition)
  return {
    nodes: steps.map(({ id, track, step }) => ({
      id,
      kind: kindOf(step),
      track,
      stage: step.stage ?? null,
      title: titleOf(id, step),
    })),
    edges: steps.flatMap(({ id, step }) =>
      predecessorsOf(step).from.map((edge) => ({ from: edge.step, to: id, outcome: edge.outcome ?? null })),
    ),
  }
}

/** A step's title: its own, its kind's, or its name in words. */
export function titleOf(id: string, step: Step): Localized {
  const words = id.replaceAll('-', ' ')
  const own =
    step.title ?? (step.task ?? step.form ?? step.appointment ?? step.order ?? step.request ?? step.end)?.title
  const plain = words.charAt(0).toUpperCase() + words.slice(1)
  return own ?? { en: plain, fr: plain }
}
