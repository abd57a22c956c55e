import { type Fairness, fairnessOf, type Group, isSmall } from '../fairness.ts'

export interface PublishedGroup extends Fairness {
  /** How many cases; undefined where the group is hidden. */
  all: number | undefined
}

/**
 * What may be shown of groups: a group is hidden when one of its two cells (with the outcome, without it) holds 1 to 10
 * people. Totals are known from elsewhere, so that one hidden group could be worked out from the others: further groups are
 * hidden with it, the smallest first, at least one whose cells are not small, and as many as it takes until what is hidden
 * holds no small cell even taken together (complementary suppression).
 */
export function publishGroups(groups: readonly Group[], margin: number): PublishedGroup[] {
  const hidden = new Set(groups.filter(({ events, all }) => isSmall(events) || isSmall(all - events)))
  const rest = groups.filter((group) => !hidden.has(group) && group.all > 0).toSorted((a, b) => a.all - b.all)
  for (let more = hidden.size > 0; more && rest.length > 0; more = smallTogether([...hidden])) {
    const next = rest.shift()
    if (next) hidden.add(next)
  }
  const shown = fairnessOf(groups, margin)
  return groups.map((group, index) => {
    const one = shown[index]
    if (!one || hidden.has(group) || group.all === 0)
      return {
        name: group.name,
        all: undefined,
        rate: undefined,
        difference: undefined,
        interval: undefined,
        state: 'not-enough',
      }
    return { ...one, all: group.all }
  })
}

const smallTogether = (hidden: readonly Group[]): boolean =>
  isSmall(hidden.reduce((sum, one) => sum + one.events, 0)) ||
  isSmall(hidden.reduce((sum, one) => sum + one.all - one.events, 0))
