import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshClinic, startFreshClinic } from '../testkit/fresh-clinic.ts'
import { fuzz } from '../testkit/fuzz.ts'

let clinic: FreshClinic
beforeAll(async () => {
  clinic = await startFreshClinic()
}, 60_000)
afterAll(() => clinic.close())

test('random calls are answered, with a code, and never with 500 (longer: tools/fuzz.ts)', async () => {
  const report = await fuzz({
    url: clinic.url,
    token: clinic.token,
    cookie: await clinic.signIn(),
    seed: 20_261_121,
    milliseconds: 10_000,
  })
  expect(report.faults).toEqual([])
  expect(report.calls).toBeGreaterThan(300)
  // The calls reach what they are meant for: successes of every kind, and refusals of every kind.
  for (const status of [200, 201, 400, 404, 422]) expect(report.statuses).toHaveProperty(String(status))
  expect(clinic.server.child.exitCode).toBeNull()
}, 60_000)
