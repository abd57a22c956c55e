import type { Tx } from '../../db/index.ts'
import { type JobRequest, removeJob } from '../../jobs/index.ts'
import type { Asker } from '../subscriptions/seam.ts'

/** An export or an import: what was asked, by whom, and how far it is. */
export interface Transfer {
  id: string
  kind: 'export' | 'import' | 'upload'
  status: 'running' | 'done' | 'failed'
  request: unknown
  owner: Asker
  url: string
  horizon: string
  asOf: Date
  place: unknown
  /** Resources done, and about how many there are in all when that is known. */
  done: number
  total: number | null
  error: string | null
  createdAt: Date
  endedAt: Date | null
  expiresAt: Date | null
}

/** One NDJSON file of a transfer. `role`: what it is in the manifest, or an input of an import. */
export interface TransferFile {
  file: number
  role: 'output' | 'deleted' | 'error' | 'input'
  type: string
  source: string | null
  lines: number
  bytes: number
  parts: number
}

export const transferColumns = `id, kind, status, request, owner, url, horizon, as_of as "asOf", place, done::float8 as done,
  total::float8 as total, error, created_at as "createdAt", ended_at as "endedAt", expires_at as "expiresAt"`

export async function readTransfer(tx: Tx, id: string, lock: 'for update' | '' = ''): Promise<Transfer | undefined> {
  const [row] = await tx.query<Transfer>({
    name: `fhir-transfer-read${lock}`,
    text: `select ${transferColumns} from fhir_transfer where tenant_id = $1 and id = $2 ${lock}`,
    values: [tx.tenant, id],
  })
  return row
}

export async function readFiles(tx: Tx, transfer: string): Promise<TransferFile[]> {
  return tx.query<TransferFile>({
    name: 'fhir-transfer-files',
    text: `select file, role, type, source, lines::float8 as lines, bytes::float8 as bytes, parts from fhir_transfer_file
           where tenant_id = $1 and transfer = $2 order by file`,
    values: [tx.tenant, transfer],
  })
}

export const transferJobKey = (id: string): string => `transfer/${id}`
export const transferJob = (kind: Transfer['kind'], id: string): JobRequest => ({
  kind,
  key: transferJobKey(id),
  payload: { reference: `${kind}/${id}` },
})

export async function addFile(
  tx: Tx,
  transfer: string,
  file: Pick<TransferFile, 'file' | 'role' | 'type'> & { source?: string },
): Promise<void> {
  await tx.run({
    name: 'fhir-transfer-add-file',
    text: `insert into fhir_transfer_file (tenant_id, transfer, file, role, type, source) values ($1, $2, $3, $4, $5, $6)`,
    values: [tx.tenant, transfer, file.file, file.role, file.type, file.source ?? null],
  })
}

/** Adds a part to a file: whole lines, each with its line end. */
export async function addPart(
  tx: Tx,
  transfer: string,
  file: number,
  part: { content: string; lines: number },
): Promise<void> {
  await tx.run({
    name: 'fhir-transfer-add-part',
    text: `
      with file as (
        update fhir_transfer_file set lines = lines + $5, bytes = bytes + $6, parts = parts + 1
        where tenant_id = $1 and transfer = $2 and file = $3 returning parts)
      insert into fhir_transfer_part (tenant_id, transfer, file, part, content) select $1, $2, $3, parts, $4 from file`,
    values: [tx.tenant, transfer, file, part.content, part.lines, Buffer.byteLength(part.content)],
  })
}

/** A part's text; parts are numbered from 1. */
export async function readPart(tx: Tx, transfer: string, file: number, part: number): Promise<string | undefined> {
  const [row] = await tx.query<{ content: string }>({
    name: 'fhir-transfer-part',
    text: 'select content from fhir_transfer_part where tenant_id = $1 and transfer = $2 and file = $3 and part = $4',
    values: [tx.tenant, transfer, file, part],
  })
  return row?.content
}

export async function dropFile(tx: Tx, transfer: string, file: number): Promise<void> {
  for (const table of ['fhir_transfer_part', 'fhir_transfer_file'])
    await tx.run({
      text: `delete from ${table} where tenant_id = $1 and transfer = $2 and file = $3`,
      values: [tx.tenant, transfer, file],
    })
}

/** Takes a transfer away with all its files; one that is under way finds so at its next page. */
export async function dropTransfer(tx: Tx, id: string): Promise<void> {
  await removeJob(tx, transferJobKey(id))
  for (const [table, column] of [
    ['fhir_transfer_part', 'transfer'],
    ['fhir_transfer_file', 'transfer'],
    ['fhir_transfer', 'id'],
  ] as const)
    await tx.run({ text: `delete from ${table} where tenant_id = $1 and ${column} = $2`, values: [tx.tenant, id] })
}

/** Keeps how far a transfer is, in the transaction that did that much. */
export async function keepPlace(
  tx: Tx,
  id: string,
  place: unknown,
  counts: { done: number; total?: number },
): Promise<void> {
  await tx.run({
    name: 'fhir-transfer-place',
    text: `update fhir_transfer set place = $3, done = done + $4, total = coalesce($5, total) where tenant_id = $1 and id = $2`,
    values: [tx.tenant, id, JSON.stringify(place), counts.done, counts.total ?? null],
  })
}

export async function endTransfer(
  tx: Tx,
  id: string,
  end: { status: 'done' | 'failed'; error?: string; now: number; expires: number },
): Promise<void> {
  await tx.run({
    text: `update fhir_transfer set status = $3, error = $4, ended_at = $5, expires_at = $6 where tenant_id = $1 and id = $2`,
    values: [tx.tenant, id, end.status, end.error ?? null, new Date(end.now), new Date(end.expires)],
  })
}
