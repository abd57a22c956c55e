import ElkApi, { type ElkNode } from 'elkjs/lib/elk-api.js'
import workerUrl from 'elkjs/lib/elk-worker.min.js?url'

export const nodeWidth = 168
export const nodeHeight = 52

export interface Point {
  x: number
  y: number
}

export interface Line {
  points: Point[]
  /** The label's middle. */
  label: Point | undefined
}

export interface Layout {
  nodes: ReadonlyMap<string, Point>
  /** In the order of the edges given. */
  lines: readonly Line[]
}

export interface Shape {
  nodes: readonly string[]
  edges: readonly { from: string; to: string; label: string }[]
}

// Laying out takes tens of milliseconds and more: in a worker the page stays quick. One worker serves all pictures.
const elk = new ElkApi.default({ workerFactory: () => new Worker(workerUrl) })

/** Places for the nodes of a graph from top to bottom, and ways for its edges around them. */
export async function layOut({ nodes, edges }: Shape, { between = 18 } = {}): Promise<Layout> {
  const placed: ElkNode = await elk.layout<ElkNode>({
    id: 'root',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'DOWN',
      'elk.edgeRouting': 'ORTHOGONAL',
      'elk.layered.spacing.nodeNodeBetweenLayers': String(between),
      'elk.layered.spacing.edgeNodeBetweenLayers': '10',
      'elk.layered.spacing.edgeEdgeBetweenLayers': '8',
      'elk.spacing.nodeNode': '20',
      'elk.spacing.edgeNode': '12',
      'elk.spacing.edgeLabel': '0',
      'elk.edgeLabels.inline': 'true',
      'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
      'elk.layered.considerModelOrder.strategy': 'PREFER_EDGES',
    },
    children: nodes.map((id) => ({ id, width: nodeWidth, height: nodeHeight })),
    edges: edges.map((edge, index) => ({
      id: String(index),
      sources: [edge.from],
      targets: [edge.to],
      ...(edge.label === '' ? {} : { labels: [{ text: edge.label, width: edge.label.length * 5.6 + 8, height: 14 }] }),
    })),
  })
  const lines = (placed.edges ?? []).map((edge): Line => {
    const [section] = edge.sections ?? []
    const [label] = edge.labels ?? []
    return {
      points: section ? [section.startPoint, ...(section.bendPoints ?? []), section.endPoint] : [],
      label: label
        ? { x: (label.x ?? 0) + (label.width ?? 0) / 2, y: (label.y ?? 0) + (label.height ?? 0) / 2 }
        : undefined,
    }
  })
  return { nodes: new Map((placed.children ?? []).map((node) => [node.id, { x: node.x ?? 0, y: node.y ?? 0 }])), lines }
}
