import { isDeepStrictEqual } from 'node:util'
import type { Tx } from '../db/index.ts'
import { type CallContext, type Fault, readExact } from '../kernel/index.ts'
import { resolveConditional } from './conditional.ts'
import { writeGuarded } from './guard.ts'
import type { RecordDeps } from './interact.ts'
import type { ImportEntry } from './read-import.ts'
import type { ResourceWrite } from './record.ts'
import { eachReference, isConditional, replaceReferences } from './references.ts'
import { findFaults } from './validate.ts'

/** What became of the entries of a slice, of a file or of a whole import. */
export interface ImportCounts {
  entries: number
  created: number
  updated: number
  unchanged: number
  failed: { file: string; faults: readonly Fault[] }[]
}

export const noCounts = (): ImportCounts => ({ entries: 0, created: 0, updated: 0, unchanged: 0, failed: [] })

export function addCounts(to: ImportCounts, part: ImportCounts): void {
  for (const count of ['entries', 'created', 'updated', 'unchanged'] as const) to[count] += part[count]
  to.failed.push(...part.failed)
}

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

/** A reference finds nothing yet. */
export class Unresolved extends Error {}

export interface SliceOptions {
  file: string
  /** Where references of the file lead: full urls, conditional references. Filled as they are found. */
  table: Map<string, string>
  /** Throws Unresolved when a reference finds nothing yet, instead of reporting it. */
  patient: boolean
  /** What was once stored is not written again, whatever stands now. */
  keepPast: boolean
}

/** Stores a slice of a file, in the caller's transaction. What is faulty is reported and left out. */
export async function importSlice(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  slice: readonly ImportEntry[],
  { file, table, patient, keepPast }: SliceOptions,
): Promise<ImportCounts> {
  const report: ImportCounts = { ...noCounts(), entries: slice.length }
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
    if (ifNoneExist !== undefined && table.get(`If-None-Exist ${resource.resourceType}/${resource.id}`) !== undefined) {
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
  const past = keepPast ? await readPast(tx, differing) : new Map<string, object[]>()
  for (const resource of differing) {
    if (!past.get(`${resource.resourceType}/${resource.id}`)?.some((version) => same(version, resource)))
      writes.push({ interaction: 'update', resource })
  }
  report.unchanged += sound.length - writes.length
  if (writes.length > 0) {
    const written = await writeGuarded(deps, tx, context, writes, { validate: false })
    for (const { interaction } of written) report[interaction === 'create' ? 'created' : 'updated'] += 1
    await deps.audit(tx, context, {
      action: 'E',
      interaction: 'import',
      entities: written.map(({ resourceType, id }) => `${resourceType}/${id}`),
      patients: [...new Set(written.flatMap(({ subject }) => subject ?? []))],
    })
  }
  return report
}
