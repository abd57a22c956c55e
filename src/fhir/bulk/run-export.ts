import { z } from 'zod'
import { may } from '../../access/index.ts'
import type { Tx } from '../../db/index.ts'
import { type JobHandler, PermanentFailure } from '../../jobs/index.ts'
import { sightOf } from '../guard.ts'
import { asAsker, type FlowDeps } from '../subscriptions/seam.ts'
import { systemContext } from '../subscriptions/store.ts'
import { patientTypes } from './compartment.ts'
import { deletedPage, exportPage, type PageOptions } from './export-page.ts'
import { exportRequest, type ExportRequest } from './export-request.ts'
import {
  addFile,
  addPart,
  dropTransfer,
  endTransfer,
  keepPlace,
  readTransfer,
  type Transfer,
  transferColumns,
} from './store.ts'

/** A file is closed at about so many lines, so that a client can fetch several at once and repeat little. */
const linesPerFile = 50_000
// A commit waits for the disk: not one for each page, and not so many pages that a right withdrawn would wait for long.
const pagesAtOnce = 4
const bytesAtOnce = 4 * 1024 * 1024
// A job rests after so long, so that a shutdown and other exports do not wait.
const longestRun = 5_000
const keptFor = 24 * 60 * 60_000

const placeSchema = z.object({
  /** Types still to do; the first one is under way. Undefined: nothing has been done yet. */
  types: z.array(z.string()).optional(),
  /** All types, for the deletions. */
  all: z.array(z.string()).default([]),
  after: z.string().default(''),
  stretch: z.number().default(0),
  deleted: z.object({ at: z.number(), type: z.string(), id: z.string() }).nullable().default(null),
  /** Number of the file under way; 0: none yet. */
  file: z.number().default(0),
  /** What the file under way holds; empty: the next line opens a new one. */
  fileType: z.string().default(''),
  fileLines: z.number().default(0),
})
type Place = z.infer<typeof placeSchema>

/** Have all writers ended that were at work when the export was asked for? What they wrote belongs to it. */
async function writersThrough(tx: Tx, horizon: string): Promise<boolean> {
  const [row] = await tx.query<{ through: boolean }>({
    text: 'select pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 as through',
    values: [horizon],
  })
  return row?.through === true
}

async function begin(tx: Tx, request: ExportRequest): Promise<{ place: Place; total: number }> {
  const counts = await tx.query<{ type: string; count: number }>({
    text: `select type, count(*)::float8 as count from fhir_resource where tenant_id = $1 group by type order by type`,
    values: [tx.tenant],
  })
  // A Subscription may hold the secrets of its receiver: only by name.
  const level = (type: string) =>
    request.types
      ? request.types.includes(type)
      : type !== 'Subscription' && (request.level === 'system' || patientTypes.includes(type))
  const chosen = counts.filter(({ type }) => level(type))
  const types = chosen.map(({ type }) => type)
  const all = request.types ?? (request.level === 'system' ? types : [...patientTypes])
  const place = placeSchema.parse({
    types,
    all,
    deleted: request.since === undefined ? null : { at: request.since, type: '', id: '' },
  })
  return { place, total: chosen.reduce((sum, { count }) => sum + count, 0) }
}

async function write(
  tx: Tx,
  transfer: string,
  place: Place,
  kind: { role: 'output' | 'deleted'; type: string },
  lines: readonly string[],
): Promise<number> {
  if (lines.length === 0) return 0
  if (place.fileType !== kind.type || place.fileLines >= linesPerFile) {
    place.file += 1
    place.fileType = kind.type
    place.fileLines = 0
    await addFile(tx, transfer, { file: place.file, ...kind })
  }
  place.fileLines += lines.length
  const content = `${lines.join('\n')}\n`
  await addPart(tx, transfer, place.file, { content, lines: lines.length })
  return content.length
}

