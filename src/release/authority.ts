import { type Case, type Scope, contains, matches, sameScope } from './scope.ts'

/** What an automation may do, from nothing to acting alone. */
export const levels = ['off', 'shadow', 'recommend', 'assisted', 'bounded', 'autonomous'] as const
export type Level = (typeof levels)[number]

const rank = (level: Level): number => levels.indexOf(level)
export const lower = (a: Level, b: Level): Level => (rank(a) <= rank(b) ? a : b)

/** The level that one automation version holds in one scope. */
export interface Standing {
  scope: Scope
  level: Level
}

export interface Signature {
  /** Account id. */
  by: string
  as: 'clinical' | 'technical'
  /** Milliseconds. */
  at: number
}

export interface Rise {
  scope: Scope
  to: Level
  signatures: readonly Signature[]
  /** What shows that the next level is safe; it stops counting at `until` (milliseconds). */
  evidence: { id: string; until: number } | undefined
  /** A passed drill of the fallback, for levels that answer without a person; it stops counting at `until`. */
  drill: { id: string; until: number } | undefined
}

/** Why a rise is refused; each has its own words in the room's table of refusals. */
export type RiseRefusal =
  | 'not-a-rise'
  | 'more-than-one-level'
  | 'evidence-missing'
  | 'evidence-expired'
  | 'drill-missing'
  | 'drill-expired'
  | 'clinical-signature-missing'
  | 'technical-signature-missing'
  | 'one-person-signed-twice'

/** Levels at which no person stands between the automation and the patient: its fallback must have been seen to work. */
export const drillGated: Level[] = ['bounded', 'autonomous']

/** The level in exactly this scope: what the scopes around it give, where it has no standing of its own. */
export function levelIn(standings: readonly Standing[], scope: Scope): Level {
  return narrowest(standings.filter((one) => contains(one.scope, scope)))
}

/**
 * The level for one case: that of the narrowest scope it falls in. Where two scopes hold it and neither lies in the other,
 * the lower level counts. Without any standing: off.
 */
export function levelFor(standings: readonly Standing[], given: Case): Level {
  return narrowest(standings.filter((one) => matches(one.scope, given)))
}

function narrowest(matching: readonly Standing[]): Level {
  const counting = matching.filter(
    (one) => !matching.some((other) => !sameScope(one.scope, other.scope) && contains(one.scope, other.scope)),
  )
  return counting.length === 0 ? 'off' : counting.map(({ level }) => level).reduce(lower)
}

/** Why this rise may not be, or undefined when it may. One level at a time, two people, evidence that still counts. */
export function refusalOf(standings: readonly Standing[], rise: Rise, now: number): RiseRefusal | undefined {
  const step = rank(rise.to) - rank(levelIn(standings, rise.scope))
  if (step <= 0) return 'not-a-rise'
  if (step > 1) return 'more-than-one-level'
  if (!rise.evidence) return 'evidence-missing'
  if (rise.evidence.until <= now) return 'evidence-expired'
  if (drillGated.includes(rise.to)) {
    if (!rise.drill) return 'drill-missing'
    if (rise.drill.until <= now) return 'drill-expired'
  }
  const clinical = rise.signatures.filter((one) => one.as === 'clinical').map(({ by }) => by)
  const technical = rise.signatures.filter((one) => one.as === 'technical').map(({ by }) => by)
  if (clinical.length === 0) return 'clinical-signature-missing'
  if (technical.length === 0) return 'technical-signature-missing'
  const twoPeople = clinical.some((one) => technical.some((other) => one !== other))
  return twoPeople ? undefined : 'one-person-signed-twice'
}

/** The standings after a rise that is not refused. Narrower scopes with a standing of their own keep it. */
export const raised = (standings: readonly Standing[], { scope, to }: Pick<Rise, 'scope' | 'to'>): Standing[] => [
  ...standings.filter((one) => !sameScope(one.scope, scope)),
  { scope, level: to },
]

/** The standings after a fall: nothing inside the scope stays above the level. Never refused, never waits. */
export function lowered(standings: readonly Standing[], { scope, to }: Pick<Rise, 'scope' | 'to'>): Standing[] {
  const level = lower(to, levelIn(standings, scope))
  return [
    ...standings
      .filter((one) => !sameScope(one.scope, scope))
      .map((one) => (contains(scope, one.scope) ? { ...one, level: lower(one.level, to) } : one)),
    { scope, level },
  ]
}

/** What else holds an automation down, besides its standing. */
export interface Restraints {
  /** What the flag allows; expired or unreadable flags have fallen already. */
  flag: Level
  /** Whether the data it decides by are fresh enough. */
  dataFresh: boolean
  /** Whether the patient's consent allows automatic decisions. */
  consent: boolean
  /** What the model's health allows: an alarm lowers it. */
  health: Level
}

/** The authority that counts, and the first reason why it is no more: the minimum over all that restrains. */
export function effective(standing: Level, restraints: Restraints): { level: Level; because: string } {
  const all: [Level, string][] = [
    [standing, 'standing'],
    [restraints.flag, 'flag'],
    [restraints.dataFresh ? 'autonomous' : 'shadow', 'stale-data'],
    [restraints.consent ? 'autonomous' : 'off', 'consent'],
    [restraints.health, 'health'],
  ]
  const [level, because] = all.reduce((least, one) => (rank(one[0]) < rank(least[0]) ? one : least))
  return { level, because }
}
