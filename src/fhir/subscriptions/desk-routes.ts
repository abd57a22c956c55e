import { z } from 'zod'
import { api, type SubscriptionList, type TopicList } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { nextRuns } from '../../jobs/index.ts'
import { type Route, route } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'
import type { FlowDeps } from './seam.ts'
import {
  jobKey,
  readStanding,
  readTopics,
  resendNow,
  setStatus,
  type Standing,
  standingColumns,
  watch,
} from './store.ts'

const most = 500

async function listSubscriptions(tx: Tx): Promise<SubscriptionList> {
  const rows = await tx.query<Standing>({
    text: `select ${standingColumns} from fhir_subscription where tenant_id = $1 order by id desc limit ${most}`,
    values: [tx.tenant],
  })
  const topics = await readTopics(tx)
  const next = await nextRuns(
    tx,
    rows.map(({ id }) => jobKey(id)),
  )
  const iso = (at: Date | null) => at?.toISOString() ?? null
  return {
    items: rows.map((row) => {
      const nextTry = row.failures > 0 ? next.get(jobKey(row.id)) : undefined
      return {
        id: row.id,
        status: row.status,
        topic: { url: row.plan.topic, title: topics.get(row.plan.topic)?.title ?? row.plan.topic },
        filters: row.plan.filters,
        channel: row.plan.channel,
        // A query string may hold a secret of the receiver's.
        endpoint: row.plan.endpoint.replace(/\?.*$/s, ''),
        content: row.plan.content,
        maker: row.maker.name,
        events: row.lastNumber,
        waiting: row.lastNumber - row.sentNumber,
        sentAt: iso(row.sentAt),
        failures: row.failures,
        lastError: row.lastError,
        lastErrorAt: iso(row.lastErrorAt),
        nextTryAt: nextTry === undefined ? null : new Date(nextTry).toISOString(),
      }
    }),
  }
}

async function listTopics(tx: Tx): Promise<TopicList> {
  const own = await tx.query<{ id: string; url: string }>({
    text: 'select id, url from fhir_topic where tenant_id = $1',
    values: [tx.tenant],
  })
  return {
    items: [...(await readTopics(tx)).values()].map((topic) => ({
      url: topic.url,
      title: topic.title,
      description: topic.description,
      resources: [...new Set(topic.triggers.map(({ resource }) => resource))],
      filters: topic.filters.map(({ resource, parameter }) => `${resource}?${parameter}`),
      own: own.find(({ url }) => url === topic.url)?.id ?? null,
    })),
  }
}

/** What the console's page of subscriptions needs. */
export function subscriptionDeskRoutes(deps: FlowDeps): Route[] {
  const read = { access: { permission: 'jobs.manage' }, style: 'api', method: 'GET' } as const
  return [
    route({
      ...read,
      path: '/api/subscriptions',
      audits: { nothing: 'who is told of what kind of event, about no patient' },
      summary: 'Subscriptions, how far each has come and what went wrong',
      reply: api.subscriptions,
      handle: async (context) => ({
        body: await deps.database.transaction(context.tenant, listSubscriptions),
      }),
    }),
    route({
      ...read,
      path: '/api/topics',
      audits: { nothing: 'kinds of events, about nobody' },
      summary: 'Topics that can be subscribed to',
      reply: api.topics,
      handle: async (context) => ({ body: await deps.database.transaction(context.tenant, listTopics) }),
    }),
    route({
      access: { permission: 'jobs.manage' },
      style: 'api',
      method: 'POST',
      path: '/api/subscriptions/:id/resend',
      audits: ['subscription-resend'],
      summary: 'Send a subscription’s notifications now; one that was given up begins again with a handshake',
      params: z.object({ id: z.string().max(64) }),
      handle: (context, { params }) =>
        deps.database.transaction(context.tenant, async (tx) => {
          const standing = await readStanding(tx, params.id)
          if (!standing)
            throw refuse('resource-not-found', { faults: [{ path: 'params.id', message: 'is no subscription' }] })
          const topic = (await readTopics(tx)).get(standing.plan.topic)
          if (standing.status === 'off' && topic) {
            await setStatus(tx, deps, params.id, 'requested', null)
            await tx.run({
              text: 'update fhir_subscription set shaken = false, failures = 0 where tenant_id = $1 and id = $2',
              values: [tx.tenant, params.id],
            })
            await watch(tx, params.id, topic)
          }
          await resendNow(tx, deps.clock, params.id)
          await deps.audit(tx, context, {
            action: 'U',
            interaction: 'subscription-resend',
            entities: [`Subscription/${params.id}`],
          })
          return { status: 204 }
        }),
    }),
  ]
}
