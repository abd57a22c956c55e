import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../testkit/database.ts'
import {
  cptFixedRelease,
  cptRelease,
  icd10cmRelease,
  loincRelease,
  rxnormRelease,
  snomedRelease,
} from '../../testkit/terminologies.ts'
import { makeZip } from '../../testkit/zip.ts'
import { type CallContext, createLog, systemActor, systemClock } from '../kernel/index.ts'
import { detailOf, findConcepts, findSystem } from './systems.ts'
import { beginLoad, confirmLicence, type LoadKind } from './index.ts'

let db: FreshDatabase
let folder: string
let context: CallContext
beforeAll(async () => {
  db = await freshDatabase()
  folder = await mkdtemp(join(tmpdir(), 'throughline-terms-'))
  context = { tenant: db.alpha, actor: systemActor, clock: systemClock, requestId: 'r', locale: 'en' }
})
afterAll(async () => {
  await db.close()
  await rm(folder, { recursive: true, force: true })
})

async function asFolder(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name, path)), { recursive: true })
    await writeFile(join(folder, name, path), text)
  }
  return join(folder, name)
}
async function asZip(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  await writeFile(join(folder, name), makeZip(files))
  return join(folder, name)
}
async function load(kind: LoadKind, path: string, more: { version?: string; replace?: boolean } = {}) {
  await confirmLicence(db.database, context, kind)
  const begun = await beginLoad({ database: db.database, log: createLog('silent') }, context, { kind, path, ...more })
  return begun.done
}
/** What is stored of codes, with codes instead of numbers. */
const stored = (url: string, codes: readonly string[], version?: string) =>
  db.database.transaction(db.alpha, async (tx) => {
    const system = await findSystem(tx, url, version)
    if (!system) throw new Error(`${url} is not there`)
    const found = await findConcepts(tx, system.id, codes)
    const above = await tx.query<{ code: string; above: string }>({
      text: `select d.code, string_agg(a.code, ' ' order by a.code) as above from term_ancestor r
             join term_concept a on a.tenant_id = $1 and a.system = $2 and a.ord = r.ancestor
             join term_concept d on d.tenant_id = $1 and d.system = $2 and d.ord = r.descendant
             where r.tenant_id = $1 and r.system = $2 group by d.code`,
      values: [tx.tenant, system.id],
    })
    return codes.map((code) => {
      const { ord: _, extra, ...concept } = found.get(code) ?? { ord: 0, extra: null, code: 'none' }
      return { ...concept, ...detailOf({ extra }), above: above.find((row) => row.code === code)?.above ?? '' }
    })
  })

test('ICD-10-CM: codes with their dots, headings that are not to be chosen, blocks above, inclusion terms', async () => {
  const loaded = await load('icd-10-cm', await asZip('icd10cm.zip', icd10cmRelease()))
  expect(loaded).toEqual({
    url: 'http://hl7.org/fhir/sid/icd-10-cm',
    version: '2026',
    concepts: 6,
    maps: 0,
    valueSets: 0,
  })
  expect(await stored(loaded.url, ['Z98.76', 'Z98.7', 'Z98.77XA', 'Z97-Z98'])).toMatchObject([
    {
      display: 'Invented fever state, not elsewhere classified',
      active: true,
      abstract: false,
      designations: [
        { use: 'short', value: 'Invented fever state' },
        { use: 'synonym', value: 'Pathway pyrexia & chills' },
      ],
      above: 'Z00-Z99 Z97-Z98 Z98 Z98.7',
    },
    { display: 'Invented states', abstract: true, above: 'Z00-Z99 Z97-Z98 Z98' },
    { display: 'Invented rash, initial encounter', above: 'Z00-Z99 Z97-Z98 Z98 Z98.7' },
    { display: 'Invented states', abstract: true, above: 'Z00-Z99' },
  ])
})

test('LOINC: properties, quoted line breaks, parts above, answer lists as value sets, names in French', async () => {
  const loaded = await load('loinc', await asZip('Loinc_2.99.zip', loincRelease()))
  expect(loaded).toMatchObject({ url: 'http://loinc.org', version: '2.99', concepts: 7, valueSets: 1 })
  const [level, , old, part] = await stored(loaded.url, ['99901-1', '99902-9', '99903-7', 'LP999-2'])
  expect(level).toMatchObject({
    display: 'Throughline [Mass/volume] in Blood',
    definition: 'Mass of "Throughline", measured\nin blood',
    above: 'LP999-1 LP999-2',
  })
  expect(level).toHaveProperty('designations', [
    { language: 'en', use: 'short', value: 'Throughline Bld-mCnc' },
    { language: 'en', use: 'synonym', value: 'Throughline (Bld)' },
    { language: 'en', use: 'consumer', value: 'Throughline level' },
    { language: 'en', use: 'related', value: 'THRU' },
    { language: 'en', use: 'related', value: 'Care flow' },
    { language: 'fr-CA', use: 'preferred', value: 'Parcours [Masse/volume] dans le sang' },
  ])
  expect(old).toMatchObject({ active: false })
  expect(part).toMatchObject({ abstract: true })
})

