import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../testkit/database.ts'

let db: FreshDatabase
beforeAll(async () => {
  db = await freshDatabase()
})
afterAll(() => db.close())

interface Table {
  name: string
  key: string[]
  enabled: boolean
  forced: boolean
  policies: number
}
interface Column {
  name: string
  type: string
  needed: boolean
}

const tables = () =>
  db.asSuperuser<Table>(`
    select c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
      (select count(*)::int from pg_policy p where p.polrelid = c.oid) as policies,
      array(select a.attname::text from pg_index i join lateral unnest(i.indkey) with ordinality k (n, o) on true
            join pg_attribute a on a.attrelid = c.oid and a.attnum = k.n where i.indrelid = c.oid and i.indisprimary order by k.o) as key
    from pg_class c where c.relnamespace = 'throughline'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'migration' order by 1`)

const columnsOf = (table: string) =>
  db.asSuperuser<Column>(
    `select attname as name, format_type(atttypid, null) as type, attnotnull and not atthasdef and attidentity = '' as needed
     from pg_attribute where attrelid = ('throughline.' || $1)::regclass and attnum > 0 and not attisdropped`,
    [table],
  )

const samples: Record<string, string> = {
  text: `'probe'`,
  integer: '1',
  smallint: '1',
  bigint: '1',
  'double precision': '1',
  boolean: 'true',
  bytea: `''`,
  jsonb: `'{}'`,
  'text[]': `'{}'`,
  'timestamp with time zone': `'2026-01-01Z'`,
  date: `'2026-01-01'`,
}
// Columns whose values a check constraint narrows.
const narrowed: Record<string, string> = {
  'fhir_history.interaction': `'create'`,
  'pathway_version.status': `'active'`,
  'pathway_draft.status': `'draft'`,
  'journey_move.status': `'draft'`,
  'journey_move_row.status': `'waiting'`,
  'journey_move_row.decision': `'keep'`,
  'replay.assume': `'open'`,
  'replay.status': `'done'`,
  'replay_journey.side': `'both'`,
  'term_load.status': `'done'`,
  'fhir_change.interaction': `'create'`,
  'oauth_client.kind': `'public'`,
  'oauth_client.authentication': `'none'`,
  'fhir_subscription.status': `'active'`,
  'fhir_transfer.kind': `'export'`,
  'shift.kind': `'shift'`,
  'staff_import.what': `'people'`,
  'staff_import.state': `'ready'`,
  'staff_import_line.act': `'new'`,
  'work_override.kind': `'decline'`,
  'fhir_transfer.status': `'running'`,
}

/** An insert of one row of `tenant`, with a value for every column that needs one. */
async function insertOf(table: string, tenant: string): Promise<string> {
  const columns = (await columnsOf(table)).filter((column) => column.needed && column.name !== 'tenant_id')
  const values = columns.map((column) => narrowed[`${table}.${column.name}`] ?? samples[column.type] ?? 'null')
  return `insert into throughline.${table} (${['tenant_id', ...columns.map((column) => column.name)].join(', ')}) values (${[`'${tenant}'`, ...values].join(', ')})`
}

/** Everything by which a table lets one tenant at another's rows. */
async function leaksOf(table: Table): Promise<string[]> {
  const leaks: string[] = []
  if (table.name !== 'tenant' && table.key[0] !== 'tenant_id' && table.key.length > 0)
    leaks.push('its key does not begin with the tenant')
  if (!table.enabled) leaks.push('row-level security is not enabled')
  if (!table.forced) leaks.push('row-level security is not forced')
  if (table.policies === 0) leaks.push('it has no policy')
  if (table.name !== 'tenant') await db.asSuperuser(await insertOf(table.name, 'beta'))
  const asAlpha = (text: string) => db.database.transaction(db.alpha, (tx) => tx.query<{ n: number }>({ text }))
  const refused = (error: unknown) =>
    typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown'
  const seen = await asAlpha(`select count(*)::int as n from throughline.${table.name} where tenant_id = 'beta'`).catch(
    () => [{ n: 0 }],
  )
  if (seen[0]?.n !== 0) leaks.push('alpha reads a row of beta')
  const written = await asAlpha(await insertOf(table.name, table.name === 'tenant' ? 'gamma' : 'beta')).then(
    () => 'done',
    refused,
  )
  if (written !== '42501') leaks.push(`alpha writes a row of beta: ${written}`)
  for (const text of [
    `update throughline.${table.name} set tenant_id = tenant_id where tenant_id = 'beta'`,
    `delete from throughline.${table.name} where tenant_id = 'beta'`,
  ]) {
    const touched = await db.database.transaction(db.alpha, (tx) => tx.run({ text })).catch(() => 0)
    if (touched > 0) leaks.push(`alpha does: ${text.slice(0, 6)}`)
  }
  const [left] = await db.asSuperuser<{ n: number }>(
    `select count(*)::int as n from throughline.${table.name} where tenant_id = 'beta'`,
  )
  if (left?.n !== 1) leaks.push(`${left?.n} rows of beta are left of one`)
  return leaks
}

test('no table lets one tenant at the rows of another', async () => {
  const all = await tables()
  expect(all.length).toBeGreaterThan(20)
  const leaks: Record<string, string[]> = {}
  for (const table of all) {
    const found = await leaksOf(table)
    if (found.length > 0) leaks[table.name] = found
  }
  expect(leaks).toEqual({})
})

test('a new table without the guard is found', async () => {
  await db.asSuperuser('create table throughline.careless (tenant_id text, id text, primary key (tenant_id, id))')
  await db.asSuperuser('grant select, insert, update, delete on throughline.careless to throughline_app')
  const careless = (await tables()).find((table) => table.name === 'careless')
  expect(careless && (await leaksOf(careless))).toEqual([
    'row-level security is not enabled',
    'row-level security is not forced',
    'it has no policy',
    'alpha reads a row of beta',
    expect.stringContaining('alpha writes a row of beta'),
    'alpha does: update',
    'alpha does: delete',
    '0 rows of beta are left of one',
  ])
})

test('the way round the tenants gives ids and no row', async () => {
  const rows = await db.database.transaction(db.alpha, (tx) =>
    tx.query<Record<string, unknown>>({ text: 'select * from tenant_ids() as id' }),
  )
  expect(rows).toEqual([{ id: 'alpha' }, { id: 'beta' }])
})
