import type { Tx } from '../db/index.ts'
import { bucketOf, type FhirRecord, type RecordChange, type ResourceWrite } from '../fhir/index.ts'
import { enqueueJobs, type JobRequest } from '../jobs/index.ts'
import { type CallContext, newId } from '../kernel/index.ts'
import {
  advance,
  type Calendar,
  type CompiledPathway,
  type Effect,
  type JourneyEvent,
  startFor,
} from '../pathways/index.ts'
import type { AskedEffect, Performer } from './performer.ts'
import type { PublishedPathways } from './published-pathways.ts'
import {
  dueBuckets,
  dueTimers,
  type HeldJourney,
  loadJourneys,
  lockBuckets,
  type MovedJourney,
  storeMoved,
  takenKeys,
} from './store.ts'

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

/**
 * One transaction of the runtime: locks buckets, takes their changes and due timers, advances the journeys concerned in
 * order of time, and writes states, log, timers, resources and jobs. A crash before the commit leaves everything to be
 * taken again; after it nothing is left to take: so each event moves each journey exactly once.
 */
export async function moveBatch(
  tx: Tx,
  context: CallContext,
  dependencies: BatchDependencies,
  limits: BatchLimits,
): Promise<BatchReport> {
  const { record, pathways, calendar } = dependencies
  const now = context.clock.now()
  const wanted = new Set([...(await record.pendingBuckets(tx)), ...(await dueBuckets(tx, now))])
  if (wanted.size === 0) return { events: 0, moved: 0 }
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

  const active = await pathways.active(tx)
  const heard = await pathways.heard(tx, active)
  const batch = new Batch(context, calendar, active, heard)
  await batch.load(tx, pathways, changes, timers)
  for (const one of happenings) {
    if (one.change) batch.changed(one.change)
    else batch.timed(one.timer)
  }
  await perform(tx, context, dependencies, batch)
  return { events: happenings.length, moved: batch.moved().length }
}

/** Cancels one journey by a person's word, in the caller's transaction; waits for the worker that may hold its bucket. */
export async function cancelJourney(
  tx: Tx,
  context: CallContext,
  dependencies: BatchDependencies,
  id: string,
  reason: string,
): Promise<'cancelled' | 'ended' | 'unknown'> {
  const [found] = await loadJourneys(tx, [], [id])
  if (!found) return 'unknown'
  await tx.run({
    text: 'select from journey_bucket where tenant_id = $1 and bucket = $2 for update',
    values: [tx.tenant, found.bucket],
  })
  const { pathways } = dependencies
  const batch = new Batch(context, dependencies.calendar, [], await pathways.heard(tx, await pathways.active(tx)))
  await batch.load(tx, dependencies.pathways, [], [{ journey: id }])
  const done = batch.apply(id, {
    id: `cancel/${context.requestId}`,
    at: context.clock.now(),
    kind: 'act',
    act: { do: 'cancel' },
    by: context.actor.reference ?? context.actor.id,
    reason,
  })
  if (!done) return 'ended'
  await perform(tx, context, dependencies, batch)
  return 'cancelled'
}

/** The journeys of a batch, in memory between their loading and their storing. */
class Batch {
  readonly #context: CallContext
  readonly #calendar: Calendar
  readonly #active: readonly CompiledPathway[]
  readonly #starters: ReadonlySet<string>
  readonly #journeys = new Map<
    string,
    { held: HeldJourney; pathway: CompiledPathway; moved: MovedJourney | undefined }
  >()
  readonly #bySubject = new Map<string, string[]>()
  #taken = new Set<string>()
  readonly asked: AskedEffect[] = []

  /** Types that some pathway listens to. A change of another type concerns the one journey that asked for the resource. */
  readonly heard: ReadonlySet<string>
  constructor(
    context: CallContext,
    calendar: Calendar,
    active: readonly CompiledPathway[],
    heard: ReadonlySet<string>,
  ) {
    this.heard = heard
    this.#context = context
    this.#calendar = calendar
    this.#active = active
    this.#starters = new Set(active.flatMap((pathway) => [...pathway.startTypes]))
  }

  async load(
    tx: Tx,
    pathways: PublishedPathways,
    changes: readonly RecordChange[],
    timers: readonly { journey: string }[],
  ): Promise<void> {
    const subjects = new Set(changes.filter((change) => this.heard.has(change.resourceType)).map((one) => one.subject))
    const owners = changes.flatMap((change) => (this.heard.has(change.resourceType) ? [] : ownerOf(change)))
    for (const held of await loadJourneys(
      tx,
      [...subjects],
      [...new Set([...owners, ...timers.map((timer) => timer.journey)])],
    ))
      this.#hold(held, await pathways.version(tx, held.pathway, held.version))
    const keys = changes.flatMap((change) =>
      this.#startsOf(change).map(({ pathway, key }) => ({ pathway: pathway.id, key })),
    )
    this.#taken = await takenKeys(tx, keys)
  }

