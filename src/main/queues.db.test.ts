import type { Resource, Task } from '@medplum/fhirtypes'
import { beforeEach, expect, test } from 'vitest'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import { hire } from '../../testkit/team.ts'

const house = useHouse()
const door = useDoor(house)
const hour = 3_600_000
let nurse = ''
let clerk = ''
let lead = ''
/** Sessions end while the clock is moved. */
const signIn = async () => {
  nurse = await door.signIn('nurse@alpha.example')
  clerk = await door.signIn('clerk@alpha.example')
  lead = await door.signIn('lead@alpha.example')
}
beforeEach(signIn)
const write = (...resources: (Resource & { id: string })[]) =>
  house.database.transaction(house.alpha, (tx) =>
    house.record.write(
      tx,
      house.context,
      resources.map((resource) => ({ interaction: 'update' as const, resource })),
    ),
  )
const iso = (hours: number) => new Date(house.clock.now() + hours * hour).toISOString()
const task = (id: string, role: string, more: Partial<Task> = {}): Task & { id: string } => ({
  resourceType: 'Task',
  id,
  status: 'requested',
  intent: 'order',
  authoredOn: iso(0),
  code: { text: `Task ${id}` },
  for: { reference: 'Patient/someone' },
  performerType: [{ coding: [{ system: 'urn:throughline:role', code: role }] }],
  ...more,
})
const due = (hours: number): Partial<Task> => ({ restriction: { period: { end: iso(hours) } } })
const ofKind = (kind: string, place: string): Partial<Task> => ({
  code: { coding: [{ system: 'urn:throughline:task-kind', code: kind }], text: kind },
  extension: [{ url: 'urn:throughline:jurisdiction', valueCode: place }],
})
const get = async (path: string, cookie = nurse) => (await door.call(cookie, 'GET', path)).body
const ids = async (query: string, cookie = nurse) => {
  const body = await get(`/api/work?${query}`, cookie)
  return (body['items'] as { id: string }[]).map(({ id }) => id)
}
const codeOf = (answer: { body: Record<string, unknown> }) =>
  (answer.body['error'] as { code: string } | undefined)?.code

test('a filter finds what its conditions say, in the order of its list, and nothing else', async () => {
  const role = 'triage-nurse'
  await write(
    task('late-stat', role, { priority: 'stat', ...due(-1) }),
    task('late', role, due(-2)),
    task('soon-urgent', role, { priority: 'urgent', ...due(5) }),
    task('in-days', role, { priority: 'urgent', ...due(60) }),
    task('some-day', role),
    task('kind-here', role, { ...ofKind('nurse-triage', 'US-NY'), ...due(3) }),
    task('kind-there', role, { ...ofKind('nurse-triage', 'CA-ON'), ...due(4) }),
    task('up', 'access-coordinator', {
      ...due(-3),
      extension: [{ url: 'urn:throughline:escalated-to', valueCode: role }],
    }),
  )
  const all = await ids('list=queue')
  expect(all).toEqual(['late-stat', 'soon-urgent', 'in-days', 'up', 'late', 'kind-here', 'kind-there', 'some-day'])
  const found = {
    'due=late': ['late-stat', 'up', 'late'],
    'due=day': ['late-stat', 'soon-urgent', 'up', 'late', 'kind-here', 'kind-there'],
    'due=week': ['late-stat', 'soon-urgent', 'in-days', 'up', 'late', 'kind-here', 'kind-there'],
    'urgency=urgent': ['late-stat', 'soon-urgent', 'in-days'],
    'urgency=stat': ['late-stat'],
    'urgency=urgent&due=day': ['late-stat', 'soon-urgent'],
    'kind=nurse-triage': ['kind-here', 'kind-there'],
    'kind=nurse-triage&place=CA-ON': ['kind-there'],
    'escalated=true': ['up'],
    'role=access-coordinator&due=late': ['up'],
  }
  for (const [query, wanted] of Object.entries(found))
    expect([query, await ids(`list=queue&${query}`)]).toEqual([query, wanted])
  expect(await ids('list=unowned&due=late')).toEqual(['late-stat', 'up', 'late'])
  expect(await ids('list=all&due=late&role=triage-nurse')).toEqual(['late-stat', 'up', 'late'])
  expect(await ids('list=all&role=triage-nurse')).toEqual(all)
  expect(await ids('list=all&urgency=urgent')).toEqual(['late-stat', 'soon-urgent', 'in-days'])
  await door.call(nurse, 'POST', '/api/work/late/claim', {})
  expect(await ids('list=mine&due=late')).toEqual(['late'])
  expect(await ids('list=all&role=triage-nurse&due=late')).toEqual(['late-stat', 'up', 'late'])
  expect(await ids('list=mine&urgency=urgent')).toEqual([])
  expect(codeOf(await door.call(nurse, 'GET', '/api/work?list=queue&due=soonish'))).toBe('invalid-request')
})

