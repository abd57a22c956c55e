import type { Basic, Extension, Resource } from '@medplum/fhirtypes'
import { z } from 'zod'
import type { Fault } from '../../kernel/index.ts'
import { isResourceType } from '../structure.ts'
import { type Filter, meets, readFilter } from './filters.ts'

const trigger = z.object({
  resource: z.string(),
  interactions: z.array(z.enum(['create', 'update', 'delete'])),
  /** Search conditions on the version before and on the one that the change made. */
  previous: z.string().optional(),
  current: z.string().optional(),
  /** How `previous` is answered for a create, which has no version before. */
  resultForCreate: z.enum(['test-passes', 'test-fails']).optional(),
  /** How `current` is answered for a delete. */
  resultForDelete: z.enum(['test-passes', 'test-fails']).optional(),
  requireBoth: z.boolean(),
})

/** A SubscriptionTopic as R5 has it, as far as this server works by it. Kept as JSON. */
export const topicDefinition = z.object({
  url: z.string(),
  title: z.string(),
  description: z.string(),
  triggers: z.array(trigger),
  filters: z.array(z.object({ resource: z.string(), parameter: z.string(), modifiers: z.array(z.string()) })),
})
export type Topic = z.infer<typeof topicDefinition>
export type Trigger = z.infer<typeof trigger>

/** What a change looks like to a topic. A delete has no current version, a create none before. */
export interface TopicChange {
  interaction: 'create' | 'update' | 'delete'
  previous: Resource | undefined
  current: Resource | undefined
}

const read = (filters: Map<string, Filter>, type: string, query: string): Filter => {
  const key = `${type}?${query}`
  let filter = filters.get(key)
  if (!filter) {
    const made = readFilter(type, query, 'topic')
    // What was checked when the topic was kept, and cannot be read any more, matches nothing.
    filter = 'faults' in made ? { tests: [() => false] } : made
    filters.set(key, filter)
  }
  return filter
}

/** Does the change pull this trigger (R5 SubscriptionTopic.resourceTrigger.queryCriteria)? */
function pulls(one: Trigger, change: TopicChange, now: number, filters: Map<string, Filter>): boolean {
  if (!one.interactions.includes(change.interaction)) return false
  const before =
    one.previous === undefined
      ? undefined
      : change.previous
        ? meets(read(filters, one.resource, one.previous), change.previous, now)
        : one.resultForCreate === 'test-passes'
  const after =
    one.current === undefined
      ? undefined
      : change.current
        ? meets(read(filters, one.resource, one.current), change.current, now)
        : one.resultForDelete === 'test-passes'
  if (before === undefined || after === undefined) return before ?? after ?? true
  return one.requireBoth ? before && after : before || after
}

/** A matcher of a topic's triggers and a subscription's own filters; what it reads of them it reads once. */
export function topicMatcher(topic: Topic, filters: readonly string[]): (change: TopicChange, now: number) => boolean {
  const kept = new Map<string, Filter>()
  const asked = filters.map((text) => text.split(/\?(.*)/s) as [string, string | undefined])
  return (change, now) => {
    const shown = change.current ?? change.previous
    if (!shown) return false
    const type = shown.resourceType
    return (
      topic.triggers.some((one) => one.resource === type && pulls(one, change, now, kept)) &&
      asked.every(([of, query]) => of !== type || meets(read(kept, of, query ?? ''), shown, now))
    )
  }
}

/** The version tail of a canonical is left out: a topic has one version here. */
export const withoutVersion = (canonical: string): string => canonical.replace(/\|.*$/, '')

// Both forms are about: the guide's own example of a topic as Basic has some elements under 4.3 and some under 5.0.
const element = /^http:\/\/hl7\.org\/fhir\/(?:4\.3|5\.0)\/StructureDefinition\/extension-SubscriptionTopic\.(\w+)$/

const valueOf = (extension: Extension | undefined): string | boolean | undefined =>
  extension?.valueUri ??
  extension?.valueUrl ??
  extension?.valueCanonical ??
  extension?.valueString ??
  extension?.valueMarkdown ??
  extension?.valueCode ??
  extension?.valueBoolean
