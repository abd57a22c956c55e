import type { Tx } from '../db/index.ts'
import { emptyRows, rowTables, searchRows } from './search-rows.ts'
import { storeRows } from './store-rows.ts'

const pageSize = 500

/**
 * Makes the search rows of a type anew, for when the search parameters have changed: an update writes only differences
 * to what the former version should have. One transaction a type; the locked rows keep their writers out, since
 * a resource updated meanwhile would have its rows twice; a resource created meanwhile may collide, and the whole is tried again. Returns how many resources it went over.
 */
export async function reindex(tx: Tx, type: string): Promise<number> {
  await tx.run({
    text: `select from fhir_resource where tenant_id = $1 and type = $2 order by id for update`,
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
    const last = rows.at(-1)
    if (!last || rows.length < pageSize) return done
    after = last.id
  }
}
