import type { Tx } from '../db/index.ts'
import type { Clock } from '../kernel/index.ts'
import { refuse } from './errors.ts'

/** A job given up, with why. Times in ISO 8601. */
export interface DeadLetter {
  id: string
  kind: string
  /** What it was about, e.g. `Communication/…`. */
  reference: string
  attempts: number
  lastError: string
  firstAt: string
  lastAt: string
}

export async function listDeadLetters(tx: Tx): Promise<DeadLetter[]> {
  const rows = await tx.query<Omit<DeadLetter, 'firstAt' | 'lastAt'> & { firstAt: Date; lastAt: Date }>({
    text: `
      select id, kind, coalesce(payload->>'reference', '') as reference, attempts,
        coalesce(errors->-1->>'error', '') as "lastError", created_at as "firstAt", ended_at as "lastAt"
      from job where tenant_id = $1 and status = 'dead' order by ended_at desc limit 200`,
    values: [tx.tenant],
  })
  return rows.map((row) => ({ ...row, firstAt: row.firstAt.toISOString(), lastAt: row.lastAt.toISOString() }))
}

/** Puts a dead letter back in the queue with fresh tries, under the same idempotency key. */
export async function retryDeadLetter(tx: Tx, clock: Clock, id: string): Promise<void> {
  await move(tx, id, `status = 'queued', attempts = 0, ended_at = null, locked_until = null, run_at = $3`, clock)
  await tx.run({ text: `select pg_notify('throughline_job', $1)`, values: [tx.tenant] })
}

/** Lays a dead letter aside; it stays in the table as `discarded`. */
export async function discardDeadLetter(tx: Tx, clock: Clock, id: string): Promise<void> {
  await move(tx, id, `status = 'discarded', ended_at = $3`, clock)
}

async function move(tx: Tx, id: string, assignment: string, clock: Clock): Promise<void> {
  const moved = await tx.run({
    text: `update job set ${assignment} where tenant_id = $1 and id = $2 and status = 'dead'`,
    values: [tx.tenant, id, new Date(clock.now())],
  })
  if (moved === 0) throw refuse('job-not-dead', { faults: [{ path: 'id', message: 'no dead letter has this id' }] })
}
