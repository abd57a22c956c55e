import type { Extension, Subscription } from '@medplum/fhirtypes'
import { z } from 'zod'
import type { Fault } from '../../kernel/index.ts'
import { type OutboundRules, refuseAddress } from '../outbound.ts'
import { readFilter } from './filters.ts'
import { type Topic, withoutVersion } from './topic.ts'

const backport = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'

/** What a Subscription asks for, read from its backport shape (Subscriptions R5 Backport 1.1). Kept as JSON. */
export const planSchema = z.object({
  topic: z.string(),
  /** `Task?patient=Patient/1`: all that are about the type of the change must hold. */
  filters: z.array(z.string()),
  channel: z.enum(['rest-hook', 'websocket', 'email']),
  endpoint: z.string(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  content: z.enum(['empty', 'id-only', 'full-resource']),
  /** Seconds; a heartbeat is sent when nothing was for so long. */
  heartbeat: z.number().nullable(),
  /** Seconds to wait for the receiver. */
  timeout: z.number(),
  /** Events in one notification at most. */
  maxCount: z.number(),
  /** ISO 8601; the subscription is over then. */
  end: z.string().nullable(),
})
export type SubscriptionPlan = z.infer<typeof planSchema>

const longestTimeout = 20
const defaultTimeout = 10
const mostEvents = 1_000
const defaultEvents = 20

const named = (extensions: readonly Extension[] | undefined, name: string): Extension[] =>
  (extensions ?? []).filter(({ url }) => url === `${backport}/${name}`)

// What names the connection itself, or would let one header be two.
const headerShape = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/
const ownHeaders = new Set([
  'host',
  'content-length',
  'content-type',
  'transfer-encoding',
  'connection',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'keep-alive',
])

/** `_criteria` and its like: the types leave out where a primitive's extensions are. */
const shadow = (of: object, name: string): Extension[] => {
  const value: unknown = (of as Record<string, unknown>)[`_${name}`]
  return typeof value === 'object' && value !== null && 'extension' in value ? (value.extension as Extension[]) : []
}

/** Reads a Subscription; `topic` gives the topic that a canonical names. Every fault has its path. */
export function readSubscription(
  resource: Subscription,
  options: { topic(url: string): Topic | undefined; outbound: OutboundRules },
): { plan: SubscriptionPlan; topic: Topic } | { faults: Fault[] } {
  const faults: Fault[] = []
  const add = (path: string, message: string) => void faults.push({ path: `Subscription.${path}`, message })
  const { channel } = resource
  const url = withoutVersion(resource.criteria ?? '')
  const topic = options.topic(url)
  if (!topic) add('criteria', 'is not the url of a topic that this server has: Subscription/$topic-list names them')
  const filters = [
    ...named(shadow(resource, 'criteria'), 'backport-filter-criteria'),
    ...named(resource.extension, 'backport-filter-criteria'),
  ].map((extension) => extension.valueString ?? '')
  for (const [index, filter] of filters.entries()) {
    const path = `criteria.extension[${index}]`
    const [type = '', query] = filter.split(/\?(.*)/s)
    if (query === undefined || query === '') {
      add(path, 'is not Type?parameter=value')
      continue
    }
    if (!topic) continue
    if (!topic.triggers.some((one) => one.resource === type)) {
      add(path, `is about ${type.slice(0, 64)}, which this topic does not tell of`)
      continue
    }
    for (const name of new URLSearchParams(query).keys()) {
      const [parameter = '', modifier] = name.split(':')
      const allowed = topic.filters.find((one) => one.resource === type && one.parameter === parameter)
      if (!allowed) add(path, `filters by ${parameter.slice(0, 64)}, which this topic does not allow`)
      else if (modifier !== undefined && allowed.modifiers.length > 0 && !allowed.modifiers.includes(modifier))
        add(path, `has a modifier that this topic does not allow for ${parameter}`)
    }
    const made = readFilter(type, query, `Subscription.${path}`)
    if ('faults' in made) faults.push(...made.faults)
  }

  const kind = planSchema.shape.channel.safeParse(channel?.type)
  if (!kind.success) add('channel.type', 'is not one that this server sends by: rest-hook, websocket, email')
  if (named(shadow(channel ?? {}, 'type'), 'backport-channel-type').length > 0)
    add('channel.type', 'asks for a channel type of its own, which this server does not have')
  const endpoint = channel?.endpoint ?? ''
  if (kind.data === 'rest-hook') {
    const fault = refuseAddress(endpoint, options.outbound)
    if (fault !== undefined) add('channel.endpoint', fault)
  }
  if (kind.data === 'email' && !/^mailto:[^\s@,;<>?]+@[^\s@,;<>?]+$/.test(endpoint))
    add('channel.endpoint', 'is not mailto: and one address')
  const headers: [string, string][] = []
  for (const [index, header] of (channel?.header ?? []).entries()) {
    const [, name = '', value = ''] = headerShape.exec(header) ?? []
    if (name === '') add(`channel.header[${index}]`, 'is not Name: value')
    else if (ownHeaders.has(name.toLowerCase()))
      add(`channel.header[${index}]`, 'is one that the connection needs itself')
    else headers.push([name, value])
  }
  const content = planSchema.shape.content.safeParse(
    named(shadow(channel ?? {}, 'payload'), 'backport-payload-content')[0]?.valueCode,
  )
  if (!content.success) add('channel.payload.extension', 'does not say the content: empty, id-only or full-resource')
  if (kind.data === 'email') {
    if (channel?.payload !== undefined && channel.payload !== 'text/plain')
      add('channel.payload', 'is not text/plain, which is all that is sent by e-mail')
    if (content.data === 'full-resource') add('channel.payload.extension', 'asks to send resources by e-mail')
  } else if (channel?.payload !== undefined && !/^application\/(fhir\+)?json$/.test(channel.payload))
    add('channel.payload', 'is not application/fhir+json')
  const number = (name: string, path: string, least: number, most: number): number | undefined => {
    const extension = named(channel?.extension, name)[0]
    if (!extension) return undefined
    const value = extension.valueUnsignedInt ?? extension.valuePositiveInt ?? extension.valueInteger
    if (value === undefined || value < least || value > most) add(path, `is not from ${least} to ${most}`)
    return value
  }
  const plan = {
    topic: url,
    filters,
    channel: kind.data ?? 'rest-hook',
    endpoint,
    headers,
    content: content.data ?? 'empty',
    heartbeat: number('backport-heartbeat-period', 'channel.extension (heartbeat-period)', 1, 31_536_000) ?? null,
    timeout: Math.min(
      longestTimeout,
      number('backport-timeout', 'channel.extension (timeout)', 1, 3_600) ?? defaultTimeout,
    ),
    maxCount: number('backport-max-count', 'channel.extension (max-count)', 1, mostEvents) ?? defaultEvents,
    end: resource.end ?? null,
  } as const satisfies SubscriptionPlan
  return faults.length > 0 || !topic ? { faults } : { plan, topic }
}
