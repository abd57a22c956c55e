import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { z } from 'zod'
import type { Tx } from '../../db/index.ts'
import {
  type CallContext,
  type Fault,
  newId,
  type Route,
  type RouteReply,
  type RouteRequest,
  route,
} from '../../kernel/index.ts'
import { refuse } from '../errors.ts'
import { refuseAddress } from '../outbound.ts'
import { isObject } from '../search-rows.ts'
import { isResourceType } from '../structure.ts'
import { askerOf, type FlowDeps } from '../subscriptions/seam.ts'
import { cancelRoute, fileRoute, headerOf, manifestFile, readOwn, startTransfer, statusReply } from './routes.ts'
import { errorFileOf, importPlace, keepStream } from './run-import.ts'
import { addFile, dropTransfer, keepPlace, readFiles, readTransfer } from './store.ts'

const mostInputs = 1_000
const keptFor = 24 * 60 * 60_000

interface Input {
  type: string
  url: string
}

const textOf = (part: Record<string, unknown>): string =>
  String(Object.entries(part).find(([name]) => name.startsWith('value'))?.[1] ?? '')

/** The inputs of a manifest: as Parameters, or as the plain JSON `{inputFormat, input: [{type, url}]}`. */
function readManifest(body: unknown): { format: string | undefined; inputs: Input[] } {
  if (!isObject(body)) throw refuse('import-refused', { faults: [{ path: 'body', message: 'is not a manifest' }] })
  const list = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isObject) : [])
  if (body['resourceType'] === 'Parameters') {
    const parameters = list(body['parameter'])
    const part = (one: Record<string, unknown>, name: string) =>
      textOf(list(one['part']).find((each) => each['name'] === name) ?? {})
    const format = parameters.find((one) => one['name'] === 'inputFormat')
    return {
      format: format && textOf(format),
      inputs: parameters
        .filter((one) => one['name'] === 'input')
        .map((one) => ({ type: part(one, 'type'), url: part(one, 'url') })),
    }
  }
  const format = body['inputFormat']
  return {
    format: typeof format === 'string' ? format : undefined,
    inputs: list(body['input']).map(({ type, url }) => ({ type: String(type ?? ''), url: String(url ?? '') })),
  }
}

async function kickOff(
  deps: FlowDeps,
  context: CallContext,
  request: RouteRequest<unknown, unknown, unknown>,
): Promise<RouteReply> {
  if (!headerOf(request, 'prefer').includes('respond-async'))
    throw refuse('async-only', { faults: [{ path: 'headers.prefer', message: 'is not respond-async' }] })
  const { format, inputs } = readManifest(request.body)
  const faults: Fault[] = []
  if (format !== undefined && !/^(application\/(fhir\+)?)?ndjson/.test(format))
    faults.push({ path: 'inputFormat', message: 'is not NDJSON' })
  if (inputs.length === 0 || inputs.length > mostInputs)
    faults.push({ path: 'input', message: `is not given 1 to ${mostInputs} times` })
  const uploads = `${deps.baseUrl}/$import-upload/`
  for (const [index, { type, url }] of inputs.entries()) {
    if (type !== '' && !isResourceType(type))
      faults.push({ path: `input[${index}].type`, message: 'is no resource type' })
    const fault = url.startsWith(uploads) ? undefined : refuseAddress(url, deps.outbound)
    if (fault !== undefined) faults.push({ path: `input[${index}].url`, message: fault })
  }
  if (faults.length > 0) throw refuse('import-refused', { faults: faults.slice(0, 50) })
  const id = await deps.database.transaction(context.tenant, async (tx) => {
    const made = await startTransfer(deps, tx, context, {
      kind: 'import',
      request: { inputs: inputs.map(({ type }) => type) },
      url: `${deps.baseUrl}/$import`,
    })
    const fetched: number[] = []
    for (const [index, { type, url }] of inputs.entries()) {
      const file = index + 1
      if (!url.startsWith(uploads)) await addFile(tx, made, { file, role: 'input', type, source: url })
      else {
        await takeUpload(tx, context, url.slice(uploads.length), made, { file, type, path: `input[${index}].url` })
        fetched.push(file)
      }
    }
    const lines = (await readFiles(tx, made)).reduce((sum, one) => sum + one.lines, 0)
    await keepPlace(tx, made, importPlace.parse({ fetched, file: 1 }), { done: 0, total: lines })
    await deps.audit(tx, context, { action: 'E', interaction: 'import-start', entities: [] })
    return made
  })
  return { status: 202, headers: { 'content-location': `${deps.baseUrl}/$import-status/${id}` } }
}

/** An upload becomes an input of the import; it is used once. */
async function takeUpload(
  tx: Tx,
  context: CallContext,
  upload: string,
  into: string,
  as: { file: number; type: string; path: string },
): Promise<void> {
  const one = await readTransfer(tx, upload)
  const own = one?.kind === 'upload' && one.status === 'done' && one.owner.id === context.actor.id
  if (!own) throw refuse('import-refused', { faults: [{ path: as.path, message: 'is no upload of yours' }] })
  await tx.run({
    text: 'update fhir_transfer_file set transfer = $3, file = $4, type = $5 where tenant_id = $1 and transfer = $2',
    values: [tx.tenant, upload, into, as.file, as.type],
  })
  await tx.run({
    text: 'update fhir_transfer_part set transfer = $3, file = $4 where tenant_id = $1 and transfer = $2',
    values: [tx.tenant, upload, into, as.file],
  })
  await dropTransfer(tx, upload)
}

