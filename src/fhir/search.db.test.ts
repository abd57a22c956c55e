import type { Patient, Resource, Task } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../testkit/database.ts'
import { movedClock, systemActor } from '../kernel/index.ts'
import { type DateRange, readDate, readPeriod } from './date-range.ts'
import { createRecord } from './index.ts'
import { approximate } from './search-row-sql.ts'

const now = Date.UTC(2026, 2, 1)
const record = createRecord({ clock: movedClock(now) })
let db: FreshDatabase

// A small world with many ties, made from a fixed sequence.
let seed = 7
const pick = <T>(...choices: readonly [T, ...T[]]): T => {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
  return choices[(seed >>> 8) % choices.length] ?? choices[0]
}
const families = ['Núñez', 'Nunes', 'O’Hara', 'Smith', 'smithson', 'Ōta', 'de la Cruz'] as const
const dates = [
  '2025',
  '2025-11',
  '2026-01',
  '2026-02-27',
  '2026-02-28',
  '2026-02-28T10:00:00Z',
  '2026-02-28T10:00:00.500Z',
  '2026-03-01T02:00:00+05:00',
  '2026-04-02',
] as const
const tasks: (Task & { id: string })[] = Array.from({ length: 300 }, (_, i) => ({
  resourceType: 'Task',
  id: `t${String(i).padStart(3, '0')}`,
  intent: 'order',
  status: pick('requested', 'accepted', 'completed'),
  priority: pick(undefined, 'routine', 'urgent'),
  code: pick(
    undefined,
    { coding: [{ system: 'urn:a', code: 'call' }] },
    {
      coding: [
        { system: 'urn:b', code: 'call' },
        { system: 'urn:a', code: 'visit' },
      ],
    },
    { coding: [{ code: 'visit' }] },
  ),
  for: pick(undefined, { reference: 'Patient/p1' }, { reference: 'Patient/p2' }, { reference: 'Group/p1' }),
  authoredOn: pick(undefined, ...dates),
  executionPeriod: pick(
    undefined,
    { start: pick(...dates) },
    { end: pick(...dates) },
    { start: '2026-01-05', end: '2026-03-01' },
  ),
}))
const patients: (Patient & { id: string })[] = Array.from({ length: 60 }, (_, i) => ({
  resourceType: 'Patient',
  id: `p${i}`,
  name: [{ family: pick(...families), given: [pick('Ana', 'Ännchen', 'Al')] }],
  ...(i % 7 === 0 ? { deceasedBoolean: true } : {}),
}))

beforeAll(async () => {
  db = await freshDatabase()
  const context = {
    tenant: db.alpha,
    actor: systemActor,
    clock: movedClock(now),
    requestId: 'test',
    locale: 'en' as const,
  }
  const write = (resources: readonly Resource[]) =>
    db.database.transaction(db.alpha, (tx) =>
      record.write(
        tx,
        context,
        resources.map((resource) => ({ interaction: 'create', resource })),
      ),
    )
  await write([...tasks, ...patients])
  await db.asSuperuser('analyze')
  // An update that changes half of what is searched must leave no former row.
  await write([{ ...tasks[0], id: 'gone', status: 'draft' } as Task])
  await db.database.transaction(db.alpha, (tx) =>
    record.write(tx, context, [
      {
        interaction: 'update',
        resource: { ...tasks[0], id: 'gone', status: 'rejected', intent: 'plan' } as Task & { id: string },
      },
    ]),
  )
})
afterAll(() => db.close())

const find = (type: string, query: string) =>
  db.database.transaction(db.alpha, (tx) => record.search(tx, type, new URLSearchParams(query)))
const ids = async (type: string, query: string) =>
  (await find(type, `${query}&_count=1000`)).resources.map(({ id }) => id)

type Test = (task: Task) => boolean
const relation = (prefix: string, stored: DateRange | undefined, asked: DateRange): boolean => {
  if (!stored) return false
  const inside = stored.low >= asked.low && stored.high <= asked.high
  const about = approximate(asked, now)
  const answers: Record<string, boolean> = {
    eq: inside,
    ne: !inside,
    lt: stored.low < asked.low,
    gt: stored.high > asked.high,
    le: stored.low < asked.low || inside,
    ge: stored.high > asked.high || inside,
    sa: stored.low >= asked.high,
    eb: stored.high <= asked.low,
    ap: stored.low < about.high && stored.high > about.low,
  }
  return answers[prefix] ?? false
}
const codings = (task: Task) => task.code?.coding ?? []
const dated = (name: string, read: (task: Task) => DateRange | undefined) =>
  fc
    .tuple(fc.constantFrom('eq', 'ne', 'lt', 'gt', 'le', 'ge', 'sa', 'eb', 'ap'), fc.constantFrom(...dates))
    .map(([prefix, text]): [string, string, Test] => {
      const asked = readDate(text) ?? { low: 0, high: 0 }
      return [name, `${prefix}${text}`, (task) => relation(prefix, read(task), asked)]
    })
