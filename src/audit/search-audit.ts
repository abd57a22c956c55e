import type { AuditEvent } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { codeOf, entitiesOf } from './read-event.ts'

/** What to look for; each that is given must hold. */
export interface EventSearch {
  /** `Patient/1`, `account/…`, `agent/…`: all of them, as the index names them. */
  values: readonly string[]
  /** Recorded at or after, and before: milliseconds. */
  from?: number | undefined
  until?: number | undefined
  /** Id of the last event seen: only older ones. */
  after?: string | undefined
  /** What no index knows. */
  matches(event: AuditEvent): boolean
}

export interface FoundEvent {
  seq: number
  content: string
  event: AuditEvent
}

const chunk = 500
/** Events that one call looks at, at most, when what is asked for is not in the index. */
const farthest = 20_000

/**
 * Events, newest first, by their ids, which begin with the time. `next` goes on where this call ended: after a full page, or
 * after having looked at so many events that the rest is left to another call.
 */
export async function findEvents(
  tx: Tx,
  search: EventSearch,
  count: number,
): Promise<{ found: FoundEvent[]; next: string | undefined }> {
  const found: FoundEvent[] = []
  const [value, ...others] = search.values
  let before = search.after ?? (search.until === undefined ? undefined : idAt(search.until))
  for (let looked = 0; looked < farthest; looked += chunk) {
    const rows = await tx.query<{ id: string; seq: string; content: string }>({
      text: `select e.id, e.seq, e.content from ${
        value === undefined
          ? 'audit_event e where e.tenant_id = $1'
          : `audit_index i join audit_event e on e.tenant_id = i.tenant_id and e.id = i.event
             where i.tenant_id = $1 and i.value = $5
               and not exists (select from unnest($6::text[]) v where not exists (
                 select from audit_index o where o.tenant_id = $1 and o.value = v and o.event = i.event))`
      } and ($2::text is null or e.id < $2) and ($3::text is null or e.id >= $3)
        ${value === undefined ? '' : 'and ($2::text is null or i.event < $2) and ($3::text is null or i.event >= $3)'}
        order by ${value === undefined ? 'e.id' : 'i.event'} desc limit $4`,
      values: [
        tx.tenant,
        before ?? null,
        search.from === undefined ? null : idAt(search.from),
        chunk,
        ...(value === undefined ? [] : [value, others]),
      ],
    })
    for (const { id, seq, content } of rows) {
      const event: AuditEvent = JSON.parse(content)
      before = id
      if (!search.matches(event)) continue
      found.push({ seq: Number(seq), content, event })
      if (found.length > count) return { found: found.slice(0, count), next: found[count - 1]?.event.id }
    }
    if (rows.length < chunk) return { found, next: undefined }
  }
  return { found, next: before }
}

/** The least id that an event of this time can have: ids are UUIDs of version 7. */
const idAt = (time: number): string => {
  const hex = Math.max(0, Math.floor(time)).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}`
}

/** The search of the console. */
export interface AuditSearch {
  after?: string | undefined
  /** `Patient/…`, or the reference of anything else that was touched. */
  entity?: string | undefined
  /** Id of the account or token that acted, or the reference of the person. */
  actor?: string | undefined
  code?: string | undefined
  outcome?: 'success' | 'failure' | undefined
  from?: number | undefined
  until?: number | undefined
}

export interface AuditRow {
  id: string
  seq: number
  at: string
  actor: string
  kind: string
  action: string
  code: string
  entities: string[]
  outcome: 'success' | 'failure'
}

const page = 100

/** Recorded acts, newest first, a page at a time. */
export async function searchAudit(tx: Tx, search: AuditSearch): Promise<{ items: AuditRow[]; next: string | null }> {
  const { entity, actor, code, outcome, ...rest } = search
  const { found, next } = await findEvents(
    tx,
    {
      ...rest,
      values: [...(entity === undefined ? [] : [entity]), ...(actor === undefined ? [] : [`agent/${actor}`])],
      matches: (event) =>
        (code === undefined || codeOf(event) === code) &&
        (outcome === undefined || (event.outcome === '0') === (outcome === 'success')),
    },
    page,
  )
  return { items: found.map(({ seq, event }) => rowOf(seq, event)), next: next ?? null }
}

const rowOf = (seq: number, event: AuditEvent): AuditRow => ({
  id: event.id ?? '',
  seq,
  at: event.recorded,
  actor: event.agent[0]?.name ?? '',
  kind: (event.agent[0]?.role?.[0] ?? event.agent[0]?.type)?.coding?.[0]?.code ?? '',
  action: event.action ?? '',
  code: codeOf(event),
  entities: entitiesOf(event),
  outcome: event.outcome === '0' ? 'success' : 'failure',
})