/** Takes NDJSON as it comes and keeps it until an import uses it, or for a day. */
async function upload(
  deps: FlowDeps,
  context: CallContext,
  request: RouteRequest<unknown, unknown, unknown>,
): Promise<RouteReply> {
  const { body } = request
  if (!(body instanceof Readable))
    throw refuse('import-refused', {
      faults: [{ path: 'headers.content-type', message: 'is not application/fhir+ndjson' }],
    })
  const id = newId(context.clock)
  const now = context.clock.now()
  await deps.database.transaction(context.tenant, async (tx) => {
    await tx.run({
      text: `
        insert into fhir_transfer (tenant_id, id, kind, status, request, owner, owner_id, url, horizon, as_of, created_at, expires_at)
        values ($1, $2, 'upload', 'running', '{}', $3, $4, $5, '0', $6, $6, $7)`,
      values: [
        tx.tenant,
        id,
        JSON.stringify(askerOf(context)),
        context.actor.id,
        `${deps.baseUrl}/$import-upload`,
        new Date(now),
        new Date(now + keptFor),
      ],
    })
    await addFile(tx, id, { file: 1, role: 'input', type: '', source: '' })
  })
  const packed = headerOf(request, 'content-encoding') === 'gzip'
  const unpacked = packed ? createGunzip() : undefined
  if (unpacked) body.on('error', (error) => unpacked.destroy(error))
  try {
    await keepStream(deps, context.tenant, id, 1, unpacked ? body.pipe(unpacked) : body)
  } catch (cause) {
    await deps.database.transaction(context.tenant, (tx) => dropTransfer(tx, id))
    throw refuse('import-refused', {
      cause,
      faults: [{ path: 'body', message: 'ended early, is too large or is not gzip' }],
    })
  }
  await deps.database.transaction(context.tenant, async (tx) => {
    await tx.run({
      text: `update fhir_transfer set status = 'done' where tenant_id = $1 and id = $2`,
      values: [tx.tenant, id],
    })
    await deps.audit(tx, context, { action: 'E', interaction: 'import-upload', entities: [] })
  })
  return { status: 201, headers: { location: `${deps.baseUrl}/$import-upload/${id}` } }
}

async function importStatus(
  deps: FlowDeps,
  context: CallContext,
  request: RouteRequest<unknown, unknown, unknown>,
): Promise<RouteReply> {
  const { id } = z.object({ id: z.string() }).parse(request.params)
  const { transfer, files } = await deps.database.transaction(context.tenant, async (tx) => ({
    transfer: await readOwn(tx, context, 'import', id),
    files: await readFiles(tx, id),
  }))
  const inputs = files.filter(({ role }) => role === 'input')
  const faultsOf = (input: number) => files.find(({ file }) => file === errorFileOf(input))
  return statusReply(deps, transfer, () => {
    const { created, updated, unchanged, failed } = importPlace.parse(transfer.place)
    return {
      transactionTime: transfer.asOf.toISOString(),
      request: transfer.url,
      requiresAccessToken: true,
      output: inputs.map(({ file, type, source, lines }) => ({
        ...(type === '' ? {} : { type }),
        ...(source === null || source === '' ? {} : { inputUrl: source }),
        count: lines - (faultsOf(file)?.lines ?? 0),
      })),
      error: inputs.flatMap(({ file, source }) => {
        const faults = faultsOf(file)
        return faults
          ? [
              {
                ...manifestFile(deps, transfer, faults),
                ...(source === null || source === '' ? {} : { inputUrl: source }),
              },
            ]
          : []
      }),
      extension: { created, updated, unchanged, failed },
    }
  })
}

/** Import of NDJSON by manifest, with the same pattern of status as the export. */
export function importRoutes(deps: FlowDeps): Route[] {
  const access = { access: { permission: 'record.import' }, style: 'fhir' } as const
  return [
    route({
      ...access,
      method: 'POST',
      path: '/fhir/$import',
      summary: 'Import NDJSON by a manifest of addresses and uploads',
      audits: ['import-start'],
      handle: (context, request) => kickOff(deps, context, request),
    }),
    route({
      ...access,
      method: 'POST',
      path: '/fhir/$import-upload',
      summary: 'Upload NDJSON for an import',
      audits: ['import-upload'],
      streamed: true,
      handle: (context, request) => upload(deps, context, request),
    }),
    route({
      ...access,
      method: 'GET',
      path: '/fhir/$import-status/:id',
      summary: 'How an import is, and its report when it is done',
      audits: { nothing: 'how far it is; what was written is kept' },
      handle: (context, request) => importStatus(deps, context, request),
    }),
    cancelRoute(deps, 'import', 'record.import'),
    fileRoute(deps, 'import', 'record.import'),
  ]
}
