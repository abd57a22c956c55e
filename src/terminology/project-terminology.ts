import type { Resource, ValueSet } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { contentOfCodeSystem, contentOfConceptMap } from './read-resource.ts'
import { beginSystem, finishSystem, removeMap, removeSystem, storeConcepts, storeMap } from './store-system.ts'

/** What the record tells of a write; the fhir room's `Projection` has this shape. */
interface Written {
  resourceType: Resource['resourceType']
  id: string
  /** Absent after a delete. */
  resource: Resource | undefined
}

/** Keeps the code systems, value sets and concept maps of the record usable in the transaction that writes them. */
export const terminologyProjection = {
  types: ['CodeSystem', 'ValueSet', 'ConceptMap'] as const,
  async apply(tx: Tx, _context: CallContext, written: readonly Written[]): Promise<void> {
    for (const { resourceType, id, resource } of written) {
      if (resourceType === 'CodeSystem') await replaceSystem(tx, id, resource)
      else if (resourceType === 'ValueSet') {
        await tx.run({
          text: 'delete from term_value_set where tenant_id = $1 and resource_id = $2',
          values: [tx.tenant, id],
        })
        if (resource?.resourceType === 'ValueSet')
          await keepValueSets(tx, [resource], { kind: 'resource', resourceId: id })
      } else await replaceMap(tx, id, resource)
    }
  },
}

async function replaceSystem(tx: Tx, id: string, resource: Resource | undefined): Promise<void> {
  const here = async (work: (tx: Tx) => Promise<unknown>) => {
    await work(tx)
  }
  const former = await tx.query<{ id: number }>({
    text: 'select id from term_system where tenant_id = $1 and resource_id = $2',
    values: [tx.tenant, id],
  })
  for (const one of former) await removeSystem(here, one.id)
  const content = resource?.resourceType === 'CodeSystem' ? contentOfCodeSystem(resource) : undefined
  if (!content) return
  const system = await beginSystem(tx, content, { kind: 'resource', resourceId: id })
  await storeConcepts(here, [{ system, content }])
  await finishSystem(tx, system, content.url, content.concepts.length)
}

async function replaceMap(tx: Tx, id: string, resource: Resource | undefined): Promise<void> {
  const here = async (work: (tx: Tx) => Promise<unknown>) => {
    await work(tx)
  }
  const former = await tx.query<{ id: number }>({
    text: 'select id from term_map where tenant_id = $1 and resource_id = $2',
    values: [tx.tenant, id],
  })
  for (const one of former) await removeMap(here, one.id)
  const content = resource?.resourceType === 'ConceptMap' ? contentOfConceptMap(resource) : undefined
  if (content) await storeMap(here, content, { kind: 'resource', resourceId: id })
}

/** Writes value sets; one of the same url and version gives way. */
export async function keepValueSets(
  tx: Tx,
  valueSets: readonly ValueSet[],
  from: { kind: string; system?: number; resourceId?: string },
): Promise<void> {
  const named = new Map(
    valueSets.flatMap((one) => (one.url === undefined ? [] : [[`${one.url}|${one.version ?? ''}`, one]])),
  )
  const all = [...named.values()]
  await tx.run({
    text: `insert into term_value_set (tenant_id, kind, system, resource_id, url, version, title, content)
           select $1, $2, $3, $4, * from unnest($5::text[], $6::text[], $7::text[], $8::text[])
           on conflict (tenant_id, url, version) do update
             set kind = excluded.kind, system = excluded.system, resource_id = excluded.resource_id, title = excluded.title,
                 content = excluded.content, loaded_at = now()`,
    values: [
      tx.tenant,
      from.kind,
      from.system ?? null,
      from.resourceId ?? null,
      all.map(({ url }) => url ?? ''),
      all.map(({ version }) => version ?? ''),
      all.map(({ title, name, url }) => title ?? name ?? url ?? ''),
      all.map((one) => JSON.stringify(one)),
    ],
  })
}
