import type { AuditEvent } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { requestSystem } from './balp.ts'

/** What to look for; each that is given must hold. */
export interface AuditSearch {
  /** Number of the last row seen: only older ones. */
  before?: number | undefined
  /** `Patient/…`, or the reference of anything else that was touched. */
  entity?: string | undefined
  /** Id of the account or token that acted. */
  actor?: string | undefined
  code?: string | undefined
}

export interface AuditRow {
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

/**
 * Recorded acts, newest first, a page at a time. The conditions are looked for in the text as it was written, which makes
 * a search walk the log backwards; such questions are asked by a few people a few times a day.
 */
export async function searchAudit(tx: Tx, search: AuditSearch): Promise<{ items: AuditRow[]; next: string | null }> {
  const holding = [
    search.entity === undefined ? undefined : `"reference":${JSON.stringify(search.entity)}}`,
    search.actor === undefined ? undefined : `"altId":${JSON.stringify(search.actor)}`,
    search.code === undefined ? undefined : `"urn:throughline:act","code":${JSON.stringify(search.code)}`,
  ].filter((text) => text !== undefined)
  const rows = await tx.query<{ seq: string; content: string }>({
    text: `select seq, content from audit_event where tenant_id = $1 and ($2::bigint is null or seq < $2)
             and not exists (select from unnest($3::text[]) part where strpos(content, part) = 0)
           order by seq desc limit $4`,
    values: [tx.tenant, search.before ?? null, holding, page + 1],
  })
  const items = rows.slice(0, page).map(({ seq, content }) => rowOf(Number(seq), JSON.parse(content)))
  return { items, next: rows.length > page ? String(items.at(-1)?.seq) : null }
}

function rowOf(seq: number, event: AuditEvent): AuditRow {
  return {
    seq,
    at: event.recorded,
    actor: event.agent[0]?.name ?? '',
    kind: (event.agent[0]?.role?.[0] ?? event.agent[0]?.type)?.coding?.[0]?.code ?? '',
    action: event.action ?? '',
    code: event.subtype?.[0]?.code ?? '',
    entities: entitiesOf(event),
    outcome: event.outcome === '0' ? 'success' : 'failure',
  }
}

/** References of what was touched and whose it is, each once; accounts and tokens as `kind/id`. */
export const entitiesOf = (event: AuditEvent): string[] => [
  ...new Set(
    (event.entity ?? []).flatMap(({ what }) => {
      if (what?.reference !== undefined) return [what.reference]
      const { system, value } = what?.identifier ?? {}
      return system === undefined || system === requestSystem ? [] : [`${system.split(':').at(-1)}/${value}`]
    }),
  ),
]
