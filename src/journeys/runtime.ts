import { type Database, keepLooking, type Tx } from '../db/index.ts'
import { bucketCount } from '../fhir/index.ts'
import { type Actor, type CallContext, type Clock, type Logger, newId, type TenantId } from '../kernel/index.ts'
import { type BatchDependencies, type BatchLimits, type BatchReport, moveBatch, waitingBuckets } from './move-batch.ts'
import { moveJourneys } from './moving/move-journeys.ts'
import { bucketsToMove } from './moving/store-moves.ts'

export const engineActor: Actor = { kind: 'engine', id: 'journeys', name: 'Throughline', roles: [] }

export interface Runtime {
  /** Moves everything that can be moved in one tenant now; returns what it took. */
  drain(tenant: TenantId): Promise<BatchReport>
  /** Works for all tenants until stopped. Any number of runtimes on any number of machines share one database. */
  start(): Promise<void>
  stop(): Promise<void>
}

const ordinary: BatchLimits = { buckets: 16, events: 400 }
/** Fewer at a time: each may write many resources, and the buckets' other events wait meanwhile. */
const moving: BatchLimits = { buckets: 16, events: 100 }

/** Makes a tenant's bucket rows, once. */
export async function prepareBuckets(tx: Tx): Promise<void> {
  await tx.run({
    text: 'insert into journey_bucket (tenant_id, bucket) select $1, generate_series(0, $2::int - 1) on conflict do nothing',
    values: [tx.tenant, bucketCount],
  })
}

export function createRuntime(
  options: BatchDependencies & { database: Database; clock: Clock; log: Logger; limits?: BatchLimits },
): Runtime {
  const { database, clock, log } = options
  const limits = options.limits ?? ordinary
  const prepared = new Set<TenantId>()
  const contextOf = (tenant: TenantId): CallContext => ({
    tenant,
    actor: engineActor,
    clock,
    requestId: newId(clock),
    locale: 'en',
  })

  async function drain(tenant: TenantId): Promise<BatchReport> {
    if (!prepared.has(tenant)) {
      await database.transaction(tenant, prepareBuckets)
      prepared.add(tenant)
    }
    const total = { events: 0, moved: 0 }
    for (;;) {
      // Most looks find nothing, and nobody waits for the end of a transaction that only reads.
      const [waiting, toMove] = await database.reading(tenant, (tx) =>
        Promise.all([waitingBuckets(tx, clock.now(), options), bucketsToMove(tx)]),
      )
      const report =
        waiting.size > 0
          ? await database.transaction(tenant, (tx) => moveBatch(tx, contextOf(tenant), options, limits, waiting))
          : { events: 0, moved: 0 }
      // Journeys move to other versions when nothing of theirs waits any more.
      const looked =
        toMove.length > 0
          ? await database.transaction(tenant, (tx) => moveJourneys(tx, contextOf(tenant), options, moving, toMove))
          : 0
      if (report.events + looked === 0) return total
      total.events += report.events
      total.moved += report.moved
    }
  }

  let end = async () => {}
  return {
    drain,
    async start() {
      end = await keepLooking(database, {
        channel: 'throughline_change',
        // Timers have no hint: they are looked for twice a second.
        every: 500,
        async look() {
          for (const tenant of await database.tenants()) await drain(tenant)
        },
        failed: (error) =>
          log.warn(
            { code: 'journey-worker', error: error instanceof Error ? error.message : 'unknown' },
            'the journey worker could not work',
          ),
      })
    },
    stop: () => end(),
  }
}
