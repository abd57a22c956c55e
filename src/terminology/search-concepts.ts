import type { Tx } from '../db/index.ts'
import { wordsOf } from './fold-words.ts'
import { type Bind, type Members, membersSql } from './members.ts'
import { mostOfPrefix, shortest } from './store-system.ts'
import { type Concept, conceptColumns } from './systems.ts'

/** A whole word may be the beginning of this many other words at most; the commonest are taken. */
const mostWords = 1_000
/** Of a word of one or two letters only these many are looked through, and the word itself always. */
const mostShort = 200

/** After every string that begins with what stands before it, in the C collation. */
const end = '\u{10FFFF}'

/** One concept by its number. With `limit 1` in a lateral join it is fetched one by one; a join might read the whole system. */
const conceptOf = (ord: string) =>
  `select ${conceptColumns} from term_concept c where c.tenant_id = $1 and c.system = $2 and c.ord = ${ord}`

const binder = (values: unknown[]): Bind => {
  return (value) => {
    values.push(value)
    return `$${values.length}`
  }
}

export interface ConceptSearch {
  /** What was typed: each word begins a word of one of the concept's names. */
  text: string
  members?: Members
  activeOnly?: boolean
  /** Leave out what only groups. */
  selectableOnly?: boolean
  limit: number
  offset?: number
}

/**
 * Concepts of a system that have all the words, in the order of their numbers. The rarest word leads through the index of
 * words; the others are looked for in the concept's own text.
 */
export async function searchConcepts(tx: Tx, system: number, search: ConceptSearch): Promise<Concept[]> {
  const words = [...new Set(wordsOf(search.text))]
  if (words.length === 0) return []
  const [only] = words
  const until = (search.offset ?? 0) + search.limit
  if (words.length === 1 && only !== undefined && only.length <= shortest && !search.members && until <= mostOfPrefix)
    return searchShort(tx, system, only, search)
  const leading = words.length === 1 ? words[0] : await rarest(tx, system, words)
  if (leading === undefined) return []
  const others = words.filter((word) => word !== leading)
  const values: unknown[] = [tx.tenant, system, leading, `${leading}${end}`]
  const bind = binder(values)
  const conditions = [
    ...others.map((word) => `strpos(c.words, ${bind(` ${word}`)}) > 0`),
    ...(search.activeOnly ? ['c.active'] : []),
    ...(search.selectableOnly ? ['not c.abstract'] : []),
    ...(search.members ? [membersSql(search.members, '$2', bind, 'probe')] : []),
  ]
  const needed = bind(until)
  const skipped = bind(search.offset ?? 0)
  const count = leading.length > 2 ? mostWords : mostShort
  const join =
    conditions.length === 0
      ? ''
      : `cross join lateral (select 1 from term_concept c where c.tenant_id = $1 and c.system = $2 and c.ord = w.ord and ${conditions.join(' and ')} limit 1) c`
  return tx.query<Concept>({
    text: `with v as materialized (
             select word from term_vocabulary where tenant_id = $1 and system = $2 and word >= $3 and word < $4
             order by word <> $3, concepts desc limit ${count}),
           found as materialized (
             select distinct w.ord from v cross join lateral (
               select w.ord from term_word w ${join}
               where w.tenant_id = $1 and w.system = $2 and w.word = v.word order by w.ord limit ${needed}) w
             order by ord offset ${skipped} limit ${bind(search.limit)})
           select c.* from found cross join lateral (${conceptOf('found.ord')} limit 1) c order by c.ord`,
    values,
  })
}

/** What begins with up to three letters has a list of its own. */
function searchShort(tx: Tx, system: number, prefix: string, search: ConceptSearch): Promise<Concept[]> {
  return tx.query<Concept>({
    name: search.selectableOnly ? 'term-short-selectable' : 'term-short',
    text: `select c.* from term_word w cross join lateral (${conceptOf('w.ord')}${search.selectableOnly ? ' and not c.abstract' : ''} limit 1) c
           where w.tenant_id = $1 and w.system = $2 and w.word = $3 order by w.ord offset $4 limit $5`,
    values: [tx.tenant, system, `${prefix}*`, search.offset ?? 0, search.limit],
  })
}

/** The word by which the fewest concepts are found; undefined when one of them begins no word at all. */
async function rarest(tx: Tx, system: number, words: readonly string[]): Promise<string | undefined> {
  const rows = await tx.query<{ word: string; n: number }>({
    name: 'term-rarest',
    text: `select p.word, coalesce(sum(v.concepts), 0)::int as n from unnest($3::text[], $4::text[]) p (word, until)
           left join lateral (select concepts from term_vocabulary where tenant_id = $1 and system = $2 and word >= p.word and word < p.until limit 1000) v on true
           group by p.word order by n`,
    values: [tx.tenant, system, words, words.map((word) => `${word}${end}`)],
  })
  const [first] = rows
  return first === undefined || first.n === 0 ? undefined : first.word
}

/** Concepts that can be chosen whose code begins so, by code. */
export function searchCodes(
  tx: Tx,
  system: number,
  text: string,
  limit: number,
  members?: Members,
): Promise<Concept[]> {
  const values: unknown[] = [tx.tenant, system, text, `${text}${end}`, limit]
  const condition = members ? ` and ${membersSql(members, '$2', binder(values), 'probe')}` : ''
  return tx.query<Concept>({
    text: `select ${conceptColumns} from term_concept c
           where c.tenant_id = $1 and c.system = $2 and c.code >= $3 and c.code < $4 and c.active and not c.abstract${condition} order by c.code limit $5`,
    values,
  })
}

/** Concepts by what they are members of, in the order of their numbers. */
export function listMembers(
  tx: Tx,
  system: number,
  members: Members,
  page: { offset: number; limit: number },
): Promise<Concept[]> {
  const values: unknown[] = [tx.tenant, system, page.offset, page.limit]
  const where = membersSql(members, '$2', binder(values), 'scan')
  return tx.query<Concept>({
    text: `select ${conceptColumns} from term_concept c where c.tenant_id = $1 and c.system = $2 and ${where}
           order by c.ord offset $3 limit $4`,
    values,
  })
}

export async function countMembers(tx: Tx, system: number, members: Members): Promise<number> {
  const values: unknown[] = [tx.tenant, system]
  const [row] = await tx.query<{ n: number }>({
    text: `select count(*)::int as n from term_concept c where c.tenant_id = $1 and c.system = $2 and ${membersSql(members, '$2', binder(values), 'scan')}`,
    values,
  })
  return row?.n ?? 0
}

/** The concepts of these codes that are members. */
export function whichAreMembers(
  tx: Tx,
  system: number,
  members: Members,
  codes: readonly string[],
): Promise<Concept[]> {
  const values: unknown[] = [tx.tenant, system, codes]
  const where = membersSql(members, '$2', binder(values), 'probe')
  return tx.query<Concept>({
    text: `select ${conceptColumns} from term_concept c where c.tenant_id = $1 and c.system = $2 and c.code = any($3::text[]) and ${where}`,
    values,
  })
}
