import type { Database, Tx } from '../db/index.ts'
import type { TenantId } from '../kernel/index.ts'
import { closeHierarchy } from './close-hierarchy.ts'
import type { ConceptContent, MapContent, SystemContent } from './content.ts'
import { wordsOf } from './fold-words.ts'

export type Phase = 'reading' | 'concepts' | 'words' | 'properties' | 'hierarchy' | 'maps' | 'finishing'
export type Progress = (phase: Phase, done: number, total: number) => Promise<void> | void

/** Where rows go: each batch in a transaction of its own for what takes minutes, all in the caller's for a resource. */
export type Batches = (work: (tx: Tx) => Promise<unknown>) => Promise<void>

export const ownTransactions =
  (database: Database, tenant: TenantId): Batches =>
  async (work) => {
    await database.transaction(tenant, work)
  }

/** The next number of a table, under a lock of the transaction. */
export async function nextId(tx: Tx, table: 'term_system' | 'term_map'): Promise<number> {
  await tx.run({ text: `select pg_advisory_xact_lock(hashtext($1), hashtext($2))`, values: [table, tx.tenant] })
  const [row] = await tx.query<{ id: number }>({
    text: `select coalesce(max(id), 0) + 1 as id from ${table} where tenant_id = $1`,
    values: [tx.tenant],
  })
  return row?.id ?? 1
}

/** Makes a system that nobody sees yet, and returns its number. */
export async function beginSystem(
  tx: Tx,
  content: Pick<SystemContent, 'url' | 'version' | 'title' | 'content'>,
  from: { kind: string; resourceId?: string },
): Promise<number> {
  const id = await nextId(tx, 'term_system')
  await tx.run({
    text: 'insert into term_system (tenant_id, id, url, version, kind, title, content, resource_id) values ($1, $2, $3, $4, $5, $6, $7, $8)',
    values: [
      tx.tenant,
      id,
      content.url,
      content.version,
      from.kind,
      content.title,
      content.content,
      from.resourceId ?? null,
    ],
  })
  return id
}

const batch = 10_000
const longestValue = 200
/** Letters of a beginning that has a list of its own, and how many concepts that list has at most. */
export const shortest = 3
export const mostOfPrefix = 2_000

/** Orders concepts as a picker shows them: what is in use, what can be chosen, the shortest name. */
const byRank = (a: ConceptContent, b: ConceptContent): number =>
  Number(a.active === false) - Number(b.active === false) ||
  Number(a.abstract === true) - Number(b.abstract === true) ||
  a.display.length - b.display.length ||
  (a.display < b.display ? -1 : 1)

export interface StoredSystem {
  system: number
  content: SystemContent
}

/** Writes the concepts of systems with their words, properties and hierarchy, in pieces. */
export async function storeConcepts(
  batches: Batches,
  systems: readonly StoredSystem[],
  progress: Progress = () => {},
): Promise<void> {
  const ordered = systems.map(({ system, content }) => {
    const concepts = content.order === 'rank' ? content.concepts.toSorted(byRank) : content.concepts
    return { system, concepts, closure: closeHierarchy(concepts) }
  })
  const count = ordered.reduce((sum, { concepts }) => sum + concepts.length, 0)
  const postings = ordered.map(() => new Map<string, number[]>())
  await insertRows(
    batches,
    (function* () {
      for (const [at, { system, concepts }] of ordered.entries())
        for (const [index, concept] of concepts.entries()) {
          const names = [concept.display, ...(concept.designations ?? []).map(({ value }) => value)]
          const words = new Set(names.flatMap(wordsOf))
          // What is no longer in use is looked up, not found.
          if (concept.active !== false) post(postings[at], words, index + 1)
          yield [
            system,
            index + 1,
            concept.code,
            concept.display,
            concept.active !== false,
            concept.abstract === true,
            [...words].map((word) => ` ${word}`).join(''),
            extraOf(concept),
          ]
        }
    })(),
    {
      table: 'term_concept',
      columns: 'system int, ord int, code text, display text, active boolean, abstract boolean, words text, extra text',
    },
    (done) => progress('concepts', done, count),
  )
  // The word `car*` stands for all that begin so: what is typed first would have to be gathered from a thousand words.
  const vocabularies = ordered.map(({ system }, at) => ({ system, words: [...(postings[at] ?? [])].sort(byKey) }))
  const total = vocabularies.reduce((sum, { words }) => sum + words.reduce((all, [, ords]) => all + ords.length, 0), 0)
  await insertRows(
    batches,
    (function* () {
      for (const { system, words } of vocabularies) {
        for (const [word, ords] of words) for (const ord of ords) yield [system, word, ord]
        for (const [prefix, ords] of shortPrefixes(words)) for (const ord of ords) yield [system, `${prefix}*`, ord]
      }
    })(),
    { table: 'term_word', columns: 'system int, word text, ord int' },
    (done) => progress('words', Math.min(done, total), total),
  )
  await insertRows(
    batches,
    (function* () {
      for (const { system, words } of vocabularies) for (const [word, ords] of words) yield [system, word, ords.length]
    })(),
    { table: 'term_vocabulary', columns: 'system int, word text, concepts int' },
  )
  await insertRows(
    batches,
    (function* () {
      for (const { system, concepts } of ordered)
        for (const [index, concept] of concepts.entries())
          for (const { code, value } of concept.properties ?? [])
            if (value.length <= longestValue) yield [system, code, value, index + 1]
    })(),
    { table: 'term_property', columns: 'system int, property text, value text, ord int' },
    (done) => progress('properties', done, 0),
  )
  const pairs = ordered.reduce((sum, { closure }) => sum + closure.size, 0)
  await insertRows(
    batches,
    (function* () {
      for (const { system, closure } of ordered)
        for (const { ancestor, descendant, direct } of closure.pairs())
          yield [system, ancestor + 1, descendant + 1, direct]
    })(),
    { table: 'term_ancestor', columns: 'system int, ancestor int, descendant int, direct boolean' },
    (done) => progress('hierarchy', done, pairs),
  )
}

