import type { Task } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { password, useDoor } from '../../../testkit/door.ts'
import { useHouse } from '../../../testkit/house.ts'
import type { Coverage } from '../../contracts/index.ts'
import { createChance } from '../../kernel/index.ts'
import { makePatient, places } from './people.ts'
import { renewalsBetween } from './renew.ts'

/** As the demonstration that the browser tests look at: it ends on a Wednesday afternoon. */
const until = Date.UTC(2026, 2, 4, 20)
const day = 86_400_000
const from = Math.floor((until - 92 * day) / day) * day
const house = useHouse({ start: until })
const door = useDoor(house)

/** What the clinic's pharmacies ask for in a demonstration's quarter, each request as the task that it becomes, in the record. */
async function liveThrough(seed: number): Promise<number> {
  const chance = createChance(seed)
  const patients = Array.from({ length: 140 }, (_none, index) => makePatient(chance, index + 1).id)
  const asked = renewalsBetween(createChance(seed + 1), patients, from, until)
  const tasks = asked.flatMap(([at, requests]) =>
    requests.map((request): Task & { id: string } => {
      const patient = request.subject.reference?.replace('Patient/', '') ?? ''
      const [state = '', country = ''] = places[patients.indexOf(patient) % places.length] ?? []
      return {
        resourceType: 'Task',
        id: `${request.id}-task`,
        status: 'completed',
        intent: 'order',
        code: { coding: [{ system: 'urn:throughline:task-kind', code: 'renewal' }] },
        extension: [{ url: 'urn:throughline:jurisdiction', valueCode: `${country}-${state}` }],
        performerType: [{ coding: [{ system: 'urn:throughline:role', code: 'physician' }] }],
        authoredOn: new Date(at).toISOString(),
      }
    }),
  )
  for (let n = 0; n < tasks.length; n += 400)
    await house.database.transaction(house.alpha, (tx) =>
      house.record.write(
        tx,
        house.context,
        tasks.slice(n, n + 400).map((resource) => ({ interaction: 'update', resource })),
      ),
    )
  return tasks.length
}

test('on the demonstration’s own past weeks the intervals held as often as they say', {
  timeout: 120_000,
}, async () => {
  expect(await liveThrough(7)).toBeGreaterThan(200)
  const cookie = await door.signIn('lead@alpha.example', password)
  const { held } = (await door.call(cookie, 'GET', '/api/coverage')).body as Coverage
  for (const one of [held?.hours, held?.days]) {
    if (!one) throw new Error('nothing was told of the past weeks')
    const { looked, inside80, inside95, mass80, mass95 } = one
    console.info(
      `${looked} looked at: ${(inside80 * 100).toFixed(1)} % inside 80 % (these hold ${(mass80 * 100).toFixed(1)} %), ${(inside95 * 100).toFixed(1)} % inside 95 % (${(mass95 * 100).toFixed(1)} %)`,
    )
    expect(looked).toBeGreaterThan(150)
    // An interval of whole counts holds more than was asked of it: what it says is the mass that it holds.
    expect(mass80).toBeGreaterThanOrEqual(0.8)
    expect(mass95).toBeGreaterThanOrEqual(0.95)
    for (const [inside, mass] of [
      [inside80, mass80],
      [inside95, mass95],
    ] as const) {
      // Never less often than chance allows; and one that held much more than it says would be too wide to be of use.
      expect(inside).toBeGreaterThan(mass - 3 * Math.sqrt((mass * (1 - mass)) / looked))
      expect(inside).toBeLessThan(mass + 0.05)
    }
  }
})
