import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { z } from 'zod'
import { api, type TransferList } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { wakeJobs } from '../../jobs/index.ts'
import { type CallContext, newId, type Route, type RouteReply, type RouteRequest, route } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'
import { mayUse, sightOf } from '../guard.ts'
import { isId } from '../interact.ts'
import { warning } from '../outcome.ts'
import { askerOf, type FlowDeps } from '../subscriptions/seam.ts'
import { type ExportRequest, kickOffParameters, readExportRequest } from './export-request.ts'
import {
  dropTransfer,
  readFiles,
  readPart,
  readTransfer,
  type Transfer,
  transferColumns,
  type TransferFile,
  transferJob,
} from './store.ts'

const mostAtOnce = 2
const lookAgainAfter = '2'

type Asked = RouteRequest<unknown, unknown, unknown>
const fhir = { 'content-type': 'application/fhir+json; charset=utf-8' }
const json = { 'content-type': 'application/json; charset=utf-8' }

export const headerOf = (request: Asked, name: string): string => String(request.headers[name] ?? '')

/** The status and the files of a transfer are told to whoever asked for it, and to nobody else. */
export async function readOwn(tx: Tx, context: CallContext, kind: Transfer['kind'], id: string): Promise<Transfer> {
  const transfer = isId(id) ? await readTransfer(tx, id) : undefined
  const own = transfer?.owner.id === context.actor.id && transfer.owner.kind === context.actor.kind
  if (!transfer || !own || transfer.kind !== kind)
    throw refuse('resource-not-found', { faults: [{ path: id.slice(0, 64), message: `is no ${kind} of yours` }] })
  return transfer
}

/** Puts a transfer on its way; at most two at a time for one client. */
export async function startTransfer(
  deps: FlowDeps,
  tx: Tx,
  context: CallContext,
  asked: { kind: Transfer['kind']; request: unknown; url: string },
): Promise<string> {
  const now = new Date(context.clock.now())
  // What has been kept for its time and was given up by its own job goes now.
  for (const { id } of await tx.query<{ id: string }>({
    text: 'select id from fhir_transfer where tenant_id = $1 and expires_at <= $2',
    values: [tx.tenant, now],
  }))
    await dropTransfer(tx, id)
  await tx.run({
    text: 'select pg_advisory_xact_lock(hashtextextended($1, 0))',
    values: [`fhir-transfer ${tx.tenant} ${context.actor.id}`],
  })
  const [running] = await tx.query<{ count: number }>({
    text: `select count(*)::int as count from fhir_transfer where tenant_id = $1 and owner_id = $2 and status = 'running' and kind <> 'upload'`,
    values: [tx.tenant, context.actor.id],
  })
  if ((running?.count ?? 0) >= mostAtOnce) throw refuse('transfer-limit')
  const id = newId(context.clock)
  await tx.run({
    text: `
      insert into fhir_transfer (tenant_id, id, kind, status, request, owner, owner_id, url, horizon, as_of, created_at)
      values ($1, $2, $3, 'running', $4, $5, $6, $7, pg_snapshot_xmax(pg_current_snapshot())::text, $8, $8)`,
    values: [
      tx.tenant,
      id,
      asked.kind,
      JSON.stringify(asked.request),
      JSON.stringify(askerOf(context)),
      context.actor.id,
      asked.url,
      now,
    ],
  })
  await wakeJobs(tx, deps.clock, [transferJob(asked.kind, id)])
  return id
}

/** The patients that a Group lists and does not list as gone. */
async function membersOf(deps: FlowDeps, tx: Tx, context: CallContext, id: string, now: number): Promise<string[]> {
  const path = `Group/${id.slice(0, 64)}`
  const group = isId(id) ? await deps.record.read(tx, path) : undefined
  if (group?.resourceType !== 'Group' || !(await mayUse(tx, await sightOf(deps, tx, context), 'read', path)))
    throw refuse('resource-not-found', { faults: [{ path, message: 'does not exist' }] })
  if (group.type !== 'person' || !group.actual)
    throw refuse('group-unfit', { faults: [{ path: `${path}.type`, message: 'is not an actual group of persons' }] })
  return (group.member ?? []).flatMap(({ entity, inactive, period }) => {
    const patient = /^Patient\/([A-Za-z0-9.-]{1,64})$/.exec(entity.reference ?? '')?.[1]
    const over = period?.end !== undefined && Date.parse(period.end) < now
    return patient === undefined || inactive === true || over ? [] : [patient]
  })
}

