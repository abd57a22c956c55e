/**
 * Control charts for people to look at. They never stop anything: what a rule marks is a question, and the evidence that
 * acts is elsewhere (`rollouts/`).
 */
export type Signal = 'outside' | 'two-of-three' | 'eight-on-one-side'

export interface ChartPoint {
  value: number | null
  /** Natural limits of this point; null while there is too little to know them. */
  low: number | null
  high: number | null
  signals: Signal[]
}

export interface ControlChart {
  centre: number | null
  points: ChartPoint[]
}

/** Fewer points than this tell nothing about what is usual. */
const least = 8
/** The last points are held against those before, once there are enough of these: else a change hides in its own limits. */
const judged = 4

const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length

/** What limits are made of: all but the last four, or all while there are fewer than twelve. */
const basis = <T>(points: readonly T[]): readonly T[] =>
  points.length >= least + judged ? points.slice(0, -judged) : points

/**
 * XmR chart of single values: limits at 2.66 mean moving ranges from the mean (Shewhart's constant 3 / 1.128), not below
 * zero. A null is a time without a value: it has no place in the limits and breaks no run.
 */
export function xmrChart(values: readonly (number | null)[]): ControlChart {
  const known = values.filter((value) => value !== null)
  if (known.length < least) return unlimited(values)
  const base = basis(known)
  const centre = mean(base)
  const ranges = base.slice(1).map((value, index) => Math.abs(value - (base[index] ?? value)))
  const reach = 2.66 * mean(ranges)
  const low = Math.max(0, centre - reach)
  return marked(
    centre,
    values.map((value) => ({ value, low, high: centre + reach })),
  )
}

/** p chart of shares: limits at three standard errors of each point's own size, within 0 and 1. */
export function pChart(points: readonly { events: number; all: number }[]): ControlChart {
  const values = points.map(({ events, all }) => (all === 0 ? null : events / all))
  const known = points.filter(({ all }) => all > 0)
  if (known.length < least) return unlimited(values)
  const base = basis(known)
  const all = base.reduce((sum, one) => sum + one.all, 0)
  const centre = base.reduce((sum, one) => sum + one.events, 0) / all
  return marked(
    centre,
    points.map((point, index) => {
      const reach = point.all === 0 ? 1 : 3 * Math.sqrt((centre * (1 - centre)) / point.all)
      return {
        value: values[index] ?? null,
        low: Math.max(0, centre - reach),
        high: Math.min(1, centre + reach),
      }
    }),
  )
}

const unlimited = (values: readonly (number | null)[]): ControlChart => ({
  centre: null,
  points: values.map((value) => ({ value, low: null, high: null, signals: [] })),
})

/**
 * Marks points by three rules, stated beside every chart: one outside the limits; two of three in a row beyond two thirds
 * of the way to the limit on one side; eight in a row on one side of the centre.
 */
function marked(centre: number, points: readonly { value: number | null; low: number; high: number }[]): ControlChart {
  // How far a value lies from the centre, in thirds of the way to its limit; above is positive.
  const thirds = points.map(({ value, low, high }) => {
    if (value === null) return null
    const way = value >= centre ? high - centre : centre - low
    return way === 0 ? Math.sign(value - centre) * 3 : ((value - centre) / way) * 3
  })
  const seen = thirds.flatMap((third, index) => (third === null ? [] : [{ third, index }]))
  const signals = new Map<number, Set<Signal>>()
  const mark = (index: number, signal: Signal) => signals.set(index, new Set([...(signals.get(index) ?? []), signal]))
  for (const [place, { third, index }] of seen.entries()) {
    const { value, low, high } = points[index] ?? { value: null, low: 0, high: 0 }
    if (value !== null && (value < low || value > high)) mark(index, 'outside')
    const side = Math.sign(third)
    const three = seen.slice(Math.max(0, place - 2), place + 1)
    if (three.length === 3 && side !== 0 && third * side > 2 && three.filter((one) => one.third * side > 2).length >= 2)
      mark(index, 'two-of-three')
    const eight = seen.slice(Math.max(0, place - 7), place + 1)
    if (eight.length === 8 && side !== 0 && eight.every((one) => Math.sign(one.third) === side))
      mark(index, 'eight-on-one-side')
  }
  return {
    centre,
    points: points.map((point, index) => ({ ...point, signals: [...(signals.get(index) ?? [])] })),
  }
}
