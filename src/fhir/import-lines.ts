import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import type { Database, Tx } from '../db/index.ts'
import { type CallContext, CodedError } from '../kernel/index.ts'
import { addCounts, type ImportCounts, importSlice, noCounts } from './import-slice.ts'
import type { RecordDeps } from './interact.ts'
import { type ImportEntry, readLine } from './read-import.ts'

const sliceSize = 500

/** Lines of a stream of NDJSON, those that are empty left out. */
export async function* linesOf(stream: Readable): AsyncGenerator<{ text: string; line: number }> {
  let line = 0
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
  for await (const text of lines) {
    line += 1
    if (text.trim() !== '') yield { text, line }
  }
}

/** A file as it comes, unpacked when it is gzip by its first bytes. */
export async function openFile(path: string): Promise<Readable> {
  const handle = await open(path)
  const first = Buffer.alloc(2)
  await handle.read(first, 0, 2, 0).finally(() => handle.close())
  const file = createReadStream(path)
  if (first[0] !== 0x1f || first[1] !== 0x8b) return file
  const unpacked = createGunzip()
  file.on('error', (error) => unpacked.destroy(error))
  return file.pipe(unpacked)
}

/** Reads lines as resources; what cannot be read is reported with its line and left out. */
export function readLines(
  lines: readonly { text: string; line: number }[],
  file: string,
): { entries: ImportEntry[]; counts: ImportCounts } {
  const counts = noCounts()
  const entries: ImportEntry[] = []
  for (const { text, line } of lines) {
    try {
      entries.push(readLine(text, line))
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      counts.entries += 1
      counts.failed.push({ file, faults: error.faults })
    }
  }
  return { entries, counts }
}

/** The name of a file's place: the same file, unchanged, has the same one. */
async function sourceOf(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path)
  return createHash('sha256').update(`${path}\n${size}\n${mtimeMs}`).digest('hex')
}

async function readMark(tx: Tx, source: string): Promise<number> {
  const [row] = await tx.query<{ line: number }>({
    text: 'select line::float8 as line from fhir_import_mark where tenant_id = $1 and source = $2',
    values: [tx.tenant, source],
  })
  return row?.line ?? 0
}

const keepMark = (tx: Tx, source: string, line: number) =>
  tx.run({
    name: 'fhir-import-mark',
    text: `insert into fhir_import_mark (tenant_id, source, line) values ($1, $2, $3)
           on conflict (tenant_id, source) do update set line = excluded.line`,
    values: [tx.tenant, source, line],
  })

/**
 * Imports a file of NDJSON slice by slice, each with the line up to which it goes in one transaction: an import that was
 * ended goes on there, and memory does not grow with the file. `done` hears of every slice.
 */
export async function importLines(
  deps: RecordDeps & { database: Database },
  context: CallContext,
  path: string,
  options: { patient: boolean; done(counts: ImportCounts): void },
): Promise<void> {
  const source = await sourceOf(path)
  const mark = await deps.database.transaction(context.tenant, (tx) => readMark(tx, source))
  const table = new Map<string, string>()
  let slice: { text: string; line: number }[] = []
  const flush = async () => {
    const last = slice.at(-1)
    if (!last) return
    const { entries, counts } = readLines(slice, path)
    const run = () =>
      deps.database.transaction(context.tenant, async (tx) => {
        const made = await importSlice(deps, tx, context, entries, {
          file: path,
          table,
          patient: options.patient,
          keepPast: true,
        })
        await keepMark(tx, source, last.line)
        return made
      })
    const made = await run().catch((error: unknown) =>
      error instanceof CodedError && error.code === 'write-collided' ? run() : Promise.reject(error),
    )
    addCounts(counts, made)
    options.done(counts)
    slice = []
  }
  let passed = 0
  for await (const one of linesOf(await openFile(path))) {
    if (one.line <= mark) passed += 1
    else slice.push(one)
    if (slice.length >= sliceSize) await flush()
  }
  if (passed > 0) options.done({ ...noCounts(), entries: passed, unchanged: passed })
  await flush()
  // Read to its end: imported again, it is read again and its faults are told again.
  await deps.database.transaction(context.tenant, (tx) =>
    tx.run({
      text: 'delete from fhir_import_mark where tenant_id = $1 and source = $2',
      values: [context.tenant, source],
    }),
  )
}
