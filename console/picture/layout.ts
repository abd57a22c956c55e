import ElkApi from 'elkjs/lib/elk-api.js'
import workerUrl from 'elkjs/lib/elk-worker.min.js?url'
import type { Graph } from '../../src/contracts/index.ts'

export const nodeWidth = 168
export const nodeHeight = 58

export interface Place {
  x: number
  y: number
}

// Laying out takes tens of milliseconds and more: in a worker the page stays quick. One worker serves all pictures.
const elk = new ElkApi.default({ workerFactory: () => new Worker(workerUrl) })
const known = new Map<string, Promise<Map<string, Place>>>()

/** Places for the nodes of a graph, from top to bottom. The same graph is laid out once. */
export function layOut({ nodes, edges }: Pick<Graph, 'nodes' | 'edges'>): Promise<Map<string, Place>> {
  const key = JSON.stringify([nodes.map((node) => [node.id, node.track]), edges.map((edge) => [edge.from, edge.to])])
  const found = known.get(key) ?? compute(nodes, edges)
  known.set(key, found)
  found.catch(() => known.delete(key))
  return found
}

async function compute(nodes: Graph['nodes'], edges: Graph['edges']): Promise<Map<string, Place>> {
  const placed = await elk.layout({
    id: 'root',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'DOWN',
      'elk.layered.spacing.nodeNodeBetweenLayers': '44',
      'elk.spacing.nodeNode': '26',
      'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
      'elk.separateConnectedComponents': 'true',
    },
    children: nodes.map((node) => ({ id: node.id, width: nodeWidth, height: nodeHeight })),
    edges: edges.map((edge, index) => ({ id: String(index), sources: [edge.from], targets: [edge.to] })),
  })
  return new Map((placed.children ?? []).map((node) => [node.id, { x: node.x ?? 0, y: node.y ?? 0 }]))
}
