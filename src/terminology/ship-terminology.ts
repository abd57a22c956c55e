import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { ConceptMap, ValueSet } from '@medplum/fhirtypes'
import type { Database, Tx } from '../db/index.ts'
import type { TenantId } from '../kernel/index.ts'
import { commonUnits } from './common-units.ts'
import type { ConceptContent, SystemContent } from './content.ts'
import { keepValueSets } from './project-terminology.ts'
import { contentOfConceptMap } from './read-resource.ts'
import { nextId, removeMap, storeConcepts, storeMap } from './store-system.ts'

type Row = [code: string, display: string, parent?: number, flags?: number]
interface Shipped {
  systems: { url: string; version: string; title: string; concepts: Row[] }[]
  valueSets: ValueSet[]
  maps: ConceptMap[]
}

const kind = 'shipped'
/** Raised when the same file makes other rows, so that tenants get them anew. */
const rowsFormat = '2'
const file = new URL('./generated/hl7.json', import.meta.url)

/**
 * Gives a tenant the sets that may be given away: HL7's code systems, value sets and maps of R4 (CC0) and common units. Done
 * once for each state of the file; what the tenant loaded or wrote itself stays as it is. Returns whether there was
 * anything to do.
 */
export async function shipTerminology(database: Database, tenant: TenantId): Promise<boolean> {
  const text = await readFile(file, 'utf8')
  const hash = createHash('sha256').update(text).update(JSON.stringify(commonUnits)).update(rowsFormat).digest('hex')
  return database.transaction(tenant, async (tx) => {
    await tx.run({ text: `select pg_advisory_xact_lock(hashtext('term-ship'), hashtext($1))`, values: [tenant] })
    const [done] = await tx.query({
      text: `select id from term_load where tenant_id = $1 and id = $2 and source = $3`,
      values: [tenant, kind, hash],
    })
    if (done) return false
    await ship(tx, JSON.parse(text))
    await tx.run({
      text: `insert into term_load (tenant_id, id, kind, source, status, phase, started_by) values ($1, $2, $2, $3, 'done', 'finishing', 'Throughline')
             on conflict (tenant_id, id) do update set source = excluded.source, updated_at = now()`,
      values: [tenant, kind, hash],
    })
    return true
  })
}

async function ship(tx: Tx, shipped: Shipped): Promise<void> {
  const here = async (work: (tx: Tx) => Promise<unknown>) => {
    await work(tx)
  }
  await removeShipped(tx)
  const contents = [...shipped.systems.map(contentOf), unitsOf()]
  const first = await nextId(tx, 'term_system')
  await tx.run({
    text: `insert into term_system (tenant_id, id, url, version, kind, title, content, ready, current, concepts)
           select $1, s.id, s.url, s.version, $2, s.title, s.content, true,
             not exists (select from term_system o where o.tenant_id = $1 and o.url = s.url and o.current), s.concepts
           from unnest($3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[]) s (id, url, version, title, content, concepts)`,
    values: [
      tx.tenant,
      kind,
      contents.map((_, index) => first + index),
      contents.map(({ url }) => url),
      contents.map(({ version }) => version),
      contents.map(({ title }) => title),
      contents.map(({ content }) => content),
      contents.map(({ concepts }) => concepts.length),
    ],
  })
  await storeConcepts(
    here,
    contents.map((content, index) => ({ system: first + index, content })),
  )
  await keepValueSets(tx, shipped.valueSets, { kind })
  for (const map of shipped.maps) {
    const content = contentOfConceptMap(map)
    if (content) await storeMap(here, content, { kind })
  }
}

async function removeShipped(tx: Tx): Promise<void> {
  const here = async (work: (tx: Tx) => Promise<unknown>) => {
    await work(tx)
  }
  for (const table of ['term_word', 'term_vocabulary', 'term_property', 'term_ancestor', 'term_concept'])
    await tx.run({
      text: `delete from ${table} where tenant_id = $1 and system in (select id from term_system where tenant_id = $1 and kind = $2)`,
      values: [tx.tenant, kind],
    })
  await tx.run({ text: 'delete from term_system where tenant_id = $1 and kind = $2', values: [tx.tenant, kind] })
  await tx.run({ text: 'delete from term_value_set where tenant_id = $1 and kind = $2', values: [tx.tenant, kind] })
  const maps = await tx.query<{ id: number }>({
    text: 'select id from term_map where tenant_id = $1 and kind = $2',
    values: [tx.tenant, kind],
  })
  for (const { id } of maps) await removeMap(here, id)
}

const contentOf = ({ url, version, title, concepts }: Shipped['systems'][number]): SystemContent => ({
  url,
  version,
  title,
  content: 'complete',
  order: 'as-defined',
  concepts: concepts.map(([code, display, parent = -1, flags = 0]): ConceptContent => {
    const above = concepts[parent]?.[0]
    return {
      code,
      display,
      active: (flags & 2) === 0,
      abstract: (flags & 1) !== 0,
      ...(above === undefined ? {} : { parents: [above] }),
    }
  }),
})

const unitsOf = (): SystemContent => ({
  url: 'http://unitsofmeasure.org',
  version: 'common',
  title: 'UCUM, common units',
  content: 'fragment',
  order: 'as-defined',
  concepts: commonUnits.map(([code, display]) => ({ code, display })),
})
