import type { Task } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { password, useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import { hire, patientIn } from '../../testkit/team.ts'
import type { Handovers, StaffImport } from '../contracts/index.ts'

const start = Date.UTC(2026, 2, 2, 14)
const hour = 3_600_000
const house = useHouse({ start })
const door = useDoor(house)
const inAlpha = <T>(work: Parameters<typeof house.database.transaction<T>>[1]) =>
  house.database.transaction(house.alpha, work)
const shift = { from: start - hour, until: start + 8 * hour }

const task = (id: string, more: Partial<Task> = {}): Task & { id: string } => ({
  resourceType: 'Task',
  id,
  status: 'requested',
  intent: 'order',
  code: { coding: [{ system: 'urn:throughline:task-kind', code: 'nurse-triage' }], text: 'Triage' },
  extension: [{ url: 'urn:throughline:jurisdiction', valueCode: 'US-NY' }],
  performerType: [{ coding: [{ system: 'urn:throughline:role', code: 'triage-nurse' }] }],
  for: { reference: 'Patient/new-yorker' },
  restriction: { period: { end: new Date(start + 4 * hour).toISOString() } },
  ...more,
})
const ownersOf = async (ids: readonly string[]) =>
  Promise.all(
    ids.map(async (id) => {
      const stored = await inAlpha((tx) => house.record.read(tx, `Task/${id}`))
      return stored?.resourceType === 'Task' ? (stored.owner?.reference ?? null) : undefined
    }),
  )
const ask = async (who: string, method: 'GET' | 'POST', url: string, body?: unknown) =>
  door.call(await door.signIn(`${who}@alpha.example`, password), method, url, body)

/** A file read, and taken when it has no faults. */
const bring = async (what: string, content: string) => {
  const { id } = (await ask('lead', 'POST', '/api/team/imports', { what, content })).body as StaffImport
  await house.settle()
  const read = (await ask('lead', 'GET', `/api/team/imports/${id}`)).body as StaffImport
  if (read.state !== 'ready') return read
  await ask('lead', 'POST', `/api/team/imports/${id}/take`)
  await house.settle()
  return (await ask('lead', 'GET', `/api/team/imports/${id}`)).body as StaffImport
}
const isAway = async () => {
  const { items } = (await ask('lead', 'GET', '/api/team')).body as { items: { reference: string; away: boolean }[] }
  return items.find((one) => one.reference === 'Practitioner/ill')?.away
}

test('a table of licences and one of shifts make a nurse of New York, at work; the team’s page says so', async () => {
  await hire(house, [
    { id: 'ill', roles: ['triage-nurse'], licences: [['rn', 'US-NY']], skills: ['triage'], shifts: [shift] },
    { id: 'other', roles: ['triage-nurse'], skills: ['triage'] },
  ])
  const licences = await bring(
    'licences',
    'practitioner,credential,place,number,until,compact\nother,rn,New York,N-1,2026-04-20,\nother,rn,Ohio,N-2,,NLC\n',
  )
  expect(licences).toMatchObject({ state: 'done', counts: { new: 2, changed: 0, same: 0 } })
  const shifts = await bring('shifts', 'practitioner,kind,from,until\nother,shift,2026-03-02 08:00,2026-03-02 17:00\n')
  expect(shifts).toMatchObject({ state: 'done', counts: { new: 1, changed: 0, same: 0 } })
  const { body } = await ask('nurse', 'GET', '/api/team')
  const { items } = body as { items: Record<string, unknown>[] }
  expect(items.find((one) => one['reference'] === 'Practitioner/other')).toMatchObject({
    atWork: true,
    until: '2026-03-02T22:00:00.000Z',
    licences: [
      { place: { id: 'US-NY' }, number: 'N-1', until: '2026-04-21T04:00:00.000Z', ends: 'in-60-days' },
      { place: { id: 'US-OH' }, number: 'N-2', until: null, compact: 'NLC', ends: null },
    ],
  })
  // A licence is changed in place when it comes again.
  await bring('licences', 'practitioner,credential,place,number,until\nother,rn,NY,N-1,2028-04-20\n')
  const again = (await ask('lead', 'GET', '/api/team')).body as { items: { reference: string; licences: unknown[] }[] }
  expect(again.items.find((one) => one.reference === 'Practitioner/other')?.licences).toHaveLength(2)
})

test('a lead sees a licence’s end coming 60, 30 and 7 days before, and when it has come', async () => {
  const end = Date.UTC(2028, 3, 21, 4)
  const ends = async (before: number) => {
    house.clock.advance(end - before - house.clock.now())
    const { body } = await ask('lead', 'GET', '/api/team')
    const { items } = body as { items: { reference: string; licences: { ends: string | null }[] }[] }
    return items.find((one) => one.reference === 'Practitioner/other')?.licences.map((one) => one.ends)[1]
  }
  const found = []
  for (const days of [61, 60, 30, 7, 0]) found.push(await ends(days * 24 * hour))
  expect(found).toEqual([null, 'in-60-days', 'in-30-days', 'in-7-days', 'ended'])
  house.clock.advance(start - house.clock.now())
})

test('a table with faults is refused with the row and the column of each, and nothing of it is written', async () => {
  const before = (await ask('lead', 'GET', '/api/team')).body
  const at = ({ faults }: StaffImport) => faults.map(({ line, column, code }) => [line, column, code])
  const licences = await bring(
    'licences',
    'practitioner,credential,place,number,until\nother,rn,Ohio,N-3,2027-01-01\nnobody,wizard,Mars,,2027-02-31\nother,rn,OH,N-3,\n',
  )
  expect([licences.state, at(licences)]).toEqual([
    'faulty',
    [
      [3, 'practitioner', 'unknown-person'],
      [3, 'credential', 'unknown-credential'],
      [3, 'place', 'unknown-place'],
      [3, 'number', 'required'],
      [3, 'until', 'date'],
      [4, null, 'twice'],
    ],
  ])
  const shifts = await bring('shifts', 'practitioner,kind,from,until\nother,nap,2026-03-02 08:00,2026-03-02 07:00\n')
  expect(at(shifts)).toEqual([
    [2, 'kind', 'value'],
    [2, 'until', 'order'],
  ])
  expect((await ask('lead', 'GET', '/api/team')).body).toEqual(before)
  expect((await ask('nurse', 'POST', '/api/team/imports', { what: 'shifts', content: 'x' })).status).toBe(403)
})

test('the day of somebody ill goes to those who may do it and have time; the rest says what would unblock it, and nobody else’s work moves', async () => {
  const owner = { reference: 'Practitioner/ill', display: 'Name of ill' }
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'update', resource: patientIn('new-yorker', 'NY') },
      ...[
        task('today-1', { owner }),
        task('today-2', { owner, priority: 'urgent' }),
        task('later', { owner, restriction: { period: { end: new Date(start + 72 * hour).toISOString() } } }),
        task('others', { owner: { reference: 'Practitioner/other' } }),
      ].map((resource) => ({ interaction: 'update' as const, resource })),
    ]),
  )
  // A task for a place where only the one who is ill is licensed.
  await bring('licences', 'practitioner,credential,place,number\nill,rn,QC,Q-1\n')
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      {
        interaction: 'update',
        resource: task('quebec', { owner, extension: [{ url: 'urn:throughline:jurisdiction', valueCode: 'CA-QC' }] }),
      },
    ]),
  )
  const ids = ['today-1', 'today-2', 'later', 'others', 'quebec']
  const before = await ownersOf(ids)
  const body = { until: new Date(start + 10 * hour).toISOString(), reason: 'Ill today' }
  const seen = await ask('lead', 'POST', '/api/team/ill/away', { ...body, apply: false })
  const shown = seen.body as Handovers
  expect(shown.done).toBe(false)
  expect(shown.items.map((one) => [one.task.id, one.to?.reference ?? null, one.unblock !== null])).toEqual([
    ['today-2', 'Practitioner/other', false],
    ['quebec', null, true],
    ['today-1', 'Practitioner/other', false],
  ])
  expect(shown.items[0]?.to).toMatchObject({
    name: 'Name of other',
    credential: { en: 'Registered nurse' },
    atWork: true,
    knows: false,
    speaks: null,
  })
  expect(await ownersOf(ids)).toEqual(before)
  // A lead chooses otherwise: one task waits in its queue. Whom the law does not let is no choice.
  const chosen = await ask('lead', 'POST', '/api/team/ill/away', { ...body, apply: false, give: { 'today-1': null } })
  expect((chosen.body as Handovers).items.map((one) => one.to?.reference ?? null)).toEqual([
    'Practitioner/other',
    null,
    null,
  ])
  const wrong = { quebec: 'Practitioner/other', others: null }
  expect((await ask('lead', 'POST', '/api/team/ill/away', { ...body, apply: true, give: wrong })).body).toMatchObject({
    error: { code: 'not-able', faults: [{ path: 'give.quebec' }, { path: 'give.others' }] },
  })
  expect(await ownersOf(ids)).toEqual(before)
  const first = (await ask('lead', 'POST', '/api/team/ill/away', { ...body, apply: true })).body as Handovers
  expect(first.done).toBe(true)
  // They are there after all: what somebody has touched since stays where it is, the rest is theirs again.
  await ask('lead', 'POST', '/api/work/today-2/comment', { text: 'Called already' })
  expect((await ask('nurse', 'POST', '/api/team/ill/away/undo', first.undo)).status).toBe(403)
  expect((await ask('lead', 'POST', '/api/team/other/away/undo', first.undo)).body).toMatchObject({
    error: { code: 'unknown-absence' },
  })
  expect((await ask('lead', 'POST', '/api/team/ill/away/undo', first.undo)).body).toEqual({ back: 2, stay: 1 })
  expect(await ownersOf(ids)).toEqual(before.with(1, 'Practitioner/other'))
  expect(await isAway()).toBe(false)
  expect((await ask('lead', 'POST', '/api/team/ill/away', { ...body, apply: true })).body).toMatchObject({ done: true })
  expect(await ownersOf(ids)).toEqual([
    'Practitioner/other',
    'Practitioner/other',
    'Practitioner/ill',
    'Practitioner/other',
    null,
  ])
  expect(await isAway()).toBe(true)
})