  #hold(held: HeldJourney, pathway: CompiledPathway): void {
    this.#journeys.set(held.id, { held, pathway, moved: undefined })
    const siblings = this.#bySubject.get(held.state.subject)
    if (siblings) siblings.push(held.id)
    else this.#bySubject.set(held.state.subject, [held.id])
  }

  #startsOf(change: RecordChange) {
    if (!this.#starters.has(change.resourceType)) return []
    return this.#active.flatMap((pathway) => {
      const begun = startFor(pathway, { interaction: change.interaction, resource: change.resource }, change.subject)
      return begun ? [{ pathway, ...begun }] : []
    })
  }

  changed(change: RecordChange): void {
    const said = { interaction: change.interaction, resource: change.resource }
    const concerned = this.heard.has(change.resourceType)
      ? (this.#bySubject.get(change.subject) ?? [])
      : // A task that was moved to another patient lies in a bucket that this worker may not hold: its journey stays.
        ownerOf(change).filter((id) => this.#journeys.get(id)?.held.state.subject === change.subject)
    for (const id of concerned) this.apply(id, { id: change.id, at: change.at, kind: 'change', change: said })
    for (const { pathway, key, start } of this.#startsOf(change)) {
      const taken = `${pathway.id} ${key}`
      if (this.#taken.has(taken)) continue
      this.#taken.add(taken)
      this.#start(pathway, change, key, start)
    }
  }

  #start(pathway: CompiledPathway, change: RecordChange, key: string, start: number): void {
    const id = newId(this.#context.clock)
    const now = this.#context.clock.now()
    const event: JourneyEvent = {
      id: change.id,
      at: change.at,
      kind: 'start',
      journey: id,
      key,
      subject: change.subject,
      start,
      change: { interaction: change.interaction, resource: change.resource },
    }
    const { state, effects, log } = advance(pathway, undefined, event, { now, calendar: this.#calendar })
    const held: HeldJourney = {
      id,
      pathway: pathway.id,
      version: pathway.version,
      bucket: bucketOf(change.subject),
      lines: 0,
      startedAt: now,
      state,
    }
    this.#hold(held, pathway)
    const entry = this.#journeys.get(id)
    if (entry)
      entry.moved = { ...held, fresh: true, endedAt: state.status === 'active' ? null : now, log, timersBefore: {} }
    this.#ask(effects, id)
  }

  timed({ journey, timer, due }: { journey: string; timer: string; due: number }): void {
    const applied = this.apply(journey, { id: `timer/${journey}/${timer}/${due}`, at: due, kind: 'timer', timer })
    // A timer that no longer concerns the journey must still leave the table, or it would be due for ever.
    if (!applied) this.strayTimers.push({ journey, timer })
  }

  readonly strayTimers: { journey: string; timer: string }[] = []

  /** Whether the event moved the journey. */
  apply(id: string, event: JourneyEvent): boolean {
    const entry = this.#journeys.get(id)
    if (!entry) return false
    const before = entry.moved?.state ?? entry.held.state
    const now = this.#context.clock.now()
    const { state, effects, log } = advance(entry.pathway, before, event, { now, calendar: this.#calendar })
    if (state === before) return false
    const endedAt = state.status === 'active' ? null : now
    if (entry.moved) {
      entry.moved.state = state
      entry.moved.endedAt = endedAt
      entry.moved.log.push(...log)
    } else entry.moved = { ...entry.held, state, fresh: false, endedAt, log, timersBefore: entry.held.state.timers }
    this.#ask(effects, id)
    return true
  }

  #ask(effects: readonly Effect[], id: string): void {
    const entry = this.#journeys.get(id)
    const state = entry?.moved?.state
    if (entry && state) for (const effect of effects) this.asked.push({ effect, state, pathway: entry.pathway })
  }

  moved(): MovedJourney[] {
    return [...this.#journeys.values()].flatMap((entry) => (entry.moved ? [entry.moved] : []))
  }
}

/** The journey that a Task or Communication came from, by its id `journey.n`; none if somebody else made it. */
function ownerOf(change: RecordChange): string[] {
  const dot = change.resourceId.lastIndexOf('.')
  const own = change.resourceType === 'Task' || change.resourceType === 'Communication'
  return own && dot > 0 ? [change.resourceId.slice(0, dot)] : []
}

async function perform(tx: Tx, context: CallContext, dependencies: BatchDependencies, batch: Batch): Promise<void> {
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
  if (writes.length > 0) {
    // What the engine makes, escalates or cancels of its own is no news to the journey that asked for it. Where no pathway
    // listens to the type, nobody else would take the change either: it would be written only to be deleted.
    const written = await dependencies.record.write(tx, context, writes, {
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
}