function kickOff(deps: FlowDeps, level: ExportRequest['level']) {
  return async (context: CallContext, request: Asked): Promise<RouteReply> => {
    const prefer = headerOf(request, 'prefer')
    // A page of another site can make a browser send a GET, and cannot add this header to it.
    if (!prefer.includes('respond-async'))
      throw refuse('async-only', { faults: [{ path: 'headers.prefer', message: 'is not respond-async' }] })
    const read = readExportRequest(
      level,
      kickOffParameters(request.url, request.body),
      prefer.includes('handling=lenient'),
    )
    const { id: group } = z.object({ id: z.string().optional() }).parse(request.params ?? {})
    const id = await deps.database.transaction(context.tenant, async (tx) => {
      const asked = read.request
      if (level === 'group') {
        const members = await membersOf(deps, tx, context, group ?? '', context.clock.now())
        const chosen = asked.patients && new Set(asked.patients)
        asked.patients = [...new Set(chosen ? members.filter((one) => chosen.has(one)) : members)]
      }
      const url = `${deps.baseUrl.replace(/\/fhir$/, '')}${request.url}`
      const made = await startTransfer(deps, tx, context, { kind: 'export', request: asked, url })
      await deps.audit(tx, context, {
        action: 'E',
        interaction: 'export',
        entities: group === undefined ? [] : [`Group/${group}`],
      })
      return made
    })
    return {
      status: 202,
      headers: { ...fhir, 'content-location': `${deps.baseUrl}/$export-status/${id}` },
      body: JSON.stringify(
        read.leftOut.length > 0
          ? warning('not-supported', read.leftOut)
          : { resourceType: 'OperationOutcome', issue: [{ severity: 'information', code: 'informational' }] },
      ),
    }
  }
}

/** `X-Progress`: what is done, as people read it; at most 100 characters. */
const progressOf = ({ done, total }: Transfer): string =>
  total === null || total === 0
    ? `${done} resources`
    : `${Math.min(99, Math.floor((done / total) * 100))} %, ${done} of about ${total} resources`

export const manifestFile = (deps: FlowDeps, transfer: Transfer, { type, file, lines }: TransferFile) => ({
  type,
  url: `${deps.baseUrl}/$${transfer.kind}-file/${transfer.id}/${file}.ndjson`,
  count: lines,
})

/** The answer to whoever asks how a transfer is: 202 while it runs, then its manifest. */
export function statusReply(deps: FlowDeps, transfer: Transfer, manifest: () => unknown): RouteReply {
  if (transfer.status === 'failed')
    throw refuse('transfer-failed', {
      faults: [{ path: transfer.id, message: transfer.error ?? 'failed', code: 'exception' }],
    })
  if (transfer.status === 'running')
    return { status: 202, headers: { ...json, 'x-progress': progressOf(transfer), 'retry-after': lookAgainAfter } }
  return {
    headers: { ...json, ...(transfer.expiresAt ? { expires: transfer.expiresAt.toUTCString() } : {}) },
    body: JSON.stringify(manifest()),
  }
}

async function exportStatus(deps: FlowDeps, context: CallContext, request: Asked): Promise<RouteReply> {
  const { id } = z.object({ id: z.string() }).parse(request.params)
  const { transfer, files } = await deps.database.transaction(context.tenant, async (tx) => ({
    transfer: await readOwn(tx, context, 'export', id),
    files: await readFiles(tx, id),
  }))
  const of = (role: TransferFile['role']) =>
    files.filter((file) => file.role === role).map((file) => manifestFile(deps, transfer, file))
  return statusReply(deps, transfer, () => ({
    transactionTime: transfer.asOf.toISOString(),
    request: transfer.url,
    requiresAccessToken: true,
    output: of('output'),
    deleted: of('deleted'),
    error: of('error'),
  }))
}

/** A file's parts one after the other, each in a transaction of its own: a slow reader holds nothing open. */
async function* partsOf(deps: FlowDeps, context: CallContext, transfer: string, file: TransferFile) {
  for (let part = 1; part <= file.parts; part += 1) {
    const text = await deps.database.transaction(context.tenant, (tx) => readPart(tx, transfer, file.file, part))
    // Taken away while it was read: the end of the answer must not look like the end of the file.
    if (text === undefined) throw refuse('resource-not-found')
    yield text
  }
}

const gzipped = (parts: AsyncIterable<string>): AsyncIterable<Uint8Array> => {
  const packed = createGzip({ level: 1 })
  const source = Readable.from(parts)
  source.on('error', (error) => packed.destroy(error))
  return source.pipe(packed)
}

export function fileRoute(deps: FlowDeps, kind: Transfer['kind'], permission: string): Route {
  return route({
    access: { permission },
    style: 'fhir',
    method: 'GET',
    path: `/fhir/$${kind}-file/:id/:file`,
    audits: [`${kind}-file`],
    summary: `A file of an ${kind}`,
    handle: async (context, request) => {
      const { id, file } = z.object({ id: z.string(), file: z.string() }).parse(request.params)
      const found = await deps.database.transaction(context.tenant, async (tx) => {
        const transfer = await readOwn(tx, context, kind, id)
        if (transfer.status === 'running') throw refuse('transfer-running')
        const one = (await readFiles(tx, id)).find((each) => each.role !== 'input' && `${each.file}.ndjson` === file)
        if (!one)
          throw refuse('resource-not-found', { faults: [{ path: 'file', message: `is not one of this ${kind}` }] })
        await deps.audit(tx, context, { action: 'R', interaction: `${kind}-file`, entities: [] })
        return one
      })
      const packed = /\bgzip\b/.test(headerOf(request, 'accept-encoding'))
      const parts = partsOf(deps, context, id, found)
      return {
        headers: { 'content-type': 'application/fhir+ndjson', ...(packed ? { 'content-encoding': 'gzip' } : {}) },
        stream: packed ? gzipped(parts) : parts,
      }
    },
  })
}

