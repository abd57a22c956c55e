import type { AuditEvent } from '@medplum/fhirtypes'
import type { Database } from '../db/index.ts'
import { type Fault, type Route, type RouteReply, route } from '../kernel/index.ts'
import { extendChain } from './chain.ts'
import { refuse } from './errors.ts'
import { indexAudit } from './index-audit.ts'
import { entitiesOf } from './read-event.ts'
import { recordAccess } from './record-access.ts'
import { type EventSearch, findEvents } from './search-audit.ts'

const pageSize = 100
/** The last millisecond that an id can tell. */
const endOfTime = 2 ** 48 - 1
const plain = new Set(['_format', '_pretty', '_count', '_cursor', '_sort', '_total'])

/** FHIR's read and search of AuditEvent. The search parameters are those of R4 that an inquiry asks by. */
export function auditFhirRoutes({ database, baseUrl }: { database: Database; baseUrl: string }): Route[] {
  const access = { permission: 'audit.read' }
  const kept = async (): Promise<RouteReply> => {
    throw refuse('audit-kept-here')
  }
  const nothing = { nothing: 'is refused whoever asks' }
  return [
    route({
      method: 'GET',
      path: '/fhir/AuditEvent/:id',
      summary: 'Read an audit event',
      access,
      style: 'fhir',
      audits: ['audit-read'],
      handle: (context, { params }) =>
        database.transaction(context.tenant, async (tx) => {
          const { id } = params as { id: string }
          const [row] = await tx.query<{ content: string }>({
            text: 'select content from audit_event where tenant_id = $1 and id = $2',
            values: [tx.tenant, id],
          })
          if (!row) throw refuse('event-not-found')
          await recordAccess(tx, context, [
            {
              action: 'R',
              code: 'audit-read',
              entities: [`AuditEvent/${id}`],
              patients: patientsOf([JSON.parse(row.content)]),
            },
          ])
          return { headers: { 'content-type': 'application/fhir+json; charset=utf-8' }, body: row.content }
        }),
    }),
    route({
      method: 'GET',
      path: '/fhir/AuditEvent',
      summary: 'Search audit events, newest first',
      access,
      style: 'fhir',
      audits: ['audit-read'],
      handle: async (context, { url, headers }) => {
        const mark = url.indexOf('?')
        const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
        const strict = /handling=strict/.test(String(headers['prefer'] ?? ''))
        const { search, count, unknown } = readQuery(query)
        if (strict && unknown.length > 0) throw refuse('parameter-unknown', { faults: unknown })
        // What was done a moment ago is to be found too.
        await extendChain(database, context.tenant)
        await indexAudit(database, context.tenant)
        return database.transaction(context.tenant, async (tx) => {
          const { found, next } = await findEvents(tx, search, count)
          await recordAccess(tx, context, [
            {
              action: 'E',
              code: 'audit-read',
              entities: [],
              patients: search.values.filter((value) => value.startsWith('Patient/')),
              query: `AuditEvent?${query}`,
            },
          ])
          const link = (cursor: string | undefined) => {
            const own = new URLSearchParams(query)
            own.delete('_cursor')
            if (cursor !== undefined) own.set('_cursor', cursor)
            return `${baseUrl}/AuditEvent?${own}`
          }
          const links = [
            { relation: 'self', url: link(query.get('_cursor') ?? undefined) },
            ...(next === undefined ? [] : [{ relation: 'next', url: link(next) }]),
          ]
          const entries = found.map(
            ({ event, content }) =>
              `{"fullUrl":${JSON.stringify(`${baseUrl}/AuditEvent/${event.id}`)},"resource":${content},"search":{"mode":"match"}}`,
          )
          if (unknown.length > 0) entries.push(`{"resource":${outcome(unknown)},"search":{"mode":"outcome"}}`)
          return {
            headers: { 'content-type': 'application/fhir+json; charset=utf-8' },
            body: `{"resourceType":"Bundle","type":"searchset","link":${JSON.stringify(links)},"entry":[${entries.join(',')}]}`,
          }
        })
      },
    }),
    ...(['POST', 'PUT', 'PATCH', 'DELETE'] as const).map((method) =>
      route({
        method,
        path: method === 'POST' ? '/fhir/AuditEvent' : '/fhir/AuditEvent/:id',
        summary: 'Refused: audit events are the server’s own',
        access,
        style: 'fhir',
        audits: nothing,
        handle: kept,
      }),
    ),
  ]
}

