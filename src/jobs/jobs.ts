import { createBell, type Database, keepLooking, waitFor } from '../db/index.ts'
import type { Clock, Logger, TenantId } from '../kernel/index.ts'
import { claimDueJobs, renewLeases } from './claim-due-jobs.ts'
import { type Job, type JobHandler, PermanentFailure } from './job.ts'

// A worker that was killed leaves its jobs locked that long; one that is slow renews the lease meanwhile.
const leaseSeconds = 15
const renewEvery = 5_000
const lookEvery = 1_000

export interface JobWorker {
  /** Does everything due in one tenant now; returns how many were tried. */
  drain(tenant: TenantId): Promise<number>
  /** Works for all tenants until stopped. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Works the queue: claim, perform outside, write the outcome. Any number of these may run on one database. */
export function createJobWorker(options: {
  database: Database
  clock: Clock
  log: Logger
  handlers: readonly JobHandler[]
}): JobWorker {
  const { database, clock, log } = options
  const handlers = new Map(options.handlers.map((handler) => [handler.kind, handler]))
  const ending = new AbortController()

  async function perform(tenant: TenantId, job: Job): Promise<void> {
    const handler = handlers.get(job.kind)
    const renewal = setInterval(() => {
      // Whoever cannot renew may be overtaken: the keys make that harmless.
      void database
        .transaction(tenant, (tx) => renewLeases(tx, clock.now(), [job.id], leaseSeconds))
        .catch(() => log.warn({ code: 'job-lease', job: job.id }, 'a lease could not be renewed'))
    }, renewEvery)
    try {
      if (!handler) throw new PermanentFailure(`nothing here performs ${job.kind}`)
      const write = await handler.perform(tenant, job, ending.signal)
      await database.transaction(tenant, async (tx) => {
        const more = await write(tx)
        await tx.run({
          name: 'finish-job',
          text: `
            update job set status = case when $4::timestamptz is null then 'done' else 'queued' end, locked_until = null,
              ended_at = case when $4::timestamptz is null then $3::timestamptz end,
              attempts = case when $4::timestamptz is null then attempts else 0 end, run_at = coalesce($4, run_at)
            where tenant_id = $1 and id = $2`,
          values: [tenant, job.id, new Date(clock.now()), more ? new Date(more.again) : null],
        })
      })
    } catch (error) {
      await fail(tenant, job, handler, error)
    } finally {
      clearInterval(renewal)
    }
  }

  async function fail(tenant: TenantId, job: Job, handler: JobHandler | undefined, error: unknown): Promise<void> {
    const giveUp = error instanceof PermanentFailure || !handler || job.attempts >= handler.tries
    const message = (error instanceof Error ? error.message : String(error)).slice(0, 300)
    const wait = Math.min(600_000, 2_000 * 2 ** (job.attempts - 1))
    log.warn(
      { code: giveUp ? 'job-dead' : 'job-retry', job: job.id, kind: job.kind, attempts: job.attempts },
      'a job failed',
    )
    await database.transaction(tenant, async (tx) => {
      // The last twenty faults tell enough, and a standing job may fail for a day.
      await tx.run({
        name: 'fail-job',
        text: `
          update job set status = case when $3 then 'dead' else 'queued' end, locked_until = null, run_at = $4,
            ended_at = case when $3 then $5::timestamptz end,
            errors = case when jsonb_array_length(errors) >= 20 then errors - 0 else errors end
              || jsonb_build_object('at', $6::text, 'error', $7::text)
          where tenant_id = $1 and id = $2`,
        values: [
          tenant,
          job.id,
          giveUp,
          new Date(clock.now() + wait),
          new Date(clock.now()),
          new Date(clock.now()).toISOString(),
          message,
        ],
      })
      if (giveUp) {
        await handler?.givenUp(tx, job)
        await tx.run({
          text: `select pg_notify('throughline_feed', $1)`,
          values: [JSON.stringify({ tenant, topic: 'messages' })],
        })
      }
    })
  }

  const bell = createBell()

  async function drain(tenant: TenantId): Promise<number> {
    let done = 0
    const running = new Map<Promise<void>, string>()
    for (;;) {
      const rung = bell.next()
      const lanes = options.handlers.flatMap(({ kind, atOnce = 8 }) => {
        const free = atOnce - [...running.values()].filter((one) => one === kind).length
        return free > 0 ? [{ kind, free }] : []
      })
      const jobs =
        ending.signal.aborted || lanes.length === 0
          ? []
          : await database.transaction(tenant, (tx) => claimDueJobs(tx, clock.now(), lanes, leaseSeconds))
      for (const job of jobs) {
        const work = perform(tenant, job).finally(() => running.delete(work))
        running.set(work, job.kind)
      }
      done += jobs.length
      if (running.size === 0) return done
      // A hand that is free again looks for the next job at once; a new job of a kind with free hands is not kept waiting.
      await waitFor(lookEvery, [...running.keys(), rung])
    }
  }

  const draining = new Map<TenantId, Promise<void>>()
  let end = async () => {}
  const away = (error: unknown) =>
    log.warn(
      { code: 'job-worker', error: error instanceof Error ? error.message : 'unknown' },
      'the job worker could not work',
    )
  return {
    drain,
    async start() {
      end = await keepLooking(database, {
        channel: 'throughline_job',
        every: lookEvery,
        bell,
        async look() {
          for (const tenant of await database.tenants()) {
            // One tenant's slow receiver keeps no other tenant waiting.
            if (!draining.has(tenant))
              draining.set(
                tenant,
                drain(tenant)
                  .then(() => {}, away)
                  .finally(() => draining.delete(tenant)),
              )
          }
        },
        failed: away,
      })
    },
    async stop() {
      ending.abort()
      bell.ring()
      await end()
      await Promise.all(draining.values())
    },
  }
}
