import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batchOf } from '../../../testkit/batch.ts'
import { costOfPlan } from './assign-batch.ts'
import { assignBest, assignGreedily, type Batch, replan } from './index.ts'
import { planAside } from './plan-aside.ts'
import { chosen, loadHighs, solve } from './solve-plan.ts'

/** What no plan may do: give a task to somebody who may not, or somebody more than they have time for. */
function faultsOf({ tasks, capacity, pairs }: Batch, person: readonly number[]): string[] {
  const may = new Set(pairs.map((pair) => `${pair.task} ${pair.person}`))
  const used = capacity.map(() => 0)
  for (const [task, who] of person.entries()) if (who >= 0) used[who] = (used[who] ?? 0) + (tasks[task]?.minutes ?? 0)
  return [
    ...person.flatMap((who, task) => (who >= 0 && !may.has(`${task} ${who}`) ? [`task ${task} to ${who}`] : [])),
    ...used.flatMap((minutes, who) => (minutes > (capacity[who] ?? 0) ? [`person ${who} has ${minutes}`] : [])),
  ]
}

test('small batches come within 3 % of the proven optimum, and are never dearer than the greedy plan', async () => {
  for (const seed of [1, 2, 3, 4]) {
    const batch = batchOf(seed, 36, 5, 0.5)
    const plan = await assignBest(batch, 10)
    expect(faultsOf(batch, plan.person)).toEqual([])
    expect(plan.cost).toBeLessThanOrEqual(assignGreedily(batch).cost)
    expect(plan.bound).toBeDefined()
    expect(plan.cost / (plan.bound ?? 1)).toBeLessThanOrEqual(1.03)
  }
}, 120_000)

test('2,000 tasks and 200 people: within 3 % of the optimum where that can be proven', async () => {
  const highs = await loadHighs()
  for (const [seed, share] of [
    [9, 0.05],
    [2, 0.02],
    [5, 0.03],
  ] as const) {
    const batch = batchOf(seed, 2000, 200, share, 3)
    const plan = await assignBest(batch, 3)
    expect(faultsOf(batch, plan.person)).toEqual([])
    const exact = solve(highs, batch, { seconds: 120, whole: true })
    const optimum = exact ? costOfPlan(batch, chosen(batch, exact.values)) : Number.NaN
    // Proven: no plan costs a thousandth less.
    expect(optimum / (exact?.bound ?? 0)).toBeLessThanOrEqual(1.001)
    expect(plan.cost / optimum).toBeLessThanOrEqual(1.03)
    expect(assignGreedily(batch).cost / optimum).toBeGreaterThan(1.03)
  }
}, 480_000)

test('2,000 tasks for whom 200 people have half the time: nobody is given what they may not do or have no time for, and the greedy plan is beaten', async () => {
  const batch = batchOf(9, 2000, 200, 0.05)
  const plan = await assignBest(batch, 4)
  expect(faultsOf(batch, plan.person)).toEqual([])
  expect(plan.cost).toBeLessThan(assignGreedily(batch).cost)
}, 120_000)

test('without any time for the solver the plan is still no worse than the greedy one', async () => {
  const batch = batchOf(5, 60, 8, 0.4)
  const plan = await assignBest(batch, 0)
  expect(faultsOf(batch, plan.person)).toEqual([])
  expect(plan.cost).toBeLessThanOrEqual(assignGreedily(batch).cost)
})

test('any batch at all gives a plan that may be', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(1000),
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 1, max: 5 }),
      async (seed, tasks, people) => {
        const batch = batchOf(seed, tasks, people, 0.5)
        expect(faultsOf(batch, (await assignBest(batch, 1)).person)).toEqual([])
      },
    ),
    { numRuns: 15 },
  )
}, 120_000)

test('when somebody falls ill, only what was theirs is planned anew', () => {
  const batch = batchOf(3, 80, 12, 0.4)
  const before = assignGreedily(batch).person
  const after = replan(batch, before, new Set([4]))
  expect(faultsOf(batch, after)).toEqual([])
  expect(after).not.toContain(4)
  for (const [task, person] of before.entries()) if (person >= 0 && person !== 4) expect(after[task]).toBe(person)
  expect(before.filter((person) => person === 4).length).toBeGreaterThan(0)
  expect(after.filter((person, task) => before[task] === 4 && person >= 0).length).toBeGreaterThan(0)
})

test('a plan made aside is the one made here; one that takes too long becomes the greedy one', async () => {
  const batch = batchOf(11, 40, 6, 0.5)
  expect((await planAside(batch, 5)).cost).toBe((await assignBest(batch, 5)).cost)
  expect(await planAside(batch, 5, 0)).toEqual(assignGreedily(batch))
}, 120_000)