/** For each beginning of up to three letters the first concepts that have it, of words in their order. */
function* shortPrefixes(words: readonly [string, number[]][]): Generator<[string, number[]]> {
  for (let length = 1; length <= shortest; length += 1)
    for (let from = 0; from < words.length; ) {
      const prefix = words[from]?.[0].slice(0, length) ?? ''
      let to = from
      while (words[to]?.[0].startsWith(prefix)) to += 1
      if (prefix.length === length) {
        const ords = Uint32Array.from(words.slice(from, to).flatMap(([, own]) => own)).sort()
        const first: number[] = []
        for (const ord of ords) {
          if (first.length === mostOfPrefix) break
          if (first.at(-1) !== ord) first.push(ord)
        }
        yield [prefix, first]
      }
      from = to
    }
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1)

function post(postings: Map<string, number[]> | undefined, words: Iterable<string>, ord: number): void {
  for (const word of words) {
    const list = postings?.get(word)
    if (list) list.push(ord)
    else postings?.set(word, [ord])
  }
}

function extraOf({ definition, designations, properties }: ConceptContent): string | null {
  if (definition === undefined && !designations?.length && !properties?.length) return null
  return JSON.stringify({ definition, designations, properties })
}

/** Rows in the order given, so that an index is filled in its own. A row that is there already is left. */
async function insertRows(
  batches: Batches,
  rows: Iterable<readonly unknown[]>,
  into: { table: string; columns: string },
  progress: (done: number) => Promise<void> | void = () => {},
): Promise<void> {
  const columns = into.columns.split(', ').map((column) => column.split(' '))
  let values: unknown[][] = columns.map(() => [])
  let done = 0
  const write = async () => {
    const size = values[0]?.length ?? 0
    if (size === 0) return
    await batches((tx) =>
      tx.run({
        name: `load-${into.table}`,
        text: `insert into ${into.table} (tenant_id, ${columns.map(([name]) => name).join(', ')})
               select $1, * from unnest(${columns.map(([, type], index) => `$${index + 2}::${type}[]`).join(', ')}) on conflict do nothing`,
        values: [tx.tenant, ...values],
      }),
    )
    done += size
    values = columns.map(() => [])
    await progress(done)
  }
  for (const row of rows) {
    for (const [index, value] of row.entries()) values[index]?.push(value)
    if ((values[0]?.length ?? 0) >= batch) await write()
  }
  await write()
}

