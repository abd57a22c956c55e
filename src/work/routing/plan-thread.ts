// Plans one batch in a thread of its own, since the solver blocks whoever calls it.
import { parentPort, workerData } from 'node:worker_threads'
import { assignBest, type Batch } from './assign-batch.ts'

const { batch, seconds } = workerData as { batch: Batch; seconds: number }
parentPort?.postMessage(await assignBest(batch, seconds), [])
