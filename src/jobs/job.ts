import type { Tx } from '../db/index.ts'
import type { TenantId } from '../kernel/index.ts'

/** What a room asks to be done outside: `payload` carries references only. `key` is the idempotency key, unique in the tenant. */
export interface JobRequest {
  kind: string
  key: string
  payload: Record<string, string | number>
  /** Milliseconds; at once unless told. */
  runAt?: number
}

export interface Job {
  id: string
  kind: string
  key: string
  payload: Record<string, string | number>
  /** 1 on the first try. */
  attempts: number
}

/** What is written when a job has been performed. `again`: it is a standing job and runs once more at that time (milliseconds). */
export type JobOutcome = (tx: Tx) => Promise<void | { again: number }>

/** Does one kind of job. */
export interface JobHandler {
  kind: string
  /** Tries before the job is a dead letter; waits between them double from 2 s up to 10 min. */
  tries: number
  /** How many of this kind one worker performs at the same time for one tenant; 8 unless told. */
  atOnce?: number
  /**
   * Does the work, outside any transaction. Returns what to write in the transaction that marks the job done. `signal`
   * says that the program ends: long work stops at its next resting point and asks to run again.
   * A throw means: try again, or give up at once if it is a `PermanentFailure`.
   */
  perform(tenant: TenantId, job: Job, signal: AbortSignal): Promise<JobOutcome>
  /** Writes what follows from giving up, in the transaction that marks the job dead. */
  givenUp(tx: Tx, job: Job): Promise<void>
}

/** A refusal that another try cannot mend. Its message is shown beside the dead letter: no patient data in it. */
export class PermanentFailure extends Error {
  override name = 'PermanentFailure'
}
