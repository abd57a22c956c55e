import type { Task } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { password, useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import type { LevelPolicyView, Levels, LevelsPreview } from '../contracts/index.ts'
import { createChance } from '../kernel/index.ts'
import { wallTime } from '../pathways/index.ts'

/** A Monday, nine in the morning in Toronto. */
const start = Date.UTC(2026, 2, 30, 13)
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const house = useHouse({ start })
const door = useDoor(house)
const inAlpha = <T>(work: Parameters<typeof house.database.transaction<T>>[1]) =>
  house.database.transaction(house.alpha, work)
const ask = async (who: string, method: 'GET' | 'POST', url: string, body?: unknown) =>
  door.call(await door.signIn(`${who}@alpha.example`, password), method, url, body)
const levels = async () => (await ask('nurse', 'GET', '/api/levels')).body as Levels
const inForce = (found: Levels) => found.sets.find(({ state }) => state === 'in-force')

const task = (id: string, made: number, more: Partial<Task> = {}): Task & { id: string } => ({
  resourceType: 'Task',
  id,
  status: 'requested',
  intent: 'order',
  authoredOn: new Date(made).toISOString(),
  code: { coding: [{ system: 'urn:throughline:task-kind', code: 'patient-call' }], text: 'Call' },
  performerType: [{ coding: [{ system: 'urn:throughline:role', code: 'access-coordinator' }] }],
  ...more,
})
const write = (tasks: readonly (Task & { id: string })[]) =>
  inAlpha((tx) =>
    house.record.write(
      tx,
      house.context,
      tasks.map((resource) => ({ interaction: 'update' as const, resource })),
    ),
  )
const pausedBetween = ([from, until]: readonly [number, number]) => ({
  url: 'urn:throughline:paused',
  valuePeriod: { start: new Date(from).toISOString(), end: new Date(until).toISOString() },
})
const policy = (more: Partial<LevelPolicyView> = {}): LevelPolicyView => ({
  id: 'call',
  title: { en: 'Call', fr: 'Appel' },
  for: { kinds: ['patient-call'] },
  goal: 120,
  atRisk: 50,
  calendar: 'clinic',
  longestPause: 60,
  ladder: [{ at: 100, to: 'charge-nurse', onCall: false, acknowledge: null }],
  ...more,
})

// The oracle knows no stretches: it goes from minute to minute, and looks at the clock on the wall and at the pauses.
function naive(
  one: LevelPolicyView,
  { made, end, pauses }: Known,
  now: number,
): { atRisk: boolean; breached: boolean; escalated: boolean } {
  const until = end ?? now
  const { zone, hours, holidays } = house.library.calendar
  let ran = 0
  let paused = 0
  let [atRiskAt, goalAt] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let at = made; at <= until + minute && ran < one.goal; at += minute) {
    if (pauses.some(([from, to]) => from <= at && at < to) && paused < one.longestPause) {
      paused += 1
      continue
    }
    const wall = new Date(wallTime(zone, at))
    const open = hours[wall.getUTCDay()]
    const clock = wall.getUTCHours() * 60 + wall.getUTCMinutes()
    const closed = holidays.includes(wall.toISOString().slice(0, 10))
    if (one.calendar === 'clinic' && (closed || !open || clock < open[0] || clock >= open[1])) continue
    ran += 1
    if (ran === Math.round((one.goal * one.atRisk) / 100)) atRiskAt = at + minute
    if (ran === one.goal) goalAt = at + minute
  }
  return { atRisk: atRiskAt <= until, breached: until > goalAt, escalated: goalAt <= until }
}
interface Known {
  made: number
  end: number | undefined
  pauses: readonly (readonly [number, number])[]
}

test('last month’s tasks are held against levels that nobody has set yet, as counting minutes has it', async () => {
  const chance = createChance(11)
  const whole = (from: number, to: number) => Math.floor(from + chance.next() * (to - from))
  const known: Known[] = Array.from({ length: 300 }, () => {
    // The clocks go forward on the eighth of March.
    const made = start - whole(0, 29 * 24 * 60) * minute
    const end = chance.next() < 0.8 ? Math.min(start - minute, made + whole(1, 3_000) * minute) : undefined
    const from = made + whole(0, 600) * minute
    const pauses = chance.next() < 0.4 ? [[from, from + whole(1, 900) * minute] as const] : []
    return { made, end: end !== undefined && end > made ? end : undefined, pauses }
  })
  await write([
    ...known.map(({ made, end, pauses }, n) =>
      task(`t-${n}`, made, {
        status: end === undefined ? 'requested' : 'completed',
        ...(end === undefined ? {} : { executionPeriod: { end: new Date(end).toISOString() } }),
        ...(pauses.length > 0 ? { extension: pauses.map(pausedBetween) } : {}),
      }),
    ),
    // What was cancelled, or was made before the month, counts for nothing.
    task('cancelled', start - day, { status: 'cancelled' }),
    task('old', start - 40 * day),
  ])
  for (const one of [
    policy(),
    policy({ calendar: 'always', goal: 600, longestPause: 0 }),
    policy({ goal: 30, atRisk: 100 }),
  ]) {
    const { body } = await ask('lead', 'POST', '/api/levels/preview', { policies: [one] })
    const { items, now, before, looked } = body as LevelsPreview
    const oracle = known.map((each) => naive(one, each, start))
    const expected = {
      tasks: 300,
      atRisk: oracle.filter(({ atRisk }) => atRisk).length,
      breached: oracle.filter(({ breached }) => breached).length,
      escalated: oracle.filter(({ escalated }) => escalated).length,
    }
    expect(looked).toBe(300)
    expect(items).toEqual([{ id: 'call', now: expected, before }])
    expect(now).toEqual(expected)
    expect(expected.breached).toBeGreaterThan(20)
    expect(expected.breached).toBeLessThan(280)
  }
  expect((await ask('nurse', 'POST', '/api/levels/preview', { policies: [policy()] })).status).toBe(403)
})

