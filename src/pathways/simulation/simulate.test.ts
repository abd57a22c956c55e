import { expect, test } from 'vitest'
import { calendar as clinic, findingsOf, sourceOf, table } from '../../../testkit/pathway.ts'
import { compile, type LogEntry, parse } from '../index.ts'
import { createChance } from '../../kernel/index.ts'
import { type Distribution, draw, fit, meanOf as mean } from './distributions.ts'
import type { Settings } from './settings.ts'
import { simulateOnce } from './simulate.ts'
import { LogFit } from './fit-logs.ts'
import { staffing } from './staffing.ts'
import { breakDay, difference, summarize } from './summary.ts'

const turn = (replication: number) => ({ replication, chance: createChance })
const round = { ...clinic, zone: 'UTC', hours: {}, holidays: [] }
const always = [{ days: [0, 1, 2, 3, 4, 5, 6], from: '00:00', to: '00:00', staff: 1 }]
const pathwayOf = (steps: string, top = '', tracks = '') => {
  const source = sourceOf(steps, top, tracks)
  expect(findingsOf(source).filter((one) => one.severity === 'error')).toEqual([])
  const { definition } = parse(source)
  if (!definition) throw new Error('this is a pathway')
  return compile(definition, 1, table).pathway
}
const one = pathwayOf('do: {task: {role: nurse, title: {en: Do, fr: Faire}}}')

const settings = (more: Partial<Settings>): Settings => ({
  from: Date.UTC(2026, 2, 2),
  days: 28,
  warmUp: 0,
  replications: 1,
  seed: 7,
  arrivals: { perDay: [4, 4, 4, 4, 4, 4, 4], from: '00:00', to: '24:00' },
  priorities: { routine: 1 },
  surge: null,
  roles: { nurse: always },
  steps: { do: { takes: { kind: 'exponential', mean: 1 }, outcomes: { done: 1 }, skips: 0 } },
  events: {},
  ...more,
})

/** Mean wait in the queue of M/M/c in units of the service time (Erlang's second formula). */
function erlangC(c: number, load: number): number {
  let term = 1
  let sum = 1
  for (let k = 1; k < c; k += 1) {
    term *= load / k
    sum += term
  }
  const last = (term * load) / c / (1 - load / c)
  return last / (sum + last) / (c - load)
}

/** A queue in front of `c` people, open round the clock; the mean wait in hours, over so many tasks. */
function meanWait(c: number, rho: number, takes: Distribution, tasks: number): number {
  const perDay = (24 * rho * c) / mean(takes)
  const days = Math.round(tasks / perDay)
  const run = simulateOnce(
    one,
    settings({
      days,
      warmUp: 20,
      arrivals: { perDay: [0, 1, 2, 3, 4, 5, 6].map(() => perDay), from: '00:00', to: '24:00' },
      roles: { nurse: [{ days: [0, 1, 2, 3, 4, 5, 6], from: '00:00', to: '00:00', staff: c }] },
      steps: { do: { takes, outcomes: { done: 1 }, skips: 0 } },
    }),
    round,
    turn(0),
  )
  const waits = run.roles['nurse']?.waits ?? []
  expect(waits.length).toBeGreaterThan(tasks * 0.98)
  return waits.reduce((sum, wait) => sum + wait, 0) / waits.length
}

test.each([
  [1, 0.5],
  [1, 0.7],
  [2, 0.7],
  [4, 0.8],
])(
  'waits in front of %i people who are busy %f of the time are what Erlang’s formula says, within 3 %%',
  { timeout: 120_000 },
  (c, rho) => {
    const service = 0.05
    const wait = meanWait(c, rho, { kind: 'exponential', mean: service }, 250_000)
    expect(Math.abs(wait / (service * erlangC(c, rho * c)) - 1)).toBeLessThan(0.03)
  },
)

test.each([[{ kind: 'fixed', mean: 0.05 }], [{ kind: 'lognormal', mean: 0.05, cv: 0.6 }]] as const)(
  'waits for one person whose work takes %o are what Pollaczek and Khinchine say, within 3 %%',
  { timeout: 120_000 },
  (takes) => {
    const rho = 0.6
    const cv = 'cv' in takes ? takes.cv : 0
    const theory = (takes.mean * rho * (1 + cv * cv)) / (2 * (1 - rho))
    expect(Math.abs(meanWait(1, rho, takes, 200_000) / theory - 1)).toBeLessThan(0.03)
  },
)

