/** Milliseconds; `until` is not included, and open when absent. */
export interface Period {
  from: number
  until?: number
}

/** What a person is trained as. The order of cost is the order of top-of-licence: work goes to the least costly that may. */
export interface Credential {
  id: string
  /** Cost of an hour beside the others', e.g. 1 for a clerk and 6 for a physician. */
  cost: number
  /** Whether it counts only with a licence where the patient is. */
  licensed: boolean
}

/**
 * An agreement by which one licence holds in several states. The Nurse Licensure Compact gives such a privilege; the
 * Interstate Medical Licensure Compact only speeds a further licence up, and is no compact in this sense.
 */
export interface Compact {
  id: string
  credentials: readonly string[]
  members: readonly (Period & { jurisdiction: string })[]
}

/** Who may do a kind of task, in some places, for some time. A change of the law is one more rule, never code. */
export interface TaskRule extends Period {
  /** `US-NY`, `CA-ON` (ISO 3166-2). Absent: everywhere that has no rule of its own. */
  jurisdictions?: readonly string[]
  /** Credentials that may do it alone. None: nobody may there. */
  may: readonly string[]
  /** Credentials that may do it while somebody with one of `by` is at work who may sign for them. */
  supervised?: readonly { credential: string; by: readonly string[] }[]
  /** Skills that are needed, all of them. */
  skills?: readonly string[]
}

export interface TaskKind {
  id: string
  rules: readonly TaskRule[]
  /** Whether a privilege at the site is needed besides the licence. */
  privileged?: boolean
}

export interface Ontology {
  credentials: readonly Credential[]
  compacts: readonly Compact[]
  kinds: readonly TaskKind[]
}

export const holdsAt = ({ from, until }: Period, at: number): boolean =>
  from <= at && (until === undefined || at < until)

/** The rule for a kind of task in a place at a moment: one that names the place before one that does not, then the newest. */
export function ruleFor(ontology: Ontology, kind: string, jurisdiction: string, at: number): TaskRule | undefined {
  const rules = ontology.kinds.find(({ id }) => id === kind)?.rules.filter((rule) => holdsAt(rule, at)) ?? []
  const own = rules.filter((rule) => rule.jurisdictions?.includes(jurisdiction) === true)
  const counting = own.length > 0 ? own : rules.filter((rule) => rule.jurisdictions === undefined)
  return counting.reduce<TaskRule | undefined>(
    (newest, rule) => (newest && newest.from >= rule.from ? newest : rule),
    undefined,
  )
}
