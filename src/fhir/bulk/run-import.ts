import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { z } from 'zod'
import { may } from '../../access/index.ts'
import type { Tx } from '../../db/index.ts'
import { type JobHandler, PermanentFailure } from '../../jobs/index.ts'
import { CodedError, type Fault, type TenantId } from '../../kernel/index.ts'
import { linesOf, readLines } from '../import-lines.ts'
import { addCounts, type ImportCounts, importSlice, noCounts } from '../import-slice.ts'
import { callOut } from '../outbound.ts'
import { asAsker, type FlowDeps } from '../subscriptions/seam.ts'
import { systemContext } from '../subscriptions/store.ts'
import {
  addFile,
  addPart,
  dropFile,
  dropTransfer,
  endTransfer,
  keepPlace,
  readFiles,
  readPart,
  readTransfer,
  type TransferFile,
} from './store.ts'

const linesPerPart = 500
const bytesPerPart = 4 * 1024 * 1024
/** Of one input, unpacked. */
const mostBytes = 4 * 1024 * 1024 * 1024
const longestRun = 5_000
const keptFor = 24 * 60 * 60_000
const fetchTimeout = 60_000

const placeSchema = z.object({
  /** Inputs whose content is here; their file numbers. */
  fetched: z.array(z.number()).default([]),
  /** The input under way, its part, and how many of the part's lines are done. */
  file: z.number().default(0),
  part: z.number().default(1),
  lines: z.number().default(0),
  /** Lines of the input before this part. */
  before: z.number().default(0),
  created: z.number().default(0),
  updated: z.number().default(0),
  unchanged: z.number().default(0),
  failed: z.number().default(0),
})
type Place = z.infer<typeof placeSchema>
export const importPlace = placeSchema

/** Where an input's faults are kept: one file of OperationOutcomes beside each input. */
export const errorFileOf = (input: number): number => 10_000 + input

/** Keeps a stream of NDJSON in parts; refuses what is larger than an input may be. */
export async function keepStream(
  deps: FlowDeps,
  tenant: TenantId,
  transfer: string,
  file: number,
  stream: Readable,
): Promise<void> {
  let part: string[] = []
  let size = 0
  let all = 0
  const flush = async () => {
    if (part.length === 0) return
    const content = `${part.join('\n')}\n`
    const lines = part.length
    await deps.database.transaction(tenant, (tx) => addPart(tx, transfer, file, { content, lines }))
    part = []
    size = 0
  }
  for await (const { text } of linesOf(stream)) {
    part.push(text)
    size += text.length
    all += text.length
    if (all > mostBytes) throw new PermanentFailure('an input is larger than 4 GiB')
    if (part.length >= linesPerPart || size >= bytesPerPart) await flush()
  }
  await flush()
}

/** Fetches an input anew from its beginning: what a former attempt left of it goes first. */
async function fetchInput(
  deps: FlowDeps,
  tenant: TenantId,
  transfer: string,
  input: TransferFile,
  signal: AbortSignal,
): Promise<void> {
  const { file, role, type, source } = input
  await deps.database.transaction(tenant, async (tx) => {
    await dropFile(tx, transfer, file)
    await addFile(tx, transfer, { file, role, type, source: source ?? '' })
  })
  const answer = await callOut(deps.outbound, {
    method: 'GET',
    url: source ?? '',
    headers: { accept: 'application/fhir+ndjson, application/ndjson', 'accept-encoding': 'gzip' },
    timeout: fetchTimeout,
  })
  const status = answer.statusCode ?? 0
  if (status < 200 || status > 299) {
    answer.destroy()
    throw new Error(`the source of input ${file} answered ${status}`)
  }
  // A source that falls silent must not hold the import for ever.
  answer.setTimeout(fetchTimeout, () => answer.destroy(new Error(`the source of input ${file} fell silent`)))
  const end = () => answer.destroy(new Error('the program ends'))
  signal.addEventListener('abort', end)
  try {
    const packed = (answer.headers['content-encoding'] ?? '').includes('gzip') || (source ?? '').endsWith('.gz')
    const unpacked = packed ? createGunzip() : undefined
    if (unpacked) answer.on('error', (error) => unpacked.destroy(error))
    await keepStream(deps, tenant, transfer, file, unpacked ? answer.pipe(unpacked) : answer)
  } finally {
    signal.removeEventListener('abort', end)
    answer.destroy()
  }
}

