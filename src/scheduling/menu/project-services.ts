import type { Tx } from '../../db/index.ts'
import type { Projection } from '../../fhir/index.ts'
import { serviceFrom } from './from-fhir.ts'

/** Keeps true which live services name a pathway, with every write of an ActivityDefinition. */
export const serviceProjection: Projection = {
  types: ['ActivityDefinition'],
  async apply(tx, _context, written) {
    const last = [...new Map(written.map((one) => [one.id, one])).values()]
    await tx.run({
      text: 'delete from service_pathway where tenant_id = $1 and id = any ($2)',
      values: [tx.tenant, last.map(({ id }) => id)],
    })
    const rows = last.flatMap(({ id, resource }) => {
      const service = resource?.resourceType === 'ActivityDefinition' ? serviceFrom(resource, undefined) : undefined
      return service?.status === 'active'
        ? service.definition.pathways.map((pathway) => ({ pathway, service: service.id, id }))
        : []
    })
    if (rows.length > 0)
      await tx.run({
        text: `insert into service_pathway (tenant_id, pathway, service, id)
               select $1, * from unnest($2::text[], $3::text[], $4::text[]) on conflict do nothing`,
        values: [
          tx.tenant,
          rows.map(({ pathway }) => pathway),
          rows.map(({ service }) => service),
          rows.map(({ id }) => id),
        ],
      })
  },
}

/** The live service of each of these pathways that one service alone names. */
export async function servicesOf(tx: Tx, pathways: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.query<{ pathway: string; service: string }>({
    name: 'services-of-pathways',
    text: `select pathway, min(service) as service from service_pathway where tenant_id = $1 and pathway = any ($2)
           group by pathway having count(distinct service) = 1`,
    values: [tx.tenant, pathways],
  })
  return new Map(rows.map(({ pathway, service }) => [pathway, service]))
}
