// Batches of 2,000 tasks for 200 people given out in 15 seconds, beside the greedy plan and the bound that no plan is cheaper
// than: with half the time that they need, with just enough, and with plenty.
// Run: node bin/node24.js bench/assign.ts [seconds]
import { assignBest, assignGreedily } from '../src/work/index.ts'
import { batchOf } from '../testkit/batch.ts'
import { machine } from './machine.ts'

const [seconds = 15] = process.argv.slice(2).map(Number)
console.log(machine())
for (const [what, times, share] of [
  ['half the time', 1, 0.05],
  ['half the time, few may', 1, 0.02],
  ['just enough', 2, 0.05],
  ['plenty', 3, 0.05],
] as const) {
  const batch = batchOf(9, 2_000, 200, share, times)
  const began = performance.now()
  const { cost, bound = Number.NaN } = await assignBest(batch, seconds)
  const took = (performance.now() - began) / 1_000
  console.log(
    `${what.padEnd(24)} ${batch.pairs.length} pairs   ${(cost / bound).toFixed(4)} of the bound in ${took.toFixed(1)} s   greedy ${(assignGreedily(batch).cost / bound).toFixed(4)}`,
  )
}
