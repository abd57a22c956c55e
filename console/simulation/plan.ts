import type { SimulationFit, SimulationSettings } from '../../src/contracts/index.ts'

/** What a person turns on the simulation's page, for one variant. */
export interface Plan {
  /** The published version; undefined where a draft is simulated. */
  version: number | undefined
  /** Of the usual arrivals, in a hundred. */
  arrivals: number
  extra: number
  extraDay: number
  extraDays: number
  /** People at work at a time, by role. */
  staff: Readonly<Record<string, number>>
}

/** What both variants share. */
export interface Common {
  days: number
  replications: number
  seed: number
  /** Hours that a step takes, where a person has put another mean than the record's. */
  means: Readonly<Record<string, number>>
  /** What comes from outside, by rule, where a person has put other numbers. */
  events: Readonly<Record<string, EventGiven>>
}

/** Share of the journeys, 0 to 1, and hours. */
export interface EventGiven {
  share: number
  mean: number
}

export const planOf = (fit: SimulationFit, version: number | undefined): Plan => ({
  version,
  arrivals: 100,
  extra: 0,
  extraDay: 14,
  extraDays: 30,
  staff: Object.fromEntries(Object.entries(fit.settings.roles).map(([role, shifts]) => [role, shifts[0]?.staff ?? 0])),
})

export const meanOf = (takes: Takes): number =>
  takes.kind === 'sample' ? takes.values.reduce((sum, one) => sum + one, 0) / takes.values.length : takes.mean

/** The settings that the server simulates. */
export function settingsOf(base: SimulationSettings, plan: Plan, common: Common): SimulationSettings {
  const { means, events, ...rest } = common
  return {
    ...base,
    ...rest,
    arrivals: { ...base.arrivals, perDay: base.arrivals.perDay.map((rate) => (rate * plan.arrivals) / 100) },
    surge: plan.extra > 0 ? { extra: plan.extra, day: plan.extraDay, days: plan.extraDays } : null,
    roles: Object.fromEntries(
      Object.entries(base.roles).map(([role, shifts]) => [
        role,
        shifts.map((shift) => ({ ...shift, staff: plan.staff[role] ?? shift.staff })),
      ]),
    ),
    steps: Object.fromEntries(
      Object.entries(base.steps).map(([step, model]) => {
        const mean = means[step]
        return [step, mean === undefined ? model : { ...model, takes: withMean(model.takes, mean) }]
      }),
    ),
    events: {
      ...base.events,
      ...Object.fromEntries(
        Object.entries(events).map(([rule, { share, mean }]) => [
          rule,
          { share, after: withMean(base.events[rule]?.after ?? { kind: 'exponential', mean }, mean) },
        ]),
      ),
    },
  }
}

type Takes = SimulationSettings['steps'][string]['takes']

/** The same shape around another mean. */
function withMean(takes: Takes, mean: number): Takes {
  if (mean === 0) return { kind: 'fixed', mean: 0 }
  switch (takes.kind) {
    case 'fixed':
      // Work that a person gives only a mean of varies; exponential is the cautious guess.
      return { kind: 'exponential', mean }
    case 'exponential':
    case 'lognormal':
      return { ...takes, mean }
    case 'sample': {
      const was = takes.values.reduce((sum, one) => sum + one, 0) / takes.values.length
      return was === 0
        ? { kind: 'exponential', mean }
        : { ...takes, values: takes.values.map((one) => (one * mean) / was) }
    }
  }
}
