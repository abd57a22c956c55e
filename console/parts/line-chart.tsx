/** One line of a chart: a value for each place of the axis, and a band around it if there is one. */
export interface Line {
  name: string
  look: 'before' | 'after'
  values: readonly number[]
  band?: readonly { low: number; high: number }[]
}

const width = 640
const height = 132
const left = 34
const bottom = 18

/** Lines over days. A picture beside numbers that stand in a table: what it says in words is its label. */
export function LineChart({ label, days, lines }: { label: string; days: readonly string[]; lines: readonly Line[] }) {
  const most = Math.max(1, ...lines.flatMap(({ values, band }) => [...values, ...(band ?? []).map(({ high }) => high)]))
  const top = roundUp(most)
  const x = (index: number) => left + (index / Math.max(1, days.length - 1)) * (width - left - 6)
  const y = (value: number) => 6 + (1 - value / top) * (height - bottom - 6)
  const path = (values: readonly number[]) =>
    values.map((value, index) => `${index === 0 ? 'M' : 'L'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`).join('')
  const area = (band: NonNullable<Line['band']>) =>
    `${path(band.map(({ high }) => high))}${band
      .map(({ low }, index) => `L${x(index).toFixed(1)} ${y(low).toFixed(1)}`)
      .toReversed()
      .join('')}Z`
  const marked = [...new Set([0, Math.floor((days.length - 1) / 2), days.length - 1])].filter((index) => index >= 0)
  return (
    <svg className="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {[0, top / 2, top].map((value) => (
        <g key={value}>
          <line className="chart-rule" x1={left} x2={width - 6} y1={y(value)} y2={y(value)} />
          <text className="chart-mark" x={left - 5} y={y(value) + 3.5} textAnchor="end">
            {value}
          </text>
        </g>
      ))}
      {lines.map(({ name, look, band }) => band && <path key={name} className={`chart-band ${look}`} d={area(band)} />)}
      {lines.map(({ name, look, values }) => (
        <path key={name} className={`chart-line ${look}`} d={path(values)} />
      ))}
      {marked.map((index) => (
        <text
          key={index}
          className="chart-mark"
          x={x(index)}
          y={height - 4}
          textAnchor={index === 0 ? 'start' : index === days.length - 1 ? 'end' : 'middle'}
        >
          {days[index]}
        </text>
      ))}
    </svg>
  )
}

/** The next even number of the form 2, 4, 10, 20, 40, 100 … at or above a value. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return [2, 4, 10, 20].map((one) => one * power).find((one) => one >= value) ?? value
}

/** Which line is which. */
export function Legend({ lines }: { lines: readonly { name: string; look: Line['look'] }[] }) {
  return (
    <p className="chart-legend">
      {lines.map(({ name, look }) => (
        <span key={name}>
          <svg width="22" height="8" aria-hidden="true">
            <path className={`chart-line ${look}`} d="M0 4L22 4" />
          </svg>{' '}
          {name}
        </span>
      ))}
    </p>
  )
}