/** Taking a transfer away: stops it if it runs, and removes its files. */
export function cancelRoute(deps: FlowDeps, kind: Transfer['kind'], permission: string): Route {
  return route({
    access: { permission },
    style: 'fhir',
    method: 'DELETE',
    path: `/fhir/$${kind}-status/:id`,
    audits: [`${kind}-cancel`],
    summary: `Stop an ${kind} and take its files away`,
    handle: (context, request) =>
      deps.database.transaction(context.tenant, async (tx) => {
        const { id } = z.object({ id: z.string() }).parse(request.params)
        await readOwn(tx, context, kind, id)
        await dropTransfer(tx, id)
        await deps.audit(tx, context, { action: 'D', interaction: `${kind}-cancel`, entities: [] })
        return { status: 202, headers: fhir }
      }),
  })
}

/** What a search value says is between the asker and the server: others see types and times only. */
function askedOf({ url }: Transfer): string {
  const { pathname, searchParams } = new URL(url)
  const told = new URLSearchParams([...searchParams].filter(([name]) => name === '_type' || name === '_since'))
  return told.size > 0 ? `${pathname}?${told}` : pathname
}

async function listTransfers(tx: Tx): Promise<TransferList> {
  const rows = await tx.query<Transfer & { files: number; bytes: number }>({
    text: `
      select ${transferColumns}, f.files, f.bytes from fhir_transfer t cross join lateral (
        select count(*)::int as files, coalesce(sum(bytes), 0)::float8 as bytes from fhir_transfer_file f
        where f.tenant_id = $1 and f.transfer = t.id) f
      where t.tenant_id = $1 order by id desc limit 200`,
    values: [tx.tenant],
  })
  return {
    items: rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      status: row.status,
      owner: row.owner.name,
      asked: askedOf(row),
      done: row.done,
      total: row.total,
      files: row.files,
      bytes: row.bytes,
      error: row.error,
      createdAt: row.createdAt.toISOString(),
      endedAt: row.endedAt?.toISOString() ?? null,
      expiresAt: row.expiresAt?.toISOString() ?? null,
    })),
  }
}

/** Bulk Data Access 2.0: export at three levels, its status and its files; and what the console's page of transfers needs. */
export function bulkRoutes(deps: FlowDeps): Route[] {
  const access = { access: { permission: 'record.export' }, style: 'fhir' } as const
  const levels = [
    ['/fhir/$export', 'system', 'Export the record as NDJSON'],
    ['/fhir/Patient/$export', 'patient', 'Export all patients’ records as NDJSON'],
    ['/fhir/Group/:id/$export', 'group', 'Export the records of a group’s patients as NDJSON'],
  ] as const
  return [
    ...levels.flatMap(([path, level, summary]) =>
      (['GET', 'POST'] as const).map((method) =>
        route({ ...access, method, path, summary, audits: ['export'], handle: kickOff(deps, level) }),
      ),
    ),
    route({
      ...access,
      method: 'GET',
      path: '/fhir/$export-status/:id',
      audits: { nothing: 'how far it is; who fetches its files is kept' },
      summary: 'How an export is, and its manifest when it is done',
      handle: (context, request) => exportStatus(deps, context, request),
    }),
    cancelRoute(deps, 'export', 'record.export'),
    fileRoute(deps, 'export', 'record.export'),
    route({
      access: { permission: 'jobs.manage' },
      style: 'api',
      method: 'GET',
      path: '/api/transfers',
      audits: { nothing: 'who moved how much, and nothing of it' },
      summary: 'Exports and imports, newest first',
      reply: api.transfers,
      handle: async (context) => ({ body: await deps.database.transaction(context.tenant, listTransfers) }),
    }),
    route({
      access: { permission: 'jobs.manage' },
      style: 'api',
      method: 'DELETE',
      path: '/api/transfers/:id',
      audits: ['transfer-cancel'],
      summary: 'Stop an export or import and take its files away',
      params: z.object({ id: z.string().max(64) }),
      handle: (context, { params }) =>
        deps.database.transaction(context.tenant, async (tx) => {
          if (!(await readTransfer(tx, params.id)))
            throw refuse('resource-not-found', { faults: [{ path: 'params.id', message: 'is no transfer' }] })
          await dropTransfer(tx, params.id)
          await deps.audit(tx, context, { action: 'D', interaction: 'transfer-cancel', entities: [] })
          return { status: 204 }
        }),
    }),
  ]
}