test('who works from nine to five does so on the clinic’s clock, also when it is put forward, and not on a holiday', () => {
  const toronto = { ...clinic, holidays: ['2026-03-10'] }
  const from = Date.UTC(2026, 2, 6, 5)
  const shifts = [
    { days: [1, 2, 3, 4, 5], from: '09:00', to: '17:00', staff: 2 },
    { days: [0, 6], from: '22:00', to: '06:00', staff: 1 },
  ]
  expect(
    staffing(shifts, toronto, from, 4).map(({ at, staff }) => [new Date(at).toISOString().slice(5, 16), staff]),
  ).toEqual([
    ['03-06T05:00', 0],
    ['03-06T14:00', 2],
    ['03-06T22:00', 0],
    ['03-08T03:00', 1],
    // The clock goes from two to three: the night is an hour shorter.
    ['03-08T10:00', 0],
    ['03-09T02:00', 1],
    ['03-09T10:00', 0],
    ['03-09T13:00', 2],
    ['03-09T21:00', 0],
    ['03-11T13:00', 2],
    ['03-11T21:00', 0],
  ])
})

test('durations are fitted by the curve that lies closest, and stand for themselves where none is believable', () => {
  const sample = (distribution: Distribution, n: number) => {
    const chance = createChance(3)
    return Array.from({ length: n }, () => draw(distribution, chance))
  }
  expect(fit([])).toBeUndefined()
  expect(fit([2, 2, 2])).toMatchObject({ n: 3, distribution: { kind: 'fixed', mean: 2 } })
  expect(fit(sample({ kind: 'exponential', mean: 3 }, 800))?.distribution.kind).toBe('exponential')
  const log = fit(sample({ kind: 'lognormal', mean: 3, cv: 0.5 }, 800))
  expect(log?.distribution.kind).toBe('lognormal')
  expect(log?.mean).toBeGreaterThan(2.8)
  expect(log?.mean).toBeLessThan(3.2)
  const two = fit([...Array.from({ length: 300 }, () => 1), ...Array.from({ length: 300 }, () => 9)])
  expect(two?.distribution.kind).toBe('sample')
  expect(mean(two?.distribution ?? { kind: 'fixed', mean: 0 })).toBe(5)
})

const whole = pathwayOf(
  `ask: {task: {role: nurse, title: {en: A, fr: A}, due: 1 days, outcomes: [{code: yes, title: {en: Y, fr: O}}, {code: no, title: {en: N, fr: N}}], escalate: [{at: '100 %', to: lead}]}}
sort: {after: ask.yes, decide: {rules: [{when: 'tries > 2', gives: many}], otherwise: few}}
tell: {after: sort.many, message: {to: referrer, template: hello, channels: [sms], fallback: [{phone: clerk}]}}
maybe: {after: sort.few, when: 'tries > 1', task: {role: clerk, title: {en: M, fr: M}}}
come: {after: {any: [tell, maybe, sort.few]}, wait: {events: {seen: {on: Encounter}, gone: {on: Flag}}, at-most: 3 days}}
test: {after: come.seen, order: {title: {en: T, fr: T}, code: {system: 'http://loinc.org', code: x}, result: Observation, at-most: 5 days}}
end: {after: {any: [test, come.gone, come.late, ask.no]}, end: {outcome: over, title: {en: Over, fr: Fini}}}`,
  'variables: {tries: int}',
)
const quick = { kind: 'exponential', mean: 0.5 } as const
const models: Settings['steps'] = {
  ask: { takes: quick, outcomes: { yes: 3, no: 1 }, skips: 0 },
  sort: { takes: quick, outcomes: { many: 1, few: 1 }, skips: 0 },
  tell: { takes: quick, outcomes: { sent: 1, failed: 1 }, skips: 0 },
  maybe: { takes: quick, outcomes: { done: 1 }, skips: 0.5 },
  come: { takes: { kind: 'fixed', mean: 24 }, outcomes: { seen: 6, gone: 1, late: 3 }, skips: 0 },
  test: { takes: { kind: 'fixed', mean: 12 }, outcomes: { resulted: 1 }, skips: 0 },
}
const office = [{ days: [1, 2, 3, 4, 5], from: '09:00', to: '17:00', staff: 1 }]
const busy = (more: Partial<Settings> = {}) =>
  settings({ days: 56, roles: { nurse: office, clerk: office, lead: office }, steps: models, ...more })
