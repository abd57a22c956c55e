import type { Tx } from '../db/index.ts'
import type { ResourceWrite } from '../fhir/index.ts'
import type { JobRequest } from '../jobs/index.ts'
import type { CallContext } from '../kernel/index.ts'
import type { CompiledPathway, Effect, JourneyState } from '../pathways/index.ts'

/** An effect with all that a performer may want to know of the journey that asks for it. */
export interface AskedEffect<E extends Effect = Effect> {
  effect: E
  state: JourneyState
  pathway: CompiledPathway
}

/** What performing comes to: writes of the record and jobs, put into the transaction that moves the journeys. */
export interface Performance {
  writes: ResourceWrite[]
  jobs: JobRequest[]
}

/** Does effects of some kinds, a batch at a time. `main` gives the runtime its performers; rooms never call each other. */
export interface Performer {
  kinds: readonly Effect['kind'][]
  perform(tx: Tx, context: CallContext, asked: readonly AskedEffect[]): Promise<Performance>
}
