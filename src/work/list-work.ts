import type { Tx } from '../db/index.ts'
import { type Bind, prepared, type Visible } from '../fhir/index.ts'

export type WorkList =
  | { list: 'mine'; owner: string }
  /** Unowned tasks of these roles, escalated ones among them. */
  | { list: 'queue'; roles: readonly string[] }
  | { list: 'all' }
  /** Everything without an owner, what is for no role in particular among it; what is put off too, since nobody has it. */
  | { list: 'unowned' }
  | { list: 'done'; owner: string | undefined }

export interface Cursor {
  rank: number
  due: string
  id: string
}

export const pageSize = 30
/** In the text and not a value: a plan made for no limit in particular would be a bad one, and the server would plan anew each time. */
const limit = `limit ${pageSize + 1}`

/** One page of a list as of `now` (milliseconds), most urgent first, then the earliest due; what is put off is left out. */
export async function listWork(
  tx: Tx,
  list: WorkList,
  now: number,
  after: string | undefined,
  visible?: Visible,
): Promise<{ rows: { id: string; patient: string | null }[]; next: string | undefined }> {
  const cursor = after === undefined ? undefined : readCursor(after)
  const rows = await pageOf(tx, list, new Date(now), cursor, visible)
  const page = rows.slice(0, pageSize)
  const last = page.at(-1)
  return {
    rows: page.map(({ id, patient }) => ({ id, patient })),
    next: rows.length > pageSize && last ? writeCursor(last) : undefined,
  }
}

export interface OrderedRow {
  id: string
  patient: string | null
  rank: number
  due: string
}

/** Only tasks that the caller may see are listed or counted: the condition stands where the rows are read, before any limit. */
export function seeing(values: unknown[], visible: Visible | undefined) {
  const bind: Bind = (value, type) => `$${values.push(value)}::${type}`
  return (alias: string) => (visible ? ` and (${visible('Task', alias, bind)})` : '')
}

function pageOf(
  tx: Tx,
  list: WorkList,
  now: Date,
  cursor: Cursor | undefined,
  visible: Visible | undefined,
): Promise<OrderedRow[]> {
  const start: Cursor = cursor ?? { rank: -1, due: '-infinity', id: '' }
  const ask = (values: unknown[], text: (seen: (alias: string) => string) => string) =>
    tx.query<OrderedRow>(prepared({ text: text(seeing(values, visible)), values }))
  switch (list.list) {
    case 'queue':
      // A short ordered read of each role's queue and a merge of those: the size of the queues does not matter.
      return ask(
        [tx.tenant, list.roles, start.rank, start.due, start.id, now],
        (seen) => `
          select q.*, q.at::text as due, i.patient from (select distinct q.rank, q.id, q.due as at from unnest($2::text[]) as r (role) cross join lateral (
            select w.rank, w.due, w.id from work_queue w
            where w.tenant_id = $1 and w.role = r.role and (w.rank, w.due, w.id) > ($3::smallint, $4::timestamptz, $5)
              and (w.hidden_until is null or w.hidden_until <= $6::timestamptz)${seen('w')}
            order by w.rank, w.due, w.id ${limit}) q
          order by q.rank, q.due, q.id ${limit}) q
          join work_item i on i.tenant_id = $1 and i.id = q.id order by q.rank, q.at, q.id`,
      )
    case 'unowned':
      return ask(
        [tx.tenant, start.rank, start.due, start.id],
        (seen) => `
          select w.id, w.patient, w.rank, coalesce(w.due, 'infinity')::text as due from work_item w
          where w.tenant_id = $1 and w.owner is null and w.open and (w.rank, coalesce(w.due, 'infinity'), w.id) > ($2::smallint, $3::timestamptz, $4)${seen('w')}
          order by w.rank, coalesce(w.due, 'infinity'), w.id ${limit}`,
      )
    case 'mine':
      return ask(
        [tx.tenant, list.owner, start.rank, start.due, start.id, now],
        (seen) => `
          select w.id, w.patient, w.rank, coalesce(w.due, 'infinity')::text as due from work_item w
          where w.tenant_id = $1 and w.owner = $2 and w.open and (w.rank, coalesce(w.due, 'infinity'), w.id) > ($3::smallint, $4::timestamptz, $5)
            and (w.hidden_until is null or w.hidden_until <= $6::timestamptz)${seen('w')}
          order by w.rank, coalesce(w.due, 'infinity'), w.id ${limit}`,
      )
    case 'all':
      return ask(
        [tx.tenant, start.due, start.id],
        (seen) => `
          select w.id, w.patient, 0 as rank, w.due::text as due from work_item w
          where w.tenant_id = $1 and w.open and w.due is not null and (w.due, w.id) > ($2::timestamptz, $3)${seen('w')}
          order by w.due, w.id ${limit}`,
      )
    case 'done':
      return ask(
        [tx.tenant, list.owner ?? null, cursor?.due ?? 'infinity', cursor?.id ?? ''],
        (seen) => `
          select w.id, w.patient, 0 as rank, w.updated_at::text as due from work_item w
          where w.tenant_id = $1 and not w.open and ${list.owner === undefined ? '$2::text is null' : 'w.owner = $2'} and (w.updated_at, w.id) < ($3::timestamptz, $4)${seen('w')}
          order by w.updated_at desc, w.id desc ${limit}`,
      )
  }
}

export const writeCursor = (row: OrderedRow): string =>
  Buffer.from(JSON.stringify([row.rank, row.due, row.id])).toString('base64url')

export function readCursor(text: string): Cursor | undefined {
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
  visible?: Visible,
): Promise<{ mine: number; queue: number; overdue: number }> {
  const values: unknown[] = [tx.tenant, owner ?? null, roles, new Date(now)]
  const seen = seeing(values, visible)
  const text = `
    select
      (select count(*)::int from work_item w where w.tenant_id = $1 and w.owner = $2 and w.open and (w.hidden_until is null or w.hidden_until <= $4)${seen('w')}) as mine,
      (select count(*)::int from (select distinct id from (select w.id from work_queue w where w.tenant_id = $1 and w.role = any($3) and (w.hidden_until is null or w.hidden_until <= $4)${seen('w')} limit 1000) a) q) as queue,
      (select count(*)::int from work_item w where w.tenant_id = $1 and w.owner = $2 and w.open and w.due < $4 and (w.hidden_until is null or w.hidden_until <= $4)${seen('w')})
      + (select count(*)::int from (select distinct q.id from unnest($3::text[]) as r (role) cross join lateral unnest(array[0, 1, 2, 3]::smallint[]) as k (rank) cross join lateral (
           select w.id from work_queue w where w.tenant_id = $1 and w.role = r.role and w.rank = k.rank and w.due < $4 and (w.hidden_until is null or w.hidden_until <= $4)${seen('w')} limit 1000) q) o) as overdue`
  const [counts] = await tx.query<{ mine: number; queue: number; overdue: number }>(prepared({ text, values }))
  return counts ?? { mine: 0, queue: 0, overdue: 0 }
}
