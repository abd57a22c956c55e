// A thread that simulates, so that the server goes on answering. Begun by simulate-apart.ts.
import { parentPort, workerData } from 'node:worker_threads'
import { createChance } from '../../kernel/index.ts'
import { compareRuns, compile, type Run, simulateOnce, summarize } from '../../pathways/index.ts'
import type { Apart, Simulated, Variant } from './simulate-apart.ts'

const { variants, calendar, table } = workerData as Apart

function runsOf({ definition, settings }: Variant): Run[] {
  const { pathway } = compile(definition, 1, table)
  return Array.from({ length: settings.replications }, (_none, index) =>
    simulateOnce(pathway, settings, calendar, { replication: index, chance: createChance }),
  )
}

const runs = variants.map(runsOf)
const [first, second] = runs
const simulated: Simulated = {
  summaries: runs.map((one, index) => summarize(one, variants[index]?.settings.days ?? 0)),
  comparison: first && second ? compareRuns(first, second) : null,
}
parentPort?.postMessage(simulated, [])
