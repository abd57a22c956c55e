import { chiSquareTail } from './distributions.ts'

/** Counts by value of one input: `{ '18-39': 120, '40-64': 210 }`. */
export type Counts = Readonly<Record<string, number>>

export interface Drift {
  /** Population stability index of the window against the reference, in nats. */
  psi: number
  /** Chance of a PSI at least as large when nothing has drifted. */
  chance: number
  /** Values of the window that the reference has never seen. */
  fresh: readonly string[]
  state: 'steady' | 'alarm' | 'too-few'
}

/** Cells with fewer expected than this are taken together: below it the chi-square does not hold (Cochran 1954). */
const least = 5
/** An alarm when nothing has drifted once in a hundred windows. */
const alpha = 0.01

/**
 * How far a window's distribution has moved from its reference. The usual limits for the PSI (0.1, 0.2) ignore how many
 * rows there are: with 100 rows they alarm all the time, with 100,000 never. Without drift, PSI · n·m/(n+m) is close to a
 * chi-square with one degree less than there are cells (Yurdakul and Naranjo 2020), so the alarm goes by that.
 */
export function driftOf(reference: Counts, window: Counts): Drift {
  const values = [...new Set([...Object.keys(reference), ...Object.keys(window)])]
  const fresh = values.filter((value) => (window[value] ?? 0) > 0 && (reference[value] ?? 0) === 0)
  const m = total(reference)
  const n = total(window)
  const cells = joined(
    values.map((value) => ({ before: reference[value] ?? 0, now: window[value] ?? 0 })),
    m,
    n,
  )
  if (m === 0 || n === 0 || cells.length < 2) return { psi: 0, chance: 1, fresh, state: 'too-few' }
  // Half a case in each cell keeps an empty one from being infinitely surprising.
  const size = cells.length / 2
  const psi = cells.reduce((sum, { before, now }) => {
    const p = (before + 0.5) / (m + size)
    const q = (now + 0.5) / (n + size)
    return sum + (q - p) * Math.log(q / p)
  }, 0)
  const chance = chiSquareTail((psi * n * m) / (n + m), cells.length - 1)
  return { psi, chance, fresh, state: chance < alpha ? 'alarm' : 'steady' }
}

const total = (counts: Counts) => Object.values(counts).reduce((sum, one) => sum + one, 0)

interface Cell {
  before: number
  now: number
}

/** Cells too small to count alone, taken together, smallest first. */
function joined(cells: readonly Cell[], m: number, n: number): Cell[] {
  const expected = (cell: Cell) => ((cell.before + cell.now) / (m + n)) * Math.min(m, n)
  const sorted = cells.filter(({ before, now }) => before + now > 0).toSorted((a, b) => expected(a) - expected(b))
  const kept: Cell[] = []
  let rest: Cell = { before: 0, now: 0 }
  for (const cell of sorted) {
    if (expected(rest) === 0 && expected(cell) >= least) kept.push(cell)
    else {
      rest = { before: rest.before + cell.before, now: rest.now + cell.now }
      if (expected(rest) >= least) {
        kept.push(rest)
        rest = { before: 0, now: 0 }
      }
    }
  }
  const last = kept.at(0)
  if (rest.before + rest.now > 0 && last) kept[0] = { before: last.before + rest.before, now: last.now + rest.now }
  return kept
}

/** Steps down only when two windows in a row alarm: one is news, two are a fact. */
export const holdsBack = (windows: readonly Drift[]): boolean =>
  windows.length >= 2 && windows.slice(-2).every(({ state }) => state === 'alarm')
