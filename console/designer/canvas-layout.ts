import type { Picture } from '../../src/pathways/index.ts'
import { layOut, type Line, nodeHeight, nodeWidth, type Point } from '../picture/layout.ts'

export const laneHead = 34
const lanePadding = 22
const laneGap = 18

export interface Way {
  from: string
  to: string
  outcomes: (string | null)[]
  label: string
}

export interface Lane {
  id: string
  x: number
  width: number
  height: number
}

export interface Placed {
  lanes: Lane[]
  nodes: ReadonlyMap<string, Point>
  ways: readonly (Way & { line: Line | undefined })[]
}

/** Two ways from one step to another are one line, with both outcomes on it. */
export function waysOfGraph(graph: Pick<Picture, 'edges'>, say: (from: string, outcome: string) => string): Way[] {
  const ways = new Map<string, Way>()
  for (const { from, to, outcome } of graph.edges) {
    const key = `${from} ${to}`
    const way = ways.get(key) ?? { from, to, outcomes: [], label: '' }
    ways.set(key, way)
    way.outcomes.push(outcome)
    if (outcome !== null) way.label = way.label === '' ? say(from, outcome) : `${way.label} / ${say(from, outcome)}`
  }
  return [...ways.values()]
}

/** Tracks side by side, each laid out from top to bottom. */
export async function placeLanes(
  tracks: readonly string[],
  nodes: readonly { id: string; track: string }[],
  ways: readonly Way[],
): Promise<Placed> {
  const placed: Placed & { nodes: Map<string, Point> } = { lanes: [], nodes: new Map(), ways: [] }
  const lines = new Map<Way, Line>()
  let x = 0
  for (const track of tracks) {
    const own = nodes.filter((node) => node.track === track).map((node) => node.id)
    const inside = new Set(own)
    const between = ways.filter((way) => inside.has(way.from) && inside.has(way.to))
    const layout = await layOut({ nodes: own, edges: between }, { between: 34 })
    const right = Math.max(nodeWidth, ...[...layout.nodes.values()].map((point) => point.x + nodeWidth))
    const bottom = Math.max(nodeHeight, ...[...layout.nodes.values()].map((point) => point.y + nodeHeight))
    const dx = x + lanePadding
    const dy = laneHead + lanePadding
    for (const [id, point] of layout.nodes) placed.nodes.set(id, { x: point.x + dx, y: point.y + dy })
    const move = (point: Point): Point => ({ x: point.x + dx, y: point.y + dy })
    for (const [index, way] of between.entries()) {
      const line = layout.lines[index]
      if (line) lines.set(way, { points: line.points.map(move), label: line.label && move(line.label) })
    }
    const width = right + 2 * lanePadding
    placed.lanes.push({ id: track, x, width, height: bottom + 2 * lanePadding + laneHead })
    x += width + laneGap
  }
  const height = Math.max(0, ...placed.lanes.map((lane) => lane.height))
  for (const lane of placed.lanes) lane.height = height
  placed.ways = ways.map((way) => ({ ...way, line: lines.get(way) }))
  return placed
}

/** The nearest step in a direction, for the arrow keys: what lies that way first, then what lies least aside. */
export function nearest(
  nodes: ReadonlyMap<string, Point>,
  from: string,
  direction: 'up' | 'down' | 'left' | 'right',
): string | undefined {
  const here = nodes.get(from)
  if (!here) return [...nodes.keys()][0]
  const ahead = (point: Point) =>
    direction === 'down'
      ? point.y - here.y
      : direction === 'up'
        ? here.y - point.y
        : direction === 'right'
          ? point.x - here.x
          : here.x - point.x
  const aside = (point: Point) =>
    Math.abs(direction === 'up' || direction === 'down' ? point.x - here.x : point.y - here.y)
  return [...nodes]
    .filter(([id, point]) => id !== from && ahead(point) > 4)
    .toSorted(([, a], [, b]) => ahead(a) + 2 * aside(a) - (ahead(b) + 2 * aside(b)))[0]?.[0]
}
