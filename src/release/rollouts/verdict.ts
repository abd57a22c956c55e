import { type Evidence, harm, noWorseThan, refutes, sampleRatio, strength } from '../evidence.ts'

/** One metric of a release as it stands. Times in milliseconds. */
export interface Metric {
  name: string
  /** Harm is what the patient suffers; quality is everything else that must not get worse. */
  kind: 'harm' | 'quality'
  /** How much worse than the control would matter: 1.5 is half as often again. */
  margin: number
  /** Evidence that the canary is worse. */
  worse: Evidence
  /** Evidence that it is not worse by the margin. */
  noWorse: Evidence
  /** When somebody last vouched that whatever happened was told. */
  toldAt: number
  /** After so long without that, the data are late; after so long again, they are missing. */
  freshFor: number
  grace: number
}

export interface Standing {
  metrics: readonly Metric[]
  assignments: Evidence
  /** What this attempt may spend. */
  alpha: number
  /** A severe event that needs no statistics, by its code. */
  hardStop: string | undefined
}

/** What follows, the weightiest first; `because` names the metric or the reason. */
export type Verdict =
  | { does: 'kill'; because: string; strength: number | undefined }
  | { does: 'step-down'; because: string }
  | { does: 'hold'; because: string; missing: readonly string[] }
  | { does: 'promotable' }

/**
 * Harm outranks the quality of the data: what is proven stays proven when the sample is crooked. Missing data on harm hold
 * first, then step down: silence is not safety. Nothing is promotable that is not proven to be no worse.
 */
export function verdictOf({ metrics, assignments, alpha, hardStop }: Standing, now: number): Verdict {
  if (hardStop !== undefined) return { does: 'kill', because: hardStop, strength: undefined }
  const harms = metrics.filter(({ kind }) => kind === 'harm')
  const proven = harms.find(({ worse }) => refutes(harm, worse, alpha))
  if (proven) return { does: 'kill', because: proven.name, strength: strength(harm, proven.worse) }
  const gone = harms.find(({ toldAt, freshFor, grace }) => now - toldAt > freshFor + grace)
  if (gone) return { does: 'step-down', because: gone.name }
  const missing = missingOf({ metrics, assignments, alpha, hardStop }, now)
  const late = harms.find(({ toldAt, freshFor }) => now - toldAt > freshFor)
  if (late) return { does: 'hold', because: `late: ${late.name}`, missing }
  if (refutes(sampleRatio, assignments, alpha)) return { does: 'hold', because: 'sample-ratio', missing }
  const worse = metrics.find(({ kind, worse: evidence }) => kind === 'quality' && refutes(harm, evidence, alpha))
  if (worse) return { does: 'hold', because: worse.name, missing }
  return missing.length > 0 ? { does: 'hold', because: 'inconclusive', missing } : { does: 'promotable' }
}

/** What is still to be shown before it may be promoted, each by its name. */
export function missingOf({ metrics, assignments, alpha }: Standing, now: number): string[] {
  return [
    ...metrics.flatMap(({ name, noWorse, margin, toldAt, freshFor }) => [
      ...(refutes(noWorseThan(margin), noWorse, alpha) ? [] : [`no-worse: ${name}`]),
      ...(now - toldAt > freshFor ? [`fresh: ${name}`] : []),
    ]),
    ...(refutes(sampleRatio, assignments, alpha) ? ['sample-ratio'] : []),
  ]
}
