import type { Subscription } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import { hurryJob, type JobRequest, wakeJobs } from '../../jobs/index.ts'
import { type Actor, type CallContext, type Clock, systemActor } from '../../kernel/index.ts'
import type { FhirRecord } from '../record.ts'
import type { SubscriptionPlan } from './read-subscription.ts'
import type { Asker } from './seam.ts'
import { shippedTopics } from './shipped-topics.ts'
import { type Topic, withoutVersion } from './topic.ts'

export type SubscriptionStatus = 'requested' | 'active' | 'error' | 'off'

/** A subscription as it stands: what it asks, who made it, how far it has come. */
export interface Standing {
  id: string
  status: SubscriptionStatus
  plan: SubscriptionPlan
  maker: Asker
  /** The handshake was answered. */
  shaken: boolean
  /** Of the last event that there is. */
  lastNumber: number
  /** Of the last event that the receiver has taken. */
  sentNumber: number
  failures: number
  lastError: string | null
  lastErrorAt: Date | null
  sentAt: Date | null
}

// Event numbers are far below 2^53: as numbers they are exact.
export const standingColumns = `id, status, plan, maker, shaken, last_number::float8 as "lastNumber",
  sent_number::float8 as "sentNumber", failures, last_error as "lastError", last_error_at as "lastErrorAt", sent_at as "sentAt"`

export async function readStanding(tx: Tx, id: string, lock: 'for update' | '' = ''): Promise<Standing | undefined> {
  const [row] = await tx.query<Standing>({
    name: `fhir-subscription-read${lock}`,
    text: `select ${standingColumns} from fhir_subscription where tenant_id = $1 and id = $2 ${lock}`,
    values: [tx.tenant, id],
  })
  return row
}

/** All topics of the tenant by their url: the shipped ones, and in their place or beside them its own. */
export async function readTopics(tx: Tx): Promise<Map<string, Topic>> {
  const rows = await tx.query<{ definition: Topic }>({
    name: 'fhir-topics',
    text: 'select definition from fhir_topic where tenant_id = $1 order by url',
    values: [tx.tenant],
  })
  return new Map([...shippedTopics, ...rows.map(({ definition }) => definition)].map((topic) => [topic.url, topic]))
}

export const topicOf = async (tx: Tx, canonical: string): Promise<Topic | undefined> =>
  (await readTopics(tx)).get(withoutVersion(canonical))

export const subscriptionJob = 'subscription'
export const jobKey = (id: string): string => `subscription/${id}`
const jobOf = (id: string): JobRequest => ({
  kind: subscriptionJob,
  key: jobKey(id),
  payload: { reference: `Subscription/${id}` },
})

/** Has the standing jobs of these subscriptions look for something to send. */
export const wakeSubscriptions = (tx: Tx, clock: Clock, ids: readonly string[]): Promise<void> =>
  wakeJobs(tx, clock, ids.map(jobOf))

/** Sends now, also what waits after a failure or was given up. */
export async function resendNow(tx: Tx, clock: Clock, id: string): Promise<void> {
  await wakeSubscriptions(tx, clock, [id])
  await hurryJob(tx, clock, jobKey(id))
}

/** Who writes a subscription's status into its resource. */
export const subscriptionActor: Actor = { ...systemActor, id: 'subscriptions' }

export const systemContext = (tx: Tx, clock: Clock, requestId: string): CallContext => ({
  tenant: tx.tenant,
  actor: subscriptionActor,
  clock,
  requestId,
  locale: 'en',
})

/**
 * Moves a subscription to a status, in its resource first and in its row then, which is the order in which a client's own
 * write takes the locks.
 */
export async function setStatus(
  tx: Tx,
  deps: { record: FhirRecord; clock: Clock },
  id: string,
  status: SubscriptionStatus,
  error: string | null,
): Promise<void> {
  const resource = await deps.record.read(tx, `Subscription/${id}`)
  if (resource?.resourceType !== 'Subscription') return
  if (resource.status !== status || (resource.error ?? null) !== error) {
    const { error: _former, ...rest } = resource
    const next: Subscription & { id: string } = { ...rest, id, status, ...(error === null ? {} : { error }) }
    await deps.record.write(
      tx,
      systemContext(tx, deps.clock, `subscription/${id}`),
      [{ interaction: 'update', resource: next }],
      { validate: false },
    )
  }
  await tx.run({
    name: 'fhir-subscription-status',
    text: 'update fhir_subscription set status = $3 where tenant_id = $1 and id = $2',
    values: [tx.tenant, id, status],
  })
  if (status === 'off') await unwatch(tx, id)
}

export const unwatch = (tx: Tx, id: string): Promise<number> =>
  tx.run({
    name: 'fhir-unwatch',
    text: 'delete from fhir_watched_type where tenant_id = $1 and subscription = $2',
    values: [tx.tenant, id],
  })

export async function watch(tx: Tx, id: string, topic: Topic): Promise<void> {
  await unwatch(tx, id)
  await tx.run({
    name: 'fhir-watch',
    text: `insert into fhir_watched_type (tenant_id, type, subscription) select $1, unnest($3::text[]), $2`,
    values: [tx.tenant, id, [...new Set(topic.triggers.map(({ resource }) => resource))]],
  })
}
