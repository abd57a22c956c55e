import type { Resource } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { type CallContext, newId, writeExact } from '../kernel/index.ts'
import { refuse } from './errors.ts'
import { bucketOf, patientSubject } from './patient-subject.ts'
import type { ResourceWrite, WrittenResource } from './record.ts'
import { emptyRows, rowTables, type SearchRows, searchRows } from './search-rows.ts'
import { storeRows, type Version } from './store-rows.ts'

interface Standing {
  version: number
  /** Undefined when it does not exist or is deleted. */
  resource: Resource | undefined
  /** As it was before the batch: its search rows stand in the tables. */
  stored: Resource | undefined
}

const keyOf = (type: string, id: string) => `${type}/${id}`

/**
 * Locks what exists of the given resources. In order of type and id, so that two batches that share resources wait for
 * each other instead of deadlocking; the arrays are sorted and the lateral part, which its lock keeps apart, is done
 * for each element in turn, always by the primary key, whatever the planner knows of the table.
 */
async function lockStanding(
  tx: Tx,
  keys: ReadonlyMap<string, { type: string; id: string }>,
): Promise<Map<string, Standing>> {
  const standing = new Map<string, Standing>()
  if (keys.size === 0) return standing
  const wanted = [...keys].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, key]) => key)
  const rows = await tx.query<{ type: string; id: string; version: number; content: string | null }>({
    name: 'fhir-lock-standing',
    text: `
      select r.type, r.id, r.version, r.content
      from unnest((select $2::text[]), (select $3::text[])) as v (type, id) cross join lateral (
        select r.type, r.id, r.version, r.content from fhir_resource r
        where r.tenant_id = $1 and r.type = v.type and r.id = v.id for update) r`,
    values: [tx.tenant, wanted.map(({ type }) => type), wanted.map(({ id }) => id)],
  })
  for (const row of rows) {
    const resource = row.content === null ? undefined : (JSON.parse(row.content) as Resource)
    standing.set(keyOf(row.type, row.id), { version: row.version, resource, stored: resource })
  }
  return standing
}

/** Writes a batch: decides each write against what stands, in order, then stores all with one statement. */
export async function writeBatch(
  tx: Tx,
  context: CallContext,
  writes: readonly ResourceWrite[],
  quiet: (resourceType: WrittenResource['resourceType']) => boolean,
): Promise<WrittenResource[]> {
  const now = context.clock.now()
  const lastUpdated = new Date(now).toISOString()
  const keys = new Map<string, { type: string; id: string }>()
  const targets = writes.map((write) => {
    const type = write.interaction === 'delete' ? write.resourceType : write.resource.resourceType
    const given = write.interaction === 'delete' ? write.id : write.resource.id
    const id = given ?? newId(context.clock)
    // A create's id is new: nothing to lock. If it is not new after all, the store finds so and refuses.
    if (given !== undefined && write.interaction !== 'create') keys.set(keyOf(type, id), { type, id })
    return { type, id }
  })
  const standing = await lockStanding(tx, keys)
  const versions: Version[] = []
  const written: WrittenResource[] = []

  for (const [index, write] of writes.entries()) {
    const { id } = targets[index] ?? { id: '' }
    const type = write.interaction === 'delete' ? write.resourceType : write.resource.resourceType
    const key = keyOf(type, id)
    const at = standing.get(key) ?? { version: 0, resource: undefined, stored: undefined }
    if (write.interaction !== 'create' && write.ifMatch !== undefined && write.ifMatch !== at.version) {
      throw refuse('version-stale', {
        faults: [{ path: key, message: `is at version ${at.version}, not ${write.ifMatch}` }],
      })
    }
    if (write.interaction === 'create' && at.resource)
      throw refuse('resource-exists', { faults: [{ path: key, message: 'exists' }] })
    // Deleting what is not there changes nothing and is no failure (FHIR R4 3.1.0.7).
    if (write.interaction === 'delete' && !at.resource) continue
    const version = at.version + 1
    const resource: Resource | undefined =
      write.interaction === 'delete'
        ? undefined
        : {
            ...write.resource,
            id,
            meta: { ...write.resource.meta, versionId: String(version), lastUpdated },
          }
    const content = resource === undefined ? null : writeExact(resource)
    const subject = patientSubject(resource ?? at.resource ?? { resourceType: type })
    const interaction = write.interaction === 'update' && !at.resource ? 'create' : write.interaction
    versions.push({
      type,
      id,
      version,
      interaction,
      content,
      subject: quiet(type) ? undefined : subject,
      bucket: subject === undefined ? 0 : bucketOf(subject),
    })
    written.push({
      interaction,
      resourceType: type,
      id,
      version,
      resource,
      content: content ?? undefined,
      former: at.resource,
      subject,
    })
    standing.set(key, { version, resource, stored: at.stored })
  }

  if (versions.length === 0) return written
  const added: { type: string; id: string; rows: SearchRows }[] = []
  const removed: { type: string; id: string; rows: SearchRows }[] = []
  for (const key of new Set(versions.map(({ type, id }) => keyOf(type, id)))) {
    const at = standing.get(key)
    if (!at) continue
    const cut = key.indexOf('/')
    const [type, id] = [key.slice(0, cut), key.slice(cut + 1)]
    const after = at.resource ? searchRows(at.resource) : emptyRows()
    const before = at.stored ? searchRows(at.stored) : emptyRows()
    // Only the difference is written.
    for (const kind of rowTables) {
      for (const row of before[kind].keys()) if (after[kind].delete(row)) before[kind].delete(row)
    }
    if (at.stored) removed.push({ type, id, rows: before })
    added.push({ type, id, rows: after })
  }
  await storeRows(tx, new Date(now), versions, added, removed)
  return written
}
