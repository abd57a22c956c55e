import type { Practitioner, Task } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { password, useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import { hire, patientIn, practitionerOf } from '../../testkit/team.ts'
import type { Giving, WorkDetail } from '../contracts/index.ts'
import { type CallContext, CodedError, createChance } from '../kernel/index.ts'
import { actOnTask } from '../work/index.ts'

const start = Date.UTC(2026, 2, 2, 14)
const hour = 3_600_000
const house = useHouse({ start })
const door = useDoor(house)
const inAlpha = <T>(work: Parameters<typeof house.database.transaction<T>>[1]) =>
  house.database.transaction(house.alpha, work)
const ask = async (who: string, method: 'GET' | 'POST', url: string, body?: unknown) =>
  door.call(await door.signIn(`${who}@alpha.example`, password), method, url, body)
const give = (role: string, given: boolean) => ask('lead', 'POST', '/api/giving', { kind: 'nurse-triage', role, given })

const source = `
pathway: triage-given
title: {en: Triage, fr: Triage}
owner: operations-lead
starts: [{on: ServiceRequest, when: "code.text = 'given triage'"}]
stages: [{id: asked, title: {en: Asked, fr: Demandé}}]
tracks:
  main:
    steps:
      triage:
        stage: asked
        task: {role: triage-nurse, kind: nurse-triage, licence: where-the-patient-is, title: {en: Triage, fr: Trier}, due: 4 h}
      finish: {after: triage, end: {outcome: done, title: {en: Done, fr: Terminé}}}
`
const request = (id: string, patient: string) => ({
  interaction: 'update' as const,
  resource: {
    resourceType: 'ServiceRequest' as const,
    id,
    status: 'active' as const,
    intent: 'order' as const,
    code: { text: 'given triage' },
    subject: { reference: `Patient/${patient}` },
  },
})
const tasks = async (): Promise<(Task & { id: string })[]> =>
  inAlpha(async (tx) => {
    const rows = await tx.query<{ id: string }>({
      text: 'select id from work_item where tenant_id = $1 order by id',
      values: [tx.tenant],
    })
    const found = await house.record.readMany(
      tx,
      rows.map(({ id }) => `Task/${id}`),
    )
    return [...found.values()] as (Task & { id: string })[]
  })
const taskOf = async (patient: string) => (await tasks()).find((one) => one.for?.reference === `Patient/${patient}`)
const shift = { from: start - hour, until: start + 8 * hour }
let people: Record<string, CallContext> = {}

test('a task waits in its queue until a lead has its kind given at once; then it says who has it and why', async () => {
  people = await hire(house, [
    { id: 'knows', roles: ['triage-nurse'], licences: [['rn', 'US-NY']], skills: ['triage'], shifts: [shift] },
    {
      id: 'french',
      roles: ['triage-nurse'],
      licences: [['rn', 'US-NY']],
      skills: ['triage'],
      languages: ['fr'],
      shifts: [shift],
    },
    { id: 'ohio', roles: ['triage-nurse'], licences: [['rn', 'US-OH']], skills: ['triage'], shifts: [shift] },
    { id: 'off', roles: ['triage-nurse'], licences: [['rn', 'US-NY']], skills: ['triage'] },
  ])
  await inAlpha(async (tx) => {
    await house.pathways.publish(tx, house.context, source, 'First')
    const francophone = { communication: [{ language: { coding: [{ code: 'fr' }] }, preferred: true }] }
    await house.record.write(tx, house.context, [
      { interaction: 'update', resource: patientIn('waits', 'NY') },
      { interaction: 'update', resource: patientIn('speaks', 'NY', francophone) },
      {
        interaction: 'update',
        resource: patientIn('known', 'NY', { generalPractitioner: [{ reference: 'Practitioner/knows' }] }),
      },
      { interaction: 'update', resource: patientIn('texan', 'TX') },
      request('r-waits', 'waits'),
    ])
  })
  await house.settle()
  expect((await taskOf('waits'))?.owner).toBe(undefined)
  expect((await ask('nurse', 'POST', '/api/giving', { kind: 'nurse-triage', given: true })).status).toBe(403)
  expect((await ask('lead', 'POST', '/api/giving', { kind: 'naps', given: true })).body).toMatchObject({
    error: { code: 'unknown-queue', faults: [{ path: 'kind' }] },
  })
  const { items } = (await give('', true)).body as Giving
  expect(items.find(({ kind }) => kind.id === 'nurse-triage')).toMatchObject({
    given: true,
    by: 'lead of alpha',
    queues: [{ id: 'triage-nurse', given: true }],
  })
  await inAlpha((tx) =>
    house.record.write(
      tx,
      house.context,
      ['speaks', 'known', 'texan'].map((one) => request(`r-${one}`, one)),
    ),
  )
  await house.settle()
  expect((await taskOf('speaks'))?.owner?.reference).toBe('Practitioner/french')
  expect((await taskOf('known'))?.owner?.reference).toBe('Practitioner/knows')
  // Nobody may do it there: it waits, and says what would unblock it.
  expect((await taskOf('texan'))?.owner).toBe(undefined)
  const why = async (who: string, patient: string) =>
    ((await ask(who, 'GET', `/api/work/${(await taskOf(patient))?.id}`)).body as unknown as WorkDetail).given
  expect(await why('lead', 'known')).toBe(
    'Given to Name of knows as it was made: may do it as registered nurse, knows the patient, had 0 min of open work. One other at work may do it too, and would cost more or had no time left.',
  )
  expect(await why('lead', 'speaks')).toContain('speaks their language')
  // Who was there before keeps waiting, and whom a lead gives it to has no such reason.
  expect((await taskOf('waits'))?.owner).toBe(undefined)
  const id = (await taskOf('known'))?.id ?? ''
  await inAlpha((tx) =>
    actOnTask(
      tx,
      people['knows'] ?? house.context,
      house.record,
      id,
      { do: 'release' },
      { mayManage: false, roles: [], routing: house.routing },
    ),
  )
  expect(await why('lead', 'known')).toBe(null)
})

test('one queue can be left out, or be the only one', async () => {
  await give('triage-nurse', false)
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'update', resource: patientIn('left-out', 'NY') },
      request('r-left-out', 'left-out'),
    ]),
  )
  await house.settle()
  expect((await taskOf('left-out'))?.owner).toBe(undefined)
  await give('triage-nurse', true)
})

