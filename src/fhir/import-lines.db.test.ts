import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../testkit/database.ts'
import { type CallContext, systemActor, systemClock } from '../kernel/index.ts'
import { createRecord } from './create-record.ts'
import { importBundles } from './import-bundles.ts'

let db: FreshDatabase
let folder: string
let context: CallContext
beforeAll(async () => {
  db = await freshDatabase()
  folder = await mkdtemp(join(tmpdir(), 'throughline-lines-'))
  context = { tenant: db.alpha, actor: systemActor, clock: systemClock, requestId: 'test', locale: 'en' }
})
afterAll(async () => {
  await db.close()
  await rm(folder, { recursive: true })
})

test('an import of a large file that was ended in the middle goes on at the line it had come to', async () => {
  const file = join(folder, 'patients.ndjson')
  const line = (n: number) => `${JSON.stringify({ resourceType: 'Patient', id: `p${n}`, active: true })}\n`
  await writeFile(file, Array.from({ length: 1_700 }, (_, n) => line(n)).join(''))
  let written = 0
  const record = createRecord()
  const dying = {
    ...record,
    write: async (...given: Parameters<typeof record.write>) => {
      if (written >= 1_000) throw new Error('the machine was switched off')
      const done = await record.write(...given)
      written += done.length
      return done
    },
  }
  const deps = { database: db.database, audit: async () => {} }
  await expect(importBundles({ ...deps, record: dying }, context, [file])).rejects.toThrow('switched off')
  const stored = () => db.asSuperuser('select from throughline.fhir_resource')
  expect((await stored()).length).toBe(1_000)
  expect(await importBundles({ ...deps, record }, context, [file])).toMatchObject({
    files: 1,
    entries: 1_700,
    created: 700,
    unchanged: 1_000,
    failed: [],
  })
  expect((await stored()).length).toBe(1_700)
  expect(await importBundles({ ...deps, record }, context, [file])).toMatchObject({ created: 0, unchanged: 1_700 })
})
