import { isDeepStrictEqual } from 'node:util'
import type { Database, Tx } from '../db/index.ts'
import { type CallContext, CodedError, type Fault, readExact } from '../kernel/index.ts'
import { matchCondition, resolveConditional } from './conditional.ts'
import type { RecordDeps } from './interact.ts'
import { type ImportEntry, isReferredTo, listFiles, readImportFile } from './read-import.ts'
import type { ResourceWrite } from './record.ts'
import { eachReference, isConditional, replaceReferences } from './references.ts'
import { findFaults } from './validate.ts'

export interface ImportReport {
  files: number
  entries: number
  created: number
  updated: number
  unchanged: number
  failed: { file: string; faults: readonly Fault[] }[]
}

const sliceSize = 500
const atOnce = 2

const withoutMeta = ({ meta: _, ...rest }: { meta?: unknown }): object => rest

/**
 * All former versions. What was once imported is not written again, even when it was changed or deleted since: a second
 * import must not undo people's work, and two files that hold one hospital differently must not take turns.
 */
async function readPast(tx: Tx, resources: readonly ImportEntry['resource'][]): Promise<Map<string, object[]>> {
  const past = new Map<string, object[]>()
  if (resources.length === 0) return past
  const rows = await tx.query<{ type: string; id: string; content: string }>({
    name: 'fhir-import-past',
    text: `
      select h.type, h.id, h.content from unnest($2::text[], $3::text[]) as v (type, id)
      join fhir_history h on h.tenant_id = $1 and h.type = v.type and h.id = v.id where h.content is not null`,
    values: [tx.tenant, resources.map(({ resourceType }) => resourceType), resources.map(({ id }) => id)],
  })
  for (const { type, id, content } of rows) {
    const key = `${type}/${id}`
    past.set(key, [...(past.get(key) ?? []), readExact(content) as object])
  }
  return past
}

class Unresolved extends Error {}

/** One slice of a file in one transaction. Throws Unresolved when a reference finds nothing yet and `patient` is on. */
async function importSlice(
  deps: RecordDeps & { database: Database },
  context: CallContext,
  file: string,
  slice: readonly ImportEntry[],
  table: Map<string, string>,
  patient: boolean,
): Promise<Omit<ImportReport, 'files'>> {
  return deps.database.transaction(context.tenant, async (tx) => {
    const report: Omit<ImportReport, 'files'> = {
      entries: slice.length,
      created: 0,
      updated: 0,
      unchanged: 0,
      failed: [],
    }
    const now = context.clock.now()
    const wanted = new Set<string>()
    for (const { resource } of slice)
      eachReference(resource, (reference) => {
        if (isConditional(reference) && !table.has(reference)) wanted.add(reference)
      })
    const { found, failed } = await resolveConditional(tx, wanted, now, undefined)
    if (failed.size > 0 && patient) throw new Unresolved()
    for (const [reference, target] of found) table.set(reference, target)

    const sound: ImportEntry['resource'][] = []
    for (const { path, resource, ifNoneExist } of slice) {
      if (
        ifNoneExist !== undefined &&
        table.get(`If-None-Exist ${resource.resourceType}/${resource.id}`) !== undefined
      ) {
        report.unchanged += 1
        continue
      }
      const resolved = replaceReferences(resource, (reference) => table.get(reference) ?? reference)
      const faults: Fault[] = findFaults(resolved).map((fault) => ({ ...fault, path: `${path} ${fault.path}` }))
      eachReference(resolved, (reference) => {
        const why = failed.get(reference)
        if (why !== undefined)
          faults.push({ path, code: 'not-found', message: `has a conditional reference that ${why}` })
      })
      if (faults.length > 0) report.failed.push({ file, faults })
      else sound.push(resolved)
    }
    const standing = await deps.record.readMany(
      tx,
      sound.map(({ resourceType, id }) => `${resourceType}/${id}`),
    )
    const same = (a: object, b: object) => isDeepStrictEqual(withoutMeta(a), withoutMeta(b))
    const differing = sound.filter((resource) => {
      const former = standing.get(`${resource.resourceType}/${resource.id}`)
      return !former || !same(former, resource)
    })
    const writes: ResourceWrite[] = []
    const past = await readPast(tx, differing)
    for (const resource of differing) {
      if (!past.get(`${resource.resourceType}/${resource.id}`)?.some((version) => same(version, resource)))
        writes.push({ interaction: 'update', resource })
    }
    report.unchanged += sound.length - writes.length
    if (writes.length > 0) {
      const written = await deps.record.write(tx, context, writes, { validate: false })
      for (const { interaction } of written) report[interaction === 'create' ? 'created' : 'updated'] += 1
      await deps.audit(tx, context, {
        action: 'E',
        interaction: 'import',
        entities: written.map(({ resourceType, id }) => `${resourceType}/${id}`),
        patients: [...new Set(written.flatMap(({ subject }) => subject ?? []))],
      })
    }
    return report
  })
}

async function importFile(
  deps: RecordDeps & { database: Database },
  context: CallContext,
  file: string,
  report: ImportReport,
  patient: boolean,
): Promise<'done' | 'unresolved'> {
  try {
    const entries = await readImportFile(file)
    const table = new Map<string, string>()
    for (const { fullUrl, resource } of entries)
      if (fullUrl !== undefined) table.set(fullUrl, `${resource.resourceType}/${resource.id}`)
    for (const { fullUrl, resource, path, ifNoneExist } of entries) {
      if (ifNoneExist === undefined) continue
      const ids = await deps.database.transaction(context.tenant, (tx) =>
        matchCondition(
          tx,
          resource.resourceType,
          ifNoneExist.replace(/^.*\?/, ''),
          context.clock.now(),
          path,
          undefined,
        ),
      )
      const other = ids.find((id) => id !== resource.id)
      if (other === undefined) continue
      table.set(`If-None-Exist ${resource.resourceType}/${resource.id}`, other)
      if (fullUrl !== undefined) table.set(fullUrl, `${resource.resourceType}/${other}`)
    }
    // Slices, because a transaction of a hundred thousand resources holds its locks too long; what is done twice changes nothing.
    const parts: Omit<ImportReport, 'files'>[] = []
    for (let at = 0; at < entries.length; at += sliceSize) {
      const slice = entries.slice(at, at + sliceSize)
      const run = () => importSlice(deps, context, file, slice, table, patient)
      // Two files may bring the same hospital at the same moment: the second one then finds it there.
      parts.push(
        await run().catch((error: unknown) =>
          error instanceof CodedError && error.code === 'write-collided' ? run() : Promise.reject(error),
        ),
      )
    }
    for (const part of parts) {
      for (const count of ['entries', 'created', 'updated', 'unchanged'] as const) report[count] += part[count]
      report.failed.push(...part.failed)
    }
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
 * as for any write. A file that refers to what another one brings waits until the others are in.
 */
export async function importBundles(
  deps: RecordDeps & { database: Database },
  context: CallContext,
  paths: readonly string[],
  onProgress: (report: ImportReport, file: string) => void = () => {},
): Promise<ImportReport> {
  const report: ImportReport = { files: 0, entries: 0, created: 0, updated: 0, unchanged: 0, failed: [] }
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
