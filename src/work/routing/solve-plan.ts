import createHighs, { type Highs } from 'highs'
import type { Batch } from './assign-batch.ts'

// Its types describe a CommonJS module, Node is given the other one: a function here, an object for the compiler.
export const loadHighs = typeof createHighs === 'function' ? createHighs : createHighs.default

/** The pairs that a solution makes whole; a task that it shares out among several is left to nobody. */
export function chosen(batch: Batch, values: ArrayLike<number>): number[] {
  const person = batch.tasks.map(() => -1)
  for (const [index, pair] of batch.pairs.entries())
    if ((values[index] ?? 0) > 1 - 1e-6) person[pair.task] = pair.person
  return person
}

/**
 * The cheapest plan as a program: in whole numbers, or without, which bounds it from below. Undefined when it was not found in
 * the time; whole numbers give the best found so far.
 */
export function solve(
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
