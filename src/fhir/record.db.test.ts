import type { Patient, Resource, ServiceRequest } from '@medplum/fhirtypes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../testkit/database.ts'
import { type CallContext, movedClock, systemActor } from '../kernel/index.ts'
import { bucketOf, createRecord, reindex, type WrittenResource } from './index.ts'

let db: FreshDatabase
const clock = movedClock(Date.UTC(2026, 2, 1))
const seen: WrittenResource[][] = []
const record = createRecord({
  projections: [{ types: ['ServiceRequest'], apply: async (_tx, _context, written) => void seen.push([...written]) }],
})
let context: CallContext
beforeAll(async () => {
  db = await freshDatabase()
  context = { tenant: db.alpha, actor: systemActor, clock, requestId: 'test', locale: 'en' }
})
afterAll(() => db.close())

const patient: Patient & { id: string } = {
  resourceType: 'Patient',
  id: 'ana',
  name: [{ family: 'Núñez', given: ['Ana'] }],
  birthDate: '1980-02-03',
}
const referral: ServiceRequest & { id: string } = {
  resourceType: 'ServiceRequest',
  id: 'r1',
  status: 'active',
  intent: 'order',
  subject: { reference: 'Patient/ana' },
  code: { coding: [{ system: 'http://snomed.info/sct', code: '3457005' }] },
}

test('a referral written twice in one batch keeps both versions, and the journeys take both in order', async () => {
  const written = await db.database.transaction(db.alpha, (tx) =>
    record.write(tx, context, [
      { interaction: 'create', resource: patient },
      { interaction: 'create', resource: referral },
      { interaction: 'update', resource: { ...referral, status: 'completed' }, ifMatch: 1 },
    ]),
  )
  expect(written.map(({ interaction, id, version, subject }) => ({ interaction, id, version, subject }))).toEqual([
    { interaction: 'create', id: 'ana', version: 1, subject: 'Patient/ana' },
    { interaction: 'create', id: 'r1', version: 1, subject: 'Patient/ana' },
    { interaction: 'update', id: 'r1', version: 2, subject: 'Patient/ana' },
  ])
  expect(seen.at(-1)?.map(({ version, former }) => [version, former?.resourceType])).toEqual([
    [1, undefined],
    [2, 'ServiceRequest'],
  ])
  const bucket = bucketOf('Patient/ana')
  expect(await db.database.transaction(db.alpha, (tx) => record.pendingBuckets(tx))).toEqual([bucket])
  const taken = await db.database.transaction(db.alpha, (tx) => record.takeChanges(tx, [bucket], 2))
  expect(taken.map(({ id, interaction, at }) => [id, interaction, at])).toEqual([
    ['Patient/ana/1', 'create', clock.now()],
    ['ServiceRequest/r1/1', 'create', clock.now()],
  ])
  expect(taken[1]?.resource).toMatchObject({ status: 'active' })
  expect(
    (await db.database.transaction(db.alpha, (tx) => record.takeChanges(tx, [bucket], 9))).map(({ id }) => id),
  ).toEqual(['ServiceRequest/r1/2'])
  expect(await db.database.transaction(db.alpha, (tx) => record.pendingBuckets(tx))).toEqual([])
})

test('what is read is what was written, with its version and time', async () => {
  const read = await db.database.transaction(db.alpha, (tx) =>
    record.readMany(tx, ['Patient/ana', 'ServiceRequest/r1', 'Patient/none']),
  )
  const meta = (versionId: string) => ({ versionId, lastUpdated: '2026-03-01T00:00:00.000Z' })
  expect([...read.entries()].sort()).toEqual([
    ['Patient/ana', { ...patient, meta: meta('1') }],
    ['ServiceRequest/r1', { ...referral, status: 'completed', meta: meta('2') }],
  ])
})

test('another tenant sees none of it', async () => {
  expect(await db.database.transaction(db.beta, (tx) => record.read(tx, 'Patient/ana'))).toBeUndefined()
})

test('a write on a stale version is refused and leaves nothing behind', async () => {
  const stale = db.database.transaction(db.alpha, (tx) =>
    record.write(tx, context, [
      { interaction: 'create', resource: { ...patient, id: 'other' } },
      { interaction: 'update', resource: referral, ifMatch: 1 },
    ]),
  )
  await expect(stale).rejects.toMatchObject({ code: 'version-stale', status: 412 })
  expect(await db.database.transaction(db.alpha, (tx) => record.read(tx, 'Patient/other'))).toBeUndefined()
})

test('a deleted resource leaves no search rows, and its deletion is a change of its patient', async () => {
  await db.database.transaction(db.alpha, (tx) =>
    record.write(tx, context, [{ interaction: 'delete', resourceType: 'ServiceRequest', id: 'r1' }]),
  )
  const rows = await db.asSuperuser<{ n: string }>(`
    select (select count(*) from fhir_token where id = 'r1') + (select count(*) from fhir_reference where id = 'r1') + (select count(*) from fhir_date where id = 'r1') as n`)
  expect(rows).toEqual([{ n: '0' }])
  const [change] = await db.database.transaction(db.alpha, (tx) => record.takeChanges(tx, [bucketOf('Patient/ana')], 9))
  expect(change).toMatchObject({
    id: 'ServiceRequest/r1/3',
    interaction: 'delete',
    subject: 'Patient/ana',
    resource: { resourceType: 'ServiceRequest', id: 'r1' },
  })
})

test('a create under an id that exists is refused, also when that was deleted', async () => {
  for (const resource of [patient, referral]) {
    const again = db.database.transaction(db.alpha, (tx) =>
      record.write(tx, context, [{ interaction: 'create', resource }]),
    )
    await expect(again).rejects.toMatchObject({ code: 'write-collided', status: 409 })
  }
})

test('two nurses who create the same id at once: one is told so', async () => {
  const make = (): Promise<Resource | undefined> =>
    db.database.transaction(db.alpha, async (tx) => {
      const written = await record.write(tx, context, [{ interaction: 'update', resource: { ...patient, id: 'twin' } }])
      await new Promise((resolve) => setTimeout(resolve, 50))
      return written[0]?.resource
    })
  const results = await Promise.allSettled([make(), make()])
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(results.find((result) => result.status === 'rejected')).toMatchObject({
    reason: { code: 'write-collided', status: 409 },
  })
})

test('search rows made anew are the rows that the writes made', async () => {
  const rows = () =>
    db.asSuperuser(`
    select param, value, id, system from fhir_token union all select param, target_id, id, target_type from fhir_reference
    union all select param, low::text, id, high::text from fhir_date union all select param, value, id, exact from fhir_string order by 1, 2, 3, 4`)
  const before = await rows()
  expect(before.length).toBeGreaterThan(3)
  expect(await db.database.transaction(db.alpha, (tx) => reindex(tx, 'Patient'))).toBe(2)
  expect(await rows()).toEqual(before)
})
