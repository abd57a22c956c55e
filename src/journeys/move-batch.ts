import type { Tx } from '../db/index.ts'
import type { FhirRecord, RecordChange, ResourceWrite, WrittenResource } from '../fhir/index.ts'
import { enqueueJobs, type JobRequest } from '../jobs/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { type Calendar, mayAct, type PersonalAct } from '../pathways/index.ts'
import type { Batch } from './batch.ts'
import { loadBatch } from './load-batch.ts'
import type { Performer } from './performer.ts'
import type { PublishedPathways } from './published-pathways.ts'
import { dueBuckets, dueTimers, loadJourneys, lockBuckets, storeMoved } from './store.ts'

export interface BatchDependencies {
  record: FhirRecord
  pathways: PublishedPathways
  performers: readonly Performer[]
  calendar: Calendar
  /** Leaves the access record of what the engine wrote. */
  audit(tx: Tx, context: CallContext, entities: readonly string[]): Promise<void>
}

export interface BatchLimits {
  /** Buckets a worker holds at a time; fewer lets more workers share. */
  buckets: number
  /** Events a batch takes at most. */
  events: number
}

/** What a batch did; `events` 0 means that there was nothing to take. */
export interface BatchReport {
  events: number
  moved: number
}

type Happening =
  | { at: number; change: RecordChange; timer?: undefined }
  | { at: number; timer: { journey: string; timer: string; due: number }; change?: undefined }

/** Buckets in which something waits to be taken. */
export async function waitingBuckets(
  tx: Tx,
  now: number,
  { record }: Pick<BatchDependencies, 'record'>,
): Promise<ReadonlySet<number>> {
  const found = await Promise.all([record.pendingBuckets(tx), dueBuckets(tx, now)])
  return new Set(found.flat())
}

/**
 * One transaction of the runtime: locks some of the buckets in `wanted`, takes their changes and due timers, advances the
 * journeys concerned in order of time, and writes states, log, timers, resources and jobs. A crash before the commit leaves
 * everything to be taken again; after it nothing is left to take: so each event moves each journey exactly once.
 */
export async function moveBatch(
  tx: Tx,
  context: CallContext,
  dependencies: BatchDependencies,
  limits: BatchLimits,
  wanted: ReadonlySet<number>,
): Promise<BatchReport> {
  const { record } = dependencies
  const now = context.clock.now()
  const buckets = await lockBuckets(tx, [...wanted], limits.buckets)
  if (buckets.length === 0) return { events: 0, moved: 0 }
  const changes = await record.takeChanges(tx, buckets, limits.events)
  const timers = await dueTimers(tx, buckets, now, limits.events)
  if (changes.length + timers.length === 0) return { events: 0, moved: 0 }

  // Sorted by time: a task done at 10:59 and taken at 11:01 is not missed by the timer of 11:00. The sort is stable, so
  // changes keep the order of their sequence.
  const happenings: Happening[] = [
    ...changes.map((change) => ({ at: change.at, change })),
    ...timers.map((timer) => ({ at: timer.due, timer })),
  ]
  if (timers.length > 0) happenings.sort((a, b) => a.at - b.at)

  const batch = await loadBatch(tx, context, dependencies, {
    changes,
    journeys: timers.map((timer) => timer.journey),
  })
  for (const one of happenings) {
    if (one.change) batch.changed(one.change)
    else batch.timed(one.timer)
  }
  batch.finish(now)
  await perform(tx, context, dependencies, batch)
  return { events: happenings.length, moved: batch.moved().length }
}

/** Why a person's act on a journey was not done; `done` when it was. */
export type Acted = 'done' | 'unknown' | Exclude<ReturnType<typeof mayAct>, true>

/** A person's act on one journey, in the caller's transaction; waits for the worker that may hold its bucket. */
export async function actOnJourney(
  tx: Tx,
  context: CallContext,
  dependencies: BatchDependencies,
  id: string,
  { act, reason }: { act: PersonalAct; reason: string },
): Promise<Acted> {
  const [found] = await loadJourneys(tx, [], [id])
  if (!found) return 'unknown'
  await tx.run({
    text: 'select from journey_bucket where tenant_id = $1 and bucket = $2 for update',
    values: [tx.tenant, found.bucket],
  })
  const batch = await loadBatch(tx, context, dependencies, { changes: [], journeys: [id] })
  const now = context.clock.now()
  // What is due by now has happened before the act.
  const before = batch.stateAt(id, now)
  const may = before ? mayAct(before.pathway, before.state, act) : 'ended'
  if (may !== true) return may
  batch.apply(id, { id: `act/${context.requestId}`, at: now, kind: 'act', act, by: context.actor.name, reason })
  batch.finish(now)
  await perform(tx, context, dependencies, batch)
  return 'done'
}

/** Writes all that a batch came to; gives what it wrote into the record. */
export async function perform(
  tx: Tx,
  context: CallContext,
  dependencies: BatchDependencies,
  batch: Batch,
): Promise<WrittenResource[]> {
  const writes: ResourceWrite[] = []
  const jobs: JobRequest[] = []
  for (const performer of dependencies.performers) {
    const mine = batch.asked.filter((one) => performer.kinds.includes(one.effect.kind))
    if (mine.length === 0) continue
    const performance = await performer.perform(tx, context, mine)
    writes.push(...performance.writes)
    jobs.push(...performance.jobs)
  }
  const moved = batch.moved()
  await storeMoved(tx, moved)
  if (batch.strayTimers.length > 0)
    await tx.run({
      text: 'delete from journey_timer t using unnest($2::text[], $3::text[]) as g (journey, timer) where t.tenant_id = $1 and t.journey = g.journey and t.timer = g.timer',
      values: [tx.tenant, batch.strayTimers.map((one) => one.journey), batch.strayTimers.map((one) => one.timer)],
    })
  let written: WrittenResource[] = []
  if (writes.length > 0) {
    // What the engine makes, escalates or cancels of its own is no news to the journey that asked for it. Where no pathway
    // listens to the type, nobody else would take the change either: it would be written only to be deleted.
    written = await dependencies.record.write(tx, context, writes, {
      validate: false,
      quiet: (type) => !batch.heard.has(type),
    })
    await dependencies.audit(
      tx,
      context,
      written.map((one) => `${one.resourceType}/${one.id}`),
    )
  }
  await enqueueJobs(tx, context.clock, jobs)
  if (moved.length > 0)
    await tx.run({
      name: 'hint-feed-journeys',
      text: `select pg_notify('throughline_feed', $1)`,
      // A long list would pass NOTIFY's 8000 bytes; the console then looks at everything anyway.
      values: [
        JSON.stringify({
          tenant: tx.tenant,
          topic: 'journeys',
          ...(moved.length <= 50 ? { ids: moved.map((one) => one.id) } : {}),
        }),
      ],
    })
  return written
}