test('RxNorm: its own concepts and no other source’s, relations the right way round', async () => {
  const loaded = await load('rxnorm', await asFolder('RxNorm_full_03022026', rxnormRelease()))
  expect(loaded).toMatchObject({ version: '03022026', concepts: 4 })
  expect(await stored(loaded.url, ['9900002', '9900001', '9900004'])).toMatchObject([
    {
      display: 'throughlinol 10 MG Oral Tablet',
      designations: [{ value: 'throughlinol 10mg tab' }],
      properties: [
        { code: 'TTY', value: 'SCD' },
        { code: 'has_ingredient', value: '9900001' },
        { code: 'STY', value: 'Clinical Drug' },
      ],
      above: '9900003',
    },
    { display: 'throughlinol', properties: [{ code: 'TTY', value: 'IN' }, { code: 'ingredient_of' }] },
    { display: 'Oldthrough', active: false },
  ])
})

test('SNOMED CT: preferred names, all that is above, attributes, reference sets and maps', async () => {
  const loaded = await load('snomed-ct', await asZip('snomed.zip', snomedRelease()))
  expect(loaded).toEqual({
    url: 'http://snomed.info/sct',
    version: 'http://snomed.info/sct/900000000000207008/version/20260301',
    concepts: 9,
    maps: 1,
    valueSets: 0,
  })
  const [fever, rash, both, retired] = await stored(loaded.url, ['1000001', '1000003', '1000004', '1000009'])
  expect(fever).toMatchObject({
    display: 'Throughline fever',
    designations: [
      { language: 'en', use: 'fsn', value: 'Throughline fever (disorder)' },
      { language: 'en', use: 'synonym', value: 'Pathway pyrexia' },
      { language: 'fr', use: 'preferred', value: 'Fièvre du parcours' },
    ],
    above: '138875005 404684003 64572001',
  })
  expect(rash).toHaveProperty('properties', [
    { code: 'moduleId', value: '900000000000207008' },
    { code: 'sufficientlyDefined', value: 'false', type: 'boolean' },
    { code: '363698007', value: '123037004' },
    { code: 'refset', value: '777001' },
  ])
  expect(both).toMatchObject({ above: '1000001 1000003 138875005 404684003 64572001' })
  expect(retired).toMatchObject({ active: false, display: 'Retired Throughline fever (disorder)' })
})

test('CPT: descriptors after the owner’s notice, with tabs or in fixed fields that go on', async () => {
  const loaded = await load('cpt', await asFolder('cpt', cptRelease()))
  expect(loaded).toMatchObject({ url: 'http://www.ama-assn.org/go/cpt', version: '2026', concepts: 2 })
  expect(await stored(loaded.url, ['09990'])).toMatchObject([
    {
      display: 'Invented procedure of a Throughline, first hour',
      designations: [{ use: 'medium', value: 'INVENTED PX THROUGHLINE 1ST HR' }],
    },
  ])
  expect(await load('cpt', await asZip('cpt25.zip', cptFixedRelease()))).toMatchObject({ version: '2025', concepts: 1 })
  expect(await stored(loaded.url, ['09990'], '2025')).toMatchObject([
    {
      display:
        'Invented procedure of a Throughline, which takes so long that its descriptor goes on in a second record',
    },
  ])
})

test('versions stand side by side, the last is current, and a loaded one is replaced only when asked', async () => {
  const url = 'http://snomed.info/sct'
  const later = await asZip('snomed-later.zip', snomedRelease('20260901'))
  await load('snomed-ct', later)
  const versions = () =>
    db.asSuperuser(`select version, current from throughline.term_system where url = $1 order by version`, [url])
  const both = [
    { version: `${url}/900000000000207008/version/20260301`, current: false },
    { version: `${url}/900000000000207008/version/20260901`, current: true },
  ]
  expect(await versions()).toEqual(both)
  await expect(load('snomed-ct', later)).rejects.toMatchObject({ code: 'already-loaded' })
  await load('snomed-ct', later, { replace: true })
  expect(await versions()).toEqual(both)
  expect(await db.asSuperuser('select from throughline.term_system where not ready')).toEqual([])
})