test('a filtered list goes on behind its cursor, also where a page finds little', async () => {
  await write(
    ...Array.from({ length: 620 }, (_none, n) =>
      task(`many-${String(n).padStart(3, '0')}`, 'physician', {
        ...due(n + 1),
        ...(n % 100 === 99
          ? { extension: [{ url: 'urn:throughline:escalated-to', valueCode: 'clinical-director' }] }
          : {}),
      }),
    ),
  )
  const found: string[] = []
  let after = ''
  let pages = 0
  do {
    const body = await get(`/api/work?list=queue&role=physician&escalated=true${after === '' ? '' : `&after=${after}`}`)
    found.push(...(body['items'] as { id: string }[]).map(({ id }) => id))
    after = (body['next'] as string | null) ?? ''
    pages++
  } while (after !== '')
  expect(found).toEqual([99, 199, 299, 399, 499, 599].map((n) => `many-${n}`.replace('many-99', 'many-099')))
  expect(pages).toBe(2)
  const within = await ids('list=queue&role=physician&due=week')
  expect(within).toHaveLength(30)
})

test('a filter is kept, counted up to 500, shared with a role and with nobody beside, changed by its owner alone, and brought back', async () => {
  const filter = { list: 'queue', role: 'physician' }
  const put = (id: string, body: unknown, cookie = nurse) => door.call(cookie, 'PUT', `/api/work/filters/${id}`, body)
  expect((await put('f-1', { name: 'Physicians', filter, shared: 'triage-nurse' })).body).toEqual({
    id: 'f-1',
    name: 'Physicians',
    filter,
    shared: 'triage-nurse',
    mine: true,
    ownerName: 'nurse of alpha',
  })
  await put('f-2', { name: 'Mine, late', filter: { list: 'mine', due: 'late' }, shared: null })
  expect((await get('/api/work/filters'))['items']).toMatchObject([
    { id: 'f-1', found: { count: 500, more: true } },
    { id: 'f-2', found: { count: 1, more: false } },
  ])
  expect((await get('/api/work/filters', clerk))['items']).toEqual([])
  expect(codeOf(await put('f-3', { name: 'For all', filter, shared: '' }))).toBe('not-shared-so')
  expect((await put('f-3', { name: 'For all', filter, shared: '' }, lead)).status).toBe(200)
  expect((await get('/api/work/filters', clerk))['items']).toMatchObject([{ id: 'f-3', mine: false }])
  expect(codeOf(await put('f-3', { name: 'Taken over', filter, shared: null }, clerk))).toBe('filter-not-found')
  expect(codeOf(await door.call(clerk, 'DELETE', '/api/work/filters/f-1'))).toBe('filter-not-found')
  const gone = (await door.call(nurse, 'DELETE', '/api/work/filters/f-1')).body
  expect(gone).toMatchObject({ name: 'Physicians', filter, shared: 'triage-nurse' })
  const kept = { name: gone['name'], filter: gone['filter'], shared: gone['shared'] }
  expect((await put('f-1', kept)).status).toBe(200)
  expect(codeOf(await put('f-4', { name: 'Nonsense', filter: { list: 'done' }, shared: null }))).toBe('invalid-request')
})

test('what nobody at work may do says what would unblock it, and who may do several tasks is told with the why of the others', async () => {
  const now = house.clock.now()
  await hire(house, [
    {
      id: 'rn-ny',
      roles: ['triage-nurse'],
      licences: [['rn', 'US-NY']],
      skills: ['triage'],
      shifts: [{ from: now - hour, until: now + 8 * hour }],
    },
  ])
  await write(
    task('in-ny', 'triage-nurse', ofKind('nurse-triage', 'US-NY')),
    task('in-tx', 'triage-nurse', ofKind('nurse-triage', 'US-TX')),
  )
  const asked = { ids: ['in-ny', 'in-tx', 'not-there'] }
  const blocked = (await door.call(lead, 'POST', '/api/work/unblocks', asked)).body['items']
  expect(blocked).toMatchObject([{ id: 'in-tx' }])
  const able = (await door.call(lead, 'POST', '/api/work/able', asked)).body as {
    of: number
    items: { reference: string; may: number; atWork: boolean; reasons: string[] }[]
  }
  expect(able.of).toBe(2)
  expect(able.items[0]).toMatchObject({ reference: 'Practitioner/rn-ny', may: 1, atWork: true })
  expect(able.items[0]?.reasons.join()).toContain('Texas')
  expect(able.items.find(({ reference }) => reference === 'Practitioner/clerk')).toMatchObject({ may: 0 })
})

