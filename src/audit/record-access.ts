import type { Tx } from '../db/index.ts'
import { type CallContext, newId } from '../kernel/index.ts'
import { balpEvent } from './balp.ts'

/** One act to be kept: on which resources (references only) and how it ended. */
export interface AuditEntry {
  /** As FHIR: create, read, update, delete, execute. */
  action: 'C' | 'R' | 'U' | 'D' | 'E'
  /** What was done, as a code of ours: `read`, `search`, `sign-in`, `claim`, `journey-moved` … */
  code: string
  /** `Type/id` of everything touched. */
  entities: readonly string[]
  /** `Patient/id` of those whose record that is, where the entities do not say it themselves. */
  patients?: readonly string[]
  /** What was touched that is no FHIR resource: accounts, tokens and whatever else has an id, by kind and id. */
  about?: readonly { kind: string; id: string }[]
  /** A search as it was asked. It may hold patient data and is kept here alone. */
  query?: string
  /** Network address of the caller, where the context does not know it. */
  address?: string
  outcome?: 'success' | 'failure'
  /** Code of the refusal, for a failure. */
  reason?: string
}

/** Writes AuditEvents in the caller's transaction: the act and its trace are kept together or not at all. */
export async function recordAccess(tx: Tx, context: CallContext, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return
  const recorded = new Date(context.clock.now()).toISOString()
  const events = entries.map((entry) =>
    balpEvent(entry, entry.address === undefined ? context : { ...context, address: entry.address }, {
      id: newId(context.clock),
      recorded,
      site: tx.tenant,
    }),
  )
  tx.atCommit({
    name: 'record-access',
    text: 'insert into audit_event (tenant_id, id, content) select $1, * from unnest($2::text[], $3::text[])',
    values: [tx.tenant, events.map((event) => event.id), events.map((event) => JSON.stringify(event))],
  })
  for (const { code } of entries) context.audited?.add(code)
}