test('what cannot be read is refused with its file and line, and leaves nothing', async () => {
  const order = icd10cmRelease()
  const count = async () =>
    (await db.asSuperuser<{ n: string }>('select count(*) as n from throughline.term_concept'))[0]?.n
  const before = await count()
  const refused = async (kind: LoadKind, files: Readonly<Record<string, string>>, more = {}) =>
    load(kind, await asFolder(`bad-${Math.floor(performance.now() * 1e3)}`, files), more).then(
      () => 'loaded',
      (error: { code: string; faults: { path: string }[] }) => `${error.code} ${error.faults[0]?.path}`,
    )
  expect(await refused('icd-10-cm', { 'icd10cm-order-2030.txt': `${order['icd10cm-order-2026.txt']}\nwrong` })).toBe(
    'files-unreadable icd10cm-order-2030.txt:6',
  )
  expect(await refused('icd-10-cm', { 'notes.txt': '' })).toBe('files-missing icd10cm-order-<year>.txt')
  expect(await refused('icd-10-cm', { ...order, 'icd10cm-tabular-2026.xml': '<a><b></a>' }, { version: '2031' })).toBe(
    'files-unreadable icd10cm-tabular-2026.xml',
  )
  expect(await refused('cpt', { 'LONGULT.txt': 'only a notice' })).toBe('files-unreadable LONGULT.txt')
  expect(await refused('rxnorm', { 'rrf/RXNCONSO.RRF': 'a|b' })).toBe('files-unreadable rrf/RXNCONSO.RRF:1')
  expect(await refused('loinc', { 'Loinc.csv': '"LOINC_NUM"\n"1-1"' }, { version: '1' })).toBe(
    'files-unreadable Loinc.csv',
  )
  const circle = snomedRelease('20270301')
  const relations = Object.keys(circle).find((name) => name.includes('Relationship')) ?? ''
  const row = ['9', '20270301', '1', 'm', '138875005', '1000001', '0', '116680003', 'c', 'x'].join('\t')
  expect(await refused('snomed-ct', { ...circle, [relations]: `${circle[relations]}${row}\r\n` })).toMatch(
    /^files-unreadable \d+$/,
  )
  const whole = makeZip(order)
  await writeFile(join(folder, 'torn.zip'), whole.subarray(0, whole.length - 30))
  await expect(load('icd-10-cm', join(folder, 'torn.zip'))).rejects.toMatchObject({ code: 'files-unreadable' })
  const broken = Buffer.from(whole)
  broken.fill(0xff, 60, 120)
  await writeFile(join(folder, 'broken.zip'), broken)
  await expect(load('icd-10-cm', join(folder, 'broken.zip'))).rejects.toMatchObject({ code: 'files-unreadable' })
  expect(await count()).toBe(before)
  expect(await db.asSuperuser('select from throughline.term_system where not ready')).toEqual([])
})

test('nothing is loaded before somebody says that there is a licence, nor two at a time', async () => {
  const beta: CallContext = { ...context, tenant: db.beta }
  const deps = { database: db.database, log: createLog('silent') }
  const asked = { kind: 'cpt', path: await asFolder('cpt', cptRelease()) } as const
  await expect(beginLoad(deps, beta, asked)).rejects.toMatchObject({ code: 'licence-needed' })
  await confirmLicence(db.database, beta, 'cpt')
  const first = await beginLoad(deps, beta, asked)
  await expect(beginLoad(deps, beta, asked)).rejects.toMatchObject({ code: 'load-runs' })
  await first.done
  expect(
    await db.asSuperuser(`select kind, status, done, total, fault from throughline.term_load where tenant_id = 'beta'`),
  ).toEqual([{ kind: 'cpt', status: 'done', done: 2, total: 2, fault: null }])
})

test('a load whose process died is begun anew, and what it left is taken away', async () => {
  await db.asSuperuser(
    `update throughline.term_load set status = 'running', updated_at = now() - interval '1 hour' where tenant_id = 'beta'`,
  )
  await db.asSuperuser(`update throughline.term_system set ready = false, current = false where tenant_id = 'beta'`)
  const beta: CallContext = { ...context, tenant: db.beta }
  const deps = { database: db.database, log: createLog('silent') }
  await (await beginLoad(deps, beta, { kind: 'cpt', path: join(folder, 'cpt') })).done
  expect(
    await db.asSuperuser(
      `select status, fault from throughline.term_load where tenant_id = 'beta' order by started_at`,
    ),
  ).toEqual([
    { status: 'failed', fault: 'broken-off' },
    { status: 'done', fault: null },
  ])
  expect(
    await db.asSuperuser(`select count(*)::int as n from throughline.term_concept where tenant_id = 'beta'`),
  ).toEqual([{ n: 2 }])
})
