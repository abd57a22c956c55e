import type { WorkConditions } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { type Bind, prepared, type Visible } from '../../fhir/index.ts'
import { type Cursor, type OrderedRow, pageSize, readCursor, type WorkList, writeCursor } from '../list-work.ts'

export interface FilteredAsked {
  list: Exclude<WorkList, { list: 'done' }>
  filter: WorkConditions
  /** Milliseconds. */
  now: number
  visible: Visible | undefined
}

/** Of conditions that no index answers, so many rows are looked at for one page, and for one count. */
const walk = 500
/** Counted up to here. */
const mostCounted = 500
const day = 86_400_000
const ranks = { stat: 0, asap: 1, urgent: 2 } as const

/**
 * One page of what a filter finds as of now, in the order of its list; all of a role are its queue and what its people hold.
 * Role, urgency and due time are ranges of the list's index; kind, place, service level and escalation are asked of at most 500 rows in that order, so that a page may be short,
 * or empty, though `next` says that more may follow.
 */
export async function listFiltered(
  tx: Tx,
  asked: FilteredAsked,
  after: string | undefined,
): Promise<{ rows: { id: string; patient: string | null }[]; next: string | undefined }> {
  const limit = isWalked(asked) ? walk : pageSize + 1
  const walked = await read(tx, asked, limit, after === undefined ? undefined : readCursor(after))
  const found = walked.filter(({ fits }) => fits)
  const page = found.slice(0, pageSize)
  const last = found.length > pageSize ? page.at(-1) : walked.length === limit ? walked.at(-1) : undefined
  return { rows: page.map(({ id, patient }) => ({ id, patient })), next: last && writeCursor(last) }
}

/** How many a filter finds as of now: `more` when they were not all counted. */
export async function countFiltered(tx: Tx, asked: FilteredAsked): Promise<{ count: number; more: boolean }> {
  const limit = isWalked(asked) ? walk : mostCounted + 1
  const values: unknown[] = [tx.tenant]
  const text = statement(asked, values, limit, undefined)
  const [row] = await tx.query<{ walked: number; found: number }>(
    prepared({
      text: `select count(*)::int as walked, count(*) filter (where fits)::int as found from (${text}) f`,
      values,
    }),
  )
  const found = row?.found ?? 0
  return { count: Math.min(found, mostCounted), more: (row?.walked ?? 0) === limit }
}

function read(tx: Tx, asked: FilteredAsked, limit: number, cursor: Cursor | undefined) {
  const values: unknown[] = [tx.tenant]
  const text = statement(asked, values, limit, cursor)
  return tx.query<OrderedRow & { fits: boolean }>(prepared({ text, values }))
}

/** Whether something is asked that the list's index does not answer. */
function isWalked({ list: { list }, filter }: FilteredAsked): boolean {
  const { kind, place, level, escalated, role, urgency } = filter
  const rest = list === 'mine' ? role : list === 'all' && role === undefined ? urgency : undefined
  return [kind, place, level, escalated, rest].some((one) => one !== undefined)
}

function statement(asked: FilteredAsked, values: unknown[], limit: number, cursor: Cursor | undefined): string {
  const bind: Bind = (value, type) => `$${values.push(value)}::${type}`
  const { filter, now } = asked
  const key = cursor ?? { rank: -1, due: '-infinity', id: '' }
  // Bound where the text names them: PostgreSQL refuses a value that no place of the text has a type for.
  const place: Place = {
    rank: () => bind(key.rank, 'smallint'),
    due: () => bind(key.due, 'timestamptz'),
    id: () => bind(key.id, 'text'),
    now: () => bind(new Date(now), 'timestamptz'),
    before: () => bind(filter.due === undefined ? 'infinity' : new Date(beforeOf(filter.due, now)), 'timestamptz'),
    // In the text: a plan made for no limit in particular would be a bad one.
    limit: () => String(limit),
  }
  const inner = rowsOf(asked, place, bind)
  const needs = filter.kind !== undefined || filter.place !== undefined
  // Of rows that are walked, only those that fit are asked whether the caller may see them, which costs more than all the rest.
  const seen = asked.visible && isWalked(asked) ? [`(${asked.visible('Task', 'i', bind)})`] : []
  const conditions = [
    ...(filter.kind === undefined ? [] : [`n.kind = ${bind(filter.kind, 'text')}`]),
    ...(filter.place === undefined ? [] : [`n.jurisdiction = ${bind(filter.place, 'text')}`]),
    ...(filter.level === undefined ? [] : [`i.${filter.level === 'breached' ? 'goal' : 'at_risk'} <= ${place.now()}`]),
    ...(filter.escalated === undefined ? [] : [`i.escalated <> '{}'`]),
    ...(asked.list.list === 'mine' && filter.role !== undefined ? [`i.role = ${bind(filter.role, 'text')}`] : []),
    ...(asked.list.list === 'all' && filter.role === undefined && filter.urgency !== undefined
      ? [`i.rank <= ${bind(ranks[filter.urgency], 'smallint')}`]
      : []),
    ...seen,
  ]
  return `
    select q.id, i.patient, q.rank, q.at::text as due, coalesce(${conditions.join(' and ') || 'true'}, false) as fits
    from (${inner}) q
    join work_item i on i.tenant_id = $1 and i.id = q.id
    ${needs ? 'left join work_need n on n.tenant_id = $1 and n.id = q.id' : ''}
    order by q.rank, q.at, q.id`
}

