import type { Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { type Answer, bundleText, etagOf } from './answer.ts'
import { readDate } from './date-range.ts'
import { refuse } from './errors.ts'
import { shown, sightings, sightOf } from './guard.ts'
import { knownType, patientsOf, type RecordDeps } from './interact.ts'
import type { StoredVersion } from './read-resources.ts'

const methods: Record<string, { method: string; status: string }> = {
  create: { method: 'POST', status: '201' },
  update: { method: 'PUT', status: '200' },
  delete: { method: 'DELETE', status: '204' },
}

function readPage(query: URLSearchParams): { count: number; since: Date | undefined; after: unknown[] | undefined } {
  const count = query.get('_count') ?? '100'
  if (!/^\d{1,9}$/.test(count))
    throw refuse('search-value-invalid', { faults: [{ path: '_count', message: 'is not a whole number' }] })
  const since = query.get('_since')
  const range = since === null ? undefined : readDate(since.replace(/ (\d{2}:\d{2})$/, '+$1'))
  if (since !== null && !range)
    throw refuse('search-value-invalid', { faults: [{ path: '_since', message: 'is not an instant' }] })
  const cursor = query.get('_cursor')
  let after: unknown
  try {
    after = cursor === null ? undefined : JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    after = null
  }
  const [at, type, id, version] = Array.isArray(after) ? after : []
  if (
    after !== undefined &&
    !(Number.isSafeInteger(at) && typeof type === 'string' && typeof id === 'string' && Number.isSafeInteger(version))
  ) {
    throw refuse('search-cursor-invalid', { faults: [{ path: '_cursor', message: 'does not belong to this history' }] })
  }
  return {
    count: Math.min(Number(count), 1000),
    since: range && new Date(range.low),
    after: after === undefined ? undefined : [new Date(Number(at)), type, id, version],
  }
}

type HistoryRow = StoredVersion & { interaction: string }

async function readRows(
  tx: Tx,
  at: {
    type: string | undefined
    id: string | undefined
    since: Date | undefined
    after: readonly unknown[] | undefined
  },
  limit: number,
): Promise<HistoryRow[]> {
  const { type, id, since, after } = at
  const values: unknown[] = [tx.tenant]
  const bind = (value: unknown) => `$${values.push(value)}`
  const where = ['tenant_id = $1']
  if (type !== undefined) where.push(`type = ${bind(type)}`)
  if (id !== undefined) where.push(`id = ${bind(id)}`)
  if (since) where.push(`updated >= ${bind(since)}`)
  // Of one resource, the version alone is the order: the clock may have stood still between two.
  if (after)
    where.push(
      id === undefined
        ? `(updated, type, id, version) < (${after.map(bind).join(', ')})`
        : `version < ${bind(after[3])}`,
    )
  const order = id === undefined ? 'updated desc, type desc, id desc, version desc' : 'version desc'
  return tx.query<HistoryRow>({
    text: `select type, id, version, interaction, updated, content from fhir_history where ${where.join(' and ')} order by ${order} limit ${limit}`,
    values,
  })
}

/** The versions of a resource, of a type or of the whole record, newest first. */
export async function historyOf(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  at: { type?: string; id?: string },
  query: URLSearchParams,
  base: string,
): Promise<Answer> {
  const { type, id } = at
  if (type !== undefined) knownType(type)
  const { count, since, after } = readPage(query)
  const sight = await sightOf(deps, tx, context)
  // What the caller may not see is left out of each read, which goes on until the page is full or nothing is left.
  const rows: HistoryRow[] = []
  let limit = count + 1
  for (let from = after; ; limit = Math.min(limit * 4, 5_000)) {
    const read = await readRows(tx, { type, id, since, after: from }, limit)
    const seen = sight && (await sightings(tx, sight, 'history', new Set(read.map((row) => `${row.type}/${row.id}`))))
    rows.push(...read.filter((row) => !seen || seen.get(`${row.type}/${row.id}`) === true))
    const last = read.at(-1)
    if (!last || read.length < limit || rows.length > count) break
    from = [last.updated, last.type, last.id, last.version]
  }
  if (id !== undefined && rows.length === 0 && !after && !since)
    throw refuse('resource-not-found', { faults: [{ path: `${type}/${id.slice(0, 64)}`, message: 'does not exist' }] })
  const more = rows.length > count
  const page = rows.slice(0, count)
  const place = [base, ...(type === undefined ? [] : [type]), ...(id === undefined ? [] : [id]), '_history'].join('/')
  const used = new URLSearchParams([...query].filter(([name]) => name === '_count' || name === '_since'))
  const links: [string, string][] = [['self', used.size > 0 ? `${place}?${used}` : place]]
  const last = page.at(-1)
  if (more && last) {
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
