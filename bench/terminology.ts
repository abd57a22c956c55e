// The pickers' search over a SNOMED-sized system (350,000 concepts, some 2 million words) against a plain SQL search of the
// same rows (every word somewhere in the names), and is-a questions against a recursive query over the parents.
// Run: node bin/node24.js bench/terminology.ts [concepts]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { clientConfig, migrate, openDatabase, startEmbedded, type Tx } from '../src/db/index.ts'
import { createLog, tenantId } from '../src/kernel/index.ts'
import type { ConceptContent } from '../src/terminology/content.ts'
import { pickConcepts } from '../src/terminology/pick-concepts.ts'
import { whichAreMembers } from '../src/terminology/search-concepts.ts'
import { beginSystem, finishSystem, ownTransactions, storeConcepts } from '../src/terminology/store-system.ts'

const size = Number(process.argv[2] ?? 350_000)
const folder = await mkdtemp(join(tmpdir(), 'throughline-bench-'))
const server = await startEmbedded({ dataFolder: folder, log: createLog('fatal') })
await migrate(server.target)
const owner = new pg.Client(clientConfig(server.target, 'owner'))
await owner.connect()
await owner.query(`insert into tenant (tenant_id, name) values ('ours', 'Ours')`)
const database = openDatabase(server.target)
const ours = tenantId('ours')
const url = 'http://bench.example/findings'

// Words by a power law, as in real names: few are in tens of thousands of concepts, most in a handful.
let seed = 42
const random = () => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
  return seed / 2 ** 32
}
const syllables = 'ka lo mi ren tas ful dor ven pul mon car dia gas tro hep neu ral fib ost cep tal gia'.split(' ')
const vocabulary = Array.from({ length: 60_000 }, (_, n) => {
  let word = ''
  for (let rest = n + 20; rest > 0; rest = Math.floor(rest / syllables.length))
    word += syllables[rest % syllables.length]
  return word
})
const word = () => vocabulary[Math.floor(vocabulary.length * random() ** 4)] ?? ''
const names = (count: number) => Array.from({ length: count }, word).join(' ')
const concepts = Array.from(
  { length: size },
  (_, n): ConceptContent => ({
    code: String(100_000_000 + n),
    display: names(2 + Math.floor(random() * 5)),
    designations: Array.from({ length: Math.floor(random() * 3) }, () => ({ language: 'en', value: names(3) })),
    // Eight children each, and every third with a second parent beside the first: some ten above one, as in SNOMED CT.
    parents: (n === 0 ? [] : n % 3 === 0 ? [n / 8, n / 8 + n / 64] : [n / 8]).map((at) =>
      String(100_000_000 + Math.floor(at)),
    ),
  }),
)
let began = performance.now()
const system = await database.transaction(ours, (tx) =>
  beginSystem(tx, { url, version: '1', title: 'Bench', content: 'complete' }, { kind: 'resource' }),
)
const content = { url, version: '1', title: 'Bench', content: 'complete', order: 'rank', concepts } as const
await storeConcepts(ownTransactions(database, ours), [{ system, content: { ...content, concepts } }])
await database.transaction(ours, (tx) => finishSystem(tx, system, url, size))
const loading = (performance.now() - began) / 1000
await owner.query('vacuum analyze')
const { rows: pairs } = await owner.query<{ n: string }>('select count(*) as n from throughline.term_ancestor')
console.log(`${size} concepts with ${pairs[0]?.n} pairs above one another stored in ${loading.toFixed(0)} s`)

const times = async (count: number, work: (n: number) => Promise<unknown>): Promise<[p50: number, p99: number]> => {
  const all: number[] = []
  for (let n = 0; n < count; n += 1) {
    began = performance.now()
    await work(n)
    all.push(performance.now() - began)
  }
  all.sort((a, b) => a - b)
  return [all[Math.floor(count / 2)] ?? 0, all[Math.floor(count * 0.99)] ?? 0]
}
const inTx = (work: (tx: Tx) => Promise<unknown>) => database.transaction(ours, work)
const compare = async (
  name: string,
  mine: (n: number) => Promise<unknown>,
  theirs: (n: number) => Promise<unknown>,
) => {
  await times(20, mine)
  const [p50, p99] = await times(300, mine)
  await times(2, theirs)
  const [plain50, plain99] = await times(25, theirs)
  console.log(
    `${name.padEnd(34)} p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms   plain p50 ${plain50.toFixed(1)} ms, p99 ${plain99.toFixed(1)} ms   ratio of p99 ${(plain99 / p99).toFixed(1)}`,
  )
}
const pick = (text: string) => inTx((tx) => pickConcepts(tx, { system: url, text, language: 'en', limit: 20 }))
const plain = (text: string) =>
  inTx((tx) =>
    tx.query({
      text: `select code, display from term_concept where tenant_id = $1 and system = $2 and active and ${text
        .split(' ')
        .map((_, index) => `words like $${index + 3}`)
        .join(' and ')} order by length(display) limit 20`,
      values: [ours, system, ...text.split(' ').map((one) => `% ${one}%`)],
    }),
  )
// The words of concepts there are, cut as somebody who still types has them.
const typed = Array.from({ length: 300 }, () => {
  const own = (concepts[Math.floor(random() * size)]?.display ?? '').split(' ')
  return own.slice(0, 2).map((one) => one.slice(0, 4))
})
await compare(
  'one word of three letters',
  (n) => pick((typed[n]?.[0] ?? '').slice(0, 3)),
  (n) => plain((typed[n]?.[0] ?? '').slice(0, 3)),
)
await compare(
  'one letter',
  (n) => pick((typed[n]?.[0] ?? '').slice(0, 1)),
  (n) => plain((typed[n]?.[0] ?? '').slice(0, 1)),
)
await compare(
  'two words of four letters',
  (n) => pick((typed[n] ?? []).join(' ')),
  (n) => plain((typed[n] ?? []).join(' ')),
)
const pair = (n: number) => [String(100_000_000 + (n % 50)), String(100_000_000 + ((n * 7_919) % size))] as const
await compare(
  'is one code below another',
  (n) => {
    const [above, code] = pair(n)
    return inTx((tx) => whichAreMembers(tx, system, { kind: 'reach', code: above, down: true, self: true }, [code]))
  },
  (n) => {
    const [above, code] = pair(n)
    return inTx((tx) =>
      tx.query({
        text: `with recursive up (ord) as (
                 select ord from term_concept where tenant_id = $1 and system = $2 and code = $3
                 union select a.ancestor from up join term_ancestor a on a.tenant_id = $1 and a.system = $2 and a.descendant = up.ord and a.direct)
               select 1 from up join term_concept c on c.tenant_id = $1 and c.system = $2 and c.ord = up.ord where c.code = $4`,
        values: [ours, system, code, above],
      }),
    )
  },
)

await database.close()
await owner.end()
await server.stop()
await rm(folder, { recursive: true, force: true })
