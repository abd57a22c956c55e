import { createChance } from '../src/kernel/index.ts'
import type { Batch } from '../src/work/index.ts'

/**
 * Tasks and people as they come: of each task a `share` of the people may do it, each at a cost of their own. With `times` 1
 * there is about half the time that all tasks would take, with 2 just enough, with 3 plenty.
 */
export function batchOf(seed: number, tasks: number, people: number, share: number, times = 1): Batch {
  const chance = createChance(seed)
  const made = Array.from({ length: tasks }, () => ({
    minutes: chance.pick([5, 10, 15, 20, 30, 45, 60]),
    penalty: chance.pick([200, 400, 800]),
  }))
  return {
    tasks: made,
    capacity: Array.from({ length: people }, () => times * chance.pick([60, 120, 240])),
    pairs: made.flatMap(({ minutes }, task) =>
      Array.from({ length: people }, (_, person) => person).flatMap((person) =>
        chance.happens(share)
          ? [{ task, person, cost: (chance.pick([1, 3, 4, 6]) * minutes) / 3 + chance.below(10) }]
          : [],
      ),
    ),
  }
}