test('the queue of a role and of a place says how many are open, unowned, at risk and breached, as of now', async () => {
  type Counts = Record<'open' | 'unowned' | 'atRisk' | 'breached', { count: number; more: boolean }>
  const role = 'charge-nurse'
  const counts = async () => {
    const body = await get('/api/work/queues', lead)
    const by = (list: string, key: string, id: string) =>
      (body[list] as (Counts & Record<string, unknown>)[]).find((one) => one[key] === id)
    return [by('roles', 'role', role), by('places', 'place', 'US-VT')].map((one) =>
      one ? [one.open, one.unowned, one.atRisk, one.breached].map(({ count }) => count) : undefined,
    )
  }
  expect(await counts()).toEqual([[0, 0, 0, 0], undefined])
  const urgent = { ...ofKind('nurse-triage', 'US-VT'), priority: 'urgent' as const }
  await write(
    task('level-1', role, urgent),
    task('level-2', role, {
      priority: 'urgent',
      ...ofKind('nurse-triage', 'US-NY'),
      status: 'accepted',
      owner: { reference: 'Practitioner/rn-ny' },
    }),
  )
  expect(await counts()).toEqual([
    [2, 1, 0, 0],
    [1, 1, 0, 0],
  ])
  // Urgent triage is to be done within two hours, and at risk after an hour and a half.
  house.clock.advance(1.5 * hour + 60_000)
  await signIn()
  expect(await counts()).toEqual([
    [2, 1, 2, 0],
    [1, 1, 1, 0],
  ])
  expect(await ids(`list=queue&role=${role}&level=at-risk`, lead)).toEqual(['level-1'])
  expect(await ids(`list=queue&role=${role}&level=breached`, lead)).toEqual([])
  house.clock.advance(0.5 * hour)
  await signIn()
  expect(await counts()).toEqual([
    [2, 1, 2, 2],
    [1, 1, 1, 1],
  ])
  expect(await ids(`list=queue&role=${role}&level=breached`, lead)).toEqual(['level-1'])
})

test('what one watches says what changed since one last looked, and is another’s secret', async () => {
  await write(
    { resourceType: 'Patient', id: 'watched', name: [{ family: 'Watch', given: ['Me'] }] },
    task('watched-task', 'triage-nurse', { for: { reference: 'Patient/watched' } }),
  )
  const put = (reference: string, cookie = nurse) => door.call(cookie, 'PUT', `/api/watches/${reference}`)
  expect((await put('Task/watched-task')).status).toBe(200)
  expect((await put('Patient/watched')).status).toBe(200)
  expect(codeOf(await put('Task/none'))).toBe('not-to-watch')
  expect(codeOf(await put('journey/none'))).toBe('not-to-watch')
  const seen = async () =>
    ((await get('/api/watches'))['items'] as { reference: string; changes: { sentence: string }[] }[]).map((one) => [
      one.reference,
      one.changes.map(({ sentence }) => sentence),
    ])
  expect(await seen()).toEqual(
    expect.arrayContaining([
      ['Task/watched-task', []],
      ['Patient/watched', []],
    ]),
  )
  house.clock.advance(60_000)
  await door.call(nurse, 'POST', '/api/work/watched-task/claim', {})
  await door.call(nurse, 'POST', '/api/work/watched-task/comment', { text: 'Called' })
  await write(task('beside', 'triage-nurse', { for: { reference: 'Patient/watched' } }))
  house.clock.advance(60_000)
  expect(Object.fromEntries(await seen())).toEqual({
    'Task/watched-task': ['waiting for somebody → taken', 'nobody → nurse of alpha', '1 new note'],
    'Patient/watched': expect.arrayContaining(['Task watched-task: taken']),
  })
  await put('Task/watched-task')
  expect(Object.fromEntries(await seen())['Task/watched-task']).toEqual([])
  expect((await get('/api/watches', clerk))['items']).toEqual([])
  expect((await get('/api/watches/references'))['items']).toHaveLength(2)
  await door.call(nurse, 'DELETE', '/api/watches/Task/watched-task')
  expect((await get('/api/watches/references'))['items']).toEqual(['Patient/watched'])
})

test('the other open tasks of a patient are what a task may be merged with', async () => {
  const { items } = (await get('/api/work/watched-task/others')) as { items: { id: string }[] }
  expect(items.map(({ id }) => id)).toEqual(['beside'])
})
