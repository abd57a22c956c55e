import { type WorkFilter, workFilter } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'

export interface SavedFilter {
  id: string
  /** Of the account. */
  owner: string
  ownerName: string
  name: string
  filter: WorkFilter
  /** A role whose people see it too, '' for everybody of the organisation, null for nobody else. */
  shared: string | null
}

/** One's own are picked by a key each, and counted at each look. */
const most = 30

/** One's own filters in the order in which they were made, then those that others share with one's roles or with everybody. */
export async function listFilters(tx: Tx, { actor }: Pick<CallContext, 'actor'>): Promise<SavedFilter[]> {
  const rows = await tx.query<Omit<SavedFilter, 'ownerName' | 'filter'> & { owner_name: string; filter: unknown }>({
    name: 'work-filters',
    text: `select id, owner, owner_name, name, filter, shared from work_filter
           where tenant_id = $1 and (owner = $2 or shared = '' or shared = any ($3)) order by owner <> $2, created_at, id limit ${2 * most}`,
    values: [tx.tenant, actor.id, actor.roles],
  })
  // What an older version of the program knew and this one does not is left out, not guessed.
  return rows.flatMap(({ owner_name: ownerName, filter, ...row }) => {
    const parsed = workFilter.safeParse(filter)
    return parsed.success ? [{ ...row, ownerName, filter: parsed.data }] : []
  })
}

/** Makes a filter, or changes the one that has this id; a removed one comes back by the same. Throws `filter-not-found` for another's. */
export async function saveFilter(
  tx: Tx,
  { actor, clock }: CallContext,
  kept: Pick<SavedFilter, 'id' | 'name' | 'filter' | 'shared'>,
): Promise<SavedFilter> {
  const [{ count } = { count: 0 }] = await tx.query<{ count: number }>({
    name: 'count-work-filters',
    text: 'select count(*)::int as count from work_filter where tenant_id = $1 and owner = $2 and id <> $3',
    values: [tx.tenant, actor.id, kept.id],
  })
  if (count >= most) throw refuse('too-many-filters', { faults: [{ path: 'id', message: `${most} are kept at most` }] })
  const stored = await tx.query({
    name: 'keep-work-filter',
    text: `insert into work_filter as f (tenant_id, id, owner, owner_name, name, filter, shared, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (tenant_id, id) do update set name = excluded.name, filter = excluded.filter, shared = excluded.shared
           where f.owner = excluded.owner returning id`,
    values: [
      tx.tenant,
      kept.id,
      actor.id,
      actor.name,
      kept.name,
      JSON.stringify(kept.filter),
      kept.shared,
      new Date(clock.now()),
    ],
  })
  if (stored.length === 0) throw notFound()
  return { ...kept, owner: actor.id, ownerName: actor.name }
}

/** Throws `filter-not-found` for one that is not one's own. */
export async function removeFilter(tx: Tx, { actor }: Pick<CallContext, 'actor'>, id: string): Promise<SavedFilter> {
  const [row] = await tx.query<{ name: string; filter: WorkFilter; shared: string | null }>({
    name: 'remove-work-filter',
    text: 'delete from work_filter where tenant_id = $1 and id = $2 and owner = $3 returning name, filter, shared',
    values: [tx.tenant, id, actor.id],
  })
  if (!row) throw notFound()
  return { id, owner: actor.id, ownerName: actor.name, ...row }
}

const notFound = () => refuse('filter-not-found', { faults: [{ path: 'id', message: 'is no filter of yours' }] })
