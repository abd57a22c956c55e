import type { Resource } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { bucketCount, type RecordChange } from './record.ts'

interface Row {
  seq: string
  event_id: string
  interaction: RecordChange['interaction']
  type: Resource['resourceType']
  id: string
  version: number
  subject: string
  updated: Date
  content: string | null
}

/**
 * Takes waiting changes: the rows are deleted as they are read, so that a rollback gives them back. Each bucket is read
 * by its own index range; a sort over all waiting rows would grow with the backlog.
 */
export async function takeChanges(tx: Tx, buckets: readonly number[], limit: number): Promise<RecordChange[]> {
  const rows = await tx.query<Row>({
    name: 'fhir-take-changes',
    text: `
      with wanted as (
        select b.bucket, c.seq from unnest($2::smallint[]) as b (bucket) cross join lateral (
          select seq from fhir_change where tenant_id = $1 and bucket = b.bucket order by seq limit $3) c
        order by c.seq limit $3),
      taken as (
        delete from fhir_change c using wanted w where c.tenant_id = $1 and c.bucket = w.bucket and c.seq = w.seq returning c.*)
      select t.seq, t.event_id, t.interaction, t.type, t.id, t.version, t.subject, h.updated, h.content
      from taken t join fhir_history h on h.tenant_id = $1 and h.type = t.type and h.id = t.id and h.version = t.version
      order by t.seq`,
    values: [tx.tenant, [...buckets], limit],
  })
  return rows.map((row) => ({
    seq: row.seq,
    id: row.event_id,
    interaction: row.interaction,
    resourceType: row.type,
    resourceId: row.id,
    version: row.version,
    subject: row.subject,
    at: row.updated.getTime(),
    resource:
      row.content === null
        ? ({ resourceType: row.type, id: row.id } as Resource)
        : (JSON.parse(row.content) as Resource),
  }))
}

/** One index probe a bucket, however many changes wait. */
export async function pendingBuckets(tx: Tx): Promise<number[]> {
  const rows = await tx.query<{ bucket: number }>({
    name: 'fhir-pending-buckets',
    text: `
      select b as bucket from generate_series(0, ${bucketCount - 1}) as b
      where exists (select from fhir_change c where c.tenant_id = $1 and c.bucket = b::smallint)`,
    values: [tx.tenant],
  })
  return rows.map((row) => row.bucket)
}