test('levels that are set hold for tasks made from then on; a task keeps those it was made under', async () => {
  const before = await levels()
  expect([before.newest, inForce(before)?.version, before.sets.length]).toEqual([0, 0, 1])
  await write([task('under-the-library', start)])
  house.clock.advance(minute)
  const set = { policies: [policy()], note: 'Two hours for a call', after: 0 }
  expect(await ask('lead', 'POST', '/api/levels', set)).toMatchObject({ status: 201, body: { version: 1 } })
  house.clock.advance(minute)
  await write([task('under-the-first', start + 2 * minute)])
  const goalOf = async (id: string) =>
    ((await ask('lead', 'GET', `/api/work/${id}`)).body as unknown as { level: { goal: string } }).level.goal
  expect(await goalOf('under-the-first')).toBe(new Date(start + 2 * minute + 2 * hour).toISOString())
  // Eighteen hours of the clinic, which is open nine hours a day.
  expect(await goalOf('under-the-library')).toBe(new Date(start + 2 * day).toISOString())
  // Two who edit at once: the second is told.
  expect(await ask('lead', 'POST', '/api/levels', set)).toMatchObject({
    status: 409,
    body: { error: { code: 'levels-changed' } },
  })
  expect((await ask('nurse', 'POST', '/api/levels', { ...set, after: 1 })).status).toBe(403)
  const found = await levels()
  expect(inForce(found)).toMatchObject({ version: 1, note: 'Two hours for a call', by: 'lead of alpha' })
  expect(found.sets.map(({ state }) => state)).toEqual(['in-force', 'past'])
})

test('its ladder is climbed as the set says that was in force', async () => {
  house.clock.advance(2 * hour + minute)
  await house.settle()
  const { body } = await ask('lead', 'GET', '/api/work/under-the-first')
  expect(body).toMatchObject({ escalatedTo: ['charge-nurse'], level: { status: 'breached' } })
  expect((await ask('lead', 'GET', '/api/work/under-the-library')).body).toMatchObject({ escalatedTo: [] })
})

test('levels that lie ahead come into force at their moment, or are taken back before', async () => {
  const at = house.clock.now() + day
  const ahead = { policies: [policy({ goal: 60 })], note: 'From tomorrow', after: 1, from: new Date(at).toISOString() }
  expect((await ask('lead', 'POST', '/api/levels', ahead)).status).toBe(201)
  expect((await levels()).sets.map(({ state }) => state)).toEqual(['ahead', 'in-force', 'past'])
  expect((await ask('lead', 'POST', '/api/levels/2/withdraw')).status).toBe(200)
  expect(await ask('lead', 'POST', '/api/levels/2/withdraw')).toMatchObject({
    body: { error: { code: 'levels-in-force' } },
  })
  expect((await ask('lead', 'POST', '/api/levels/1/withdraw')).status).toBe(409)
  expect((await ask('lead', 'POST', '/api/levels', { ...ahead, after: 2 })).status).toBe(201)
  house.clock.advance(day)
  expect(inForce(await levels())).toMatchObject({ version: 3 })
  const late = { ...ahead, after: 3, from: new Date(house.clock.now() - 2 * minute).toISOString() }
  expect(await ask('lead', 'POST', '/api/levels', late)).toMatchObject({ body: { error: { code: 'levels-window' } } })
})

test('levels that name what is not there, climb backwards or can never hold are refused with their place', async () => {
  const rung = { to: 'charge-nurse', onCall: false, acknowledge: null }
  const { status, body } = await ask('lead', 'POST', '/api/levels/preview', {
    policies: [
      policy({ for: { kinds: ['patient-call', 'naps'] }, calendar: 'moon' }),
      policy({
        ladder: [
          { ...rung, at: 90 },
          { ...rung, at: 80, to: 'nobody' },
        ],
      }),
    ],
  })
  expect(status).toBe(422)
  const { faults } = (body as unknown as { error: { faults: { path: string; code: string }[] } }).error
  expect(faults.map(({ path, code }) => `${path} ${code}`)).toEqual([
    'policies.0.for.kinds unknown',
    'policies.0.calendar unknown',
    'policies.1.id twice',
    'policies.1.ladder.1.to unknown',
    'policies.1.ladder.1.at order',
    'policies.1.for never',
  ])
  expect((await ask('lead', 'POST', '/api/levels/preview', { policies: [policy({ goal: 0 })] })).status).toBe(400)
})
