/** Logarithm of the gamma function for x > 0: Stirling's series after shifting x above 8; error below 1e-12. */
function logGamma(x: number): number {
  let shift = 0
  let at = x
  while (at < 8) {
    shift += Math.log(at)
    at += 1
  }
  const inverse = 1 / (at * at)
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / at
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - shift
}

/** Chance that a chi-square with `freedom` degrees passes `x`. Series below the mean, continued fraction above. */
export function chiSquareTail(x: number, freedom: number): number {
  if (x <= 0) return 1
  const a = freedom / 2
  const z = x / 2
  const scale = Math.exp(a * Math.log(z) - z - logGamma(a))
  if (z < a + 1) {
    let term = 1 / a
    let sum = term
    for (let n = 1; n < 1000 && term > sum * 1e-15; n += 1) {
      term *= z / (a + n)
      sum += term
    }
    return 1 - sum * scale
  }
  // Lentz's method.
  const tiny = 1e-300
  let b = z + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let fraction = d
  for (let n = 1; n < 1000; n += 1) {
    const numerator = -n * (n - a)
    b += 2
    d = 1 / (numerator * d + b || tiny)
    c = b + numerator / c || tiny
    const change = c * d
    fraction *= change
    if (Math.abs(change - 1) < 1e-15) break
  }
  return fraction * scale
}

/** Wilson's interval for a proportion; z is the normal quantile (1.645 for 90 % on both sides). */
export function wilson(events: number, all: number, z: number): { low: number; high: number } {
  const share = events / all
  const shrink = 1 + (z * z) / all
  const middle = (share + (z * z) / (2 * all)) / shrink
  const half = (z * Math.sqrt((share * (1 - share)) / all + (z * z) / (4 * all * all))) / shrink
  return { low: middle - half, high: middle + half }
}