test('an absence that is over already, too long, or of nobody is refused', async () => {
  const away = (id: string, until: number) =>
    ask('lead', 'POST', `/api/team/${id}/away`, { until: new Date(until).toISOString(), reason: 'x', apply: true })
  expect((await away('ill', start - 1)).body).toMatchObject({ error: { code: 'absence-window' } })
  expect((await away('ill', start + 400 * hour)).body).toMatchObject({ error: { code: 'absence-window' } })
  expect((await away('nobody-here', start + hour)).body).toMatchObject({ error: { code: 'unknown-person' } })
})

test('a task tells who may do it, and why each other may not', async () => {
  const { body } = await ask('nurse', 'GET', '/api/work/quebec/people')
  const { items, unblock, kind, place } = body as {
    items: { reference: string; may: boolean; reasons: { sentence: string }[] }[]
    unblock: { code: string }
    kind: unknown
    place: unknown
  }
  expect({ kind, place }).toEqual({
    kind: { en: 'Nurse triage', fr: 'Triage infirmier' },
    place: { en: 'Quebec', fr: 'Québec' },
  })
  expect(unblock.code).toBe('one-bar')
  expect(items.find((one) => one.reference === 'Practitioner/other')?.reasons).toEqual([
    { code: 'licence-missing', sentence: 'has no licence as a registered nurse in Quebec' },
  ])
  expect((await ask('nurse', 'GET', '/api/work/none/people')).status).toBe(404)
})

test('what waits is given out at once: to who may, is at work and has time; what nobody may stays, and so does what changed', async () => {
  await inAlpha((tx) =>
    house.record.write(
      tx,
      house.context,
      [
        ...[1, 2, 3].map((n) => task(`waits-${n}`)),
        task('waits-quebec', { extension: [{ url: 'urn:throughline:jurisdiction', valueCode: 'CA-BC' }] }),
        task('put-off', {
          status: 'on-hold',
          extension: [
            { url: 'urn:throughline:jurisdiction', valueCode: 'US-NY' },
            { url: 'urn:throughline:snoozed-until', valueDateTime: new Date(start + 40 * hour).toISOString() },
          ],
        }),
      ].map((resource) => ({ interaction: 'update' as const, resource })),
    ),
  )
  expect((await ask('nurse', 'POST', '/api/work/plan')).status).toBe(403)
  expect(await ask('lead', 'POST', '/api/work/plan')).toMatchObject({ status: 202, body: { asked: true } })
  await house.settle()
  expect(await ownersOf(['waits-1', 'waits-2', 'waits-3', 'waits-quebec', 'put-off'])).toEqual([
    'Practitioner/other',
    'Practitioner/other',
    'Practitioner/other',
    null,
    null,
  ])
}, 60_000)