type Place = Readonly<Record<'rank' | 'due' | 'id' | 'now' | 'before' | 'limit', () => string>>

/**
 * Rows of the list in its order: `rank`, `at`, `id`. A due time is a range of the index within one rank, so each is read by
 * itself; they come in their order, so that the next one is read only when there are too few yet.
 */
function rowsOf(asked: FilteredAsked, place: Place, bind: Bind): string {
  const { list, filter, visible } = asked
  const seen = visible && !isWalked(asked) ? ` and (${visible('Task', 'w', bind)})` : ''
  const most = filter.urgency === undefined ? 3 : ranks[filter.urgency]
  const spans = filter.due === undefined ? [[0, most]] : Array.from({ length: most + 1 }, (_none, rank) => [rank, rank])
  const values = spans.map(([low, high]) => `(${low}::smallint, ${high}::smallint)`).join(', ')
  const k = `(select * from (values ${values}) as v (low, high) order by v.low) as k`
  const before = (column: string) => (filter.due === undefined ? '' : ` and ${column} < ${place.before()}`)
  if (list.list === 'all' && filter.role !== undefined) {
    // What waits in the role's queue, and what its people hold.
    const role = bind(filter.role, 'text')
    const part = (table: string, due: string, held: string) => `
      select q.* from ${k} cross join lateral (
        select w.rank, ${due} as at, w.id from ${table} w
        where w.tenant_id = $1 and w.role = ${role}${held} and w.rank between k.low and k.high${before(due)}
          and (w.rank, ${due}, w.id) > (${place.rank()}, ${place.due()}, ${place.id()})${seen}
        order by w.rank, ${due}, w.id limit ${place.limit()}) q
      order by k.low, q.rank, q.at, q.id limit ${place.limit()}`
    return `
        select q.* from ((${part('work_queue', 'w.due', '')})
          union all (${part('work_item', `coalesce(w.due, 'infinity')`, ' and w.open and w.owner is not null')})) q
        order by 1, 2, 3 limit ${place.limit()}`
  }
  if (list.list === 'all')
    return `
        select 0 as rank, w.due as at, w.id from work_item w
        where w.tenant_id = $1 and w.open and w.due is not null${before('w.due')} and (w.due, w.id) > (${place.due()}, ${place.id()})${seen}
        order by w.due, w.id limit ${place.limit()}`
  // What is put off stands among what nobody has.
  const awake = list.list === 'unowned' ? '' : ` and (w.hidden_until is null or w.hidden_until <= ${place.now()})`
  if (list.list === 'queue' || (list.list === 'unowned' && filter.role !== undefined)) {
    const roles = filter.role === undefined && list.list === 'queue' ? list.roles : [filter.role]
    return `
        select distinct k.low, q.rank, q.at, q.id from ${k} cross join unnest(${bind(roles, 'text[]')}) as r (role) cross join lateral (
          select w.rank, w.due as at, w.id from work_queue w
          where w.tenant_id = $1 and w.role = r.role and w.rank between k.low and k.high${before('w.due')}
            and (w.rank, w.due, w.id) > (${place.rank()}, ${place.due()}, ${place.id()})${awake}${seen}
          order by w.rank, w.due, w.id limit ${place.limit()}) q
        order by k.low, q.rank, q.at, q.id limit ${place.limit()}`
  }
  const whose = list.list === 'mine' ? `w.owner = ${bind(list.owner, 'text')}` : 'w.owner is null'
  return `
        select q.* from ${k} cross join lateral (
          select w.rank, coalesce(w.due, 'infinity') as at, w.id from work_item w
          where w.tenant_id = $1 and ${whose} and w.open and w.rank between k.low and k.high${before(`coalesce(w.due, 'infinity')`)}
            and (w.rank, coalesce(w.due, 'infinity'), w.id) > (${place.rank()}, ${place.due()}, ${place.id()})${awake}${seen}
          order by w.rank, coalesce(w.due, 'infinity'), w.id limit ${place.limit()}) q
        order by k.low, q.rank, q.at, q.id limit ${place.limit()}`
}

const beforeOf = (due: NonNullable<WorkConditions['due']>, now: number): number =>
  due === 'late' ? now : due === 'day' ? now + day : now + 7 * day