test('whoever is given a task may do it, while others claim, let go and lose their licences at the same time', {
  timeout: 120_000,
}, async () => {
  const chance = createChance(5)
  const states = ['NY', 'OH', 'TX']
  const crew = Array.from({ length: 6 }, (_none, n) => ({
    id: `crew-${n}`,
    roles: ['triage-nurse'],
    licences: states.filter((_state, at) => at !== n % 3).map((state) => ['rn', `US-${state}`] as [string, string]),
    skills: n === 5 ? [] : ['triage'],
    shifts: [shift],
  }))
  Object.assign(people, await hire(house, crew))
  const before = new Set((await tasks()).map(({ id }) => id))
  const patients = Array.from({ length: 90 }, (_none, n) => patientIn(`many-${n}`, chance.pick(states)))
  await inAlpha((tx) =>
    house.record.write(
      tx,
      house.context,
      patients.map((resource) => ({ interaction: 'update' as const, resource })),
    ),
  )
  // Two of them lose one licence each half way.
  const lost = { 'crew-0': 'US-OH', 'crew-1': 'US-NY' } as const
  const lose = (id: keyof typeof lost) => {
    const [one] = crew.filter((member) => member.id === id)
    const { qualification = [], ...person } = practitionerOf({ ...one, id, roles: [] })
    const kept = qualification.filter((held) => !JSON.stringify(held).includes(lost[id]))
    return {
      interaction: 'update' as const,
      resource: { ...person, qualification: kept } as Practitioner & { id: string },
    }
  }
  const claim = async (who: string, act: 'claim' | 'release') => {
    const open = (await tasks()).filter(({ id, owner }) =>
      act === 'claim' ? !before.has(id) && !owner : owner?.reference === `Practitioner/${who}`,
    )
    for (const { id } of open.slice(0, 4))
      await inAlpha((tx) =>
        actOnTask(
          tx,
          people[who] ?? house.context,
          house.record,
          id,
          { do: act },
          { mayManage: false, roles: [], routing: house.routing },
        ),
      ).catch((error: unknown) => {
        if (!(error instanceof CodedError)) throw error
      })
  }
  const part = async (from: number, to: number) => {
    await inAlpha((tx) =>
      house.record.write(
        tx,
        house.context,
        patients.slice(from, to).map(({ id }) => request(`r-${id}`, id)),
      ),
    )
    await Promise.all([
      house.runtime.drain(house.alpha),
      house.runtime.drain(house.alpha),
      ...crew.map(({ id }, n) => claim(id, n % 2 === 0 ? 'claim' : 'release')),
    ])
  }
  await part(0, 45)
  const early = new Set((await tasks()).map(({ id }) => id))
  await inAlpha((tx) => house.record.write(tx, house.context, [lose('crew-0'), lose('crew-1')]))
  await part(45, 90)
  await house.settle()
  // The oracle knows the crew as it was hired, and what was lost.
  const mayBy = (who: string, place: string, after: boolean): boolean => {
    const one = crew.find(({ id }) => `Practitioner/${id}` === who)
    if (!one)
      return ['knows', 'french'].some((id) => who === `Practitioner/${id}`)
        ? place === 'US-NY'
        : who === 'Practitioner/ohio' && place === 'US-OH'
    const gone = after && (lost as Record<string, string>)[one.id] === place
    return one.skills.includes('triage') && one.licences.some(([, where]) => where === place) && !gone
  }
  const made = (await tasks()).filter(({ id }) => !before.has(id))
  expect(made).toHaveLength(90)
  const owned = made.filter(({ owner }) => owner !== undefined)
  const wrong = owned.filter(({ id, owner, extension }) => {
    const place = extension?.find(({ url }) => url === 'urn:throughline:jurisdiction')?.valueCode ?? ''
    return !mayBy(owner?.reference ?? '', place, !early.has(id))
  })
  expect(wrong.map(({ id, owner }) => [id, owner?.reference])).toEqual([])
  const given = owned.filter(({ extension }) => extension?.some(({ url }) => url === 'urn:throughline:given'))
  expect(given.length).toBeGreaterThan(30)
  expect(new Set(given.map(({ owner }) => owner?.reference)).size).toBeGreaterThan(3)
})
