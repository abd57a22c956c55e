import type { Rounds } from './state.ts'

/** The later of two counts of every circle. */
export function mergeRounds(one: Rounds | undefined, other: Rounds | undefined): Rounds | undefined {
  if (one === undefined || one === other) return other
  if (other === undefined) return one
  const merged: Record<string, number> = { ...one }
  for (const name in other) merged[name] = Math.max(merged[name] ?? 0, other[name] ?? 0)
  return merged
}

/**
 * Whether something came round after the other: some circle has gone round more often. Two runners of one race have the
 * same counts, so the second is no news to the step that the first one opened.
 */
export function isLater(one: Rounds | undefined, other: Rounds | undefined): boolean {
  for (const name in one) if ((one[name] ?? 0) > (other?.[name] ?? 0)) return true
  return false
}
