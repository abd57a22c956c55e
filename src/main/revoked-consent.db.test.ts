import { setTimeout as delay } from 'node:timers/promises'
import type { Observation, Resource } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import { createExportHandler, type RecordGuard } from '../fhir/index.ts'
import { createJobWorker } from '../jobs/index.ts'

const house = useHouse()
const door = useDoor(house)

const write = (resources: Resource[]) =>
  house.database.transaction(house.alpha, (tx) =>
    house.record.write(
      tx,
      house.context,
      resources.map((resource) => ({ interaction: 'create' as const, resource })),
      { validate: false },
    ),
  )

test('a consent that is withdrawn while an export runs holds from its next page on, and for that patient alone', async () => {
  const total = 5_000
  const patientOf = (n: number) => (n % 2 === 0 ? 'staying' : 'leaving')
  await write([
    { resourceType: 'Patient', id: 'staying' },
    { resourceType: 'Patient', id: 'leaving' },
    ...Array.from(
      { length: total },
      (_none, n): Observation => ({
        resourceType: 'Observation',
        id: `o${String(n).padStart(4, '0')}`,
        status: 'final',
        code: { text: 'x' },
        subject: { reference: `Patient/${patientOf(n)}` },
      }),
    ),
  ])
  house.clock.advance(1_000)
  const began = await door.fhir('GET', '/fhir/$export?_type=Observation', undefined, { prefer: 'respond-async' })
  expect(began.status).toBe(202)
  const pathOf = (url: unknown) => String(url).replace('http://localhost', '')
  const status = pathOf(began.headers['content-location'])
  let looks = 0
  const guard: RecordGuard = {
    async sight(tx, context) {
      looks += 1
      // Between two pages, in a transaction of its own, as the patient's portal would.
      if (looks === 3)
        await write([
          {
            resourceType: 'Consent',
            id: 'leaving-consent',
            status: 'active',
            scope: { coding: [{ code: 'patient-privacy' }] },
            category: [{ text: 'privacy' }],
            patient: { reference: 'Patient/leaving' },
            provision: { type: 'deny', action: [{ coding: [{ code: 'disclose' }] }] },
          },
        ])
      return house.guard.sight(tx, context)
    },
  }
  const worker = createJobWorker({
    database: house.database,
    clock: house.clock,
    log: house.log,
    handlers: [createExportHandler({ ...house.flows, guard })],
  })
  // An export begins when all who were writing at its asking have ended, whosoever they are.
  let manifest = { status: 202, body: {} as Record<string, unknown> }
  for (let look = 0; manifest.status === 202 && look < 100; look += 1) {
    await worker.drain(house.alpha)
    house.clock.advance(10_000)
    if (look > 0) await delay(50)
    manifest = await door.fhir('GET', status)
  }
  expect(manifest.status).toBe(200)
  const found: string[] = []
  for (const { url } of manifest.body['output'] as { url: string }[]) {
    const file = await door.app.inject({
      method: 'GET',
      url: pathOf(url),
      headers: { authorization: `Bearer ${door.token}` },
    })
    for (const line of file.body.trimEnd().split('\n')) found.push((JSON.parse(line) as Observation).id ?? '')
  }
  const numbers = found.map((id) => Number(id.slice(1)))
  const leaving = numbers.filter((n) => patientOf(n) === 'leaving')
  expect(numbers.filter((n) => patientOf(n) === 'staying').length).toBe(total / 2)
  // Some had left before; from one place on, none did.
  const last = Math.max(...leaving)
  expect(leaving.length).toBeGreaterThan(0)
  expect(leaving.length).toBeLessThan(total / 2)
  expect(leaving.length).toBe(Math.ceil(last / 2))
})
