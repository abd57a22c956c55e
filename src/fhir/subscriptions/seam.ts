import type { Database, Tx } from '../../db/index.ts'
import type { Actor, CallContext, Clock, TenantId } from '../../kernel/index.ts'
import type { Guarded } from '../guard.ts'
import type { RecordDeps } from '../interact.ts'
import type { OutboundRules } from '../outbound.ts'

/** Whoever asked for something that goes on without them, and for what purpose they asked. Kept as JSON. */
export type Asker = Actor & { purpose?: string }

export const askerOf = ({ actor, purpose }: CallContext): Asker => ({
  ...actor,
  ...(purpose === undefined ? {} : { purpose }),
})

/** A call of the program's own in an asker's name. */
export const asAsker = (context: CallContext, { purpose, ...actor }: Asker): CallContext => ({
  ...context,
  actor,
  ...(purpose === undefined ? {} : { purpose }),
})

/** What subscriptions and bulk transfers need of others; `main` hands it in. */
export interface FlowDeps extends RecordDeps, Guarded {
  database: Database
  clock: Clock
  outbound: OutboundRules
  /** The one who once acted, as they are now (roles, scopes); undefined when they may not act any more. */
  actorNow(tx: Tx, asker: Asker): Promise<Asker | undefined>
  /** Sends an e-mail; the key is the same at every attempt. Throws to be tried again. */
  mail(tenant: TenantId, letter: { key: string; address: string; subject: string; text: string }): Promise<void>
  /** Absolute address of /fhir for what is sent without a request: notifications and their links. */
  baseUrl: string
}
