// The pickers' search over a SNOMED-sized system (350,000 concepts unless told) against a plain SQL search of the
// same rows (every word somewhere in the names), and is-a questions against a recursive query over the parents.
// Run: node bin/node24.js bench/terminology.ts [concepts]
// Last: 2 × AMD EPYC under a load of twenty other processes, 100,000 concepts, p99 against plain: three letters 91 ms (3.2 times
//   as fast), one letter 48 ms (7.5), two words 251 ms (1.5); the statements themselves take 0.2 to 5 ms by `explain`.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { clientConfig, migrate, openDatabase, startEmbedded, type Tx } from '../src/db/index.ts'
import { type CallContext, createLog, systemActor, systemClock, tenantId } from '../src/kernel/index.ts'
import { beginLoad, checkBinding, confirmLicence, releaseFolder, terminologyRoutes } from '../src/terminology/index.ts'

const size = Number(process.argv[2] ?? 350_000)
const folder = await mkdtemp(join(tmpdir(), 'throughline-bench-'))
const log = createLog('fatal')
const server = await startEmbedded({ dataFolder: folder, log })
await migrate(server.target)
const owner = new pg.Client(clientConfig(server.target, 'owner'))
await owner.connect()
await owner.query(`insert into tenant (tenant_id, name) values ('ours', 'Ours')`)
const database = openDatabase(server.target)
const ours = tenantId('ours')
const url = 'http://snomed.info/sct'

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
// An RF2 release: eight children each, and every third concept with a second parent beside the first, so that some ten stand
// above one, as in SNOMED CT.
const tab = (heading: string, rows: string[][]) =>
  `${heading.split(' ').join('\t')}\n${rows.map((row) => row.join('\t')).join('\n')}\n`
const codeOf = (n: number) => String(100_000_000 + n)
const displays = Array.from({ length: size }, () => names(2 + Math.floor(random() * 5)))
const others = displays.map(() => Array.from({ length: Math.floor(random() * 3) }, () => names(3)))
const parentsOf = (n: number) => (n === 0 ? [] : n % 3 === 0 ? [n / 8, n / 8 + n / 64] : [n / 8]).map(Math.floor)
const release = join(folder, 'release', 'Snapshot')
await mkdir(release, { recursive: true })
await writeFile(
  join(release, 'sct2_Concept_Snapshot_INT_20260301.txt'),
  tab(
    'id effectiveTime active moduleId definitionStatusId',
    displays.map((_, n) => [codeOf(n), '20260301', '1', 'm', 'd']),
  ),
)
await writeFile(
  join(release, 'sct2_Description_Snapshot-en_INT_20260301.txt'),
  tab(
    'id effectiveTime active moduleId conceptId languageCode typeId term caseSignificanceId',
    displays.flatMap((display, n) =>
      [display, ...(others[n] ?? [])].map((term, at) => [
        `${n}-${at}`,
        '20260301',
        '1',
        'm',
        codeOf(n),
        'en',
        '900000000000013009',
        term,
        'c',
      ]),
    ),
  ),
)
await writeFile(
  join(release, 'sct2_Relationship_Snapshot_INT_20260301.txt'),
  tab(
    'id effectiveTime active moduleId sourceId destinationId relationshipGroup typeId characteristicTypeId modifierId',
    displays.flatMap((_, n) =>
      parentsOf(n).map((at) => [`${n}`, '20260301', '1', 'm', codeOf(n), codeOf(at), '0', '116680003', 'c', 'x']),
    ),
  ),
)
let began = performance.now()
const context: CallContext = { tenant: ours, actor: systemActor, clock: systemClock, requestId: 'bench', locale: 'en' }
await confirmLicence(database, context, 'snomed-ct')
await (await beginLoad({ database, log }, context, { kind: 'snomed-ct', path: join(folder, 'release') })).done
const loading = (performance.now() - began) / 1000
await owner.query('vacuum analyze')
const { rows: pairs } = await owner.query<{ n: string }>('select count(*) as n from throughline.term_ancestor')
console.log(`${size} concepts with ${pairs[0]?.n} pairs above one another loaded in ${loading.toFixed(0)} s`)

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
const search = terminologyRoutes({ database, log, releases: releaseFolder(folder) }).find(
  ({ path }) => path === '/api/terminology/search',
)
const pick = async (text: string) =>
  search?.handle(context, {
    params: {},
    query: { system: url, text, limit: 20 },
    body: undefined,
    headers: {},
    url: '',
    ip: '',
  })
const plain = (text: string) =>
  inTx((tx) =>
    tx.query({
      text: `select code, display from term_concept where tenant_id = $1 and system = $2 and active and ${text
        .split(' ')
        .map((_, index) => `words like $${index + 3}`)
        .join(' and ')} order by length(display) limit 20`,
      values: [ours, 1, ...text.split(' ').map((one) => `% ${one}%`)],
    }),
  )
// The words of concepts there are, cut as somebody who still types has them.
const typed = Array.from({ length: 300 }, () => {
  const own = (displays[Math.floor(random() * size)] ?? '').split(' ')
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
const pair = (n: number) => [codeOf(n % 50), codeOf((n * 7_919) % size)] as const
await compare(
  'is a code in a set by is-a',
  (n) => {
    const [above, code] = pair(n)
    return inTx((tx) => checkBinding(tx, `${url}?fhir_vs=isa/${above}`, { system: url, code }))
  },
  (n) => {
    const [above, code] = pair(n)
    return inTx((tx) =>
      tx.query({
        text: `with recursive up (ord) as (
                 select ord from term_concept where tenant_id = $1 and system = $2 and code = $3
                 union select a.ancestor from up join term_ancestor a on a.tenant_id = $1 and a.system = $2 and a.descendant = up.ord and a.direct)
               select 1 from up join term_concept c on c.tenant_id = $1 and c.system = $2 and c.ord = up.ord where c.code = $4`,
        values: [ours, 1, code, above],
      }),
    )
  },
)

await database.close()
await owner.end()
await server.stop()
await rm(folder, { recursive: true, force: true })
