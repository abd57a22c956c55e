import { type Clock, systemClock } from '../kernel/index.ts'
import type { CodeExpander } from './code-expander.ts'
import type { FhirRecord, Projection } from './record.ts'
import { readResource, readResources } from './read-resources.ts'
import { search } from './search.ts'
import { pendingBuckets, takeChanges } from './take-changes.ts'
import { validateResource } from './validate.ts'
import { writeBatch } from './write-batch.ts'

/** The record. `projections` are the rooms that keep read tables of their own true in the same transaction. */
export function createRecord(
  options: { projections?: readonly Projection[]; clock?: Clock; expander?: CodeExpander } = {},
): FhirRecord {
  const { expander } = options
  const projections = options.projections ?? []
  const clock = options.clock ?? systemClock
  return {
    async write(tx, context, writes, { validate = true, quiet = false } = {}) {
      if (validate) for (const write of writes) if (write.interaction !== 'delete') validateResource(write.resource)
      const written = await writeBatch(tx, context, writes, typeof quiet === 'boolean' ? () => quiet : quiet)
      for (const projection of projections) {
        const mine = written.filter((one) => projection.types === 'all' || projection.types.includes(one.resourceType))
        if (mine.length > 0) await projection.apply(tx, context, mine)
      }
      return written
    },
    read: readResource,
    readMany: readResources,
    search: (tx, resourceType, query, asked) => search(tx, resourceType, query, clock.now(), { expander, ...asked }),
    pendingBuckets,
    takeChanges,
  }
}
