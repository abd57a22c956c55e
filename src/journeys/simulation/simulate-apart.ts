import { Worker } from 'node:worker_threads'
import type { Calendar, Comparison, Definition, Settings, Summary, Surroundings } from '../../pathways/index.ts'
import { refuse } from '../errors.ts'

export interface Variant {
  definition: Definition
  settings: Settings
}

export interface Apart {
  variants: readonly Variant[]
  calendar: Calendar
  table: Surroundings['table']
}

export interface Simulated {
  summaries: Summary[]
  /** Of two variants: what the second has more. */
  comparison: Comparison | null
}

// About half a minute of one core.
const mostJourneys = 400_000

const journeysOf = ({ settings: { arrivals, days, warmUp, replications, surge } }: Variant): number =>
  replications * ((arrivals.perDay.reduce((sum, one) => sum + one, 0) / 7) * (days + warmUp) + (surge?.extra ?? 0))

let last: Promise<unknown> = Promise.resolve()

/** Simulates in a thread of its own, one simulation after the other. Refuses what would take too long, and steps without a model. */
export function simulateApart(asked: Apart): Promise<Simulated> {
  const journeys = asked.variants.reduce((sum, one) => sum + journeysOf(one), 0)
  if (journeys > mostJourneys)
    throw refuse('simulation-too-large', {
      faults: [
        {
          path: 'settings.replications',
          message: `about ${Math.round(journeys)} journeys; ${mostJourneys} are the most`,
        },
      ],
    })
  const faults = asked.variants.flatMap(({ definition, settings }) =>
    Object.values(definition.tracks).flatMap(({ steps }) =>
      Object.keys(steps)
        .filter((step) => !settings.steps[step])
        .map((step) => ({ path: `settings.steps.${step}`, message: 'is missing' })),
    ),
  )
  if (faults.length > 0) throw refuse('simulation-incomplete', { faults })
  const next = last.then(() => run(asked))
  last = next.catch(() => {})
  return next
}

function run(asked: Apart): Promise<Simulated> {
  return new Promise((done, fail) => {
    const worker = new Worker(new URL('./simulation-thread.ts', import.meta.url), { workerData: asked })
    worker.on('message', (simulated: Simulated) => done(simulated))
    worker.on('error', fail)
    worker.on('exit', () => fail(new Error('the simulation ended without a result')))
  })
}
