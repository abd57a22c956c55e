import type { Tx } from '../db/index.ts'
import { type Clock, newId } from '../kernel/index.ts'
import type { JobRequest } from './job.ts'

function columns(tx: Tx, clock: Clock, requests: readonly JobRequest[]): unknown[] {
  return [
    tx.tenant,
    requests.map(() => newId(clock)),
    requests.map((request) => request.kind),
    requests.map((request) => request.key),
    requests.map((request) => JSON.stringify(request.payload)),
    requests.map((request) => new Date(request.runAt ?? clock.now())),
    new Date(clock.now()),
  ]
}

const insert = `
  insert into job (tenant_id, id, kind, key, payload, run_at, created_at)
  select $1, id, kind, key, payload::jsonb, run_at, $7
  from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[]) as t (id, kind, key, payload, run_at)`

const hint = (tx: Tx) =>
  tx.run({ name: 'hint-jobs', text: `select pg_notify('throughline_job', $1)`, values: [tx.tenant] })

/** Puts jobs in the queue, in the caller's transaction, one statement. A key that is there already is left as it is. */
export async function enqueueJobs(tx: Tx, clock: Clock, requests: readonly JobRequest[]): Promise<void> {
  if (requests.length === 0) return
  await tx.run({
    name: 'enqueue-jobs',
    text: `${insert} on conflict (tenant_id, key) do nothing`,
    values: columns(tx, clock, requests),
  })
  await hint(tx)
}

/**
 * Wakes standing jobs: one row a key, that runs whenever there is something to do. One that sleeps is brought forward, one
 * that is at work or waits after a failure is left alone, one given up stays so until a person sends it again. Whoever
 * wakes must hold the lock under which the job decides, in its outcome, that nothing is left to do.
 */
export async function wakeJobs(tx: Tx, clock: Clock, requests: readonly JobRequest[]): Promise<void> {
  if (requests.length === 0) return
  await tx.run({
    name: 'wake-jobs',
    text: `${insert}
      on conflict (tenant_id, key) do update
        set status = 'queued', attempts = 0, run_at = excluded.run_at, locked_until = null, ended_at = null, errors = '[]'
        where job.status = 'done' or (job.status = 'queued' and job.attempts = 0 and job.run_at > excluded.run_at)`,
    values: columns(tx, clock, requests),
  })
  await hint(tx)
}

/** A person's wish: the job runs now, also if it waits after a failure or was given up. One at work is left alone. */
export async function hurryJob(tx: Tx, clock: Clock, key: string): Promise<void> {
  await tx.run({
    text: `
      update job set status = 'queued', attempts = 0, run_at = $3, locked_until = null, ended_at = null
      where tenant_id = $1 and key = $2 and (status <> 'queued' or locked_until is null)`,
    values: [tx.tenant, key, new Date(clock.now())],
  })
  await hint(tx)
}

/** Takes a standing job away with what it stood for. */
export async function removeJob(tx: Tx, key: string): Promise<void> {
  await tx.run({ text: 'delete from job where tenant_id = $1 and key = $2', values: [tx.tenant, key] })
}

/** When jobs of these keys run next, in milliseconds; those at work, done or given up are left out. */
export async function nextRuns(tx: Tx, keys: readonly string[]): Promise<Map<string, number>> {
  const rows = await tx.query<{ key: string; run_at: Date }>({
    text: `select key, run_at from job where tenant_id = $1 and key = any ($2::text[]) and status = 'queued' and locked_until is null`,
    values: [tx.tenant, keys],
  })
  return new Map(rows.map((row) => [row.key, row.run_at.getTime()]))
}
