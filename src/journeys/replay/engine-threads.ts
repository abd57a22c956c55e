import { Worker } from 'node:worker_threads'
import type { EngineSettings, FromEngine, ToEngine } from './engine-protocol.ts'

/** One thread that replays; asked one thing after the other. */
export interface EngineThread {
  ask(message: ToEngine): Promise<FromEngine>
  close(): Promise<void>
}

/** A thread of its own; a thread that dies refuses what it was asked. */
export function startEngineThread(settings: EngineSettings): EngineThread {
  const worker = new Worker(new URL('./engine-thread.ts', import.meta.url), { workerData: settings })
  const waiting: { answer(said: FromEngine): void; fail(error: Error): void }[] = []
  let dead: Error | undefined
  const die = (error: Error) => {
    dead ??= error
    for (const one of waiting.splice(0)) one.fail(dead)
  }
  worker.on('message', (said: FromEngine) => waiting.shift()?.answer(said))
  worker.on('error', (error: unknown) => die(error instanceof Error ? error : new Error('the replay thread failed')))
  worker.on('exit', () => die(new Error('the replay thread has ended')))
  return {
    ask: (message) =>
      new Promise((answer, fail) => {
        if (dead) return fail(dead)
        waiting.push({ answer, fail })
        worker.postMessage(message, [])
      }),
    async close() {
      await worker.terminate()
    },
  }
}
