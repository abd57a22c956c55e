import type { Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { refuse } from './errors.ts'

/** A task as it stood when somebody last looked at it. Times in ISO 8601. */
export interface SeenTask {
  version: number
  status: string
  owner: string | null
  due: string | null
  priority: string
  escalated: number
  notes: number
}

export interface Watch {
  /** `Task/…`, `Patient/…` or `journey/…`. */
  reference: string
  since: Date
  seen_at: Date
  seen: SeenTask | null
}

/** What one looks at on one page. */
const most = 100

/** What the caller watches, the latest first. */
export const listWatches = (tx: Tx, { actor }: Pick<CallContext, 'actor'>): Promise<Watch[]> =>
  tx.query<Watch>({
    name: 'work-watches',
    text: `select reference, since, seen_at, seen from work_watch where tenant_id = $1 and account = $2 order by since desc, reference limit ${most}`,
    values: [tx.tenant, actor.id],
  })

/** Begins to watch, or looks again: what changed until now is seen. Throws `too-many-watches`. */
export async function watch(
  tx: Tx,
  { actor, clock }: CallContext,
  reference: string,
  seen: SeenTask | null,
): Promise<void> {
  const [{ count } = { count: 0 }] = await tx.query<{ count: number }>({
    name: 'count-work-watches',
    text: 'select count(*)::int as count from work_watch where tenant_id = $1 and account = $2 and reference <> $3',
    values: [tx.tenant, actor.id, reference],
  })
  if (count >= most)
    throw refuse('too-many-watches', { faults: [{ path: 'reference', message: `${most} are watched at most` }] })
  await tx.run({
    name: 'keep-work-watch',
    text: `insert into work_watch (tenant_id, account, reference, since, seen_at, seen) values ($1, $2, $3, $4, $4, $5)
           on conflict (tenant_id, account, reference) do update set seen_at = excluded.seen_at, seen = excluded.seen`,
    values: [tx.tenant, actor.id, reference, new Date(clock.now()), seen === null ? null : JSON.stringify(seen)],
  })
}

export const unwatch = (tx: Tx, { actor }: Pick<CallContext, 'actor'>, reference: string): Promise<unknown> =>
  tx.run({
    name: 'forget-work-watch',
    text: 'delete from work_watch where tenant_id = $1 and account = $2 and reference = $3',
    values: [tx.tenant, actor.id, reference],
  })

/** Tasks of a patient (`Patient/…`) that were made or ended after a moment, the newest first. */
export const tasksChanged = (
  tx: Tx,
  patient: string,
  after: Date,
): Promise<{ id: string; open: boolean; status: string; at: Date; made: boolean }[]> =>
  tx.query<{ id: string; open: boolean; status: string; at: Date; made: boolean }>({
    name: 'work-changed-of-patient',
    // Open ones and those that are over have an index each.
    text: `select q.* from (
             select id, open, status, updated_at as at, created_at > $3 as made from work_item
             where tenant_id = $1 and patient = $2 and open and updated_at > $3
             union all
             select id, open, status, updated_at, created_at > $3 from work_item
             where tenant_id = $1 and patient = $2 and not open and updated_at > $3) q
           order by q.at desc, q.id limit 11`,
    values: [tx.tenant, patient, after],
  })

/** Open tasks of a patient (`Patient/…`), the most urgent first; at most 50. */
export const openTasksOf = (tx: Tx, patient: string): Promise<{ id: string; patient: string | null }[]> =>
  tx.query<{ id: string; patient: string | null }>({
    name: 'open-work-of-patient',
    text: `select id, patient from work_item where tenant_id = $1 and patient = $2 and open
           order by rank, coalesce(due, 'infinity'), id limit 50`,
    values: [tx.tenant, patient],
  })
