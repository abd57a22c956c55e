import type { Tx } from '../../db/index.ts'
import type { CallContext } from '../../kernel/index.ts'

/** What was set for a kind of task, in all queues (`role` '') or in one: the newest counts. */
export interface GivingSet {
  kind: string
  role: string
  given: boolean
  by: string
  at: Date
}

export const givingSets = (tx: Tx): Promise<GivingSet[]> =>
  tx.query<GivingSet>({
    name: 'giving-sets',
    text: `select distinct on (kind, role) kind, role, given, set_by as by, set_at as at
           from work_giving where tenant_id = $1 order by kind, role, n desc`,
    values: [tx.tenant],
  })

/** Whether tasks of a kind that would stand in a role's queue are given at once: as set for the queue, for the kind, or as the library has it. */
export const givenAtOnce = (
  sets: readonly Pick<GivingSet, 'kind' | 'role' | 'given'>[],
  library: readonly string[],
  { kind, role }: { kind: string; role: string },
): boolean => {
  const of = (wanted: string) => sets.find((one) => one.kind === kind && one.role === wanted)?.given
  return of(role) ?? of('') ?? library.includes(kind)
}

/** Sets it from now on; tasks that there are stay as they are. */
export const setGiving = (
  tx: Tx,
  context: CallContext,
  { kind, role, given }: Pick<GivingSet, 'kind' | 'role' | 'given'>,
): Promise<unknown> =>
  tx.run({
    name: 'set-giving',
    text: 'insert into work_giving (tenant_id, kind, role, given, set_by, set_at) values ($1, $2, $3, $4, $5, $6)',
    values: [tx.tenant, kind, role, given, context.actor.name, new Date(context.clock.now())],
  })

/** In which roles' queues tasks of each kind have stood since a moment. */
export const queuesOfKinds = (tx: Tx, since: number): Promise<{ kind: string; role: string }[]> =>
  tx.query({
    name: 'queues-of-kinds',
    text: `select distinct kind, role from work_made where tenant_id = $1 and at >= $2 and role <> '' order by kind, role`,
    values: [tx.tenant, new Date(since)],
  })
