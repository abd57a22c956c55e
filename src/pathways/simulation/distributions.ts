import type { Chance } from '../../kernel/index.ts'

/** How long something takes, in hours. `cv`: standard deviation over mean. `sample`: drawn from values, in order. */
export type Distribution =
  | { kind: 'exponential'; mean: number }
  | { kind: 'lognormal'; mean: number; cv: number }
  | { kind: 'fixed'; mean: number }
  | { kind: 'sample'; values: readonly number[] }

/** A distribution with what it rests on. `distance`: the largest gap between its curve and the data's (Kolmogorov-Smirnov). */
export interface Fitted {
  distribution: Distribution
  n: number
  mean: number
  cv: number
  distance: number
}

export function draw(distribution: Distribution, chance: Chance): number {
  switch (distribution.kind) {
    case 'exponential':
      return -distribution.mean * Math.log(1 - chance.next())
    case 'lognormal': {
      const { mu, sigma } = ofLogs(distribution)
      // Box and Muller's way to a normal number.
      const normal = Math.sqrt(-2 * Math.log(1 - chance.next())) * Math.cos(2 * Math.PI * chance.next())
      return Math.exp(mu + sigma * normal)
    }
    case 'fixed':
      return distribution.mean
    case 'sample':
      return distribution.values[chance.below(distribution.values.length)] ?? 0
  }
}

export const meanOf = (distribution: Distribution): number =>
  distribution.kind === 'sample'
    ? distribution.values.reduce((sum, one) => sum + one, 0) / Math.max(1, distribution.values.length)
    : distribution.mean

function ofLogs({ mean, cv }: { mean: number; cv: number }): { mu: number; sigma: number } {
  const sigma = Math.sqrt(Math.log(1 + cv * cv))
  return { mu: Math.log(mean) - (sigma * sigma) / 2, sigma }
}

// A sample stands for itself from here on: what is kept of it is the values at even steps of its order.
const mostKept = 200

/**
 * The distribution of some durations in hours: fixed if they hardly vary, else exponential or log-normal by which lies
 * closer; where neither is believable (Kolmogorov-Smirnov at 1 %), the data themselves. Undefined without data.
 */
export function fit(values: readonly number[]): Fitted | undefined {
  const n = values.length
  if (n === 0) return undefined
  const sorted = values.toSorted((a, b) => a - b)
  const mean = sorted.reduce((sum, one) => sum + one, 0) / n
  const variance = n < 2 ? 0 : sorted.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (n - 1)
  const cv = mean > 0 ? Math.sqrt(variance) / mean : 0
  const about = { n, mean, cv }
  if (mean === 0 || cv < 0.01) return { ...about, distribution: { kind: 'fixed', mean }, distance: 0 }
  const candidates: Distribution[] = [
    { kind: 'exponential', mean },
    { kind: 'lognormal', mean, cv },
  ]
  const [best] = candidates
    .map((distribution) => ({ distribution, distance: distanceOf(sorted, distribution) }))
    .toSorted((a, b) => a.distance - b.distance)
  if (best && best.distance <= 1.63 / Math.sqrt(n)) return { ...about, ...best }
  const kept =
    n <= mostKept
      ? sorted
      : Array.from({ length: mostKept }, (_none, i) => sorted[Math.floor(((i + 0.5) * n) / mostKept)] ?? 0)
  return { ...about, distribution: { kind: 'sample', values: kept }, distance: 0 }
}

function distanceOf(sorted: readonly number[], distribution: Distribution): number {
  const n = sorted.length
  return sorted.reduce((most, value, index) => {
    const p = below(distribution, value)
    return Math.max(most, Math.abs(p - index / n), Math.abs(p - (index + 1) / n))
  }, 0)
}

/** The share of a distribution that lies below a value. */
function below(distribution: Distribution, value: number): number {
  if (value <= 0) return 0
  if (distribution.kind === 'exponential') return 1 - Math.exp(-value / distribution.mean)
  if (distribution.kind !== 'lognormal') return value >= meanOf(distribution) ? 1 : 0
  const { mu, sigma } = ofLogs(distribution)
  return 0.5 * (1 + errorFunction((Math.log(value) - mu) / (sigma * Math.SQRT2)))
}

/** Abramowitz and Stegun 7.1.26; wrong by at most 1.5e-7. */
function errorFunction(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x))
  const tail =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp(-x * x)
  return x < 0 ? tail - 1 : 1 - tail
}

/** A number of arrivals, by inversion: with the same chances a higher rate gives never fewer. Long sums are made of short ones. */
export function poisson(rate: number, chance: Chance): number {
  let count = 0
  for (let left = rate; left > 0; left -= 200) {
    const part = Math.min(left, 200)
    const u = chance.next()
    let p = Math.exp(-part)
    let sum = p
    let n = 0
    while (u > sum && p > 0) {
      n += 1
      p *= part / n
      sum += p
    }
    count += n
  }
  return count
}