const runs = (given: Settings, n = 8) =>
  Array.from({ length: n }, (_none, index) => simulateOnce(whole, given, clinic, turn(index)))

test('whatever a pathway asks for is answered as the shares say, and every journey that had the time has ended', () => {
  const run = simulateOnce(
    whole,
    busy({ arrivals: { perDay: [10, 10, 10, 10, 10, 0, 0], from: '09:00', to: '12:00' } }),
    clinic,
    turn(0),
  )
  expect(run.begun).toBeGreaterThan(300)
  expect(run.ended).toBeGreaterThan(run.begun * 0.8)
  expect(Object.keys(run.outcomes)).toEqual(['over'])
  const { nurse, clerk } = run.roles
  const total = (list: readonly number[] | undefined) => (list ?? []).reduce((sum, n) => sum + n, 0)
  expect(total(nurse?.opened)).toBe(run.begun)
  // A quarter ends at once; of the others half is told, and half of these by telephone; half of the rest is asked for more.
  const share = total(clerk?.opened) / total(nurse?.opened)
  expect(share).toBeGreaterThan(0.25)
  expect(share).toBeLessThan(0.5)
})

const eventful = pathwayOf(
  `ask: {task: {role: nurse, title: {en: A, fr: A}, due: 1 days}}
rest: {after: ask, wait: {for: 10 days}}
again: {after: rest, task: {role: clerk, title: {en: B, fr: B}}}`,
  `stops: [{on: Flag, outcome: withdrawn, title: {en: W, fr: R}}]
pauses: [{on: Encounter, when: "status = 'in-progress'", title: {en: In hospital, fr: Hospitalisé}, resume: {on: Encounter, when: "status = 'finished'"}, at-most: 60 days}]`,
  `aside:
  starts: {on: Observation}
  stops: [{on: Condition}]
  steps:
    first: {wait: {for: 2 days}}
    look: {after: first, task: {role: lead, title: {en: C, fr: C}}}`,
)
const eventfully = (events: Settings['events']) =>
  settings({
    days: 120,
    warmUp: 0,
    roles: { nurse: always, clerk: always, lead: always },
    steps: {
      ask: { takes: { kind: 'fixed', mean: 0.1 }, outcomes: { done: 1 }, skips: 0 },
      again: { takes: { kind: 'fixed', mean: 0.1 }, outcomes: { done: 1 }, skips: 0 },
      look: { takes: { kind: 'fixed', mean: 0.1 }, outcomes: { done: 1 }, skips: 0 },
      rest: { takes: { kind: 'fixed', mean: 0 }, outcomes: { done: 1 }, skips: 0 },
      first: { takes: { kind: 'fixed', mean: 0 }, outcomes: { done: 1 }, skips: 0 },
    },
    events,
  })
const after = (hours: number, share: number) => ({ share, after: { kind: 'fixed' as const, mean: hours } })
const tasksOf = (run: ReturnType<typeof simulateOnce>, role: string) =>
  (run.roles[role]?.opened ?? []).reduce((sum, n) => sum + n, 0)

test('what comes from outside ends, rests and begins things in the shares that were told', () => {
  const play = (events: Settings['events']) => simulateOnce(eventful, eventfully(events), round, turn(0))
  const none = play({})
  expect(none.outcomes).toEqual({ complete: none.ended })
  expect(tasksOf(none, 'lead')).toBe(0)
  const stopped = play({ 'stops.0': after(24, 0.25) })
  expect((stopped.outcomes['withdrawn'] ?? 0) / stopped.ended).toBeGreaterThan(0.18)
  expect((stopped.outcomes['withdrawn'] ?? 0) / stopped.ended).toBeLessThan(0.32)
  // Whoever rests for thirty days is done thirty days later.
  const rested = play({ 'pauses.0': after(24, 0.5), 'pauses.0.resume': after(24 * 30, 1) })
  const long = rested.lengths.filter((hours) => hours > 24 * 39 && hours < 24 * 41).length
  expect(long / rested.ended).toBeGreaterThan(0.3)
  expect(rested.lengths.every((hours) => hours < 24 * 11 || hours > 24 * 39)).toBe(true)
  const begun = play({ 'tracks.aside.starts': after(1, 0.5) })
  expect(tasksOf(begun, 'lead') / begun.begun).toBeGreaterThan(0.4)
  expect(tasksOf(begun, 'lead') / begun.begun).toBeLessThan(0.6)
  const ended = play({ 'tracks.aside.starts': after(1, 0.5), 'tracks.aside.stops.0': after(24, 1) })
  expect(tasksOf(ended, 'lead')).toBe(0)
})

