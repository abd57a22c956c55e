import { graphOf, type Graph } from './graph.ts'
import { type Definition, type Localized, stepsOf } from './model.ts'

/** A pathway's picture with words on its lines: the title that the task before them gives to the outcome. */
export interface Picture {
  nodes: Graph['nodes']
  edges: (Graph['edges'][number] & { title: Localized | null })[]
}

export function pictureOf(definition: Definition): Picture {
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