/** The next page, written into its file; the place moves on. Undefined: there is nothing more. */
async function step(
  tx: Tx,
  transfer: string,
  place: Place,
  request: ExportRequest,
  options: PageOptions,
): Promise<{ done: number; bytes: number } | undefined> {
  const [type, ...rest] = place.types ?? []
  if (type === undefined) {
    if (!place.deleted) return undefined
    const page = await deletedPage(tx, place.all, place.deleted, request, options)
    const bytes = await write(tx, transfer, place, { role: 'deleted', type: 'Bundle' }, page.lines)
    place.deleted = page.next ?? null
    return { done: 0, bytes }
  }
  const page = await exportPage(tx, type, place, request, options)
  const bytes = await write(tx, transfer, place, { role: 'output', type }, page.lines)
  if (page.next) Object.assign(place, page.next)
  else Object.assign(place, { types: rest, after: '', stretch: 0, fileType: '' })
  return { done: page.lines.length, bytes }
}

/** Some pages and the place after them, in one transaction. `false`: there is nothing more. */
async function stride(tx: Tx, transfer: Transfer, request: ExportRequest, options: PageOptions): Promise<boolean> {
  const place = placeSchema.parse(transfer.place)
  if (!place.types) {
    const first = await begin(tx, request)
    await keepPlace(tx, transfer.id, first.place, { done: 0, total: first.total })
    return true
  }
  let done = 0
  let bytes = 0
  for (let page = 0; page < pagesAtOnce && bytes < bytesAtOnce; page += 1) {
    const one = await step(tx, transfer.id, place, request, options)
    if (!one) {
      if (page === 0) return false
      break
    }
    done += one.done
    bytes += one.bytes
  }
  await keepPlace(tx, transfer.id, place, { done })
  return true
}

/** Carries out exports: a few pages and the place after them in one transaction, with the owner's eyes of that moment. */
export function createExportHandler(deps: FlowDeps): JobHandler {
  const { database, clock } = deps
  const idOf = (payload: Record<string, string | number>) => String(payload['reference']).slice('export/'.length)
  return {
    kind: 'export',
    tries: 6,
    atOnce: 2,
    async perform(tenant, job, signal) {
      const id = idOf(job.payload)
      const began = clock.now()
      const first = await database.transaction(tenant, (tx) => readTransfer(tx, id))
      if (!first) return async () => {}
      if (first.expiresAt && first.expiresAt.getTime() <= clock.now()) return (tx) => dropTransfer(tx, id)
      if (first.status === 'done') return async () => ({ again: first.expiresAt?.getTime() ?? clock.now() })
      // Sent again by a person: it goes on where it failed.
      if (first.status === 'failed')
        await database.transaction(tenant, (tx) =>
          tx.run({
            text: `update fhir_transfer set status = 'running', error = null, ended_at = null, expires_at = null where tenant_id = $1 and id = $2`,
            values: [tenant, id],
          }),
        )
      if (!(await database.transaction(tenant, (tx) => writersThrough(tx, first.horizon))))
        return async () => ({ again: clock.now() + 200 })
      // Read once a run and not once a page: a group may have many members.
      const request = exportRequest.parse(first.request)
      const patients = request.patients && new Map(request.patients.map((one, index) => [one, index]))
      for (;;) {
        const more = await database.transaction(tenant, async (tx) => {
          const [transfer] = await tx.query<Transfer>({
            name: 'fhir-export-place',
            text: `select ${transferColumns.replace('request,', "'{}'::jsonb as request,")} from fhir_transfer where tenant_id = $1 and id = $2 for update`,
            values: [tenant, id],
          })
          if (transfer?.status !== 'running') return false
          const actor = await deps.actorNow(tx, transfer.owner)
          if (!actor || !may(actor, 'record.export'))
            throw new PermanentFailure('whoever asked for it may not export any more')
          const context = asAsker(systemContext(tx, clock, id), actor)
          const sight = await sightOf(deps, tx, context)
          return stride(tx, transfer, request, { asOf: transfer.asOf, now: clock.now(), sight, patients })
        })
        if (!more)
          return async (tx) => {
            const now = clock.now()
            const transfer = await readTransfer(tx, id, 'for update')
            // Cancelled meanwhile.
            if (!transfer) return undefined
            await endTransfer(tx, id, { status: 'done', now, expires: now + keptFor })
            return { again: now + keptFor }
          }
        if (signal.aborted || clock.now() - began > longestRun) return async () => ({ again: clock.now() })
      }
    },
    async givenUp(tx, job) {
      const id = idOf(job.payload)
      const now = clock.now()
      await endTransfer(tx, id, {
        status: 'failed',
        error: 'The export could not be carried out.',
        now,
        expires: now + keptFor,
      })
    },
  }
}
