import type { Database } from '../db/index.ts'
import { type CallContext, CodedError } from '../kernel/index.ts'
import { conditionOf, matchCondition } from './conditional.ts'
import { importLines } from './import-lines.ts'
import { addCounts, type ImportCounts, importSlice, noCounts, Unresolved } from './import-slice.ts'
import type { RecordDeps } from './interact.ts'
import { isNdjson, isReferredTo, listFiles, readImportFile } from './read-import.ts'

export interface ImportReport extends ImportCounts {
  files: number
}

const sliceSize = 500
const atOnce = 2

async function importFile(
  deps: RecordDeps & { database: Database },
  context: CallContext,
  file: string,
  report: ImportReport,
  patient: boolean,
): Promise<'done' | 'unresolved'> {
  try {
    if (isNdjson(file)) {
      await importLines(deps, context, file, { patient, done: (counts) => addCounts(report, counts) })
      report.files += 1
      return 'done'
    }
    const entries = await readImportFile(file)
    const table = new Map<string, string>()
    for (const { fullUrl, resource } of entries)
      if (fullUrl !== undefined) table.set(fullUrl, `${resource.resourceType}/${resource.id}`)
    for (const { fullUrl, resource, path, ifNoneExist } of entries) {
      if (ifNoneExist === undefined) continue
      const ids = await deps.database.transaction(context.tenant, (tx) =>
        matchCondition(tx, resource.resourceType, conditionOf(ifNoneExist), context.clock.now(), path, undefined),
      )
      const other = ids.find((id) => id !== resource.id)
      if (other === undefined) continue
      table.set(`If-None-Exist ${resource.resourceType}/${resource.id}`, other)
      if (fullUrl !== undefined) table.set(fullUrl, `${resource.resourceType}/${other}`)
    }
    // Slices, because a transaction of a hundred thousand resources holds its locks too long; what is done twice changes nothing.
    const counts = noCounts()
    for (let at = 0; at < entries.length; at += sliceSize) {
      const slice = entries.slice(at, at + sliceSize)
      const run = () =>
        deps.database.transaction(context.tenant, (tx) =>
          importSlice(deps, tx, context, slice, { file, table, patient, keepPast: true }),
        )
      // Two files may bring the same hospital at the same moment: the second one then finds it there.
      addCounts(
        counts,
        await run().catch((error: unknown) =>
          error instanceof CodedError && error.code === 'write-collided' ? run() : Promise.reject(error),
        ),
      )
    }
    addCounts(report, counts)
  } catch (error) {
    if (error instanceof Unresolved) return 'unresolved'
    if (!(error instanceof CodedError)) throw error
    report.failed.push({
      file,
      faults: error.faults.length > 0 ? error.faults : [{ path: 'file', message: error.message }],
    })
  }
  report.files += 1
  return 'done'
}

/**
 * Imports files and folders of FHIR bundles, single resources and NDJSON, gzip or not. Importing the same again changes
 * nothing: ids come from the files, and what is stored with the same content is left alone. Change events are written
 * as for any write. A file that refers to what another one brings waits until the others are in. NDJSON is read as it comes
 * and goes on where a former import of the same file was ended.
 */
export async function importBundles(
  deps: RecordDeps & { database: Database },
  context: CallContext,
  paths: readonly string[],
  onProgress: (report: ImportReport, file: string) => void = () => {},
): Promise<ImportReport> {
  const report: ImportReport = { files: 0, ...noCounts() }
  const files = (await Promise.all(paths.map(listFiles))).flat()
  const waiting: string[] = []
  // What others refer to goes first and one at a time, so that of two versions of a hospital the same one wins each time.
  const [first, rest] = [files.filter(isReferredTo), files.filter((file) => !isReferredTo(file))]
  const work = async (queue: Iterable<string>) => {
    for (const file of queue) {
      if ((await importFile(deps, context, file, report, true)) === 'unresolved') waiting.push(file)
      else onProgress(report, file)
    }
  }
  await work(first)
  const queue = rest.values()
  await Promise.all(Array.from({ length: atOnce }, () => work(queue)))
  for (const file of waiting) {
    await importFile(deps, context, file, report, false)
    onProgress(report, file)
  }
  return report
}
