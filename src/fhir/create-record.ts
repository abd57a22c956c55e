import type { FhirRecord, Projection } from './record.ts'
import { readResource, readResources } from './read-resources.ts'
import { pendingBuckets, takeChanges } from './take-changes.ts'
import { writeBatch } from './write-batch.ts'

/** The record. `projections` are the rooms that keep read tables of their own true in the same transaction. */
export function createRecord(options: { projections?: readonly Projection[] } = {}): FhirRecord {
  const projections = options.projections ?? []
  return {
    async write(tx, context, writes, { validate = true, quiet = false } = {}) {
      const written = await writeBatch(tx, context, writes, quiet)
      for (const projection of projections) {
        const mine = written.filter((one) => projection.types.includes(one.resourceType))
        if (mine.length > 0) await projection.apply(tx, context, mine)
      }
      return written
    },
    read: readResource,
    readMany: readResources,
    search: async () => ({ resources: [], total: 0, next: undefined }),
    pendingBuckets,
    takeChanges,
  }
}