const condition = fc.oneof(
  fc
    .constantFrom('requested', 'accepted', 'completed')
    .map((one): [string, string, Test] => ['status', one, (task) => task.status === one]),
  fc.constant<[string, string, Test]>(['status', 'requested,completed', (task) => task.status !== 'accepted']),
  fc.constant<[string, string, Test]>(['status:not', 'requested', (task) => task.status !== 'requested']),
  fc
    .constantFrom('true', 'false')
    .map((one): [string, string, Test] => [
      'priority:missing',
      one,
      (task) => (task.priority === undefined) === (one === 'true'),
    ]),
  fc
    .constantFrom('call', 'visit')
    .map((one): [string, string, Test] => ['code', one, (task) => codings(task).some(({ code }) => code === one)]),
  fc.constant<[string, string, Test]>([
    'code',
    'urn:a|call,urn:b|call',
    (task) => codings(task).some(({ code }) => code === 'call'),
  ]),
  fc.constant<[string, string, Test]>([
    'code',
    'urn:a|',
    (task) => codings(task).some(({ system }) => system === 'urn:a'),
  ]),
  fc.constant<[string, string, Test]>([
    'code',
    '|visit',
    (task) => codings(task).some(({ system, code }) => system === undefined && code === 'visit'),
  ]),
  fc.constant<[string, string, Test]>(['patient', 'p1', (task) => task.for?.reference === 'Patient/p1']),
  fc.constant<[string, string, Test]>(['subject', 'p1', (task) => task.for?.reference?.endsWith('/p1') ?? false]),
  fc.constant<[string, string, Test]>([
    'subject',
    'Group/p1,Patient/p2',
    (task) => ['Group/p1', 'Patient/p2'].includes(task.for?.reference ?? ''),
  ]),
  fc.constant<[string, string, Test]>(['subject:Group', 'p1', (task) => task.for?.reference === 'Group/p1']),
  dated('authored-on', (task) => (task.authoredOn === undefined ? undefined : readDate(task.authoredOn))),
  dated('period', (task) => task.executionPeriod && readPeriod(task.executionPeriod)),
)

test('a search over tasks finds exactly what reading each of them would', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(condition, { minLength: 1, maxLength: 3 }), async (conditions) => {
      const query = new URLSearchParams(conditions.map(([name, value]) => [name, value]))
      const expected = tasks.filter((task) => conditions.every(([, , holds]) => holds(task))).map(({ id }) => id)
      expect([query.toString(), await ids('Task', `_id:not=gone&${query}`)]).toEqual([query.toString(), expected])
    }),
    { numRuns: 150, seed: 1 },
  )
})

test('pages of any size and order hold every task once', async () => {
  const sorts = [
    '_id',
    '-_id',
    '_lastUpdated',
    '-_lastUpdated',
    'authored-on',
    '-authored-on',
    'status,-authored-on',
    '-priority,code',
    '-_lastUpdated,_id',
  ]
  const all = tasks.map(({ id }) => id)
  for (const sort of sorts) {
    const seen: string[] = []
    let cursor = ''
    do {
      if (seen.length > 400) throw new Error(`${sort} does not end`)
      const page = await find('Task', `_id:not=gone&intent=order&_sort=${sort}&_count=37${cursor}`)
      seen.push(...page.resources.map(({ id }) => id ?? ''))
      cursor = page.next === undefined ? '' : `&_cursor=${page.next}`
    } while (cursor !== '')
    expect(seen.toSorted()).toEqual(all)
    if (sort === '-_id') expect(seen).toEqual(all.toReversed())
    if (sort === 'status,-authored-on') {
      const keys = seen
        .map((id) => tasks.find((task) => task.id === id))
        .map(
          (task) =>
            `${task?.status} ${String(9e15 - (readDate(task?.authoredOn ?? '')?.low ?? -8e15)).padStart(20, '0')}`,
        )
      expect(keys).toEqual(keys.toSorted())
    }
  }
})

test('names are found whatever their case and accents, exactly when asked', async () => {
  const named = (holds: (family: string) => boolean) =>
    patients
      .filter((patient) => holds(patient.name?.[0]?.family ?? ''))
      .map(({ id }) => id)
      .toSorted()
  expect((await ids('Patient', 'family=NUN')).toSorted()).toEqual(
    named((family) => family === 'Núñez' || family === 'Nunes'),
  )
  expect((await ids('Patient', 'family=smith')).toSorted()).toEqual(
    named((family) => family.toLowerCase().startsWith('smith')),
  )
  expect((await ids('Patient', 'family:exact=smithson')).toSorted()).toEqual(named((family) => family === 'smithson'))
  expect((await ids('Patient', 'family:contains=cruz')).toSorted()).toEqual(named((family) => family === 'de la Cruz'))
  expect((await ids('Patient', 'deceased=true')).length).toBe(9)
})

test('an updated or deleted resource is not found by what it was', async () => {
  expect(await ids('Task', 'status=draft')).toEqual([])
  expect(await ids('Task', 'status=rejected&intent=plan')).toEqual(['gone'])
})

test('the total counts without fetching', async () => {
  expect(await find('Task', 'status=rejected&_count=0')).toEqual({ resources: [], total: 1, next: undefined })
  expect((await find('Task', 'intent=order&_count=5&_total=accurate')).total).toBe(300)
})

test.each([
  ['authored-on=soon', 'search-value-invalid'],
  ['staus=requested', 'search-parameter-unknown'],
  ['_cursor=x', 'search-cursor-invalid'],
  ['_cursor=WzFd', 'search-cursor-invalid'],
  ['_sort=colour', 'search-parameter-unknown'],
  ['status:colour=x', 'search-parameter-unsupported'],
  ['_count=many', 'search-value-invalid'],
])('%s is refused as %s', async (query, code) => {
  await expect(find('Task', query)).rejects.toMatchObject({ code })
})

test('a value made to break out of its place finds nothing and breaks nothing', async () => {
  for (const value of [
    "'; drop table fhir_token; --",
    "a'||'b",
    '$1',
    '\\',
    'zz\u0000',
    '\u{10ffff}',
    'x'.repeat(5000),
  ]) {
    expect(await ids('Task', new URLSearchParams({ code: value }).toString())).toEqual([])
    expect(await ids('Patient', new URLSearchParams({ family: value }).toString())).toEqual([])
  }
})