const outcomeOf = (input: number, faults: readonly Fault[]): string =>
  JSON.stringify({
    resourceType: 'OperationOutcome',
    issue: faults.map(({ path, message, code }) => ({
      severity: 'error',
      code: code ?? 'invalid',
      diagnostics: `input ${input}: ${path} ${message}`,
      expression: [path],
    })),
  })

/** Some lines of a part and the place after them, in one transaction with the owner's rights of that moment. */
async function storeLines(
  deps: FlowDeps,
  tenant: TenantId,
  id: string,
  input: TransferFile,
  lines: readonly { text: string; line: number }[],
  to: number,
  table: Map<string, string>,
  refused?: readonly Fault[],
): Promise<'going' | 'gone'> {
  return deps.database.transaction(tenant, async (tx) => {
    const transfer = await readTransfer(tx, id, 'for update')
    if (transfer?.status !== 'running') return 'gone'
    const actor = await deps.actorNow(tx, transfer.owner)
    if (!actor || !may(actor, 'record.import'))
      throw new PermanentFailure('whoever asked for it may not import any more')
    const context = asAsker(systemContext(tx, deps.clock, id), actor)
    const file = `input ${input.file}`
    let counts: ImportCounts
    if (refused) counts = { ...noCounts(), entries: lines.length, failed: [{ file, faults: refused }] }
    else {
      const read = readLines(lines, file)
      counts = read.counts
      const fitting = read.entries.filter(({ resource, path }) => {
        const fits = input.type === '' || resource.resourceType === input.type
        if (!fits) {
          counts.entries += 1
          counts.failed.push({ file, faults: [{ path, message: `is not a ${input.type}, as this input says` }] })
        }
        return fits
      })
      addCounts(counts, await importSlice(deps, tx, context, fitting, { file, table, patient: false, keepPast: false }))
    }
    const place: Place = placeSchema.parse(transfer.place)
    place.lines = to
    place.created += counts.created
    place.updated += counts.updated
    place.unchanged += counts.unchanged
    place.failed += counts.failed.length
    if (counts.failed.length > 0) {
      const errors = errorFileOf(input.file)
      if (!(await readFiles(tx, id)).some((one) => one.file === errors))
        await addFile(tx, id, { file: errors, role: 'error', type: 'OperationOutcome', source: input.source ?? '' })
      const content = counts.failed.map((one) => `${outcomeOf(input.file, one.faults)}\n`).join('')
      await addPart(tx, id, errors, { content, lines: counts.failed.length })
    }
    await keepPlace(tx, id, place, { done: lines.length })
    return 'going'
  })
}

/**
 * Stores lines `from` to `to` of a part. A refusal of the whole (a right that one of them lacks, two writers at once) is
 * halved until it is one line's own, which is reported; the others come in.
 */
async function storeRange(
  deps: FlowDeps,
  tenant: TenantId,
  id: string,
  input: TransferFile,
  part: readonly { text: string; line: number }[],
  range: { from: number; to: number },
  table: Map<string, string>,
): Promise<'going' | 'gone'> {
  const lines = part.slice(range.from, range.to)
  try {
    return await storeLines(deps, tenant, id, input, lines, range.to, table)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    if (lines.length <= 1) {
      const faults = error.faults.map((fault) => ({ ...fault, path: `line ${lines[0]?.line} ${fault.path}` }))
      return storeLines(deps, tenant, id, input, lines, range.to, table, faults)
    }
    const middle = range.from + Math.ceil(lines.length / 2)
    const first = await storeRange(deps, tenant, id, input, part, { from: range.from, to: middle }, table)
    return first === 'gone' ? first : storeRange(deps, tenant, id, input, part, { from: middle, to: range.to }, table)
  }
}

/** Moves the place to the next part or the next input; undefined when all is done. */
async function nextPart(tx: Tx, id: string, place: Place, inputs: readonly TransferFile[]): Promise<Place | undefined> {
  const input = inputs.find(({ file }) => file === place.file)
  const next =
    input && place.part <= input.parts ? place : { ...place, file: place.file + 1, part: 1, lines: 0, before: 0 }
  if (!inputs.some(({ file }) => file >= next.file)) return undefined
  if (next !== place) await keepPlace(tx, id, next, { done: 0 })
  return next
}