const text = (extension: Extension | undefined): string | undefined => {
  const value = valueOf(extension)
  return typeof value === 'string' ? value : undefined
}
const typeOf = (uri: string | undefined): string =>
  (uri ?? '').replace(/^http:\/\/hl7\.org\/fhir\/StructureDefinition\//, '')

export const isTopic = (resource: Resource | undefined): resource is Basic =>
  resource?.resourceType === 'Basic' &&
  resource.code?.coding?.some(
    ({ system, code }) => system === 'http://hl7.org/fhir/fhir-types' && code === 'SubscriptionTopic',
  ) === true

/** Reads a topic out of a Basic resource, which is how R4 carries one (Subscriptions R5 Backport 1.1, Components). */
export function readTopic(basic: Basic): { topic: Topic; active: boolean } | { faults: Fault[] } {
  const faults: Fault[] = []
  const all = [...(basic.extension ?? []).entries()].map(([index, extension]) => ({
    name: element.exec(extension.url)?.[1],
    path: `Basic.extension[${index}]`,
    extension,
  }))
  const one = (name: string) => all.find((entry) => entry.name === name)?.extension
  const url = text(one('url'))
  if (url === undefined || url === '' || url.includes('|'))
    faults.push({ path: 'Basic.extension', message: 'has no SubscriptionTopic.url, or one with a version in it' })
  const triggers: Trigger[] = []
  for (const { name, path, extension } of all) {
    if (name === 'eventTrigger') faults.push({ path, message: 'is an event trigger, which this server does not have' })
    if (name !== 'resourceTrigger') continue
    const part = (of: string) => extension.extension?.find((inner) => inner.url === of)
    const resource = typeOf(text(part('resource')))
    if (!isResourceType(resource)) faults.push({ path, message: 'names no resource type of R4' })
    if (part('fhirPathCriteria'))
      faults.push({ path, message: 'has fhirPathCriteria, which this server does not evaluate: use queryCriteria' })
    const interactions = (extension.extension ?? []).flatMap((inner) =>
      inner.url === 'supportedInteraction' ? [text(inner) ?? ''] : [],
    )
    const query = part('queryCriteria')
    const of = (name: string) => query?.extension?.find((inner) => inner.url === name)
    const result = (name: string) => text(of(name))
    const read = trigger.safeParse({
      resource,
      interactions: interactions.length > 0 ? interactions : ['create', 'update', 'delete'],
      previous: text(of('previous')),
      current: text(of('current')),
      resultForCreate: result('resultForCreate'),
      resultForDelete: result('resultForDelete'),
      requireBoth: valueOf(of('requireBoth')) === true,
    })
    if (!read.success) {
      faults.push(...read.error.issues.map((issue) => ({ path, message: `${issue.path.join('.')}: ${issue.message}` })))
      continue
    }
    if (isResourceType(resource))
      for (const criteria of [read.data.previous, read.data.current]) {
        const made = criteria === undefined ? undefined : readFilter(resource, criteria, path)
        if (made && 'faults' in made) faults.push(...made.faults)
      }
    triggers.push(read.data)
  }
  if (triggers.length === 0) faults.push({ path: 'Basic.extension', message: 'has no resourceTrigger' })
  const filters = all.flatMap(({ name, path, extension }) => {
    if (name !== 'canFilterBy') return []
    const part = (of: string) => text(extension.extension?.find((inner) => inner.url === of))
    const parameter = part('filterParameter')
    if (parameter === undefined) {
      faults.push({ path, message: 'has no filterParameter' })
      return []
    }
    const resource = typeOf(part('resource'))
    return [
      {
        resource: resource === '' ? (triggers[0]?.resource ?? '') : resource,
        parameter,
        modifiers: (extension.extension ?? []).flatMap((inner) =>
          inner.url === 'modifier' || inner.url === 'comparator' ? [text(inner) ?? ''] : [],
        ),
      },
    ]
  })
  if (faults.length > 0) return { faults }
  const status = text(basic.modifierExtension?.find((entry) => element.exec(entry.url)?.[1] === 'status'))
  return {
    topic: {
      url: url ?? '',
      title: text(one('title')) ?? text(one('name')) ?? url ?? '',
      description: text(one('description')) ?? '',
      triggers,
      filters,
    },
    active: status !== 'retired',
  }
}
