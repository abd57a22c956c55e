import type { Highs } from 'highs'
import { createChance } from '../../kernel/index.ts'
import { type Batch, costOfPlan } from './assign-batch.ts'
import { chosen, solve } from './solve-plan.ts'

/** So many people's work is planned anew at once: few at first, which is quick, and more when few find nothing better. */
const sizes = [8, 14, 24, 40]
/** A size is given up when so many in a row found nothing better. */
const patience = 50
/** Seconds for one of them: most need far less. */
const longest = 1

/**
 * A plan made better by taking a few people at a time, who can do each other's tasks, and giving out what is theirs and what
 * nobody has anew, exactly. Ends when that no longer helps, or when no seconds are left. Never a dearer plan than the start.
 */
export function searchNear(highs: Highs, batch: Batch, start: readonly number[], left: () => number): number[] {
  const chance = createChance(batch.tasks.length)
  const person = [...start]
  const can = batch.capacity.map((): Batch['pairs'][number][] => [])
  const able = batch.tasks.map((): number[] => [])
  for (const pair of batch.pairs) {
    can[pair.person]?.push(pair)
    able[pair.task]?.push(pair.person)
  }
  for (let idle = 0; idle < patience * sizes.length && left() > 0; idle += 1) {
    const group = neighbours(sizes[Math.floor(idle / patience)] ?? 0)
    const pairs = group.flatMap((one, index) =>
      (can[one] ?? []).flatMap(({ task, cost }) => {
        const now = person[task] ?? -1
        return now < 0 || group.includes(now) ? [{ task, person: index, cost }] : []
      }),
    )
    const tasks = [...new Set(pairs.map(({ task }) => task))]
    const places = new Map(tasks.map((task, place) => [task, place]))
    const part: Batch = {
      tasks: tasks.map((task) => batch.tasks[task] ?? { minutes: 0, penalty: 0 }),
      capacity: group.map((one) => batch.capacity[one] ?? 0),
      pairs: pairs.map((pair) => ({ ...pair, task: places.get(pair.task) ?? -1 })),
    }
    const found = solve(highs, part, { seconds: Math.min(longest, left()), whole: true })
    if (!found) continue
    const better = chosen(part, found.values)
    const before = tasks.map((task) => group.indexOf(person[task] ?? -1))
    if (costOfPlan(part, better) > costOfPlan(part, before) - noticeable) continue
    for (const [place, task] of tasks.entries()) person[task] = group[better[place] ?? -1] ?? -1
    // As few at once as last found something.
    idle -= (idle % patience) + 1
  }
  return person

  /** Somebody, or those who could do a task that nobody has; and then always one more who can do a task of somebody among them. */
  function neighbours(together: number): number[] {
    const nobodys = person.flatMap((who, task) => (who < 0 ? [able[task] ?? []] : []))
    const first = chance.happens(0.5) ? nobodys[chance.below(nobodys.length)] : undefined
    const group = new Set(first?.slice(0, together / 2))
    if (group.size === 0) group.add(chance.below(batch.capacity.length))
    for (let tries = 0; group.size < together && tries < 20 * together; tries += 1) {
      const one = chance.pick([...group])
      const tasks = can[one] ?? []
      const held = tasks.filter(({ task }) => person[task] === one)
      const from = held.length > 0 && chance.happens(0.7) ? held : tasks
      const others = able[from[chance.below(from.length)]?.task ?? -1] ?? []
      group.add(others[chance.below(others.length)] ?? chance.below(batch.capacity.length))
    }
    return [...group]
  }
}

const noticeable = 1e-6
