/** A condition on one resource, before it is SQL. What is known without looking at the resource is a boolean already. */
export type Condition =
  | boolean
  | { all: readonly Condition[] }
  | { any: readonly Condition[] }
  | { not: Condition }
  /** Carries one of these labels, itself or its patient. */
  | { labels: readonly string[] }
  /** Is coded with one of these `system|code`; `otherwise` is what counts for a type whose codes nobody knows. */
  | { codes: readonly string[]; otherwise: boolean }
  /** Its clinical date lies in the period, in milliseconds; `undated` is what counts for a resource without one. */
  | { from: number | null; to: number | null; undated: boolean }
  /** Is one of these `Type/id`. */
  | { resources: readonly string[] }

export function all(...conditions: Condition[]): Condition {
  const open = conditions.filter((one) => one !== true)
  if (open.includes(false)) return false
  const [only] = open
  return only === undefined ? true : open.length === 1 ? only : { all: open }
}

export function any(...conditions: Condition[]): Condition {
  const open = conditions.filter((one) => one !== false)
  if (open.includes(true)) return true
  const [only] = open
  return only === undefined ? false : open.length === 1 ? only : { any: open }
}

export const not = (condition: Condition): Condition =>
  typeof condition === 'boolean'
    ? !condition
    : typeof condition === 'object' && 'not' in condition
      ? condition.not
      : { not: condition }
