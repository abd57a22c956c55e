import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps } from '@xyflow/react'
import type { Line, Point } from './layout.ts'
import type { Mark } from './step-box.tsx'

export type StepEdge = Edge<{ line: Line; text: string; walked: boolean; mark?: Mark | undefined }, 'line'>

const corner = 5

/** A way of straight pieces with rounded corners. */
export function pathOf(points: readonly Point[]): string {
  const [first, ...rest] = points
  if (!first) return ''
  let path = `M${first.x},${first.y}`
  rest.forEach((point, index) => {
    const before = points[index] ?? point
    const after = rest[index + 1]
    if (!after) {
      path += `L${point.x},${point.y}`
      return
    }
    const start = towards(point, before)
    const end = towards(point, after)
    path += `L${start.x},${start.y}Q${point.x},${point.y} ${end.x},${end.y}`
  })
  return path
}

/** A little way from one point in the direction of another. */
function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const share = length === 0 ? 0 : Math.min(corner, length / 2) / length
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
}

/** An edge on the way that the layout found for it. */
export function StepLine({ data, markerEnd }: EdgeProps<StepEdge>) {
  if (!data) return null
  const { line, text, walked, mark } = data
  return (
    <>
      <BaseEdge
        path={pathOf(line.points)}
        {...(markerEnd === undefined ? {} : { markerEnd })}
        className={walked ? 'walked' : (mark ?? '')}
      />
      {line.label && (
        <EdgeLabelRenderer>
          <div
            className="edge-label"
            data-walked={walked}
            style={{ transform: `translate(-50%, -50%) translate(${line.label.x}px, ${line.label.y}px)` }}
          >
            {text}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  )
}
