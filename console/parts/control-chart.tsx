/** One place of a control chart. Values in the chart's unit. */
export interface ControlPoint {
  name: string
  value: number | null
  low: number | null
  high: number | null
  marked: boolean
}

const width = 640
const height = 150
const left = 58
const bottom = 18

/**
 * A control chart: values, their centre and their natural limits; marked values are drawn as filled squares, the others as
 * dots. A picture beside numbers that stand in a table: what it says in words is its label.
 */
export function ControlChart({
  label,
  centre,
  points,
  say,
}: {
  label: string
  centre: number | null
  points: readonly ControlPoint[]
  say: (value: number) => string
}) {
  const most = Math.max(0, ...points.flatMap(({ value, high }) => [value ?? 0, high ?? 0]))
  const top = most === 0 ? 1 : most * 1.05
  const x = (index: number) => left + (index / Math.max(1, points.length - 1)) * (width - left - 10)
  const y = (value: number) => 8 + (1 - value / top) * (height - bottom - 8)
  const step = (pick: (point: ControlPoint) => number | null) => {
    let open = false
    return points
      .map((point, index) => {
        const value = pick(point)
        if (value === null) {
          open = false
          return ''
        }
        const text = `${open ? 'L' : 'M'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`
        open = true
        return text
      })
      .join('')
  }
  const marked = [...new Set([0, Math.floor((points.length - 1) / 2), points.length - 1])].filter((index) => index >= 0)
  return (
    <svg className="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {[0, top / 2, top].map((value) => (
        <g key={value}>
          <line className="chart-rule" x1={left} x2={width - 10} y1={y(value)} y2={y(value)} />
          <text className="chart-mark" x={left - 6} y={y(value) + 3.5} textAnchor="end">
            {say(value)}
          </text>
        </g>
      ))}
      <path className="chart-limit" d={step(({ high }) => high)} />
      <path className="chart-limit" d={step(({ low }) => low)} />
      {centre !== null && <path className="chart-line before" d={step(() => centre)} />}
      <path className="chart-line after" d={step(({ value }) => value)} />
      {points.map(({ name, value, marked: stands }, index) =>
        value === null ? null : stands ? (
          <rect key={name} className="chart-point marked" x={x(index) - 4} y={y(value) - 4} width={8} height={8} />
        ) : (
          <circle key={name} className="chart-point" cx={x(index)} cy={y(value)} r={2.5} />
        ),
      )}
      {marked.map((index) => (
        <text
          key={index}
          className="chart-mark"
          x={x(index)}
          y={height - 4}
          textAnchor={index === 0 ? 'start' : index === points.length - 1 ? 'end' : 'middle'}
        >
          {points[index]?.name}
        </text>
      ))}
    </svg>
  )
}
