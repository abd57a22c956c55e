import createHighs, { type Highs } from 'highs'
import { improve } from './improve-plan.ts'

// Its types describe a CommonJS module, Node is given the other one: a function here, an object for the compiler.
const loadHighs = typeof createHighs === 'function' ? createHighs : createHighs.default

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
 * problems are then solved exactly, as far as the time goes. Blocks its thread: call it in a worker.
 * @param seconds most time for the solver, for each of its two turns
 */
export async function assignBest(batch: Batch, seconds: number): Promise<Plan> {
  const highs = await loadHighs()
  const relaxed = solve(highs, batch, { seconds, whole: false })
  const starts = [assignGreedily(batch).person]
  if (relaxed) starts.push(chosen(batch, relaxed.values))
  const plans = starts.map((person) => improve(batch, person))
  let bound = relaxed?.bound
  if (batch.pairs.length <= exactPairs) {
    const exact = solve(highs, batch, { seconds, whole: true })
    if (exact) {
      plans.push(chosen(batch, exact.values))
      bound = exact.bound
    }
  }
  const priced = plans.map((person) => ({ person, cost: costOfPlan(batch, person) }))
  const best = priced.reduce((least, one) => (one.cost < least.cost ? one : least))
  return { ...best, bound }
}

/** Above this many pairs the exact search ends with nothing in any time that somebody would wait. */
const exactPairs = 2_000

function chosen(batch: Batch, values: ArrayLike<number>): number[] {
  const person = batch.tasks.map(() => -1)
  for (const [index, pair] of batch.pairs.entries())
    if ((values[index] ?? 0) > 1 - 1e-6) person[pair.task] = pair.person
  return person
}

function solve(
  highs: Highs,
  batch: Batch,
  { seconds, whole }: { seconds: number; whole: boolean },
): { values: ArrayLike<number>; bound: number } | undefined {
  const { tasks, capacity, pairs } = batch
  const penalties = tasks.reduce((sum, { penalty }) => sum + penalty, 0)
  if (pairs.length === 0) return { values: [], bound: penalties }
  const rows = tasks.length + capacity.length
  const model = highs.createModel({
    numCols: pairs.length,
    numRows: rows,
    // Making a pair saves the task's penalty.
    offset: penalties,
    colCost: Float64Array.from(pairs, ({ task, cost }) => cost - (tasks[task]?.penalty ?? 0)),
    colLower: new Float64Array(pairs.length),
    colUpper: new Float64Array(pairs.length).fill(1),
    rowLower: new Float64Array(rows).fill(-highs.infinity),
    rowUpper: Float64Array.from([...tasks.map(() => 1), ...capacity]),
    matrix: {
      format: 'csc',
      numRows: rows,
      numCols: pairs.length,
      starts: Int32Array.from({ length: pairs.length + 1 }, (_, index) => index * 2),
      indices: Int32Array.from(pairs.flatMap(({ task, person }) => [task, tasks.length + person])),
      values: Float64Array.from(pairs.flatMap(({ task }) => [1, tasks[task]?.minutes ?? 0])),
    },
    ...(whole ? { integrality: new Int32Array(pairs.length).fill(1) } : {}),
  })
  try {
    model.options.set({ output_flag: false, time_limit: seconds, mip_rel_gap: 0.001 })
    model.run()
    const { optimal, timeLimit } = highs.constants.modelStatus
    const status = model.getModelStatus()
    if (status !== optimal && !(whole && status === timeLimit)) return undefined
    return {
      values: model.getSolution().colValue,
      bound: Number(whole ? model.info.get('mip_dual_bound') : model.getObjectiveValue()),
    }
  } finally {
    model.dispose()
  }
}
