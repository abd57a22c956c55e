import { Worker } from 'node:worker_threads'
import { assignGreedily, type Batch, type Plan } from './assign-batch.ts'

/**
 * A plan close to the cheapest, made in a thread of its own; the greedy one when the thread fails or takes longer than
 * twice `seconds` (its two turns) and five more.
 */
export async function planAside(batch: Batch, seconds: number, longest = 2 * seconds + 5): Promise<Plan> {
  const worker = new Worker(new URL('./plan-thread.ts', import.meta.url), { workerData: { batch, seconds } })
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<Plan>((tell, fail) => {
      timer = setTimeout(() => fail(new Error('the plan took too long')), longest * 1_000)
      worker.once('message', tell)
      worker.once('error', fail)
      worker.once('exit', (code) => fail(new Error(`the planning thread ended with ${code}`)))
    })
  } catch {
    return assignGreedily(batch)
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}