/** Carries out imports: fetches the inputs, then stores them part by part, each with its place in one transaction. */
export function createImportHandler(deps: FlowDeps): JobHandler {
  const { database, clock } = deps
  const idOf = (payload: Record<string, string | number>) => String(payload['reference']).slice('import/'.length)
  return {
    kind: 'import',
    tries: 6,
    atOnce: 2,
    async perform(tenant, job, signal) {
      const id = idOf(job.payload)
      const began = clock.now()
      const transfer = await database.transaction(tenant, (tx) => readTransfer(tx, id))
      if (!transfer) return async () => {}
      if (transfer.expiresAt && transfer.expiresAt.getTime() <= clock.now()) return (tx) => dropTransfer(tx, id)
      if (transfer.status === 'done') return async () => ({ again: transfer.expiresAt?.getTime() ?? clock.now() })
      if (transfer.status === 'failed')
        await database.transaction(tenant, (tx) =>
          tx.run({
            text: `update fhir_transfer set status = 'running', error = null, ended_at = null, expires_at = null where tenant_id = $1 and id = $2`,
            values: [tenant, id],
          }),
        )
      const inputsOf = (tx: Tx) => readFiles(tx, id).then((files) => files.filter(({ role }) => role === 'input'))
      let place = placeSchema.parse(transfer.place)
      const again = async () => ({ again: clock.now() })
      for (const input of await database.transaction(tenant, inputsOf)) {
        if (place.fetched.includes(input.file)) continue
        await fetchInput(deps, tenant, id, input, signal)
        place = { ...place, fetched: [...place.fetched, input.file] }
        const total = await database.transaction(tenant, async (tx) => {
          const lines = (await inputsOf(tx)).reduce((sum, one) => sum + one.lines, 0)
          await keepPlace(tx, id, place, { done: 0, total: lines })
          return lines
        })
        if (signal.aborted || (total > 0 && clock.now() - began > longestRun)) return again
      }
      // What conditional references lead to is kept for this run.
      const table = new Map<string, string>()
      for (;;) {
        const next = await database.transaction(tenant, async (tx) => {
          const standing = await readTransfer(tx, id, 'for update')
          if (!standing) return 'gone'
          const inputs = await inputsOf(tx)
          const at = await nextPart(tx, id, placeSchema.parse(standing.place), inputs)
          if (!at) return 'done'
          const input = inputs.find(({ file }) => file === at.file)
          return input ? { at, input, text: (await readPart(tx, id, at.file, at.part)) ?? '' } : 'empty'
        })
        if (next === 'gone') return async () => {}
        if (next === 'done')
          return async (tx) => {
            const now = clock.now()
            await endTransfer(tx, id, { status: 'done', now, expires: now + keptFor })
            for (const input of await inputsOf(tx))
              await tx.run({
                text: 'delete from fhir_transfer_part where tenant_id = $1 and transfer = $2 and file = $3',
                values: [tenant, id, input.file],
              })
            return { again: now + keptFor }
          }
        if (next === 'empty') continue
        const { at, input } = next
        const part = next.text
          .split('\n')
          .slice(0, -1)
          .map((text, index) => ({ text, line: at.before + index + 1 }))
        if (at.lines < part.length) {
          const going = await storeRange(deps, tenant, id, input, part, { from: at.lines, to: part.length }, table)
          if (going === 'gone') return async () => {}
        }
        await database.transaction(tenant, async (tx) => {
          const standing = await readTransfer(tx, id, 'for update')
          if (!standing) return
          const now = placeSchema.parse(standing.place)
          await keepPlace(tx, id, { ...now, part: at.part + 1, lines: 0, before: at.before + part.length }, { done: 0 })
        })
        if (signal.aborted || clock.now() - began > longestRun) return again
      }
    },
    async givenUp(tx, job) {
      const now = clock.now()
      const errors =
        'The import could not be carried out: an input could not be fetched, or the right to import is gone.'
      await endTransfer(tx, idOf(job.payload), { status: 'failed', error: errors, now, expires: now + keptFor })
    },
  }
}
