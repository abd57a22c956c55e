import type { Subscription } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import { removeJob } from '../../jobs/index.ts'
import type { Actor, CallContext, Fault } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'
import type { OutboundRules } from '../outbound.ts'
import type { Projection, WrittenResource } from '../record.ts'
import { askerOf } from './seam.ts'
import { readSubscription, type SubscriptionPlan } from './read-subscription.ts'
import { jobKey, readTopics, subscriptionActor, topicOf, unwatch, wakeSubscriptions, watch } from './store.ts'
import { isTopic, readTopic } from './topic.ts'

async function forget(tx: Tx, id: string): Promise<void> {
  for (const [table, column] of [
    ['fhir_watched_type', 'subscription'],
    ['fhir_socket_token', 'subscription'],
    ['fhir_subscription_event', 'subscription'],
    ['fhir_subscription', 'id'],
  ] as const)
    await tx.run({ text: `delete from ${table} where tenant_id = $1 and ${column} = $2`, values: [tx.tenant, id] })
  await removeJob(tx, jobKey(id))
}

const isWorker = ({ kind, id }: Actor) => kind === 'system' && id === subscriptionActor.id

async function keepSubscription(
  tx: Tx,
  context: CallContext,
  outbound: OutboundRules,
  id: string,
  resource: Subscription,
  former: Subscription | undefined,
): Promise<void> {
  const topics = await readTopics(tx)
  const read = readSubscription(resource, { topic: (url) => topics.get(url), outbound })
  const faults: Fault[] = 'faults' in read ? [...read.faults] : []
  // A client asks; whether it is so is the server's to say.
  if (!['requested', 'off'].includes(resource.status) && resource.status !== former?.status)
    faults.push({ path: 'Subscription.status', message: 'is the server’s to set: ask with requested, end with off' })
  if (faults.length > 0 || 'faults' in read) throw refuse('subscription-refused', { faults })
  const status = resource.status === 'off' ? 'off' : 'requested'
  // Whoever changes it answers for it from now on. The numbers go on: a receiver must not take a new event for an old one.
  await tx.run({
    name: 'fhir-subscription-keep',
    text: `
      insert into fhir_subscription (tenant_id, id, status, topic, plan, maker) values ($1, $2, $3, $4, $5, $6)
      on conflict (tenant_id, id) do update set status = excluded.status, topic = excluded.topic, plan = excluded.plan,
        maker = excluded.maker, shaken = false, failures = 0, last_error = null, last_error_at = null`,
    values: [tx.tenant, id, status, read.topic.url, JSON.stringify(read.plan), JSON.stringify(askerOf(context))],
  })
  if (status === 'off') {
    await unwatch(tx, id)
    await removeJob(tx, jobKey(id))
  } else {
    // From here on, every change counts: what happens before the handshake is told after it.
    await watch(tx, id, read.topic)
    await wakeSubscriptions(tx, context.clock, [id])
  }
}

async function keepTopic(tx: Tx, one: WrittenResource): Promise<void> {
  const [before] = await tx.query<{ url: string }>({
    text: 'select url from fhir_topic where tenant_id = $1 and id = $2 for update',
    values: [tx.tenant, one.id],
  })
  const read = isTopic(one.resource) ? readTopic(one.resource) : undefined
  if (read && 'faults' in read) throw refuse('topic-refused', { faults: read.faults })
  const topic = read?.active ? read.topic : undefined
  if (before && before.url !== topic?.url)
    await tx.run({ text: 'delete from fhir_topic where tenant_id = $1 and id = $2', values: [tx.tenant, one.id] })
  if (topic) {
    const [other] = await tx.query<{ id: string }>({
      text: 'select id from fhir_topic where tenant_id = $1 and url = $2 and id <> $3',
      values: [tx.tenant, topic.url, one.id],
    })
    if (other)
      throw refuse('topic-refused', {
        faults: [{ path: 'Basic.extension', message: 'has a url that another topic has' }],
      })
    await tx.run({
      text: `insert into fhir_topic (tenant_id, id, url, definition) values ($1, $2, $3, $4)
             on conflict (tenant_id, id) do update set definition = excluded.definition`,
      values: [tx.tenant, one.id, topic.url, JSON.stringify(topic)],
    })
  }
  for (const url of new Set([before?.url, topic?.url])) if (url !== undefined) await topicChanged(tx, url)
}

/** The live subscriptions on a topic follow it; while there are some it does not go away under them. */
async function topicChanged(tx: Tx, url: string): Promise<void> {
  const live = await tx.query<{ id: string; plan: SubscriptionPlan }>({
    text: `select id, plan from fhir_subscription where tenant_id = $1 and topic = $2 and status <> 'off' order by id for update`,
    values: [tx.tenant, url],
  })
  if (live.length === 0) return
  const topic = await topicOf(tx, url)
  const orphan = live.find(
    ({ plan }) =>
      !topic || plan.filters.some((filter) => !topic.triggers.some((one) => filter.startsWith(`${one.resource}?`))),
  )
  if (!topic || orphan)
    throw refuse('topic-in-use', {
      faults: [{ path: `Subscription/${(orphan ?? live[0])?.id}`, message: 'could not be served by it any more' }],
    })
  for (const { id } of live) await watch(tx, id, topic)
}

/** Keeps subscriptions and topics true in the transaction that writes their resources, and refuses those that cannot be. */
export const subscriptionProjection = (options: { outbound: OutboundRules }): Projection => ({
  types: ['Subscription', 'Basic'],
  async apply(tx, context, written) {
    for (const one of written) {
      const { resource, former } = one
      if (isTopic(resource) || isTopic(former)) await keepTopic(tx, one)
      if (one.resourceType !== 'Subscription') continue
      if (!resource) await forget(tx, one.id)
      // What the worker itself writes of a status is in its row already.
      else if (resource.resourceType === 'Subscription' && !isWorker(context.actor))
        await keepSubscription(
          tx,
          context,
          options.outbound,
          one.id,
          resource,
          former?.resourceType === 'Subscription' ? former : undefined,
        )
    }
  },
})