const patientsOf = (events: readonly AuditEvent[]): string[] => [
  ...new Set(events.flatMap(entitiesOf).filter((reference) => /^Patient\/[^/]+$/.test(reference))),
]

const outcome = (faults: readonly Fault[]): string =>
  JSON.stringify({
    resourceType: 'OperationOutcome',
    issue: faults.map(({ path, message }) => ({
      severity: 'warning',
      code: 'not-supported',
      diagnostics: message,
      expression: [path],
    })),
  })

function readQuery(query: URLSearchParams): { search: EventSearch; count: number; unknown: Fault[] } {
  const unknown: Fault[] = []
  const values: string[] = []
  const tests: ((event: AuditEvent) => boolean)[] = []
  let from: number | undefined
  let until: number | undefined
  const invalid = (path: string, message: string) => refuse('parameter-invalid', { faults: [{ path, message }] })
  for (const [name, value] of query) {
    const [, system, code] = /^(?:([^|]*)\|)?(.*)$/.exec(value) ?? []
    const token = (of: (event: AuditEvent) => ({ system?: string; code?: string } | undefined)[]) =>
      tests.push((event) =>
        of(event).some((one) => one?.code === code && (system === undefined || (one?.system ?? '') === system)),
      )
    switch (name) {
      case 'patient':
        values.push(value.startsWith('Patient/') ? value : `Patient/${value}`)
        break
      case 'entity':
        values.push(value)
        break
      case 'agent':
      case 'altid':
        values.push(`agent/${value}`)
        break
      case 'agent-name':
        tests.push((event) => event.agent.some((one) => one.name?.toLowerCase().startsWith(value.toLowerCase())))
        break
      case 'address':
        tests.push((event) => event.agent.some(({ network }) => network?.address?.startsWith(value)))
        break
      case '_id':
        tests.push(({ id }) => id === value)
        break
      case 'action':
        tests.push(({ action }) => action === code)
        break
      case 'outcome':
        tests.push((event) => event.outcome === code)
        break
      case 'type':
        token(({ type }) => [type])
        break
      case 'subtype':
        token(({ subtype }) => subtype ?? [])
        break
      case 'date': {
        const [low, high] = readRange(value) ?? []
        if (low === undefined || high === undefined) throw invalid(name, 'is not a date with eq, ge, gt, le or lt')
        from = Math.max(from ?? low, low)
        until = Math.min(until ?? high, high)
        break
      }
      default:
        if (!plain.has(name))
          unknown.push({ path: name, message: 'is not a parameter that audit events are searched by' })
    }
  }
  const count = Number(query.get('_count') ?? pageSize)
  if (!Number.isInteger(count) || count < 0) throw invalid('_count', 'is not a whole number')
  const sort = query.get('_sort')
  if (sort !== null && sort !== '-date') throw invalid('_sort', 'can be -date only: the newest come first')
  return {
    unknown,
    count: Math.min(Math.max(count, 1), 500),
    search: {
      values,
      from,
      until,
      after: query.get('_cursor') ?? undefined,
      matches: (event) => tests.every((holds) => holds(event)),
    },
  }
}

/** Milliseconds from and up to but not including, of a FHIR date or instant with a prefix. Days without a zone are in UTC. */
function readRange(text: string): [from: number, until: number] | undefined {
  const [, prefix = 'eq', date = ''] = /^(eq|ge|gt|le|lt)?(\d{4}(?:-\d\d){0,2}(?:T.+)?)$/.exec(text) ?? []
  const start = Date.parse(date)
  if (Number.isNaN(start)) return undefined
  const end = endOf(date, start)
  switch (prefix) {
    case 'ge':
      return [start, endOfTime]
    case 'gt':
      return [end, endOfTime]
    case 'le':
      return [0, end]
    case 'lt':
      return [0, start]
    default:
      return [start, end]
  }
}

function endOf(date: string, start: number): number {
  const end = new Date(start)
  if (date.length === 4) end.setUTCFullYear(end.getUTCFullYear() + 1)
  else if (date.length === 7) end.setUTCMonth(end.getUTCMonth() + 1)
  else if (date.length === 10) end.setUTCDate(end.getUTCDate() + 1)
  else end.setTime(start + (date.includes('.') ? 1 : 1_000))
  return end.getTime()
}
