import type { TenantId } from '../kernel/index.ts'

/** A statement; give hot ones a `name`, so that PostgreSQL keeps the plan per connection. */
export interface Statement {
  text: string
  values?: readonly unknown[]
  name?: string
}

/** An open transaction of one tenant. Row-level security sees that tenant only; nobody inside opens a second one. */
export interface Tx {
  readonly tenant: TenantId
  /** Rows of the answer. PostgreSQL's refusals come through as `pg` throws them. */
  query<Row>(statement: Statement): Promise<Row[]>
  /** Rows touched. */
  run(statement: Statement): Promise<number>
  /** Runs a statement on the way to the commit, in one round trip with it: for what nothing in the transaction waits for. If it fails, nothing is committed. */
  atCommit(statement: Statement): void
  /** Calls `work` after a successful commit, for hints only: it may be lost in a crash. */
  afterCommit(work: () => void): void
}

/** The handle on PostgreSQL. */
export interface Database {
  /** Runs `work` in one transaction with `set local throughline.tenant`; commits, or rolls back on a throw. Retries serialization failures and deadlocks up to three times. */
  transaction<T>(tenant: TenantId, work: (tx: Tx) => Promise<T>): Promise<T>
  /** As `transaction`, for what only reads: PostgreSQL refuses a write, and nobody waits for the end. */
  reading<T>(tenant: TenantId, work: (tx: Tx) => Promise<T>): Promise<T>
  /** Every tenant's id, for workers that must go round. */
  tenants(): Promise<TenantId[]>
  /** Calls `hear` on every NOTIFY of `channel`; a hint, never the only way to learn of work. Survives a lost connection. */
  listen(channel: string, hear: (payload: string) => void): Promise<() => Promise<void>>
  close(): Promise<void>
}
