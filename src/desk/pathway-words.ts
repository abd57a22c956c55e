import { type Definition, graphOf, type Localized, stepsOf } from '../pathways/index.ts'

/** How a journey may end, in words: by the title of the step or of the stop that gives the outcome. Null: nobody named it. */
export function endingTitle(definition: Definition, outcome: string | null): Localized | null {
  if (outcome === null) return null
  const step = stepsOf(definition).find((one) => one.step.end?.outcome === outcome)
  return step?.step.end?.title ?? definition.stops?.find((one) => one.outcome === outcome)?.title ?? null
}

/** The picture of a pathway, its edges with the title that the task before them gives to the outcome. */
export function pictureOf(definition: Definition) {
  const graph = graphOf(definition)
  const steps = new Map(stepsOf(definition).map(({ id, step }) => [id, step]))
  return {
    nodes: graph.nodes,
    edges: graph.edges.map((edge) => ({
      ...edge,
      title: steps.get(edge.from)?.task?.outcomes?.find((one) => one.code === edge.outcome)?.title ?? null,
    })),
  }
}
