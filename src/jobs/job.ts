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

/** Does one kind of job. */
export interface JobHandler {
  kind: string
  /** Tries before the job is a dead letter; waits between them double from 2 s up to 10 min. */
  tries: number
  /**
   * Does the work, outside any transaction. Returns what to write in the transaction that marks the job done.
   * A throw means: try again, or give up at once if it is a `PermanentFailure`.
   */
  perform(tenant: TenantId, job: Job): Promise<(tx: Tx) => Promise<void>>
  /** Writes what follows from giving up, in the transaction that marks the job dead. */
  givenUp(tx: Tx, job: Job): Promise<void>
}

/** A refusal that another try cannot mend. Its message is shown beside the dead letter: no patient data in it. */
export class PermanentFailure extends Error {
  override name = 'PermanentFailure'
}
