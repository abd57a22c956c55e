import type { AuditEvent } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { type CallContext, newId } from '../kernel/index.ts'

/** One act to be kept: on which resources (references only) and how it ended. */
export interface AuditEntry {
  /** As FHIR: create, read, update, delete, execute. */
  action: 'C' | 'R' | 'U' | 'D' | 'E'
  /** What was done, as a code of ours: `read`, `search`, `sign-in`, `claim`, `journey-moved` … */
  code: string
  /** `Type/id` of everything touched. */
  entities: readonly string[]
  /** What was touched that is no FHIR resource: accounts and tokens, by their ids. */
  about?: readonly { kind: 'account' | 'token'; id: string }[]
  /** Network address of the caller; kept for sign-ins, where it tells an attack from a slip. */
  address?: string
  outcome?: 'success' | 'failure'
}

// AuditEvent.outcome: 0 success, 4 minor failure (http://hl7.org/fhir/R4/valueset-audit-event-outcome.html).
const outcomes = { success: '0', failure: '4' } as const

const types = {
  rest: {
    system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
    code: 'rest',
    display: 'RESTful Operation',
  },
  authentication: {
    system: 'http://dicom.nema.org/resources/ontology/DCM',
    code: '110114',
    display: 'User Authentication',
  },
} as const
const authentications = new Set(['sign-in', 'sign-out'])

/** Writes AuditEvents in the caller's transaction: the act and its trace are kept together or not at all. */
export async function recordAccess(tx: Tx, context: CallContext, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return
  const recorded = new Date(context.clock.now()).toISOString()
  const events = entries.map((entry): AuditEvent & { id: string } => ({
    resourceType: 'AuditEvent',
    id: newId(context.clock),
    type: types[authentications.has(entry.code) ? 'authentication' : 'rest'],
    subtype: [{ system: 'urn:throughline:act', code: entry.code }],
    action: entry.action,
    recorded,
    outcome: outcomes[entry.outcome ?? 'success'],
    agent: [
      {
        ...(context.actor.reference === undefined ? {} : { who: { reference: context.actor.reference } }),
        altId: context.actor.id,
        name: context.actor.name,
        requestor: true,
        type: { coding: [{ system: 'urn:throughline:actor', code: context.actor.kind }] },
        // Network type 2: an IP address (http://hl7.org/fhir/R4/valueset-network-type.html).
        ...(entry.address === undefined ? {} : { network: { address: entry.address, type: '2' } }),
      },
    ],
    source: { observer: { display: 'Throughline' }, site: tx.tenant },
    entity: [
      ...entry.entities.map((reference) => ({ what: { reference } })),
      ...(entry.about ?? []).map(({ kind, id }) => ({
        what: { identifier: { system: `urn:throughline:${kind}`, value: id } },
      })),
      {
        what: { identifier: { system: 'urn:throughline:request', value: context.requestId } },
        role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '21', display: 'Job Stream' },
      },
    ],
  }))
  await tx.run({
    name: 'record-access',
    text: 'insert into audit_event (tenant_id, id, content) select $1, * from unnest($2::text[], $3::text[])',
    values: [tx.tenant, events.map((event) => event.id), events.map((event) => JSON.stringify(event))],
  })
}
