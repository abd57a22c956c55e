import type { Observation, Patient, Resource } from '@medplum/fhirtypes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../testkit/database.ts'
import { type CallContext, movedClock, systemActor } from '../kernel/index.ts'
import { bringSearchUpToDate, createRecord, markIndexed } from './index.ts'

const clock = movedClock(Date.UTC(2026, 2, 1))
const record = createRecord({ clock })
let db: FreshDatabase
let context: CallContext

const observation = (i: number): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: 'w' }], text: 'Weight' },
  valueQuantity: { value: 60 + i, system: 'http://unitsofmeasure.org', code: 'kg' },
})
const patient: Patient = { resourceType: 'Patient', name: [{ family: 'Nunes' }] }
const tables = ['token', 'reference', 'date', 'string', 'quantity']
const rows = () =>
  db.asSuperuser<{ row: string }>(
    tables.map((table) => `select '${table}' || t as row from throughline.fhir_${table} t`).join(' union all ') +
      ' order by 1',
  )

beforeAll(async () => {
  db = await freshDatabase()
  context = { tenant: db.alpha, actor: systemActor, clock, requestId: 'test', locale: 'en' }
  const resources: Resource[] = [patient, ...Array.from({ length: 700 }, (_, i) => observation(i))]
  await db.database.transaction(db.alpha, (tx) =>
    record.write(
      tx,
      context,
      resources.map((resource) => ({ interaction: 'create', resource })),
    ),
  )
})
afterAll(() => db.close())

test('a record from before the quantities is made searchable by them at the next start, once, by whoever starts first', async () => {
  const before = await rows()
  // As the former program left it: other parameters' rows, none of the new ones, no note of any rules.
  await db.asSuperuser('truncate throughline.fhir_quantity, throughline.fhir_indexed')
  await db.asSuperuser(`update throughline.fhir_token set param = 'combo-code' where param = 'code'`)
  const seen: string[] = []
  const start = () => bringSearchUpToDate(db.database, (tenant, type, done) => seen.push(`${tenant} ${type} ${done}`))
  await Promise.all([start(), start()])
  expect(await rows()).toEqual(before)
  expect(seen).toEqual(['alpha Observation 500', 'alpha Observation 700', 'alpha Patient 1'])
  await start()
  expect(seen.length).toBe(3)
})

test('a start that is broken off goes on with the type where it was', async () => {
  await db.asSuperuser(`update throughline.fhir_indexed set rules = 'former' where type in ('Observation', 'Patient')`)
  const seen: string[] = []
  const stop = bringSearchUpToDate(db.database, (_, type, done) => {
    seen.push(`${type} ${done}`)
    if (type === 'Patient') throw new Error('stopped')
  })
  await expect(stop).rejects.toThrow('stopped')
  await bringSearchUpToDate(db.database, (_, type, done) => seen.push(`${type} ${done}`))
  expect(seen).toEqual(['Observation 500', 'Observation 700', 'Patient 1', 'Patient 1'])
})

test('a new tenant has nothing to make anew', async () => {
  await db.database.transaction(db.beta, (tx) => markIndexed(tx))
  await db.database.transaction(db.beta, (tx) =>
    record.write(tx, { ...context, tenant: db.beta }, [{ interaction: 'create', resource: patient }]),
  )
  const seen: string[] = []
  await bringSearchUpToDate(db.database, (tenant) => seen.push(tenant))
  expect(seen).toEqual([])
})
