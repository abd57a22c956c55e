import type { Statement, Tx } from '../db/index.ts'
import { refuse } from './errors.ts'
import type { SearchRows } from './search-rows.ts'

/** One version to store, and the change event to leave for the journeys when it has a subject. */
export interface Version {
  type: string
  id: string
  version: number
  interaction: 'create' | 'update' | 'delete'
  content: string | null
  subject: string | undefined
  bucket: number
}

interface Owned {
  type: string
  id: string
  rows: SearchRows
}

/** The rows of many resources turned into one array per column. */
function columns(owned: readonly Owned[]): unknown[] {
  const token: string[][] = [[], [], [], [], []]
  const reference: string[][] = [[], [], [], [], []]
  const date: string[][] = [[], [], []]
  const low: number[] = []
  const high: number[] = []
  const string: string[][] = [[], [], [], [], []]
  const quantity: string[][] = [[], [], [], [], [], [], []]
  const measures: number[][] = [[], [], [], []]
  const push = (table: string[][], ...values: string[]) => {
    for (const [index, value] of values.entries()) table[index]?.push(value)
  }
  for (const { type, id, rows } of owned) {
    for (const row of rows.token.values()) push(token, type, row.param, row.value, id, row.system)
    for (const row of rows.reference.values()) push(reference, type, row.param, row.targetId, id, row.targetType)
    for (const row of rows.date.values()) {
      push(date, type, row.param, id)
      low.push(row.low)
      high.push(row.high)
    }
    for (const row of rows.string.values()) push(string, type, row.param, row.value, id, row.exact)
    for (const row of rows.quantity.values()) {
      push(quantity, type, row.param, id, row.system, row.code, row.unit, row.base)
      for (const [index, value] of [row.low, row.high, row.baseLow, row.baseHigh].entries())
        measures[index]?.push(value)
    }
  }
  return [...token, ...reference, ...date, low, high, ...string, ...quantity, ...measures]
}

// One round trip: every table's insert is a part of one statement, each part one statement of its own to PostgreSQL's
// executor. The resource's upsert takes only a newer version: a row that another transaction inserted meanwhile under the
// same id stays, and shows as a missing row in the count.
const insertText = (quantity: string) => `
  with resource as (
    insert into fhir_resource (tenant_id, type, id, version, updated, content)
    select $1, type, id, version, $2, content from unnest((select $3::text[]), (select $4::text[]), (select $5::int[]), (select $6::text[])) as v (type, id, version, content)
    order by type, id
    on conflict (tenant_id, type, id) do update
      set version = excluded.version, updated = excluded.updated, content = excluded.content
      where fhir_resource.version < excluded.version
    returning 1),
  history as (
    insert into fhir_history (tenant_id, type, id, version, interaction, updated, content)
    select $1, type, id, version, interaction, $2, content
    from unnest((select $7::text[]), (select $8::text[]), (select $9::int[]), (select $10::text[]), (select $11::text[])) as v (type, id, version, interaction, content)),
  watched as (
    insert into fhir_watched_change (tenant_id, type, id, version, interaction)
    select $1, type, id, version, interaction
    from unnest((select $7::text[]), (select $8::text[]), (select $9::int[]), (select $10::text[])) as v (type, id, version, interaction)
    where exists (select from fhir_watched_type w where w.tenant_id = $1 and w.type = v.type)
    returning 1),
  change as (
    insert into fhir_change (tenant_id, bucket, event_id, type, id, version, interaction, subject)
    select $1, bucket, type || '/' || id || '/' || version, type, id, version, interaction, subject
    from unnest((select $12::smallint[]), (select $13::text[]), (select $14::text[]), (select $15::int[]), (select $16::text[]), (select $17::text[]))
      as v (bucket, type, id, version, interaction, subject)),
  token as (
    insert into fhir_token (tenant_id, type, param, value, id, system)
    select $1, * from unnest((select $18::text[]), (select $19::text[]), (select $20::text[]), (select $21::text[]), (select $22::text[]))),
  reference as (
    insert into fhir_reference (tenant_id, type, param, target_id, id, target_type)
    select $1, * from unnest((select $23::text[]), (select $24::text[]), (select $25::text[]), (select $26::text[]), (select $27::text[]))),
  date as (
    insert into fhir_date (tenant_id, type, param, id, low, high)
    select $1, * from unnest((select $28::text[]), (select $29::text[]), (select $30::text[]), (select $31::bigint[]), (select $32::bigint[]))),
  string as (
    insert into fhir_string (tenant_id, type, param, value, id, exact)
    select $1, * from unnest((select $33::text[]), (select $34::text[]), (select $35::text[]), (select $36::text[]), (select $37::text[])))${quantity}
  select (select count(*) from resource)::int as stored,
    case when cardinality($12::smallint[]) > 0 then pg_notify('throughline_change', $1) end,
    case when exists (select from watched) then pg_notify('throughline_subscription', $1) end`

