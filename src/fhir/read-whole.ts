import type { Resource } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'

/** A resource as it stands, or as it last stood before it was deleted. */
export interface Standing {
  resource: Resource
  deleted: boolean
}

/** The whole record in the order of type and id, a page at a time: for what must be made of all of it anew. */
export async function readWhole(
  tx: Tx,
  after: { type: string; id: string } | undefined,
  limit: number,
): Promise<Standing[]> {
  const rows = await tx.query<{ content: string; deleted: boolean }>({
    name: 'fhir-read-whole',
    text: `
      select coalesce(r.content, h.content) as content, r.content is null as deleted from fhir_resource r
      left join fhir_history h on r.content is null and h.tenant_id = r.tenant_id and h.type = r.type and h.id = r.id and h.version = r.version - 1
      where r.tenant_id = $1 and (r.type, r.id) > ($2, $3) and coalesce(r.content, h.content) is not null
      order by r.type, r.id limit $4`,
    values: [tx.tenant, after?.type ?? '', after?.id ?? '', limit],
  })
  return rows.map(({ content, deleted }) => ({ resource: JSON.parse(content) as Resource, deleted }))
}
