import { systemClock } from '../../kernel/index.ts'
import { improve } from './improve-plan.ts'
import { searchNear } from './search-plan.ts'
import { chosen, loadHighs, solve } from './solve-plan.ts'

/** Many tasks and many people at once. Indexes count from 0; costs have no unit and are only compared. */
export interface Batch {
  /** Minutes each takes, and what it costs to leave it to nobody. Most urgent first. */
  tasks: readonly { minutes: number; penalty: number }[]
  /** Minutes each person still has. */
  capacity: readonly number[]
  /** Who may do what, at which cost. A pair that is not here is never made. */
  pairs: readonly { task: number; person: number; cost: number }[]
}

export interface Plan {
  /** For each task the index of its person, or -1. */
  person: number[]
  cost: number
  /** No plan costs less than this; undefined when nothing was proven in the time. */
  bound: number | undefined
}

/** Cost of a plan: its pairs, and the penalties of what is left to nobody. */
export function costOfPlan(batch: Batch, person: readonly number[]): number {
  const costs = new Map(batch.pairs.map((pair) => [pair.task * batch.capacity.length + pair.person, pair.cost]))
  return batch.tasks.reduce((sum, { penalty }, task) => {
    const who = person[task] ?? -1
    return sum + (who < 0 ? penalty : (costs.get(task * batch.capacity.length + who) ?? Number.POSITIVE_INFINITY))
  }, 0)
}

/** In the order of the tasks, each to the cheapest person who still has time. */
export function assignGreedily(batch: Batch): Plan {
  const left = [...batch.capacity]
  const choices: { person: number; cost: number }[][] = batch.tasks.map(() => [])
  for (const { task, person, cost } of batch.pairs) choices[task]?.push({ person, cost })
  const person = batch.tasks.map(({ minutes, penalty }, task) => {
    const cheapest = (choices[task] ?? [])
      .filter((one) => (left[one.person] ?? 0) >= minutes && one.cost < penalty)
      .toSorted((a, b) => a.cost - b.cost || a.person - b.person)[0]
    if (!cheapest) return -1
    left[cheapest.person] = (left[cheapest.person] ?? 0) - minutes
    return cheapest.person
  })
  return { person, cost: costOfPlan(batch, person), bound: undefined }
}

/** The plan after some people fall away: what was theirs goes to others who have time for it, and nothing else moves. */
export function replan(batch: Batch, former: readonly number[], away: ReadonlySet<number>): number[] {
  const left = batch.capacity.map((minutes, person) => (away.has(person) ? 0 : minutes))
  for (const [task, person] of former.entries())
    if (person >= 0 && !away.has(person)) left[person] = (left[person] ?? 0) - (batch.tasks[task]?.minutes ?? 0)
  const freed = former.flatMap((person, task) => (away.has(person) ? [task] : []))
  const places = new Map(freed.map((task, index) => [task, index]))
  const part: Batch = {
    tasks: freed.map((task) => batch.tasks[task] ?? { minutes: 0, penalty: 0 }),
    capacity: left,
    pairs: batch.pairs.flatMap((pair) => {
      const task = places.get(pair.task)
      return task === undefined || away.has(pair.person) ? [] : [{ ...pair, task }]
    }),
  }
  const placed = improve(part, assignGreedily(part).person)
  return former.map((person, task) => placed[places.get(task) ?? -1] ?? person)
}

/**
 * A plan close to the cheapest, and never a dearer one than the greedy. First the whole problem without whole numbers, which
 * proves a bound and places all but a few tasks; then moves of one or two tasks at a time for as long as one helps. Small
 * problems are then solved exactly; of large ones a few people after the other are, with what is theirs and what nobody has,
 * as far as the time goes. Blocks its thread: call it in a worker.
 * @param seconds most time for each of its two turns: the bound, and the search
 */
export async function assignBest(batch: Batch, seconds: number): Promise<Plan> {
  const highs = await loadHighs()
  const relaxed = solve(highs, batch, { seconds, whole: false })
  const starts = [assignGreedily(batch).person]
  if (relaxed) starts.push(chosen(batch, relaxed.values))
  const best = cheapest(
    batch,
    starts.map((person) => improve(batch, person)),
  )
  const end = systemClock.now() + seconds * 1_000
  if (batch.pairs.length > exactPairs) {
    const bound = relaxed?.bound
    const person = searchNear(highs, batch, best.person, () => (end - systemClock.now()) / 1_000)
    return { person, cost: costOfPlan(batch, person), bound }
  }
  const exact = solve(highs, batch, { seconds, whole: true })
  return exact
    ? { ...cheapest(batch, [best.person, chosen(batch, exact.values)]), bound: exact.bound }
    : { ...best, bound: relaxed?.bound }
}

function cheapest(batch: Batch, plans: readonly number[][]): Pick<Plan, 'person' | 'cost'> {
  const priced = plans.map((person) => ({ person, cost: costOfPlan(batch, person) }))
  return priced.reduce((least, one) => (one.cost < least.cost ? one : least))
}

/** Above this many pairs the exact search often ends with nothing in any time that somebody would wait. */
const exactPairs = 2_000
