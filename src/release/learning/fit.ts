/** A case to learn from: its inputs as numbers, and whether it happened. */
export interface Sample {
  x: readonly number[]
  happened: boolean
}

export interface Logistic {
  intercept: number
  weights: number[]
}

const zeros = (length: number): number[] => Array.from({ length }, () => 0)
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))

/**
 * Logistic regression by Newton's method (iteratively reweighted least squares), with a ridge on the weights and none on
 * the intercept: it has one answer for any data in which both outcomes occur, also where an input tells them apart wholly.
 * Inputs should be standardised, so that the ridge weighs alike on all. Deterministic.
 * @param ridge penalty λ/2·Σw²; 1 is a standard normal prior on each standardised weight.
 */
export function fitLogistic(samples: readonly Sample[], ridge: number): Logistic {
  const width = samples[0]?.x.length ?? 0
  const size = width + 1
  let beta = zeros(size)
  for (let round = 0; round < 100; round += 1) {
    const gradient = zeros(size)
    const hessian = Array.from({ length: size }, () => zeros(size))
    for (const { x, happened } of samples) {
      const row = [1, ...x]
      const p = sigmoid(row.reduce((sum, value, n) => sum + value * (beta[n] ?? 0), 0))
      const rest = (happened ? 1 : 0) - p
      const weight = Math.max(p * (1 - p), 1e-12)
      for (let i = 0; i < size; i += 1) {
        gradient[i] = (gradient[i] ?? 0) + rest * (row[i] ?? 0)
        const line = hessian[i]
        if (line) for (let j = 0; j < size; j += 1) line[j] = (line[j] ?? 0) + weight * (row[i] ?? 0) * (row[j] ?? 0)
      }
    }
    for (let i = 1; i < size; i += 1) {
      gradient[i] = (gradient[i] ?? 0) - ridge * (beta[i] ?? 0)
      const line = hessian[i]
      if (line) line[i] = (line[i] ?? 0) + ridge
    }
    const step = solve(hessian, gradient)
    // A step that would throw it far out is shortened: Newton's method overshoots where the outcomes are nearly told apart.
    const longest = Math.max(...step.map(Math.abs))
    const part = longest > 5 ? 5 / longest : 1
    beta = beta.map((value, n) => value + part * (step[n] ?? 0))
    if (longest < 1e-10) break
  }
  const [intercept = 0, ...weights] = beta
  return { intercept, weights }
}

/** Solves a symmetric positive definite system by elimination with a pivot. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const size = right.length
  const rows = matrix.map((line, n) => [...line, right[n] ?? 0])
  for (let at = 0; at < size; at += 1) {
    const below = rows.map((line, n) => [n < at ? -1 : Math.abs(line[at] ?? 0), n] as const)
    const [, best] = below.reduce((most, one) => (one[0] > most[0] ? one : most))
    const pivot = rows[best] ?? []
    rows[best] = rows[at] ?? []
    rows[at] = pivot
    for (let n = at + 1; n < size; n += 1) {
      const line = rows[n] ?? []
      const factor = (line[at] ?? 0) / (pivot[at] ?? 1)
      for (let column = at; column <= size; column += 1)
        line[column] = (line[column] ?? 0) - factor * (pivot[column] ?? 0)
    }
  }
  const answer = zeros(size)
  for (let at = size - 1; at >= 0; at -= 1) {
    const line = rows[at] ?? []
    let sum = line[size] ?? 0
    for (let column = at + 1; column < size; column += 1) sum -= (line[column] ?? 0) * (answer[column] ?? 0)
    answer[at] = sum / (line[at] ?? 1)
  }
  return answer
}

/** A case that a model has given a chance, and what came of it. */
export interface Scored {
  /** 0 to 1. */
  score: number
  happened: boolean
}

export interface Discrimination {
  /** Chance that of one case that happened and one that did not, the first has the higher score (area under the curve). */
  area: number
  /** Lower end of its 90 % interval, by DeLong, DeLong and Clarke-Pearson, Biometrics 1988;44:837. */
  atLeast: number
}

/** How well scores tell apart what happened and what did not; undefined unless both are there at least twice. */
export function discrimination(cases: readonly Scored[]): Discrimination | undefined {
  const with_ = cases.flatMap(({ score, happened }) => (happened ? [score] : [])).sort((a, b) => a - b)
  const without = cases.flatMap(({ score, happened }) => (happened ? [] : [score])).sort((a, b) => a - b)
  if (with_.length < 2 || without.length < 2) return undefined
  const above = with_.map((score) => shareBelow(without, score))
  const below = without.map((score) => 1 - shareBelow(with_, score))
  const area = mean(above)
  const deviation = Math.sqrt(variance(above) / above.length + variance(below) / below.length)
  return { area, atLeast: Math.max(0, area - 1.6449 * deviation) }
}

/** Share of a sorted list that lies below a value; equal ones count half. */
function shareBelow(sorted: readonly number[], value: number): number {
  const first = (holds: (one: number) => boolean) => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (holds(sorted[middle] ?? 0)) high = middle
      else low = middle + 1
    }
    return low
  }
  return (first((one) => one >= value) + first((one) => one > value)) / 2 / sorted.length
}

export const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length

const variance = (all: readonly number[]): number => {
  const middle = mean(all)
  return all.reduce((sum, one) => sum + (one - middle) ** 2, 0) / (all.length - 1)
}

export interface Calibration {
  /** Logistic recalibration: 1 where the scores are as spread as they should be, below where they are too bold. */
  slope: number
  /** How many happened, for each that was foreseen. */
  observedPerExpected: number
  /** Mean squared error, and that of foretelling the same for everybody. */
  brier: number
  brierOfNone: number
  /** Fifths of the cases by score, the lowest first. */
  fifths: { cases: number; foreseen: number; happened: number }[]
}

/** How far scores are what they say, as chances. */
export function calibration(cases: readonly Scored[]): Calibration {
  const sorted = cases.toSorted((a, b) => a.score - b.score)
  const rate = mean(cases.map(({ happened }) => Number(happened)))
  const logit = (p: number) => {
    const inside = Math.min(Math.max(p, 1e-6), 1 - 1e-6)
    return Math.log(inside / (1 - inside))
  }
  const { weights } = fitLogistic(
    cases.map(({ score, happened }) => ({ x: [logit(score)], happened })),
    1e-9,
  )
  const fifths = [0, 1, 2, 3, 4].map((n) => {
    const part = sorted.slice(Math.floor((n * sorted.length) / 5), Math.floor(((n + 1) * sorted.length) / 5))
    return {
      cases: part.length,
      foreseen: part.length === 0 ? 0 : mean(part.map(({ score }) => score)),
      happened: part.filter(({ happened }) => happened).length,
    }
  })
  return {
    slope: weights[0] ?? 0,
    observedPerExpected: rate / mean(cases.map(({ score }) => score)),
    brier: mean(cases.map(({ score, happened }) => (score - Number(happened)) ** 2)),
    brierOfNone: rate * (1 - rate),
    fifths,
  }
}
