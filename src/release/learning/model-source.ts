import type { Logistic } from './fit.ts'

export interface Feature {
  name: string
  mean: number
  scale: number
}

const short = (value: number): number => Number(value.toPrecision(6))

/** An automation's source with its way of answering replaced by a model; all else, comments too, stays as it is. */
export function withModel(
  source: string,
  asked: { features: readonly Feature[]; fitted: Logistic; bands: readonly { from: number; gives: string }[] },
): string {
  const kept: string[] = []
  let answering = false
  for (const line of source.trimEnd().split('\n')) {
    if (/^[^\s#]/.test(line)) answering = /^["']?(?:rules|table|model)["']?\s*:/.test(line)
    if (!answering) kept.push(line)
  }
  const { features, fitted, bands } = asked
  return [
    ...kept,
    'model:',
    `  intercept: ${short(fitted.intercept)}`,
    '  weights:',
    ...features.map(
      ({ name, mean, scale }, n) =>
        `    ${name}: {weight: ${short(fitted.weights[n] ?? 0)}, mean: ${short(mean)}, scale: ${short(scale)}}`,
    ),
    '  bands:',
    ...bands.map(({ from, gives }) => `    - {from: ${short(from)}, gives: ${gives}}`),
    '',
  ].join('\n')
}
