import type { Clock } from './clock.ts'
import type { TenantId } from './ids.ts'

/** Who acts. `account`: a signed-in person; `client`: an API token; `engine`: a journey; `system`: the program itself. */
export interface Actor {
  kind: 'account' | 'client' | 'engine' | 'system'
  /** Account id, token id, or a fixed word for engine and system. */
  id: string
  /** Shown to people: a name, never an address. */
  name: string
  /** FHIR reference of the person or device, when there is one: `Practitioner/…`, `Device/…`. */
  reference?: string
  roles: readonly string[]
}

/** What every command and query knows about the call it serves. */
export interface CallContext {
  tenant: TenantId
  actor: Actor
  clock: Clock
  /** Correlates log lines and audit rows. */
  requestId: string
  locale: 'en' | 'fr'
  /** Network address of the caller, when there is one. */
  address?: string
  /** Codes of what this call has left in the audit; the http room holds the route's declaration against it. */
  audited?: Set<string>
}

export const systemActor: Actor = { kind: 'system', id: 'throughline', name: 'Throughline', roles: [] }
