import type { Resource } from '@medplum/fhirtypes'
import { type Database, keepLooking, type Tx } from '../../db/index.ts'
import type { CallContext, Clock, Logger, TenantId } from '../../kernel/index.ts'
import { type Guarded, sightings, sightOf } from '../guard.ts'
import { asAsker, type Asker, type FlowDeps } from './seam.ts'
import { readTopics, type Standing, standingColumns, wakeSubscriptions } from './store.ts'
import { type TopicChange, topicMatcher } from './topic.ts'

const batchSize = 500
const lookEvery = 1_000

interface Change extends TopicChange {
  type: string
  id: string
  version: number
  at: Date
}

/**
 * Takes waiting changes in the order in which they were written, each with the version before it. That one row of the
 * history is there whatever happened since, so late is as good as at once.
 */
async function takeWatched(tx: Tx): Promise<Change[]> {
  const rows = await tx.query<{
    type: string
    id: string
    version: number
    interaction: Change['interaction']
    updated: Date
    content: string | null
    former: string | null
  }>({
    name: 'fhir-take-watched',
    text: `
      with taken as (
        delete from fhir_watched_change where tenant_id = $1 and seq in (
          select seq from fhir_watched_change where tenant_id = $1 order by seq limit ${batchSize})
        returning seq, type, id, version, interaction)
      select t.type, t.id, t.version, t.interaction, h.updated, h.content, f.content as former
      from taken t
      join fhir_history h on h.tenant_id = $1 and h.type = t.type and h.id = t.id and h.version = t.version
      left join fhir_history f on f.tenant_id = $1 and f.type = t.type and f.id = t.id and f.version = t.version - 1
      order by t.seq`,
    values: [tx.tenant],
  })
  const parse = (text: string | null) => (text === null ? undefined : (JSON.parse(text) as Resource))
  return rows.map(({ type, id, version, interaction, updated, content, former }) => ({
    type,
    id,
    version,
    interaction,
    at: updated,
    current: parse(content),
    previous: parse(former),
  }))
}

/** Of these changes, those whose resource the maker may see; undefined when they may not act any more. */
async function seenByMaker(
  deps: Guarded & Pick<FlowDeps, 'actorNow'>,
  tx: Tx,
  context: CallContext,
  maker: Asker,
  changes: readonly Change[],
): Promise<readonly Change[] | undefined> {
  const actor = await deps.actorNow(tx, maker)
  if (!actor) return undefined
  const sight = await sightOf(deps, tx, asAsker(context, actor))
  if (!sight) return changes
  const seen = await sightings(
    tx,
    sight,
    'read',
    changes.map(({ type, id }) => `${type}/${id}`),
  )
  return changes.filter(({ type, id }) => seen.get(`${type}/${id}`) === true)
}

/** Gives the events of one subscription the next numbers, without a gap: under the lock of its row. */
async function number(tx: Tx, id: string, changes: readonly Change[]): Promise<void> {
  await tx.run({
    name: 'fhir-number-events',
    text: `
      with counted as (
        update fhir_subscription set last_number = last_number + cardinality($3::text[])
        where tenant_id = $1 and id = $2 returning last_number - cardinality($3::text[]) as base)
      insert into fhir_subscription_event (tenant_id, subscription, number, type, id, version, interaction, at)
      select $1, $2, c.base + v.n, v.type, v.id, v.version, v.interaction, v.at
      from counted c, unnest($3::text[], $4::text[], $5::int[], $6::text[], $7::timestamptz[])
        with ordinality as v (type, id, version, interaction, at, n)`,
    values: [
      tx.tenant,
      id,
      changes.map(({ type }) => type),
      changes.map((change) => change.id),
      changes.map(({ version }) => version),
      changes.map(({ interaction }) => interaction),
      changes.map(({ at }) => at),
    ],
  })
}

/**
 * Tells a batch of waiting changes on to the subscriptions: deleted there, numbered here, in one transaction, so each
 * becomes an event exactly once. Returns how many changes it took; undefined when another worker is at it.
 */
