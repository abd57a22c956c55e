import type { Database, Tx } from '../../db/index.ts'
import type { Actor, Clock, TenantId } from '../../kernel/index.ts'
import type { Guarded } from '../guard.ts'
import type { RecordDeps } from '../interact.ts'
import type { OutboundRules } from '../outbound.ts'

/** What subscriptions and bulk transfers need of others; `main` hands it in. */
export interface FlowDeps extends RecordDeps, Guarded {
  database: Database
  clock: Clock
  outbound: OutboundRules
  /** The one who once acted, as they are now (roles, scopes); undefined when they may not act any more. */
  actorNow(tx: Tx, actor: Actor): Promise<Actor | undefined>
  /** Sends an e-mail; the key is the same at every attempt. Throws to be tried again. */
  mail(tenant: TenantId, letter: { key: string; address: string; subject: string; text: string }): Promise<void>
  /** Absolute address of /fhir for what is sent without a request: notifications and their links. */
  baseUrl: string
}
