import type { Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { type Answer, bundleText, etagOf } from './answer.ts'
import { type DateRange, readDate } from './date-range.ts'
import { refuse } from './errors.ts'
import { shown, sightings, sightOf } from './guard.ts'
import { knownType, patientsOf, type RecordDeps } from './interact.ts'
import type { StoredVersion } from './read-resources.ts'

const methods: Record<string, { method: string; status: string }> = {
  create: { method: 'POST', status: '201' },
  update: { method: 'PUT', status: '200' },
  delete: { method: 'DELETE', status: '204' },
}

interface Page {
  count: number
  since: Date | undefined
  at: DateRange | undefined
  after: [at: Date, type: string, id: string, version: number] | undefined
}

function readTime(query: URLSearchParams, name: string): DateRange | undefined {
  const text = query.get(name)
  // A plus sign in a query is a space once decoded.
  const range = text === null ? undefined : readDate(text.replace(/ (\d{2}:\d{2})$/, '+$1'))
  if (text !== null && !range)
    throw refuse('search-value-invalid', { faults: [{ path: name, message: 'is not an instant' }] })
  return range
}

function readAfter(cursor: string | null): Page['after'] {
  if (cursor === null) return undefined
  let after: unknown
  try {
    after = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    after = undefined
  }
  const [at, type, id, version]: unknown[] = Array.isArray(after) ? after : []
  const when = typeof at === 'number' ? new Date(at) : new Date(Number.NaN)
  const text = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0')
  const numbered = typeof version === 'number' && Number.isInteger(version) && version > 0 && version < 2 ** 31
  // Years beyond four digits are none that this server gave, and none that PostgreSQL reads from a Date.
  if (!text(type) || !text(id) || !numbered || !(Math.abs(when.getTime()) < 2.5e14))
    throw refuse('search-cursor-invalid', { faults: [{ path: '_cursor', message: 'does not belong to this history' }] })
  return [when, type, id, version]
}

function readPage(query: URLSearchParams): Page {
  const count = query.get('_count') ?? '100'
  if (!/^\d{1,9}$/.test(count))
    throw refuse('search-value-invalid', { faults: [{ path: '_count', message: 'is not a whole number' }] })
  const since = readTime(query, '_since')
  return {
    count: Math.min(Number(count), 1000),
    since: since && new Date(since.low),
    at: readTime(query, '_at'),
    after: readAfter(query.get('_cursor')),
  }
}

type HistoryRow = StoredVersion & { interaction: string }

async function readVersions(
  tx: Tx,
  { type, id }: { type?: string; id?: string },
  { since, at, after }: Omit<Page, 'count'>,
  limit: number,
): Promise<HistoryRow[]> {
  const values: unknown[] = [tx.tenant]
  const bind = (value: unknown) => `$${values.push(value)}`
  const where = ['h.tenant_id = $1']
  if (type !== undefined) where.push(`h.type = ${bind(type)}`)
  if (id !== undefined) where.push(`h.id = ${bind(id)}`)
  if (since) where.push(`h.updated >= ${bind(since)}`)
  // Current at some moment of [low, high): written before its end, and not yet replaced at its beginning.
  if (at) {
    where.push(`h.updated < ${bind(new Date(at.high))}`)
    where.push(`not exists (select from fhir_history n where n.tenant_id = $1 and n.type = h.type and n.id = h.id
      and n.version = h.version + 1 and n.updated <= ${bind(new Date(at.low))})`)
  }
  // Of one resource, the version alone is the order: the clock may have stood still between two.
  if (after)
    where.push(
      id === undefined
        ? `(h.updated, h.type, h.id, h.version) < (${after.map(bind).join(', ')})`
        : `h.version < ${bind(after[3])}`,
    )
  const order = id === undefined ? 'h.updated desc, h.type desc, h.id desc, h.version desc' : 'h.version desc'
  return tx.query({
    text: `select h.type, h.id, h.version, h.interaction, h.updated, h.content from fhir_history h
      where ${where.join(' and ')} order by ${order} limit ${limit}`,
    values,
  })
}

async function exists(tx: Tx, type: string, id: string): Promise<boolean> {
  const rows = await tx.query({
    name: 'fhir-history-exists',
    text: 'select from fhir_history where tenant_id = $1 and type = $2 and id = $3 limit 1',
    values: [tx.tenant, type, id],
  })
  return rows.length > 0
}

/** The versions of a resource, of a type or of the whole record, newest first. */
export async function historyOf(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  level: { type?: string; id?: string },
  query: URLSearchParams,
  base: string,
): Promise<Answer> {
  const { type, id } = level
  if (type !== undefined) knownType(type)
  const wanted = readPage(query)
  const sight = await sightOf(deps, tx, context)
  // What the caller may not see is left out of each read, which goes on until the page is full or nothing is left.
  const rows: HistoryRow[] = []
  let hidden = false
  let limit = wanted.count + 1
  for (let from = wanted.after; ; limit = Math.min(limit * 4, 5_000)) {
    const read = await readVersions(tx, level, { ...wanted, after: from }, limit)
    const seen = sight && (await sightings(tx, sight, 'history', new Set(read.map((row) => `${row.type}/${row.id}`))))
    const open = read.filter((row) => !seen || seen.get(`${row.type}/${row.id}`) === true)
    hidden ||= open.length < read.length
    rows.push(...open)
    const last = read.at(-1)
    if (!last || read.length < limit || rows.length > wanted.count) break
    from = [last.updated, last.type, last.id, last.version]
  }
  if (id !== undefined && rows.length === 0 && (hidden || !(await exists(tx, type ?? '', id))))
    throw refuse('resource-not-found', { faults: [{ path: `${type}/${id.slice(0, 64)}`, message: 'does not exist' }] })
  const page = rows.slice(0, wanted.count)
  const place = [base, ...(type === undefined ? [] : [type]), ...(id === undefined ? [] : [id]), '_history'].join('/')
  const used = new URLSearchParams([...query].filter(([name]) => ['_count', '_since', '_at'].includes(name)))
  const links: [string, string][] = [['self', used.size > 0 ? `${place}?${used}` : place]]
  const last = page.at(-1)
  if (rows.length > wanted.count && last) {
    used.set(
      '_cursor',
      Buffer.from(JSON.stringify([last.updated.getTime(), last.type, last.id, last.version])).toString('base64url'),
    )
    links.push(['next', `${place}?${used}`])
  }
  const entries = page.map((row) => {
    const { method, status } = methods[row.interaction] ?? { method: 'PUT', status: '200' }
    const url = `${row.type}/${row.id}`
    const told = {
      request: { method, url: method === 'POST' ? row.type : url },
      response: { status, etag: etagOf(row.version), lastModified: row.updated.toISOString() },
    }
    return `{"fullUrl":${JSON.stringify(`${base}/${url}`)}${row.content === null ? '' : `,"resource":${shown(sight, row.type, row.content)}`},${JSON.stringify(told).slice(1)}`
  })
  await deps.audit(tx, context, {
    action: 'R',
    interaction: 'history',
    entities: [...new Set(page.map((row) => `${row.type}/${row.id}`))],
    ...patientsOf(page.flatMap((row) => row.content ?? [])),
  })
  return { status: 200, content: bundleText('history', { links, entries }) }
}
