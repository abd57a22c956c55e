import type { Resource } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'
import type { SearchOptions } from './search-options.ts'

/** One write asked of the record. The id of a `create` is taken if present (the engine gives its own; one that exists or existed is refused), else made. */
export type ResourceWrite =
  | { interaction: 'create'; resource: Resource }
  | { interaction: 'update'; resource: Resource & { id: string }; ifMatch?: number }
  | { interaction: 'delete'; resourceType: Resource['resourceType']; id: string; ifMatch?: number }

/** One write done: the resource as stored (with `meta.versionId`, `meta.lastUpdated`), and its former version if there was one. */
export interface WrittenResource {
  interaction: 'create' | 'update' | 'delete'
  resourceType: Resource['resourceType']
  id: string
  version: number
  /** Absent after a delete. */
  resource: Resource | undefined
  /** The resource as JSON text, as stored. */
  content: string | undefined
  /** Absent on a create. */
  former: Resource | undefined
  /** `Patient/…` whose record this is in, when there is one. */
  subject: string | undefined
}

/** A change event: a row of `fhir_change`, written with the resource, kept until the journeys have taken it. */
export interface RecordChange {
  /** Unique and increasing within a tenant; text because it may pass 2^53. */
  seq: string
  /** `Type/id/version`: the unique event id. */
  id: string
  interaction: 'create' | 'update' | 'delete'
  resourceType: Resource['resourceType']
  resourceId: string
  version: number
  subject: string
  /** Milliseconds. */
  at: number
  /** The version this change made (a delete has only type and id). */
  resource: Resource
}

/** What a room does in the same transaction as a write: keeps its own read tables true. */
export interface Projection {
  types: readonly Resource['resourceType'][] | 'all'
  /** Called once a batch, with the writes of those types only. */
  apply(tx: Tx, context: CallContext, written: readonly WrittenResource[]): Promise<void>
}

/** The record: FHIR R4 in PostgreSQL. */
export interface FhirRecord {
  /**
   * Writes a batch with one statement per table: resources, history, search rows, change events, projections, NOTIFY hint.
   * `validate` is `false` only for resources the program itself builds. A `quiet` write leaves no change event: the journeys
   * will not hear of it. Throws a coded error and leaves the transaction to be rolled back.
   */
  write(
    tx: Tx,
    context: CallContext,
    writes: readonly ResourceWrite[],
    options?: { validate?: boolean; quiet?: boolean | ((resourceType: Resource['resourceType']) => boolean) },
  ): Promise<WrittenResource[]>
  read(tx: Tx, reference: string): Promise<Resource | undefined>
  readMany(tx: Tx, references: readonly string[]): Promise<Map<string, Resource>>
  /** Refuses a parameter that the type does not have. `next` is the value of `_cursor` for the next page. */
  search(
    tx: Tx,
    resourceType: string,
    query: URLSearchParams,
    options?: SearchOptions,
  ): Promise<{ resources: Resource[]; total: number | undefined; next: string | undefined }>
  /** Buckets of this tenant that have changes waiting. */
  pendingBuckets(tx: Tx): Promise<number[]>
  /** Changes of the given buckets in order; the caller holds those buckets' locks. */
  takeChanges(tx: Tx, buckets: readonly number[], limit: number): Promise<RecordChange[]>
}

/** Patients are spread over this many buckets; a bucket is moved by one worker at a time. */
export const bucketCount = 64