async function distributeBatch(
  deps: Guarded & Pick<FlowDeps, 'actorNow' | 'clock'>,
  tx: Tx,
  context: CallContext,
): Promise<number | undefined> {
  // One at a time in a tenant: two batches side by side would number later changes before earlier ones.
  const [lock] = await tx.query<{ mine: boolean }>({
    name: 'fhir-distribute-lock',
    text: `select pg_try_advisory_xact_lock(hashtextextended('fhir-distribute ' || $1, 0)) as mine`,
    values: [tx.tenant],
  })
  if (!lock?.mine) return undefined
  const changes = await takeWatched(tx)
  if (changes.length === 0) return 0
  const topics = await readTopics(tx)
  // In the order of ids, so that whoever else locks several of them waits and does not deadlock.
  const standing = await tx.query<Standing>({
    name: 'fhir-live-subscriptions',
    text: `select ${standingColumns} from fhir_subscription where tenant_id = $1 and status <> 'off' order by id`,
    values: [tx.tenant],
  })
  const now = deps.clock.now()
  const told: string[] = []
  for (const { id, plan, maker } of standing) {
    const topic = topics.get(plan.topic)
    if (!topic) continue
    const matches = topicMatcher(topic, plan.filters)
    const matched = changes.filter((change) => matches(change, now))
    if (matched.length === 0) continue
    const seen = await seenByMaker(deps, tx, context, maker, matched)
    if (seen && seen.length > 0) await number(tx, id, seen)
    // Its job finds that the maker is gone, and ends it.
    if (!seen || (seen.length > 0 && plan.channel !== 'websocket')) told.push(id)
  }
  await wakeSubscriptions(tx, deps.clock, told)
  await tx.run({
    name: 'fhir-events-hint',
    text: `select pg_notify('throughline_event', $1)`,
    values: [tx.tenant],
  })
  return changes.length
}

// Long enough for a receiver that was given up to ask for what it missed, and then some.
const keptFor = 7 * 86_400_000
const cleanEvery = 3_600_000
const cleanAtOnce = 10_000

/** Forgets old events that were taken, or whose subscription sends nothing by itself: ended ones and websockets. */
export async function forgetOldEvents(tx: Tx, now: number): Promise<number> {
  return tx.run({
    name: 'fhir-forget-events',
    text: `
      delete from fhir_subscription_event where tenant_id = $1 and (subscription, number) in (
        select e.subscription, e.number from fhir_subscription_event e
        join fhir_subscription s on s.tenant_id = $1 and s.id = e.subscription
        where e.tenant_id = $1 and e.at < $2
          and (e.number <= s.sent_number or s.status = 'off' or s.plan->>'channel' = 'websocket')
        order by e.at limit ${cleanAtOnce})`,
    values: [tx.tenant, new Date(now - keptFor)],
  })
}

export interface Distributor {
  /** Tells on all that waits in a tenant now; returns how many changes it took. */
  drain(tenant: TenantId): Promise<number>
  start(): Promise<void>
  stop(): Promise<void>
}

/** Works for all tenants: turns changes into numbered events. Any number of these may run on one database. */
export function createDistributor(
  deps: Guarded & Pick<FlowDeps, 'actorNow'> & { database: Database; clock: Clock; log: Logger },
): Distributor {
  const { database, clock, log } = deps
  const contextOf = (tenant: TenantId): CallContext => ({
    tenant,
    actor: { kind: 'system', id: 'subscriptions', name: 'Throughline', roles: [] },
    clock,
    requestId: 'subscriptions',
    locale: 'en',
  })
  async function drain(tenant: TenantId): Promise<number> {
    let done = 0
    for (;;) {
      const count = await database.transaction(tenant, (tx) => distributeBatch(deps, tx, contextOf(tenant)))
      done += count ?? 0
      if (count === undefined || count < batchSize) return done
    }
  }
  let cleaned = clock.now()
  async function clean(): Promise<void> {
    if (clock.now() - cleaned < cleanEvery) return
    cleaned = clock.now()
    for (const tenant of await database.tenants())
      while ((await database.transaction(tenant, (tx) => forgetOldEvents(tx, clock.now()))) === cleanAtOnce);
  }
  let end = async () => {}
  return {
    drain,
    async start() {
      end = await keepLooking(database, {
        channel: 'throughline_subscription',
        every: lookEvery,
        async look() {
          for (const tenant of await database.tenants()) await drain(tenant)
          await clean()
        },
        failed: (error) =>
          log.warn(
            { code: 'subscriptions', error: error instanceof Error ? error.message : 'unknown' },
            'changes could not be told on',
          ),
      })
    },
    stop: () => end(),
  }
}
