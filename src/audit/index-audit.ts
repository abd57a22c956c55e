import type { AuditEvent } from '@medplum/fhirtypes'
import type { Database } from '../db/index.ts'
import type { TenantId } from '../kernel/index.ts'
import { entitiesOf } from './read-event.ts'

const batch = 1_000

/** Makes linked events findable by what they touched and by who acted; returns how many. One at a time per tenant, by a row's lock. */
export async function indexAudit(database: Database, tenant: TenantId): Promise<number> {
  let total = 0
  for (;;) {
    const done = await database.transaction(tenant, async (tx) => {
      const [at] = await tx.query<{ link: string }>({
        name: 'audit-indexed',
        text: 'select link from audit_indexed where tenant_id = $1 for update',
        values: [tenant],
      })
      if (!at)
        await tx.run({
          text: 'insert into audit_indexed (tenant_id, link) values ($1, 0) on conflict do nothing',
          values: [tenant],
        })
      const rows = await tx.query<{ link: string; event: string; content: string }>({
        name: 'audit-to-index',
        text: `select l.link, l.event, e.content from audit_link l join audit_event e on e.tenant_id = l.tenant_id and e.id = l.event
               where l.tenant_id = $1 and l.link > $2 order by l.link limit $3`,
        values: [tenant, at?.link ?? '0', batch],
      })
      const last = rows.at(-1)
      if (!last) return 0
      const found = rows.flatMap(({ event, content }) =>
        valuesOf(JSON.parse(content)).map((value) => ({ event, value })),
      )
      await tx.run({
        name: 'audit-index',
        text: 'insert into audit_index (tenant_id, value, event) select $1, * from unnest($2::text[], $3::text[]) on conflict do nothing',
        values: [tenant, found.map(({ value }) => value), found.map(({ event }) => event)],
      })
      await tx.run({
        text: 'update audit_indexed set link = greatest(link, $2) where tenant_id = $1',
        values: [tenant, last.link],
      })
      return rows.length
    })
    total += done
    if (done < batch) return total
  }
}

/** `Type/id` and `kind/id` of what was touched, and `agent/…` of who acted, by id and by reference. */
function valuesOf(event: AuditEvent): string[] {
  const [agent] = event.agent
  return [
    ...entitiesOf(event).map((value) => value.replace(/\/_history\/.*$/, '')),
    ...(agent?.altId === undefined ? [] : [`agent/${agent.altId}`]),
    ...(agent?.who?.reference === undefined ? [] : [`agent/${agent.who.reference}`]),
  ].filter((value, index, all) => value.length <= 400 && all.indexOf(value) === index)
}
