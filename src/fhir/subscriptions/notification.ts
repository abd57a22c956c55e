import type { Parameters, ParametersParameter } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import { newId, type Clock } from '../../kernel/index.ts'
import { shown, type Sight, sightings } from '../guard.ts'
import { patientsOf } from '../interact.ts'
import type { Standing, SubscriptionStatus } from './store.ts'

const backport = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'

export type NotificationType = 'handshake' | 'heartbeat' | 'event-notification' | 'query-status' | 'query-event'

/** An event of the log. */
export interface LoggedEvent {
  number: number
  type: string
  id: string
  version: number
  interaction: 'create' | 'update' | 'delete'
  at: Date
  /** The version that the change made, as JSON text; null for a delete. */
  content: string | null
}

/** Events with numbers in (after, upTo], in order. */
export async function readEvents(
  tx: Tx,
  subscription: string,
  range: { after: number; upTo: number; most: number },
): Promise<LoggedEvent[]> {
  return tx.query<LoggedEvent>({
    name: 'fhir-read-events',
    text: `
      select e.number::float8 as number, e.type, e.id, e.version, e.interaction, e.at, h.content
      from (select * from fhir_subscription_event
            where tenant_id = $1 and subscription = $2 and number > $3 and number <= $4 order by number limit $5) e
      left join fhir_history h on h.tenant_id = $1 and h.type = e.type and h.id = e.id and h.version = e.version
      order by e.number`,
    values: [tx.tenant, subscription, range.after, range.upTo, range.most],
  })
}

/** SubscriptionStatus in its R4 form: Parameters (profile backport-subscription-status-r4). */
export function statusParameters(
  standing: Standing,
  options: {
    base: string
    type: NotificationType
    status?: SubscriptionStatus
    events?: readonly ParametersParameter[]
  },
): Parameters {
  const { plan } = standing
  return {
    resourceType: 'Parameters',
    meta: { profile: [`${backport}/backport-subscription-status-r4`] },
    parameter: [
      { name: 'subscription', valueReference: { reference: `${options.base}/Subscription/${standing.id}` } },
      // An empty notification tells that something happened, and not what about.
      ...(plan.content === 'empty' ? [] : [{ name: 'topic', valueCanonical: plan.topic }]),
      { name: 'status', valueCode: options.status ?? standing.status },
      { name: 'type', valueCode: options.type },
      { name: 'events-since-subscription-start', valueString: String(standing.lastNumber) },
      ...(options.events ?? []),
      ...(standing.lastError === null
        ? []
        : [{ name: 'error', valueCodeableConcept: { text: standing.lastError } } satisfies ParametersParameter]),
    ],
  }
}

const requests = {
  create: { method: 'POST', status: '201' },
  update: { method: 'PUT', status: '200' },
  delete: { method: 'DELETE', status: '204' },
} as const

/**
 * A notification as a Bundle's JSON text (profile backport-subscription-notification-r4). What the reader may not see is
 * told by its number alone: a number left out would look like a loss.
 */
export async function notificationBundle(
  tx: Tx,
  standing: Standing,
  options: {
    base: string
    clock: Clock
    type: NotificationType
    events: readonly LoggedEvent[]
    content: Standing['plan']['content']
    sight: Sight | undefined
    status?: SubscriptionStatus
  },
): Promise<{ text: string; entities: string[]; patients?: string[] }> {
  const { base, events, content, sight, clock } = options
  const references = [...new Set(events.map(({ type, id }) => `${type}/${id}`))]
  const seen = sight ? await sightings(tx, sight, 'read', references) : undefined
  const entries: string[] = []
  const entities = new Set<string>()
  const contents: string[] = []
  const told = events.map((event): ParametersParameter => {
    const reference = `${event.type}/${event.id}`
    const visible = content !== 'empty' && (!seen || seen.get(reference) === true)
    if (visible) {
      entities.add(reference)
      if (event.content !== null) contents.push(event.content)
      const { method, status } = requests[event.interaction]
      const request = { method, url: method === 'POST' ? event.type : reference }
      const response = { status, etag: `W/"${event.version}"`, lastModified: event.at.toISOString() }
      const resource =
        content === 'full-resource' && event.content !== null
          ? `"resource":${shown(sight, event.type, event.content)},`
          : ''
      entries.push(
        `{"fullUrl":${JSON.stringify(`${base}/${reference}`)},${resource}"request":${JSON.stringify(request)},"response":${JSON.stringify(response)}}`,
      )
    }
    return {
      name: 'notification-event',
      part: [
        { name: 'event-number', valueString: String(event.number) },
        { name: 'timestamp', valueInstant: event.at.toISOString() },
        ...(visible ? [{ name: 'focus', valueReference: { reference: `${base}/${reference}` } }] : []),
      ],
    }
  })
  const id = newId(clock)
  const status = statusParameters(standing, {
    base,
    type: options.type,
    events: told,
    ...(options.status ? { status: options.status } : {}),
  })
  const first = {
    fullUrl: `urn:uuid:${id}`,
    resource: { ...status, id },
    request: { method: 'GET', url: `${base}/Subscription/${standing.id}/$status` },
    response: { status: '200' },
  }
  const head = {
    resourceType: 'Bundle',
    id: newId(clock),
    meta: { profile: [`${backport}/backport-subscription-notification-r4`] },
    type: 'history',
    timestamp: new Date(clock.now()).toISOString(),
  }
  return {
    text: `${JSON.stringify(head).slice(0, -1)},"entry":[${[JSON.stringify(first), ...entries].join(',')}]}`,
    entities: [...entities],
    ...patientsOf(contents),
  }
}
