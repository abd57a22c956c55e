/** A number of tasks to come, of which the mean and the variance are known: a gamma-Poisson law, or Poisson's where they are equal. */
export interface Expected {
  mean: number
  variance: number
}

/** Above this mean the law is close to the normal one, and its first terms are too small for a number. */
const large = 200

/**
 * The ends of the interval that holds `share` (0 to 1) of the law, both included. Counts are whole: it holds a little more,
 * and `mass` is how much.
 */
export function intervalOf(law: Expected, share: number): { low: number; high: number; mass: number } {
  const tail = (1 - share) / 2
  if (law.mean > large) {
    const half = normalQuantile(1 - tail) * Math.sqrt(law.variance)
    return { low: Math.max(0, Math.floor(law.mean - half)), high: Math.ceil(law.mean + half), mass: share }
  }
  let below = 0
  let low: number | undefined
  let before = 0
  for (let count = 0, term = first(law); count < 100_000; term = next(law, term, count), count += 1) {
    const sum = below + term
    if (low === undefined && sum >= tail) {
      low = count
      before = below
    }
    if (sum >= 1 - tail) return { low: low ?? count, high: count, mass: sum - before }
    below = sum
  }
  throw new RangeError('the law has no end')
}

/** How far the variance must stand above the mean for the gamma-Poisson law to be told from Poisson's in numbers. */
const least = 1e-9

const sizeOf = ({ mean, variance }: Expected): number => (mean * mean) / (variance - mean)

const isPoisson = ({ mean, variance }: Expected): boolean => variance - mean <= least * Math.max(1, mean)

/** The chance of none. */
const first = (law: Expected): number =>
  isPoisson(law) ? Math.exp(-law.mean) : Math.exp(sizeOf(law) * Math.log(law.mean / law.variance))

/** The chance of one more than `count`, from the chance of `count`. */
const next = (law: Expected, term: number, count: number): number =>
  isPoisson(law)
    ? (term * law.mean) / (count + 1)
    : ((term * (sizeOf(law) + count)) / (count + 1)) * (1 - law.mean / law.variance)

/** Of the standard normal law, by bisection of Abramowitz and Stegun's formula 26.2.17; good to six digits. */
function normalQuantile(share: number): number {
  let [low, high] = [0, 8]
  for (let n = 0; n < 50; n += 1) {
    const middle = (low + high) / 2
    if (normalShare(middle) < share) low = middle
    else high = middle
  }
  return low
}

function normalShare(x: number): number {
  const t = 1 / (1 + 0.2316419 * x)
  const tail = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return 1 - (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * tail
}
