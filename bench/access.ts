// Searches as a nurse is shown them against the same searches without a guard, in the same run and database.
// Run: node bin/node24.js bench/access.ts
// Last: 2 × AMD EPYC, Node 24.21, shared with other work, 50,000 observations, times what it takes without a guard:
//   by patient and code 1.9, by patient newest first 2.6, by code 5.3, how many 6.7, newest 50 of all 3.3, read one 6.2 (1.6 ms).
//   Under heavy load PostgreSQL was once seen to choose a plan for the first that took 19 times as long.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Consent, Observation, Patient, Resource } from '@medplum/fhirtypes'
import pg from 'pg'
import { markBuilt } from '../src/access/index.ts'
import { clientConfig } from '../src/db/index.ts'
import { mayUse, type Sight } from '../src/fhir/index.ts'
import { type CallContext, systemActor, systemClock, tenantId } from '../src/kernel/index.ts'
import { readConfig } from '../src/main/config.ts'
import { openHouse } from '../src/main/open.ts'
import { machine } from './machine.ts'

const folder = await mkdtemp(join(tmpdir(), 'throughline-bench-'))
const house = await openHouse({ ...readConfig({ THROUGHLINE_DATA: folder }), logLevel: 'fatal' }, systemClock)
const owner = new pg.Client(clientConfig(house.target, 'owner'))
await owner.connect()
await owner.query(`insert into tenant (tenant_id, name) values ('clinic', 'Clinic')`)
const tenant = tenantId('clinic')
const system: CallContext = { tenant, actor: systemActor, clock: systemClock, requestId: 'bench', locale: 'en' }
const nurse: CallContext = {
  ...system,
  actor: { kind: 'account', id: 'nurse', name: 'Nurse', reference: 'Practitioner/nurse', roles: ['triage-nurse'] },
}
const clinic = house.library.policies.find(({ file }) => file === 'policies/clinic.yaml')?.source ?? ''
await house.database.transaction(tenant, async (tx) => {
  await house.policies.publish(tx, system, clinic, 'Bench')
  await markBuilt(tx)
})

const patients = 1_000
const observations = 50_000
const icd = 'http://hl7.org/fhir/sid/icd-10-cm'
const resources: Resource[] = [
  ...Array.from(
    { length: patients },
    (_none, i): Patient => ({
      resourceType: 'Patient',
      id: `p${i}`,
      ...(i % 200 === 7 ? { meta: { security: [{ code: 'CEL' }] } } : {}),
    }),
  ),
  // One patient in twenty has signed one of five forms.
  ...Array.from(
    { length: patients / 20 },
    (_none, i): Consent => ({
      resourceType: 'Consent',
      id: `c${i}`,
      status: 'active',
      scope: { coding: [{ code: 'patient-privacy' }] },
      category: [{ text: 'privacy' }],
      patient: { reference: `Patient/p${i * 20}` },
      provision: {
        type: 'deny',
        actor: [
          {
            role: { text: 'recipient' },
            reference: { reference: `Practitioner/${['nurse', 'a', 'b', 'c', 'd'][i % 5]}` },
          },
        ],
      },
    }),
  ),
  ...Array.from(
    { length: observations },
    (_none, i): Observation => ({
      resourceType: 'Observation',
      id: `o${i}`,
      status: 'final',
      ...(i % 50 === 3 ? { meta: { security: [{ code: 'R' }] } } : {}),
      code: {
        coding: [i % 100 === 9 ? { system: icd, code: 'F32.1' } : { system: 'http://loinc.org', code: `8${i % 40}-4` }],
      },
      subject: { reference: `Patient/p${i % patients}` },
      effectiveDateTime: new Date(1.6e12 + i * 3.6e6).toISOString(),
    }),
  ),
]
for (let at = 0; at < resources.length; at += 500)
  await house.database.transaction(tenant, (tx) =>
    house.record.write(
      tx,
      system,
      resources.slice(at, at + 500).map((resource) => ({ interaction: 'create' as const, resource })),
      { validate: false },
    ),
  )
await owner.query('analyze')

const queries: Record<string, string> = {
  'by patient and code, 20 a page': 'subject=Patient/p41&code=81-4&_count=20',
  'by patient, newest first, 20 a page': 'subject=Patient/p42&_sort=-date&_count=20',
  'by code, 20 of 1,250': 'code=85-4&_count=20',
  'by code, how many': 'code=85-4&_summary=count',
  'newest 50 of all': '_sort=-_lastUpdated&_count=50',
}
const rounds = 60
async function time(query: string, guarded: boolean): Promise<number> {
  const began = performance.now()
  for (let round = 0; round < rounds; round += 1)
    await house.database.transaction(tenant, async (tx) => {
      const sight: Sight | undefined = guarded ? await house.guard.sight(tx, nurse) : undefined
      await house.record.search(tx, 'Observation', new URLSearchParams(query), { visible: sight?.visible('search') })
    })
  return (performance.now() - began) / rounds
}

process.stdout.write(`${machine()}; ${observations} observations of ${patients} patients, a nurse\n`)
for (const [name, query] of Object.entries(queries)) {
  await time(query, true)
  await time(query, false)
  const plain = await time(query, false)
  const guarded = await time(query, true)
  process.stdout.write(
    `${name.padEnd(38)} ${guarded.toFixed(2)} ms guarded, ${plain.toFixed(2)} ms without: ${(guarded / plain).toFixed(2)} times\n`,
  )
}
// One resource by its id: the caller's facts and the rules beside the read itself.
async function reading(guarded: boolean): Promise<number> {
  const began = performance.now()
  for (let round = 0; round < 400; round += 1)
    await house.database.transaction(tenant, async (tx) => {
      await house.record.read(tx, `Observation/o${round * 7}`)
      if (guarded) await mayUse(tx, await house.guard.sight(tx, nurse), 'read', `Observation/o${round * 7}`)
    })
  return (performance.now() - began) / 400
}
await reading(true)
await reading(false)
const [plainRead, guardedRead] = [await reading(false), await reading(true)]
process.stdout.write(
  `${'read one'.padEnd(38)} ${guardedRead.toFixed(2)} ms guarded, ${plainRead.toFixed(2)} ms without: ${(guardedRead / plainRead).toFixed(2)} times\n`,
)
if (process.argv.includes('--explain')) {
  await house.database.transaction(tenant, async (tx) => {
    const sight = await house.guard.sight(tx, nurse)
    const values: unknown[] = []
    const bind = (value: unknown, kind: string) => `$${values.push(value)}::${kind}`
    const condition = sight?.visible('search')('Observation', 'r', bind) ?? 'true'
    const rows = await tx.query<Record<string, string>>({
      text: `explain (analyze, buffers) select count(*) from fhir_resource r where r.tenant_id = 'clinic' and r.type = 'Observation' and ${condition}`,
      values,
    })
    process.stdout.write(`${condition}\n${rows.map((row) => row['QUERY PLAN']).join('\n')}\n`)
  })
}
await owner.end()
await house.close()
await rm(folder, { recursive: true, force: true })
