import type { Tx } from '../../db/index.ts'
import { type Bind, prepared, type Visible } from '../../fhir/index.ts'
import { type MatterList, matterLists } from './matters-of.ts'

/** An open task beside a matter: about it, or another of the patient's. */
export type TaskAround = [id: string, about: boolean, owner: string | null]

export interface MatterRow {
  type: string
  id: string
  patient: string
  rank: number
  due: Date
  since: Date
  /** The open tasks about it, three at most, and of the patient's the one that somebody is at, or the most urgent. */
  tasks: TaskAround[]
}

export interface MattersAsked {
  /** Milliseconds. */
  now: number
  visible: Visible | undefined
  /** SQL: something is under way for the patient (SQL of `Patient/…`) that needs nobody yet. */
  underWay(patient: string): string
}

const pageSize = 15
/** How many rows are looked at for one page, or for one count, at most. */
const walk = 1_000
/** Counted up to here. */
const mostCounted = 500

const types: Readonly<Record<MatterList, string>> = {
  referrals: 'ServiceRequest',
  results: 'Observation',
  'no-next-step': 'Patient',
  unreachable: 'Patient',
  messages: 'Communication',
}

/** On these lists stands what is late; on the others all that is open, late or not. */
const onlyLate = new Set<MatterList>(['referrals', 'no-next-step'])

type Cursor = [rank: number, due: string, id: string]

/**
 * SQL of the rows of a list in order, behind a cursor: a short ordered read of the index for each rank. The ranks come in
 * their order, so that the next one is read only when the page is not yet full.
 */
function rowsOf(list: MatterList, asked: MattersAsked, values: unknown[], limit: number, after?: Cursor): string {
  const bind: Bind = (value, type) => `$${values.push(value)}::${type}`
  const key = after ?? [-1, '-infinity', '']
  const [rank, due, id] = [bind(key[0], 'smallint'), bind(key[1], 'timestamptz'), bind(key[2], 'text')]
  const until = bind(onlyLate.has(list) ? new Date(asked.now) : 'infinity', 'timestamptz')
  const seen = asked.visible ? ` and (${asked.visible(types[list], 'm', bind)})` : ''
  return `
    select q.* from (select u.rank from unnest(array[0, 1, 2, 3]::smallint[]) as u (rank) where u.rank >= ${rank} order by u.rank) as k cross join lateral (
      select m.type, m.id, m.patient, m.rank, m.due, m.since from matter m
      where m.tenant_id = $1 and m.list = '${list}' and m.open and m.rank = k.rank and m.due <= ${until}
        and (m.rank, m.due, m.type, m.id) > (${rank}, ${due}, '${types[list]}', ${id})${seen}
      order by m.due, m.type, m.id limit ${limit}) q
    order by k.rank, q.due, q.type, q.id limit ${limit}`
}

/** SQL of the open tasks beside a matter, found by key. */
const tasksAround = (m: string): string => `array(
  (select json_build_array(i.id, true, i.owner_name) from fhir_reference f join work_item i on i.tenant_id = $1 and i.id = f.id and i.open
   where f.tenant_id = $1 and f.type = 'Task' and f.param = 'focus' and f.target_id = ${m}.id and f.target_type = ${m}.type
   order by i.owner is null, i.rank, i.due, i.id limit 3)
  union all
  (select json_build_array(i.id, false, i.owner_name) from work_item i where i.tenant_id = $1 and i.patient = ${m}.patient and i.open
   order by i.owner is null, i.rank, i.due, i.id limit 1))`

/** One page of a list as of now, most urgent first, then the earliest due. A page may be short though more follow. */
export async function listMatters(
  tx: Tx,
  list: MatterList,
  asked: MattersAsked,
  after: string | undefined,
): Promise<{ rows: MatterRow[]; next: string | undefined }> {
  const page = async (limit: number) => {
    const values: unknown[] = [tx.tenant]
    const underWay = list === 'no-next-step' ? asked.underWay('w.patient') : 'false'
    const walked = await tx.query<MatterRow & { key: string; under_way: boolean }>(
      prepared({
        text: `select w.*, w.due::text as key, ${underWay} as under_way, ${tasksAround('w')} as tasks
               from (${rowsOf(list, asked, values, limit, readCursor(after))}) w order by w.rank, w.due, w.id`,
        values,
      }),
    )
    const waiting = walked.filter((row) => !row.under_way)
    const last = waiting.length > pageSize ? waiting[pageSize - 1] : walked.length === limit ? walked.at(-1) : undefined
    return {
      rows: waiting.slice(0, pageSize),
      next: last && writeCursor([last.rank, last.key, last.id]),
      full: waiting.length > pageSize || walked.length < limit,
    }
  }
  // Most of those without a next step have nothing under way; only when many have is it worth looking at many.
  const short = await page(list === 'no-next-step' ? 2 * pageSize : pageSize + 1)
  return short.full ? short : page(walk)
}

/** How many stand on each list as of now: `more` when they were not all counted. */
export async function countMatters(
  tx: Tx,
  asked: MattersAsked,
): Promise<{ list: MatterList; count: number; more: boolean }[]> {
  const values: unknown[] = [tx.tenant]
  const text = matterLists
    .map((list) => {
      const limit = list === 'no-next-step' ? walk : mostCounted + 1
      const inner = `(${rowsOf(list, asked, values, limit)}) w`
      return list === 'no-next-step'
        ? `select '${list}' as list, count(*) filter (where not ${asked.underWay('w.patient')})::int as count, count(*) = ${walk} as more from ${inner}`
        : `select '${list}' as list, least(count(*), ${mostCounted})::int as count, count(*) > ${mostCounted} as more from ${inner}`
    })
    .join(' union all ')
  return tx.query<{ list: MatterList; count: number; more: boolean }>(prepared({ text, values }))
}

/** What waits, as it stands; undefined when it does not wait, or waits no more. */
export async function readMatter(tx: Tx, list: MatterList, reference: string): Promise<MatterRow | undefined> {
  const [type, id] = reference.split('/')
  const [row] = await tx.query<MatterRow>({
    name: 'read-matter',
    text: `select type, id, patient, rank, due, since, ${tasksAround('matter')} as tasks from matter where tenant_id = $1 and list = $2 and type = $3 and id = $4 and open for update`,
    values: [tx.tenant, list, type, id],
  })
  return row
}

const writeCursor = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url')

function readCursor(text: string | undefined): Cursor | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text ?? '', 'base64url').toString())
    if (!Array.isArray(parsed)) return undefined
    const [rank, due, id] = parsed
    return typeof rank === 'number' &&
      typeof due === 'string' &&
      typeof id === 'string' &&
      /^(?:infinity|[\d-]+ [\d:.]+[+-][\d:]+)$/.test(due)
      ? [rank, due, id]
      : undefined
  } catch {
    return undefined
  }
}