test('from the logs of a simulated past the same shares and times are fitted again', () => {
  // The end comes last: of what would have come after it, the log knows nothing.
  const events = {
    'stops.0': after(200, 0.25),
    'pauses.0': after(48, 0.5),
    'pauses.0.resume': after(72, 1),
    'tracks.aside.starts': after(5, 0.5),
    'tracks.aside.stops.0': after(10, 0.5),
  }
  const fitting = new LogFit()
  const logs: LogEntry[][] = []
  const hear = (journey: number, lines: readonly LogEntry[]) => {
    logs[journey] = [...(logs[journey] ?? []), ...lines]
  }
  simulateOnce(eventful, eventfully(events), round, { ...turn(0), hear })
  for (const log of logs) fitting.add('routine', log ?? [])
  const { settings: found } = fitting.settings(eventful, round, {
    from: Date.UTC(2026, 2, 2),
    until: Date.UTC(2026, 6, 1),
  })
  for (const [rule, { share, after }] of Object.entries(events)) {
    const one = found.events[rule]
    expect(one && mean(one.after), rule).toBeCloseTo(mean(after), 5)
    expect(Math.abs((one?.share ?? 0) - share), rule).toBeLessThan(0.08)
  }
})

test('the same seed gives the same run, another replication another one', () => {
  expect(simulateOnce(whole, busy(), clinic, turn(1))).toEqual(simulateOnce(whole, busy(), clinic, turn(1)))
  expect(simulateOnce(whole, busy(), clinic, turn(2))).not.toEqual(simulateOnce(whole, busy(), clinic, turn(1)))
})

test('two hundred more break the role that has too little room, and say when; two people at it mend that', () => {
  const more = { surge: { extra: 200, day: 14, days: 10 } }
  const usual = summarize(runs(busy()), 56)
  const surge = runs(busy(more))
  const surged = summarize(surge, 56)
  expect(usual.roles['nurse']?.breaks).toEqual({ share: 0, day: null })
  expect(surged.roles['nurse']?.breaks.share).toBe(1)
  expect(surged.roles['nurse']?.breaks.day).toBeGreaterThanOrEqual(14)
  expect(surged.roles['nurse']?.breaks.day).toBeLessThan(24)
  expect(surged.begun.mean - usual.begun.mean).toBeGreaterThan(180)
  const two = runs(
    busy({ ...more, roles: { ...busy().roles, nurse: office.map((shift) => ({ ...shift, staff: 3 })) } }),
  )
  const waitOf = (run: (typeof surge)[number]) => {
    const waits = run.roles['nurse']?.waits ?? []
    return waits.reduce((sum, wait) => sum + wait, 0) / waits.length
  }
  const { high } = difference(surge, two, waitOf)
  expect(high).toBeLessThan(0)
})

test('variants that differ in nothing differ in nothing, and paired they tell a small difference apart', () => {
  const measure = (run: ReturnType<typeof simulateOnce>) => run.ended
  expect(difference(runs(busy()), runs(busy()), measure)).toEqual({ mean: 0, low: 0, high: 0 })
})

test('a role breaks where for five days with tasks more than half of them are late', () => {
  expect(breakDay([2, 2, 0, 2, 2, 2, 2], [0, 2, 0, 2, 2, 2, 2])).toBe(1)
  expect(breakDay([2, 2, 2, 2, 2, 2, 2], [2, 2, 2, 2, 1, 2, 2])).toBeUndefined()
})

test('an hour of work is an hour at work, counted on the day it falls', () => {
  const run = simulateOnce(one, settings({ days: 14 }), round, turn(0))
  const { busy: hours, staffed } = run.roles['nurse'] ?? { busy: [], staffed: [] }
  expect(staffed.map((hours) => Math.round(hours * 1e6) / 1e6)).toEqual(Array.from({ length: 14 }, () => 24))
  expect(hours.every((worked) => worked >= 0 && worked < 24.001)).toBe(true)
  expect(hours.reduce((sum, worked) => sum + worked, 0)).toBeGreaterThan(0)
})
