/**
 * The one test of this room: an e-value that may be looked at after every event. Under the null hypothesis it is a
 * nonnegative supermartingale that begins at 1, so by Ville's inequality the chance that it ever reaches 1/alpha is at most
 * alpha, however often anybody looks (Ville 1939; Howard et al. 2021, "Time-uniform, nonparametric, nonasymptotic
 * confidence sequences").
 *
 * What it looks at: units (patients, clinic-days) put into the canary with a known chance, each counted at its first event
 * only. Of a unit that has an event, Bayes' rule gives the chance that it is one of the canary: share·ratio / (share·ratio +
 * 1 − share), where ratio is the canary's risk over the others'. The share is the one in force when the unit was assigned,
 * so a rollout may widen while the test runs.
 */
export interface FirstEvent {
  /** Whether the unit that had it is one of the canary. */
  canary: boolean
  /** Chance, above 0 and below 1, with which this unit was put into the canary. */
  share: number
}

/** Alternatives weighed against the null: each rate ratio with its weight; weights add up to 1. */
export type Mixture = readonly { ratio: number; weight: number }[]

export interface Hypotheses {
  /** The ratio that is to be refuted, with all beyond it on the side away from the alternatives. */
  refute: number
  mixture: Mixture
}

/** Harm: refutes "the canary's rate is no higher", weighing ratios from 1.5 to 5. */
export const harm: Hypotheses = {
  refute: 1,
  mixture: [
    { ratio: 1.5, weight: 0.15 },
    { ratio: 2, weight: 0.25 },
    { ratio: 3, weight: 0.4 },
    { ratio: 5, weight: 0.2 },
  ],
}

/** No worse than `margin` times: refutes "the canary's rate is at least margin times the others'". */
export const noWorseThan = (margin: number): Hypotheses => ({
  refute: margin,
  mixture: [
    { ratio: margin * 0.5, weight: 0.25 },
    { ratio: margin * 0.65, weight: 0.25 },
    { ratio: margin * 0.8, weight: 0.5 },
  ],
})

/** Sample ratio: refutes "units come into the canary as often as they should", either way. One "event" is one assignment. */
export const sampleRatio: Hypotheses = {
  refute: 1,
  mixture: [0.5, 0.75, 0.9, 1 / 0.9, 1 / 0.75, 2].map((ratio) => ({ ratio, weight: 1 / 6 })),
}

/** A running test: the logarithm of each alternative's likelihood ratio so far. Plain data, to be kept in a row. */
export interface Evidence {
  events: number
  logs: readonly number[]
}

export const noEvidence = (hypotheses: Hypotheses): Evidence => ({
  events: 0,
  logs: hypotheses.mixture.map(() => 0),
})

const chance = (share: number, ratio: number) => (share * ratio) / (share * ratio + 1 - share)

/** Evidence after one more first event. Throws a RangeError for a share outside (0, 1), where nothing is randomised. */
export function weigh(hypotheses: Hypotheses, evidence: Evidence, event: FirstEvent): Evidence {
  const { canary, share } = event
  if (!(share > 0 && share < 1)) throw new RangeError(`a share of ${share} compares nobody with nobody`)
  const ofNull = chance(share, hypotheses.refute)
  return {
    events: evidence.events + 1,
    logs: hypotheses.mixture.map(({ ratio }, index) => {
      const ofThis = chance(share, ratio)
      const step = canary ? ofThis / ofNull : (1 - ofThis) / (1 - ofNull)
      return (evidence.logs[index] ?? 0) + Math.log(step)
    }),
  }
}

/** The e-value: the weighted mean of the likelihood ratios. 20 is evidence at alpha 0.05. */
export function strength(hypotheses: Hypotheses, evidence: Evidence): number {
  const most = Math.max(...evidence.logs)
  const sum = hypotheses.mixture.reduce(
    (total, { weight }, index) => total + weight * Math.exp((evidence.logs[index] ?? 0) - most),
    0,
  )
  return Math.exp(most) * sum
}

/**
 * What a retry may still spend: of `alpha`, half is kept back at each kill, so that all attempts together never pass alpha.
 * @param attempt 0 for the first rollout.
 */
export const alphaOf = (alpha: number, attempt: number): number => alpha / 2 ** (attempt + 1)

/** Whether the null is refuted at this alpha. */
export const refutes = (hypotheses: Hypotheses, evidence: Evidence, alpha: number): boolean =>
  strength(hypotheses, evidence) >= 1 / alpha
