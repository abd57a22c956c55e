import type { Database, Tx } from '../db/index.ts'
import { type Clock, type Logger, newId, type TenantId } from '../kernel/index.ts'
import { claimDueJobs } from './claim-due-jobs.ts'
import { type Job, type JobHandler, type JobRequest, PermanentFailure } from './job.ts'

// Long enough for the slowest delivery (a mail server's 20 s of silence), short enough for a worker that was killed.
const leaseSeconds = 30

/** Puts jobs in the queue, in the caller's transaction, one statement. A key that is there already is left as it is. */
export async function enqueueJobs(tx: Tx, clock: Clock, requests: readonly JobRequest[]): Promise<void> {
  if (requests.length === 0) return
  await tx.run({
    name: 'enqueue-jobs',
    text: `
      insert into job (tenant_id, id, kind, key, payload, run_at, created_at)
      select $1, id, kind, key, payload::jsonb, run_at, $7
      from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[]) as t (id, kind, key, payload, run_at)
      on conflict (tenant_id, key) do nothing`,
    values: [
      tx.tenant,
      requests.map(() => newId(clock)),
      requests.map((request) => request.kind),
      requests.map((request) => request.key),
      requests.map((request) => JSON.stringify(request.payload)),
      requests.map((request) => new Date(request.runAt ?? clock.now())),
      new Date(clock.now()),
    ],
  })
  await tx.run({ name: 'hint-jobs', text: `select pg_notify('throughline_job', $1)`, values: [tx.tenant] })
}

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
  /** Jobs performed at the same time; 8 unless told. */
  concurrency?: number
}): JobWorker {
  const { database, clock, log } = options
  const handlers = new Map(options.handlers.map((handler) => [handler.kind, handler]))

  async function perform(tenant: TenantId, job: Job): Promise<void> {
    const handler = handlers.get(job.kind)
    try {
      if (!handler) throw new PermanentFailure(`nothing here performs ${job.kind}`)
      const write = await handler.perform(tenant, job)
      await database.transaction(tenant, async (tx) => {
        await write(tx)
        await tx.run({
          name: 'finish-job',
          text: `update job set status = 'done', locked_until = null, ended_at = $3 where tenant_id = $1 and id = $2`,
          values: [tenant, job.id, new Date(clock.now())],
        })
      })
    } catch (error) {
      await fail(tenant, job, handler, error)
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
      await tx.run({
        name: 'fail-job',
        text: `
          update job set status = case when $3 then 'dead' else 'queued' end, locked_until = null, run_at = $4,
            ended_at = case when $3 then $5::timestamptz end,
            errors = errors || jsonb_build_object('at', $6::text, 'error', $7::text)
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

  async function drain(tenant: TenantId): Promise<number> {
    let done = 0
    for (;;) {
      const jobs = await database.transaction(tenant, (tx) =>
        claimDueJobs(tx, clock.now(), options.concurrency ?? 8, leaseSeconds),
      )
      if (jobs.length === 0) return done
      await Promise.all(jobs.map((job) => perform(tenant, job)))
      done += jobs.length
    }
  }

  let stopped = false
  let wake = () => {}
  let running: Promise<void> | undefined
  let deaf = async () => {}
  return {
    drain,
    async start() {
      deaf = await database.listen('throughline_job', () => wake())
      running = (async () => {
        while (!stopped) {
          // Set before looking, so that a hint that comes while we look is not lost.
          const hint = new Promise<void>((tell) => {
            wake = tell
          })
          try {
            for (const tenant of await database.tenants()) await drain(tenant)
          } catch (error) {
            log.warn(
              { code: 'job-worker', error: error instanceof Error ? error.message : 'unknown' },
              'the job worker could not work',
            )
          }
          await Promise.race([hint, new Promise((tell) => setTimeout(tell, 1_000).unref())])
        }
      })()
    },
    async stop() {
      stopped = true
      wake()
      await running
      await deaf()
    },
  }
}
