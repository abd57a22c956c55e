import type { RouteReply } from '../kernel/index.ts'
import { type Sight, shown } from './guard.ts'
import { allDone } from './outcome.ts'
import type { StoredVersion } from './read-resources.ts'
import type { WrittenResource } from './record.ts'

/** What an interaction answers, over HTTP or as an entry of a bundle. `content` is JSON text. */
export interface Answer {
  status: number
  etag?: string
  lastModified?: Date
  location?: string
  content?: string
}

export const etagOf = (version: number): string => `W/"${version}"`

export type Prefer = 'minimal' | 'representation' | 'OperationOutcome'

export function answerVersion(stored: StoredVersion, sight: Sight | undefined): Answer {
  return {
    status: 200,
    etag: etagOf(stored.version),
    lastModified: stored.updated,
    ...(stored.content === null ? {} : { content: shown(sight, stored.type, stored.content) }),
  }
}

export function answerWritten(written: WrittenResource, status: number, prefer: Prefer, updated: Date): Answer {
  const content =
    prefer === 'representation'
      ? written.content
      : prefer === 'OperationOutcome'
        ? JSON.stringify(allDone(`${written.resourceType}/${written.id} is stored.`))
        : undefined
  return {
    status,
    etag: etagOf(written.version),
    lastModified: updated,
    location: `${written.resourceType}/${written.id}/_history/${written.version}`,
    ...(content === undefined ? {} : { content }),
  }
}

/** An answer as HTTP says it. `base` is the absolute address of /fhir. */
export function replyOf(answer: Answer, base: string): RouteReply {
  return {
    status: answer.status,
    headers: {
      'content-type': 'application/fhir+json; charset=utf-8',
      ...(answer.etag ? { etag: answer.etag } : {}),
      ...(answer.lastModified ? { 'last-modified': answer.lastModified.toUTCString() } : {}),
      ...(answer.location ? { location: `${base}/${answer.location}` } : {}),
    },
    ...(answer.content === undefined ? {} : { body: answer.content }),
  }
}

/** A Bundle put together from texts, so that stored resources are never parsed. */
export function bundleText(
  type: string,
  parts: { total?: number | undefined; links?: readonly [string, string][]; entries: readonly string[] },
): string {
  const total = parts.total === undefined ? '' : `,"total":${parts.total}`
  const links = parts.links
    ? `,"link":${JSON.stringify(parts.links.map(([relation, url]) => ({ relation, url })))}`
    : ''
  const entries = parts.entries.length > 0 ? `,"entry":[${parts.entries.join(',')}]` : ''
  return `{"resourceType":"Bundle","type":${JSON.stringify(type)}${total}${links}${entries}}`
}