const deleteText = (quantity: string) => `
  with token as (
    delete from fhir_token t using unnest((select $2::text[]), (select $3::text[]), (select $4::text[]), (select $5::text[]), (select $6::text[])) as v (type, param, value, id, system)
    where t.tenant_id = $1 and t.type = v.type and t.param = v.param and t.value = v.value and t.id = v.id and t.system = v.system),
  reference as (
    delete from fhir_reference t using unnest((select $7::text[]), (select $8::text[]), (select $9::text[]), (select $10::text[]), (select $11::text[])) as v (type, param, target_id, id, target_type)
    where t.tenant_id = $1 and t.type = v.type and t.param = v.param and t.target_id = v.target_id and t.id = v.id and t.target_type = v.target_type),
  date as (
    delete from fhir_date t using unnest((select $12::text[]), (select $13::text[]), (select $14::text[]), (select $15::bigint[]), (select $16::bigint[])) as v (type, param, id, low, high)
    where t.tenant_id = $1 and t.type = v.type and t.param = v.param and t.id = v.id and t.low = v.low and t.high = v.high)${quantity}
  delete from fhir_string t using unnest((select $17::text[]), (select $18::text[]), (select $19::text[]), (select $20::text[]), (select $21::text[])) as v (type, param, value, id, exact)
  where t.tenant_id = $1 and t.type = v.type and t.param = v.param and t.value = v.value and t.id = v.id and t.exact = v.exact`

const insertQuantities = `,
  quantity as (
    insert into fhir_quantity (tenant_id, type, param, id, system, code, unit, base, low, high, base_low, base_high)
    select $1, * from unnest((select $38::text[]), (select $39::text[]), (select $40::text[]), (select $41::text[]), (select $42::text[]), (select $43::text[]), (select $44::text[]),
      (select $45::float8[]), (select $46::float8[]), (select $47::float8[]), (select $48::float8[])))`

const deleteQuantities = `,
  quantity as (
    delete from fhir_quantity t using unnest((select $22::text[]), (select $23::text[]), (select $24::text[]), (select $25::text[]), (select $26::text[]), (select $27::text[]), (select $28::text[]),
      (select $29::float8[]), (select $30::float8[]), (select $31::float8[]), (select $32::float8[])) as v (type, param, id, system, code, unit, base, low, high, base_low, base_high)
    where t.tenant_id = $1 and t.type = v.type and t.param = v.param and t.id = v.id and t.low = v.low and t.high = v.high and t.code = v.code and t.system = v.system and t.unit = v.unit)`

// Most writes touch no number, and a part of a statement costs even when it has nothing to do.
const quantityColumns = 11
const inserts = { name: 'fhir-store-rows', plain: insertText(''), whole: insertText(insertQuantities) }
const deletes = { name: 'fhir-delete-rows', plain: deleteText(''), whole: deleteText(deleteQuantities) }

function statementOf(of: typeof inserts, values: unknown[], rows: readonly unknown[]): Required<Statement> {
  const quantities = rows.at(-quantityColumns)
  return Array.isArray(quantities) && quantities.length > 0
    ? { name: of.name, text: of.whole, values: [...values, ...rows] }
    : { name: `${of.name}-plain`, text: of.plain, values: [...values, ...rows.slice(0, -quantityColumns)] }
}

/** Stores versions, change events and the differences of search rows; sends the hint that changes wait. */
export async function storeRows(
  tx: Tx,
  now: Date,
  versions: readonly Version[],
  added: readonly Owned[],
  removed: readonly Owned[],
): Promise<void> {
  const gone = columns(removed)
  const cleared = gone.some((column) => Array.isArray(column) && column.length > 0)
    ? tx.run(statementOf(deletes, [tx.tenant], gone))
    : Promise.resolve(0)
  // Of several versions of one resource in a batch, the last one is current.
  const current = [...new Map(versions.map((version) => [`${version.type}/${version.id}`, version])).values()]
  const changes = versions.filter(({ subject }) => subject !== undefined)
  const stored = tx.query<{ stored: number }>(
    statementOf(
      inserts,
      [
        tx.tenant,
        now,
        current.map(({ type }) => type),
        current.map(({ id }) => id),
        current.map(({ version }) => version),
        current.map(({ content }) => content),
        versions.map(({ type }) => type),
        versions.map(({ id }) => id),
        versions.map(({ version }) => version),
        versions.map(({ interaction }) => interaction),
        versions.map(({ content }) => content),
        changes.map(({ bucket }) => bucket),
        changes.map(({ type }) => type),
        changes.map(({ id }) => id),
        changes.map(({ version }) => version),
        changes.map(({ interaction }) => interaction),
        changes.map(({ subject }) => subject),
      ],
      columns(added),
    ),
  )
  // Sent together, and done in this order.
  const [, [row]] = await Promise.all([cleared, stored]).catch((cause: unknown) => {
    // 23505: the same version of the same resource was stored meanwhile.
    throw cause instanceof Error && 'code' in cause && cause.code === '23505'
      ? refuse('write-collided', { cause })
      : cause
  })
  if (row?.stored !== current.length) throw refuse('write-collided')
}
