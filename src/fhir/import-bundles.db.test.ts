import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../testkit/database.ts'
import { type CallContext, systemActor, systemClock } from '../kernel/index.ts'
import { createRecord, importBundles } from './index.ts'
import { listFiles, readImportFile } from './read-import.ts'
import { eachReference, isConditional, replaceReferences } from './references.ts'

const shared = resolve(
  process.env['THROUGHLINE_SHARED_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data'),
  'synthea',
)
const present = existsSync(shared)
if (!present) console.warn(`SKIPPED: no Synthea data in ${shared}; set THROUGHLINE_SHARED_DATA`)

let db: FreshDatabase
let folder: string
let context: CallContext
const record = createRecord()
const deps = () => ({ record, database: db.database, audit: async () => {} })
beforeAll(async () => {
  db = await freshDatabase()
  folder = await mkdtemp(join(tmpdir(), 'import-'))
  context = { tenant: db.alpha, actor: systemActor, clock: systemClock, requestId: 'test', locale: 'en' }
})
afterAll(async () => {
  await db.close()
  await rm(folder, { recursive: true })
})

test('a file with a bad resource brings the others and names the fault', async () => {
  const ana = { resourceType: 'Patient', id: 'ana', birthDate: '1980-02-03' }
  await writeFile(
    join(folder, 'a.ndjson.gz'),
    gzipSync([JSON.stringify(ana), '', JSON.stringify({ ...ana, id: 'bo', birthDate: 'spring' })].join('\n')),
  )
  await writeFile(join(folder, 'b.json'), '{"resourceType":"Patient"')
  await writeFile(
    join(folder, 'c.json'),
    JSON.stringify({
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      subject: { reference: 'Patient/ana' },
    }),
  )
  const beta = { ...context, tenant: db.beta }
  const report = await importBundles(deps(), beta, [folder])
  expect({
    ...report,
    failed: report.failed.map(({ file, faults }) => [file.slice(folder.length + 1), faults[0]?.path]).toSorted(),
  }).toEqual({
    files: 3,
    entries: 3,
    created: 2,
    updated: 0,
    unchanged: 0,
    failed: [
      ['a.ndjson.gz', 'line 3 Patient.birthDate'],
      ['b.json', 'file'],
    ],
  })
  expect(await importBundles(deps(), beta, [folder])).toMatchObject({ created: 0, updated: 0, unchanged: 2 })
})

test.skipIf(!present)(
  'all Synthea patients come in, read back as they were, and a second import changes nothing',
  { timeout: 180_000 },
  async () => {
    const began = performance.now()
    const first = await importBundles(deps(), context, [shared])
    const took = performance.now() - began
    expect(first.failed).toEqual([])
    // Patients' files bring their hospitals and practitioners again, some with other figures in an extension.
    expect(first.created + first.updated + first.unchanged).toBe(first.entries)
    const again = await importBundles(deps(), context, [shared])
    expect(again).toEqual({ ...first, created: 0, updated: 0, unchanged: first.entries })
    console.info(
      `Synthea: ${first.entries} resources of ${first.files} files in ${Math.round(took)} ms; again in ${Math.round(performance.now() - began - took)} ms`,
    )

    // A conditional reference was resolved: what it became is checked to be a reference, the rest to be equal.
    const strip = (value: unknown, conditional: boolean): unknown =>
      JSON.parse(
        JSON.stringify(value, (key, inner: unknown) =>
          key === 'meta' || (key === 'reference' && conditional) ? undefined : inner,
        ),
      )
    const compared = new Map<string, { read: unknown; expected: unknown[] }>()
    for (const file of await listFiles(shared)) {
      const entries = await readImportFile(file)
      const table = new Map(
        entries.map(({ fullUrl, resource }) => [fullUrl ?? '', `${resource.resourceType}/${resource.id}`]),
      )
      const stored = await db.database.transaction(db.alpha, (tx) => record.readMany(tx, [...table.values()]))
      for (const { resource } of entries) {
        const key = `${resource.resourceType}/${resource.id}`
        const read = stored.get(key)
        eachReference(read, (reference) => expect(reference).toMatch(/^(#|[A-Z][A-Za-z]+\/)/))
        let conditional = false
        eachReference(resource, (reference) => {
          conditional ||= isConditional(reference)
        })
        const one = compared.get(key) ?? { read: strip(read, conditional), expected: [] }
        one.expected.push(
          strip(
            replaceReferences(resource, (reference) => table.get(reference) ?? reference),
            conditional,
          ),
        )
        compared.set(key, one)
      }
    }
    expect(first.created).toBe(compared.size)
    for (const { read, expected } of compared.values()) {
      if (expected.length === 1) expect(read).toEqual(expected[0])
      else expect(expected).toContainEqual(read)
    }
  },
)
