import type { Tx } from '../db/index.ts'
import type { Job } from './job.ts'

/**
 * Takes due jobs for `leaseSeconds`, each kind up to its own number of free hands, so that a slow kind does not keep the
 * others waiting. The lease is a column and not a held lock, because the work happens outside any transaction;
 * `skip locked` keeps two workers from waiting for each other, and the equality on the tenant keeps the statement on one
 * shard of a distributed database. The ids are an array, so that the rows are found by their key whatever the plan was made for.
 */
export async function claimDueJobs(
  tx: Tx,
  now: number,
  lanes: readonly { kind: string; free: number }[],
  leaseSeconds: number,
): Promise<Job[]> {
  return tx.query<Job>({
    name: 'claim-due-jobs',
    text: `
      update job set attempts = attempts + 1, locked_until = $2::timestamptz + make_interval(secs => $5)
      where tenant_id = $1 and id = any (array(
        select j.id from unnest($3::text[], $4::int[]) as lane (kind, free) cross join lateral (
          select id from job
          where tenant_id = $1 and status = 'queued' and kind = lane.kind and run_at <= $2
            and (locked_until is null or locked_until <= $2)
          order by run_at limit lane.free for update skip locked) j))
      returning id, kind, key, payload, attempts`,
    values: [tx.tenant, new Date(now), lanes.map(({ kind }) => kind), lanes.map(({ free }) => free), leaseSeconds],
  })
}

/** Keeps jobs that are still being performed from being taken by another worker. */
export async function renewLeases(tx: Tx, now: number, ids: readonly string[], leaseSeconds: number): Promise<void> {
  await tx.run({
    name: 'renew-leases',
    text: `
      update job set locked_until = $3::timestamptz + make_interval(secs => $4)
      where tenant_id = $1 and id = any ($2::text[]) and status = 'queued' and locked_until is not null`,
    values: [tx.tenant, ids, new Date(now), leaseSeconds],
  })
}