/** Writes a concept map that nobody sees before its own row: entries first, then the row. */
export async function storeMap(
  batches: Batches,
  map: MapContent,
  from: { kind: string; system?: number; resourceId?: string },
  progress: (done: number) => Promise<void> | void = () => {},
): Promise<void> {
  let id = 0
  await batches(async (tx) => {
    id = await nextId(tx, 'term_map')
    // A number is taken by its row; the url is given at the end.
    await tx.run({
      text: `insert into term_map (tenant_id, id, url, version, kind, title, source, target, system, resource_id) values ($1, $2, '', '', $3, $4, $5, $6, $7, $8)`,
      values: [
        tx.tenant,
        id,
        from.kind,
        map.title,
        map.source ?? null,
        map.target ?? null,
        from.system ?? null,
        from.resourceId ?? null,
      ],
    })
  })
  const counts = new Map<string, number>()
  for (let at = 0; at < map.entries.length; at += batch) {
    const part = map.entries.slice(at, at + batch)
    const numbers = part.map(({ sourceSystem, sourceCode }) => {
      const key = `${sourceSystem}|${sourceCode}`
      const n = (counts.get(key) ?? 0) + 1
      counts.set(key, n)
      return n
    })
    await batches((tx) =>
      tx.run({
        text: `insert into term_map_entry (tenant_id, map, source_system, source_code, n, target_system, target_code, display, equivalence, comment)
               select $1, $2, * from unnest($3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])`,
        values: [
          tx.tenant,
          id,
          part.map((entry) => entry.sourceSystem),
          part.map((entry) => entry.sourceCode),
          numbers,
          part.map((entry) => entry.targetSystem),
          part.map((entry) => entry.targetCode),
          part.map((entry) => entry.display ?? null),
          part.map((entry) => entry.equivalence),
          part.map((entry) => entry.comment ?? null),
        ],
      }),
    )
    await progress(at + part.length)
  }
  await batches((tx) =>
    tx.run({
      text: 'update term_map set url = $3, version = $4 where tenant_id = $1 and id = $2',
      values: [tx.tenant, id, map.url, map.version],
    }),
  )
}

/** Shows a system to all, as the current one of its url. */
export async function finishSystem(tx: Tx, system: number, url: string, concepts: number): Promise<void> {
  await tx.run({
    text: 'update term_system set current = (id = $3), ready = ready or id = $3, concepts = case when id = $3 then $4 else concepts end where tenant_id = $1 and url = $2',
    values: [tx.tenant, url, system, concepts],
  })
}

const parts = ['term_word', 'term_vocabulary', 'term_property', 'term_ancestor', 'term_concept'] as const

/** Takes a system away with all that came with it: hidden first, then its rows piece by piece. */
export async function removeSystem(batches: Batches, system: number): Promise<void> {
  const maps: number[] = []
  await batches(async (tx) => {
    await tx.run({
      text: 'update term_system set ready = false, current = false where tenant_id = $1 and id = $2',
      values: [tx.tenant, system],
    })
    await tx.run({
      text: 'delete from term_value_set where tenant_id = $1 and system = $2',
      values: [tx.tenant, system],
    })
    const rows = await tx.query<{ id: number }>({
      text: `update term_map set url = '' where tenant_id = $1 and system = $2 returning id`,
      values: [tx.tenant, system],
    })
    maps.push(...rows.map(({ id }) => id))
  })
  for (const map of maps) await removeMap(batches, map)
  for (const table of parts) await deleteAll(batches, table, 'system', system)
  await batches(async (tx) => {
    const [gone] = await tx.query<{ url: string }>({
      text: 'delete from term_system where tenant_id = $1 and id = $2 returning url',
      values: [tx.tenant, system],
    })
    // The newest of the other versions takes its place, when it was the current one.
    await tx.run({
      text: `update term_system set current = true where tenant_id = $1 and id = (
               select max(id) from term_system s where s.tenant_id = $1 and s.url = $2 and s.ready
               having not bool_or(s.current))`,
      values: [tx.tenant, gone?.url ?? ''],
    })
  })
}

export async function removeMap(batches: Batches, map: number): Promise<void> {
  await deleteAll(batches, 'term_map_entry', 'map', map)
  await batches((tx) =>
    tx.run({ text: 'delete from term_map where tenant_id = $1 and id = $2', values: [tx.tenant, map] }),
  )
}

async function deleteAll(batches: Batches, table: string, column: 'system' | 'map', id: number): Promise<void> {
  for (let deleted = -1; deleted !== 0; )
    await batches(async (tx) => {
      deleted = await tx.run({
        text: `delete from ${table} where ctid = any(array(select ctid from ${table} where tenant_id = $1 and ${column} = $2 limit 50000))`,
        values: [tx.tenant, id],
      })
    })
}
