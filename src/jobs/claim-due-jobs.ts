import type { Tx } from '../db/index.ts'
import type { Job } from './job.ts'

/**
 * Takes due jobs for `leaseSeconds`. The lease is a column and not a held lock, because the work happens outside any
 * transaction; `skip locked` keeps two workers from waiting for each other, and the equality on the tenant keeps the
 * statement on one shard of a distributed database.
 */
export async function claimDueJobs(tx: Tx, now: number, limit: number, leaseSeconds: number): Promise<Job[]> {
  return tx.query<Job>({
    name: 'claim-due-jobs',
    text: `
      update job set attempts = attempts + 1, locked_until = $2::timestamptz + make_interval(secs => $4)
      where tenant_id = $1 and id in (
        select id from job
        where tenant_id = $1 and status = 'queued' and run_at <= $2 and (locked_until is null or locked_until <= $2)
        order by run_at limit $3 for update skip locked)
      returning id, kind, key, payload, attempts`,
    values: [tx.tenant, new Date(now), limit, leaseSeconds],
  })
}
