import type { Slot, Task } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { password, useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import { hire } from '../../testkit/team.ts'
import type { Coverage, CoverageHours } from '../contracts/index.ts'
import { createChance } from '../kernel/index.ts'
import { rosterWrites } from '../scheduling/index.ts'

/** A Monday morning in Toronto. */
const start = Date.UTC(2026, 1, 2, 14)
const hour = 3_600_000
const day = 24 * hour
const house = useHouse({ start })
const door = useDoor(house)
const inAlpha = <T>(work: Parameters<typeof house.database.transaction<T>>[1]) =>
  house.database.transaction(house.alpha, work)
const get = async (who: string, url: string) =>
  door.call(await door.signIn(`${who}@alpha.example`, password), 'GET', url)
const coverageOf = async (without?: string) =>
  (await get('lead', `/api/coverage${without === undefined ? '' : `?without=${without}`}`)).body as Coverage
const states = ['ON', 'QC', 'NB'].map((one) => `CA-${one}`)
states.push(...['NY', 'OH', 'PA', 'MA', 'NH', 'VT', 'TX', 'FL', 'WA', 'CA'].map((one) => `US-${one}`))

const renewal = (id: string, place: string, at: number, more: Partial<Task> = {}): Task & { id: string } => ({
  resourceType: 'Task',
  id,
  status: 'completed',
  intent: 'order',
  code: { coding: [{ system: 'urn:throughline:task-kind', code: 'renewal' }], text: 'Renewal' },
  extension: [{ url: 'urn:throughline:jurisdiction', valueCode: place }],
  performerType: [{ coding: [{ system: 'urn:throughline:role', code: 'physician' }] }],
  authoredOn: new Date(at).toISOString(),
  ...more,
})
const rowOf = ({ cells }: Coverage, place: string) =>
  cells.filter((one) => one.place === place).map((one) => one.standing)

test('before two weeks of tasks are known, nothing is told of those to come', async () => {
  expect(await coverageOf()).toMatchObject({ learnedFrom: 0, cells: [], gaps: [] })
  expect((await get('nurse', '/api/coverage')).status).toBe(403)
})

test('a shortage planted four days ahead stands on the map there and nowhere else, with who is away', async () => {
  const chance = createChance(3)
  const made: Task[] = []
  for (let n = 1; n <= 84; n += 1) {
    const midnight = start - 9 * hour - n * day
    if ([0, 6].includes(new Date(midnight + 12 * hour).getUTCDay())) continue
    // As a Poisson process has it: the waits between two tasks are exponential.
    const wait = () => (-Math.log(1 - chance.next()) * hour) / 0.35
    for (const place of states)
      for (let at = 8 * hour + wait(); at < 17 * hour; at += wait())
        made.push(renewal(`r-${made.length}`, place, midnight + at))
  }
  for (let n = 0; n < made.length; n += 400)
    await inAlpha((tx) =>
      house.record.write(
        tx,
        house.context,
        made
          .slice(n, n + 400)
          .map((resource) => ({ interaction: 'update', resource: { ...resource, id: resource.id ?? '' } })),
      ),
    )
  const weekdays = Array.from({ length: 14 }, (_none, n) => n)
    .filter((n) => ![0, 6].includes(new Date(start + n * day).getUTCDay()))
    .map((n) => ({ from: start - hour + n * day, until: start + 8 * hour + n * day }))
  const east = ['US-NY', 'US-MA', 'US-VT', 'CA-ON']
  await hire(house, [
    { id: 'east', roles: ['physician'], licences: east.map((place) => ['md', place]), shifts: weekdays },
    {
      id: 'rest',
      roles: ['physician'],
      licences: states
        .filter((place) => !['US-NY', 'US-MA', 'US-VT', 'US-FL'].includes(place))
        .map((place) => ['md', place]),
      shifts: weekdays,
    },
    { id: 'florida', roles: ['physician'], licences: [['md', 'US-FL', '2026-02-10']], shifts: weekdays },
    // May by law, and works in no queue where these stand.
    { id: 'elsewhere', roles: ['triage-nurse'], licences: states.map((place) => ['md', place]), shifts: weekdays },
  ])
  const leave = { id: 'congress', practitioner: 'east', kind: 'leave' as const }
  await inAlpha((tx) =>
    house.record.write(
      tx,
      house.context,
      rosterWrites([{ ...leave, from: start - 9 * hour + 4 * day, until: start - 9 * hour + 5 * day }]),
    ),
  )
  const found = await coverageOf()
  const usual = 'covered covered covered covered covered quiet quiet '.repeat(2).trim().split(' ')
  const planted = usual.with(4, 'nobody')
  const lapses = usual.map((standing, n) => (n > 8 && standing === 'covered' ? 'nobody' : standing))
  expect(Object.fromEntries(states.map((place) => [place, rowOf(found, place)]))).toEqual(
    Object.fromEntries(
      states.map((place) => [
        place,
        place === 'US-FL' ? lapses : ['US-NY', 'US-MA', 'US-VT'].includes(place) ? planted : usual,
      ]),
    ),
  )
  expect(found.days[4]).toBe('2026-02-06')
  expect(found.places).toHaveLength(13)
  expect(found.gaps.find(({ place }) => place === 'US-NY')).toMatchObject({
    from: 4,
    until: 4,
    missing: expect.closeTo(9 * 0.35, 0),
    because: [{ name: 'Name of east', why: 'away', sentence: 'is away' }],
  })
  // A licence that ends is seen coming too.
  expect(found.gaps.find(({ place }) => place === 'US-FL')).toMatchObject({
    from: 9,
    until: 11,
    because: [{ name: 'Name of florida', sentence: 'has a licence as a physician in Florida that has ended' }],
  })
}, 60_000)

test('what came in the last four weeks lies inside the intervals as often as these say', async () => {
  const { held } = await coverageOf()
  for (const one of [held?.hours, held?.days]) {
    const { looked, inside80, inside95, mass80, mass95 } = one ?? {
      looked: 0,
      inside80: 0,
      inside95: 0,
      mass80: 1,
      mass95: 1,
    }
    console.info(
      `${looked} looked at: ${(inside80 * 100).toFixed(1)} % inside 80 % (these hold ${(mass80 * 100).toFixed(1)} %), ${(inside95 * 100).toFixed(1)} % inside 95 % (${(mass95 * 100).toFixed(1)} %)`,
    )
    expect(looked).toBeGreaterThan(250)
    expect(Math.abs(inside80 - mass80)).toBeLessThan(3 * Math.sqrt(0.16 / looked))
    expect(Math.abs(inside95 - mass95)).toBeLessThan(3 * Math.sqrt(0.0475 / looked))
  }
})

test('the licence that gains most is one for the places without anybody; if somebody left, their places would have nobody', async () => {
  const { gains } = await coverageOf()
  expect(gains[0]).toMatchObject({ credential: { id: 'md' }, place: { id: 'US-FL' } })
  const left = await coverageOf('Practitioner/east')
  expect(rowOf(left, 'US-MA').slice(0, 5)).toEqual(Array(5).fill('nobody'))
  // Ontario has another.
  expect(rowOf(left, 'CA-ON')).toEqual(rowOf(await coverageOf(), 'CA-ON'))
  // Whoever is there can do less than is asked when only one is left for all: an hour of theirs counts once.
  const slot = (await inAlpha((tx) => house.record.read(tx, 'Slot/east-shift-0'))) as Slot & { id: string }
  const brief = new Date(start + 20 * 60_000).toISOString()
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [{ interaction: 'update', resource: { ...slot, end: brief } }]),
  )
  const tight = await coverageOf()
  const today = tight.cells.filter((one) => one.day === 0 && ['US-NY', 'US-MA', 'US-VT'].includes(one.place))
  expect(today.reduce((sum, one) => sum + one.served, 0)).toBeCloseTo(20, 3)
  expect(today.map(({ standing }) => standing)).toEqual(['short', 'short', 'short'])
})

test('a day is told hour by hour; what waits and is due counts on its day', async () => {
  const { body } = await get('lead', '/api/coverage/hours?kind=renewal&place=US-PA&day=1')
  const { items } = body as CoverageHours
  expect(items).toHaveLength(24)
  expect(items[3]?.expected).toBeLessThan(0.02)
  expect(items[10]?.expected).toBeGreaterThan(0.2)
  expect((await get('lead', '/api/coverage/hours?kind=renewal&place=US-PA&day=14')).status).toBe(400)
  const due = { restriction: { period: { end: new Date(start + 2 * day).toISOString() } } }
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'update', resource: renewal('waits', 'US-PA', start, { status: 'requested', ...due }) },
    ]),
  )
  const cell = (await coverageOf()).cells.find((one) => one.place === 'US-PA' && one.day === 2)
  expect(cell).toMatchObject({ waiting: 1, needed: expect.closeTo(((cell?.expected ?? 0) + 1) * 6, 6) })
})
