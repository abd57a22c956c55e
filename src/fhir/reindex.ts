import { createHash } from 'node:crypto'
import type { Database, Tx } from '../db/index.ts'
import generated from './generated/search-parameters.json' with { type: 'json' }
import { emptyRows, rowTables, searchRows } from './search-rows.ts'
import { storeRows } from './store-rows.ts'
import { resourceTypes } from './structure.ts'

const pageSize = 500

/** Raise it when search-rows.ts makes other rows than before of the same search parameters. */
const rowsMadeAs = 1

/** Names the search parameters and the way their rows are made: search rows made by other rules must be made anew. */
const rules = createHash('sha256')
  .update(`${rowsMadeAs}${JSON.stringify(generated)}`)
  .digest('hex')
  .slice(0, 16)

/**
 * Makes the search rows of a type anew, for when the search parameters have changed: an update writes only differences
 * to what the former version should have. One transaction a type; the locked rows keep their writers out, since
 * a resource updated meanwhile would have its rows twice; a resource created meanwhile may collide, and the whole is tried again.
 * Returns how many resources it went over; `see` is told on the way.
 */
export async function reindex(tx: Tx, type: string, see: (done: number) => void = () => {}): Promise<number> {
  await tx.query({
    text: `select count(*) from (select 1 from fhir_resource where tenant_id = $1 and type = $2 order by id for update) r`,
    values: [tx.tenant, type],
  })
  for (const table of rowTables) {
    await tx.run({ text: `delete from fhir_${table} where tenant_id = $1 and type = $2`, values: [tx.tenant, type] })
  }
  let done = 0
  for (let after = ''; ; ) {
    const rows = await tx.query<{ id: string; content: string }>({
      name: 'fhir-reindex-page',
      text: `select id, content from fhir_resource where tenant_id = $1 and type = $2 and id > $3 and content is not null order by id limit ${pageSize}`,
      values: [tx.tenant, type, after],
    })
    await storeRows(
      tx,
      new Date(0),
      [],
      rows.map(({ id, content }) => ({ type, id, rows: searchRows(JSON.parse(content) as object) })),
      [{ type, id: '', rows: emptyRows() }],
    )
    done += rows.length
    see(done)
    const last = rows.at(-1)
    if (!last || rows.length < pageSize) return done
    after = last.id
  }
}

/** Notes that the rows of these types are made by this program's rules. For a new tenant, that has nothing yet: of all types. */
export async function markIndexed(tx: Tx, types: readonly string[] = resourceTypes): Promise<void> {
  await tx.run({
    text: `
      insert into fhir_indexed (tenant_id, type, rules) select $1, type, $3 from unnest($2::text[]) as v (type)
      on conflict (tenant_id, type) do update set rules = excluded.rules where fhir_indexed.rules <> excluded.rules`,
    values: [tx.tenant, types, rules],
  })
}

async function outdatedTypes(tx: Tx): Promise<string[]> {
  const rows = await tx.query<{ type: string }>({
    text: `
      select v.type from unnest($2::text[]) as v (type)
      where not exists (select from fhir_indexed i where i.tenant_id = $1 and i.type = v.type and i.rules = $3)`,
    values: [tx.tenant, resourceTypes, rules],
  })
  return rows.map(({ type }) => type)
}

/**
 * Makes anew whatever search rows were made by other rules than this program's: for the start, before anything is served.
 * Of several that start together one does it and the others wait. Broken off, it goes on at the type where it was.
 */
export async function bringSearchUpToDate(
  database: Database,
  see: (tenant: string, type: string, done: number) => void = () => {},
): Promise<void> {
  for (const tenant of await database.tenants()) {
    for (const type of await database.transaction(tenant, outdatedTypes)) {
      await database.transaction(tenant, async (tx) => {
        await tx.query({
          text: `select pg_advisory_xact_lock(hashtextextended('fhir-reindex ' || $1 || ' ' || $2, 0))`,
          values: [tenant, type],
        })
        if (!(await outdatedTypes(tx)).includes(type)) return
        const [any] = await tx.query({
          text: 'select from fhir_resource where tenant_id = $1 and type = $2 limit 1',
          values: [tenant, type],
        })
        if (any) await reindex(tx, type, (done) => see(tenant, type, done))
        await markIndexed(tx, [type])
      })
    }
  }
}
