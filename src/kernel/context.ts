import type { Clock } from './clock.ts'
import type { TenantId } from './ids.ts'
import type { SmartScope } from './scopes.ts'

/**
 * Who acts. `account`: a signed-in person, also through an application; `client`: a program with a token of its own;
 * `engine`: a journey; `system`: the program itself.
 */
export interface Actor {
  kind: 'account' | 'client' | 'engine' | 'system'
  /** Account id, token id, or a fixed word for engine and system. */
  id: string
  /** Shown to people: a name, never an address. */
  name: string
  /** FHIR reference of the person or device, when there is one: `Practitioner/…`, `Device/…`. */
  reference?: string
  roles: readonly string[]
  /**
   * Present for a SMART access token: what it was granted. The call may do what the roles and the scopes allow both; an
   * empty list allows nothing. Absent: the roles alone decide.
   */
  scopes?: readonly SmartScope[]
  /** `Patient/…`: the patient of the launch. Scopes of level `patient` reach this record only, and none without it. */
  patient?: string
  /** The OAuth client through which the actor calls. */
  clientId?: string
}

/** What every command and query knows about the call it serves. */
export interface CallContext {
  tenant: TenantId
  actor: Actor
  clock: Clock
  /** Correlates log lines and audit rows. */
  requestId: string
  locale: 'en' | 'fr'
  /** Hash of the session, for a person who calls by cookie. */
  session?: string
  /** What the caller says they act for (header `x-purpose-of-use`); the access room says what it is when they do not. */
  purpose?: string
  /** Network address of the caller, when there is one. */
  address?: string
  /** Codes of what this call has left in the audit; the http room holds the route's declaration against it. */
  audited?: Set<string>
}

export const systemActor: Actor = { kind: 'system', id: 'throughline', name: 'Throughline', roles: [] }
