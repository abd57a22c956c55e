import type { Tx } from '../db/index.ts'

export type WorkList =
  | { list: 'mine'; owner: string }
  /** Unowned tasks of these roles, escalated ones among them. */
  | { list: 'queue'; roles: readonly string[] }
  | { list: 'all' }
  | { list: 'done'; owner: string | undefined }

interface Cursor {
  rank: number
  due: string
  id: string
}

const pageSize = 50

/** One page of a list, most urgent first, then the earliest due. */
export async function listWork(
  tx: Tx,
  list: WorkList,
  after: string | undefined,
): Promise<{ ids: string[]; next: string | undefined }> {
  const cursor = after === undefined ? undefined : readCursor(after)
  const rows = await pageOf(tx, list, cursor)
  const page = rows.slice(0, pageSize)
  const last = page.at(-1)
  return { ids: page.map((row) => row.id), next: rows.length > pageSize && last ? writeCursor(last) : undefined }
}

interface OrderedRow {
  id: string
  rank: number
  due: string
}

function pageOf(tx: Tx, list: WorkList, cursor: Cursor | undefined): Promise<OrderedRow[]> {
  const start: Cursor = cursor ?? { rank: -1, due: '-infinity', id: '' }
  switch (list.list) {
    case 'queue':
      // A short ordered read of each role's queue and a merge of those: the size of the queues does not matter.
      return tx.query({
        name: 'list-queues',
        text: `select distinct q.rank, q.due::text as due, q.id, q.due as at from unnest($2::text[]) as r (role) cross join lateral (
                 select rank, due, id from work_queue
                 where tenant_id = $1 and role = r.role and (rank, due, id) > ($3::smallint, $4::timestamptz, $5)
                 order by rank, due, id limit $6) q
               order by q.rank, q.due, q.id limit $6`,
        values: [tx.tenant, list.roles, start.rank, start.due, start.id, pageSize + 1],
      })
    case 'mine':
      return tx.query({
        name: 'list-mine',
        text: `select id, rank, coalesce(due, 'infinity')::text as due from work_item
               where tenant_id = $1 and owner = $2 and open and (rank, coalesce(due, 'infinity'), id) > ($3::smallint, $4::timestamptz, $5)
               order by rank, coalesce(due, 'infinity'), id limit $6`,
        values: [tx.tenant, list.owner, start.rank, start.due, start.id, pageSize + 1],
      })
    case 'all':
      return tx.query({
        name: 'list-all-work',
        text: `select id, 0 as rank, due::text as due from work_item
               where tenant_id = $1 and open and due is not null and (due, id) > ($2::timestamptz, $3)
               order by due, id limit $4`,
        values: [tx.tenant, start.due, start.id, pageSize + 1],
      })
    case 'done':
      return tx.query({
        name: 'list-done-work',
        text: `select id, 0 as rank, updated_at::text as due from work_item
               where tenant_id = $1 and not open and ($2::text is null or owner = $2) and (updated_at, id) < ($3::timestamptz, $4)
               order by updated_at desc, id desc limit $5`,
        values: [tx.tenant, list.owner ?? null, cursor?.due ?? 'infinity', cursor?.id ?? '', pageSize + 1],
      })
  }
}

const writeCursor = (row: OrderedRow): string =>
  Buffer.from(JSON.stringify([row.rank, row.due, row.id])).toString('base64url')

function readCursor(text: string): Cursor | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    if (!Array.isArray(parsed)) return undefined
    const [rank, due, id] = parsed
    return typeof rank === 'number' &&
      typeof due === 'string' &&
      typeof id === 'string' &&
      (due === 'infinity' || /^[\d-]+ [\d:.]+[+-]\d\d$/.test(due))
      ? { rank, due, id }
      : undefined
  } catch {
    return undefined
  }
}

/** What stands in the lists now: mine, my queues, and how many of both are past due. Queues are counted up to 1,000. */
export async function countWork(
  tx: Tx,
  owner: string | undefined,
  roles: readonly string[],
  now: number,
): Promise<{ mine: number; queue: number; overdue: number }> {
  const [counts] = await tx.query<{ mine: number; queue: number; overdue: number }>({
    name: 'count-work',
    text: `select
             (select count(*)::int from work_item where tenant_id = $1 and owner = $2 and open) as mine,
             (select count(*)::int from (select distinct id from (select id from work_queue where tenant_id = $1 and role = any($3) limit 1000) a) q) as queue,
             (select count(*)::int from work_item where tenant_id = $1 and owner = $2 and open and due < $4)
             + (select count(*)::int from (select distinct q.id from unnest($3::text[]) as r (role) cross join lateral unnest(array[0, 1, 2, 3]::smallint[]) as k (rank) cross join lateral (
                  select id from work_queue where tenant_id = $1 and role = r.role and rank = k.rank and due < $4 limit 1000) q) o) as overdue`,
    values: [tx.tenant, owner ?? null, roles, new Date(now)],
  })
  return counts ?? { mine: 0, queue: 0, overdue: 0 }
}
