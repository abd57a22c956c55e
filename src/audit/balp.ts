import { hostname } from 'node:os'
import type { AuditEvent, AuditEventAgent, AuditEventEntity, CodeableConcept, Coding } from '@medplum/fhirtypes'
import type { CallContext } from '../kernel/index.ts'
import type { AuditEntry } from './record-access.ts'

// The shape of IHE's Basic Audit Log Patterns (https://profiles.ihe.net/ITI/BALP): who asked, from where, whom, about whom.
// Where one act shows many patients, one event names them all; the pattern would have one event each.

const dicom = 'http://dicom.nema.org/resources/ontology/DCM'
const participation = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType'
const interactions = 'http://hl7.org/fhir/restful-interaction'
const entityTypes = 'http://terminology.hl7.org/CodeSystem/audit-entity-type'
const objectRoles = 'http://terminology.hl7.org/CodeSystem/object-role'

export const actSystem = 'urn:throughline:act'
export const actorSystem = 'urn:throughline:actor'
export const requestSystem = 'urn:throughline:request'

/** Acts that are interactions of FHIR's RESTful API by name; any other is told by its action. */
const restful = new Set([
  'read',
  'vread',
  'create',
  'update',
  'patch',
  'delete',
  'history',
  'search',
  'transaction',
  'batch',
])
const byAction = { C: 'create', R: 'read', U: 'update', D: 'delete', E: 'operation' } as const

const rest: Coding = { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' }
const authentication: Coding = { system: dicom, code: '110114', display: 'User Authentication' }
const authentications = new Set(['sign-in', 'sign-out'])

// AuditEvent.outcome: 0 success, 4 minor failure (http://hl7.org/fhir/R4/valueset-audit-event-outcome.html).
const outcomes = { success: '0', failure: '4' } as const

const concept = (system: string, code: string): CodeableConcept => ({ coding: [{ system, code }] })
const machine = hostname()

function agentsOf(entry: AuditEntry, { actor, address, purpose }: CallContext): AuditEventAgent[] {
  const reading = entry.action === 'R'
  const writing = entry.action === 'C' || entry.action === 'U' || entry.action === 'D'
  // 110153 is where data comes from, 110152 where it goes; a query's data is the query itself, which the client gives.
  const [clientRole, serverRole] = reading ? ['110152', '110153'] : ['110153', '110152']
  const person = { identifier: { system: `urn:throughline:${actor.kind}`, value: actor.id } }
  const client =
    actor.clientId !== undefined
      ? { identifier: { system: 'urn:throughline:client', value: actor.clientId } }
      : actor.kind === 'account'
        ? { display: 'Throughline console' }
        : person
  return [
    {
      type: concept(participation, writing ? 'AUT' : 'IRCP'),
      who: actor.reference === undefined ? person : { reference: actor.reference },
      altId: actor.id,
      name: actor.name,
      requestor: true,
      role: [concept(actorSystem, actor.kind)],
      ...(purpose === undefined ? {} : { purposeOfUse: [concept('urn:throughline:purpose', purpose)] }),
    },
    {
      type: concept(dicom, clientRole ?? ''),
      who: client,
      requestor: false,
      // Network type 2: an IP address; 1: the name of a machine (http://hl7.org/fhir/R4/valueset-network-type.html).
      network: address === undefined ? { address: machine, type: '1' } : { address, type: '2' },
    },
    {
      type: concept(dicom, serverRole ?? ''),
      who: { display: 'Throughline' },
      requestor: false,
      network: { address: machine, type: '1' },
    },
  ]
}

function entitiesOf(entry: AuditEntry, requestId: string): AuditEventEntity[] {
  const object = { system: entityTypes, code: '2' }
  const patients = new Set([
    ...(entry.patients ?? []),
    ...entry.entities.filter((reference) => /^Patient\/[^/]+$/.test(reference)),
  ])
  return [
    ...entry.entities.map((reference) => ({
      what: { reference },
      type: object,
      role: { system: objectRoles, code: '4' },
    })),
    ...(entry.about ?? []).map(({ kind, id }) => ({
      what: { identifier: { system: `urn:throughline:${kind}`, value: id } },
      type: object,
      role: { system: objectRoles, code: '4' },
    })),
    ...[...patients].map((reference) => ({
      what: { reference },
      type: { system: entityTypes, code: '1' },
      role: { system: objectRoles, code: '1' },
    })),
    ...(entry.query === undefined
      ? []
      : [
          {
            type: object,
            role: { system: objectRoles, code: '24' },
            query: Buffer.from(entry.query).toString('base64'),
          },
        ]),
    {
      what: { identifier: { system: requestSystem, value: requestId } },
      type: { system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType', code: 'XrequestId' },
    },
  ]
}

/** One act as a FHIR R4 AuditEvent. */
export function balpEvent(
  entry: AuditEntry,
  context: CallContext,
  made: { id: string; recorded: string; site: string },
): AuditEvent & { id: string } {
  return {
    resourceType: 'AuditEvent',
    id: made.id,
    type: authentications.has(entry.code) ? authentication : rest,
    subtype: [
      { system: actSystem, code: entry.code },
      { system: interactions, code: restful.has(entry.code) ? entry.code : byAction[entry.action] },
    ],
    action: entry.action,
    recorded: made.recorded,
    outcome: outcomes[entry.outcome ?? 'success'],
    ...(entry.reason === undefined ? {} : { outcomeDesc: entry.reason }),
    agent: agentsOf(entry, context),
    source: {
      observer: { display: 'Throughline' },
      site: made.site,
      type: [{ system: 'http://terminology.hl7.org/CodeSystem/security-source-type', code: '4' }],
    },
    entity: entitiesOf(entry, context.requestId),
  }
}
