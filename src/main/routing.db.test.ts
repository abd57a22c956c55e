import type { Patient, Slot, Task } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { useHouse } from '../../testkit/house.ts'
import { hire, patientIn, practitionerOf } from '../../testkit/team.ts'
import { type CallContext, CodedError } from '../kernel/index.ts'
import { actOnTask } from '../work/index.ts'

const start = Date.UTC(2026, 2, 2, 14)
const hour = 3_600_000
const house = useHouse({ start })
const inAlpha = <T>(work: Parameters<typeof house.database.transaction<T>>[1]) =>
  house.database.transaction(house.alpha, work)
const act = (id: string, context: CallContext, action: Parameters<typeof actOnTask>[4]) =>
  inAlpha((tx) =>
    actOnTask(tx, context, house.record, id, action, { mayManage: true, roles: [], routing: house.routing }),
  )
const refusal = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return error instanceof CodedError ? { code: error.code, detail: error.message } : error
}
const source = `
pathway: triage-by-licence
title: {en: Triage by licence, fr: Triage selon le permis}
owner: operations-lead
starts: [{on: ServiceRequest, when: "code.text = 'licensed triage'"}]
stages: [{id: asked, title: {en: Asked, fr: Demandé}}]
tracks:
  main:
    steps:
      triage:
        stage: asked
        task: {role: triage-nurse, kind: nurse-triage, licence: where-the-patient-is, title: {en: Triage, fr: Trier}, due: 4 h}
      finish: {after: triage, end: {outcome: done, title: {en: Done, fr: Terminé}}}
`
let made = 0
/** A triage task of a patient who lives there. */
async function triageIn(state: string | undefined): Promise<string> {
  made += 1
  const id = `p-${made}`
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'update', resource: patientIn(id, state) },
      {
        interaction: 'update',
        resource: {
          resourceType: 'ServiceRequest',
          id: `r-${id}`,
          status: 'active',
          intent: 'order',
          code: { text: 'licensed triage' },
          subject: { reference: `Patient/${id}` },
        },
      },
    ]),
  )
  await house.settle()
  const [row] = await inAlpha((tx) =>
    tx.query<{ id: string }>({
      text: 'select id from work_item where tenant_id = $1 and patient = $2',
      values: [tx.tenant, `Patient/${id}`],
    }),
  )
  return row?.id ?? ''
}
const shift = { from: start - hour, until: start + 8 * hour }
let people: Record<string, CallContext> = {}
const as = (name: string): CallContext => people[name] ?? house.context

test('a pathway names the kind of a task, and its Task says so, and where the patient is', async () => {
  people = await hire(house, [
    {
      id: 'texan',
      roles: ['triage-nurse'],
      licences: [['rn', 'US-TX', undefined, 'NLC']],
      skills: ['triage'],
      shifts: [shift],
    },
    {
      id: 'lapsing',
      roles: ['triage-nurse'],
      licences: [
        ['rn', 'US-NY', '2026-03-02'],
        ['rn', 'CA-ON'],
      ],
      skills: ['triage'],
      languages: ['fr'],
      shifts: [{ from: start - hour, until: start + 30 * hour }],
    },
    { id: 'practical', roles: ['triage-nurse'], licences: [['lpn', 'US-OH']], skills: ['triage'], shifts: [shift] },
    { id: 'unskilled', roles: ['triage-nurse'], licences: [['rn', 'US-NY']], shifts: [shift] },
    { id: 'boss', roles: ['operations-lead', 'clinical-director'], credential: 'clerk' },
  ])
  await inAlpha((tx) => house.pathways.publish(tx, house.context, source, 'First'))
  const task = (await inAlpha(async (tx) => house.record.read(tx, `Task/${await triageIn('Ohio')}`))) as Task
  expect(task.code?.coding?.[1]).toEqual({ system: 'urn:throughline:task-kind', code: 'nurse-triage' })
  expect(task.extension).toContainEqual({ url: 'urn:throughline:jurisdiction', valueCode: 'US-OH' })
})

test('a compact licence of Texas holds for a patient in Ohio and not for one in New York, and the refusal says why', async () => {
  expect((await act(await triageIn('OH'), as('texan'), { do: 'claim' })).owner?.reference).toBe('Practitioner/texan')
  expect(await refusal(act(await triageIn('NY'), as('texan'), { do: 'claim' }))).toEqual({
    code: 'task-not-permitted',
    detail: 'Name of texan has no licence as a registered nurse in New York.',
  })
})

test('who lacks a skill, or a role of the house, is refused; nobody may be given by another what they may not do', async () => {
  const task = await triageIn('NY')
  const give = (reference: string) =>
    refusal(act(task, as('boss'), { do: 'reassign', owner: { reference, name: 'X' }, reason: 'Please' }))
  expect(await give('Practitioner/unskilled')).toEqual({
    code: 'task-not-permitted',
    detail: 'Name of unskilled does not have the skill “triage”.',
  })
  expect(await give('Practitioner/stranger')).toMatchObject({ code: 'task-not-permitted' })
  const stored = (await inAlpha((tx) => house.record.read(tx, `Task/${task}`))) as Task
  const owned: Task & { id: string } = { ...stored, id: task, owner: { reference: 'Practitioner/unskilled' } }
  // The same by a plain write to the record.
  expect(
    await refusal(inAlpha((tx) => house.record.write(tx, house.context, [{ interaction: 'update', resource: owned }]))),
  ).toMatchObject({ code: 'task-not-permitted' })
  expect(await inAlpha((tx) => house.record.read(tx, `Task/${task}`))).toEqual(stored)
})

test('a practical nurse takes a triage while somebody is there who signs for it, and the Task names them', async () => {
  const task = await act(await triageIn('OH'), as('practical'), { do: 'claim' })
  expect(task.extension).toContainEqual({
    url: 'urn:throughline:supervisor',
    valueReference: { reference: 'Practitioner/texan' },
  })
  const released = await act(task.id ?? '', as('practical'), { do: 'release' })
  expect(released.extension?.some(({ url }) => url === 'urn:throughline:supervisor')).toBe(false)
})

test('every task that nobody may take now says what would unblock it', async () => {
  const unblocked = async (state: string | undefined, locale: 'en' | 'fr' = 'en') => {
    const id = await triageIn(state)
    return inAlpha((tx) => house.routing.whoMay(tx, { ...house.context, locale }, id))
  }
  expect((await unblocked('NY')).unblock).toBe(undefined)
  expect((await unblocked('TX')).candidates.map(({ member, atWork }) => [member.reference, atWork])[0]).toEqual([
    'Practitioner/texan',
    true,
  ])
  // Nobody is licensed in Quebec: one licence is missing.
  expect((await unblocked('QC')).unblock).toMatchObject({ code: 'one-bar' })
  expect((await unblocked(undefined)).unblock?.sentence).toBe(
    'The patient’s address names no state or province: complete it.',
  )
  const leave: Slot & { id: string } = {
    resourceType: 'Slot',
    id: 'lapsing-ill',
    schedule: { reference: 'Schedule/roster-lapsing' },
    serviceType: [{ coding: [{ system: 'urn:throughline:roster', code: 'leave' }] }],
    status: 'busy-unavailable',
    start: new Date(start - hour).toISOString(),
    end: new Date(start + 20 * hour).toISOString(),
  }
  await inAlpha((tx) => house.record.write(tx, house.context, [{ interaction: 'update', resource: leave }]))
  expect((await unblocked('ON')).unblock).toEqual({
    code: 'on-shift-later',
    at: start + 20 * hour,
    sentence: 'Nobody who may do it in Ontario is on shift until Tuesday, March 3 at 05:00 (Name of lapsing).',
  })
  expect((await unblocked('ON', 'fr')).unblock?.sentence).toContain('n’est au travail avant mardi 3 mars')
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [{ interaction: 'delete', resourceType: 'Slot', id: 'lapsing-ill' }]),
  )
})

test('a licence stops routing at the minute it ends and in that place alone; nothing has to be written for it', async () => {
  const midnight = Date.UTC(2026, 2, 3, 5)
  const [newYork, ontario, begun] = [await triageIn('NY'), await triageIn('ON'), await triageIn('New York')]
  await act(begun, as('lapsing'), { do: 'claim' })
  house.clock.advance(midnight - 1 - house.clock.now())
  const who = (id: string) =>
    inAlpha(async (tx) => {
      const { candidates } = await house.routing.whoMay(tx, house.context, id)
      return candidates.find(({ member }) => member.reference === 'Practitioner/lapsing')?.permit
    })
  expect((await who(newYork))?.credential).toBe('rn')
  house.clock.advance(1)
  expect((await who(newYork))?.bars).toEqual([{ code: 'licence-ended', what: 'rn in US-NY' }])
  expect((await who(ontario))?.credential).toBe('rn')
  expect(await refusal(act(newYork, as('lapsing'), { do: 'claim' }))).toMatchObject({ code: 'task-not-permitted' })
  // What was taken before is not begun or ended after it either, but can be handed back.
  expect(await refusal(act(begun, as('lapsing'), { do: 'start' }))).toMatchObject({ code: 'task-not-permitted' })
  expect(await refusal(act(begun, as('lapsing'), { do: 'complete' }))).toMatchObject({ code: 'task-not-permitted' })
  expect((await act(begun, as('lapsing'), { do: 'release' })).owner).toBe(undefined)
  expect((await act(ontario, as('lapsing'), { do: 'claim' })).owner?.reference).toBe('Practitioner/lapsing')
})

test('a licence that is renewed in the record routes again at once', async () => {
  const task = await triageIn('NY')
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      {
        interaction: 'update',
        resource: practitionerOf({
          id: 'lapsing',
          roles: [],
          licences: [
            ['rn', 'US-NY', '2028-03-02'],
            ['rn', 'CA-ON'],
          ],
        }),
      },
    ]),
  )
  expect((await act(task, as('lapsing'), { do: 'claim' })).owner?.reference).toBe('Practitioner/lapsing')
})

test('of two who may, the one that the patient asked for comes first, and one whom they would rather not see last', async () => {
  const now = house.clock.now()
  const shifts = [{ from: now - hour, until: now + 8 * hour }]
  const licences: [string, string, undefined, string][] = [['rn', 'US-TX', undefined, 'NLC']]
  await hire(house, [
    { id: 'asked-for', roles: ['triage-nurse'], licences, skills: ['triage'], shifts },
    { id: 'at-hand', roles: ['triage-nurse'], licences, skills: ['triage'], shifts },
  ])
  const id = await triageIn('OH')
  const wish = (url: string, who: string) => ({ url, valueReference: { reference: `Practitioner/${who}` } })
  const first = async (...extension: NonNullable<Patient['extension']>) => {
    await inAlpha((tx) =>
      house.record.write(tx, house.context, [
        {
          interaction: 'update',
          resource: { ...patientIn(`p-${made}`, 'OH'), ...(extension.length > 0 ? { extension } : {}) },
        },
      ]),
    )
    const { candidates } = await inAlpha((tx) => house.routing.whoMay(tx, house.context, id))
    const two = candidates.filter(({ member }) => /asked-for|at-hand/.test(member.reference))
    return two.map(({ member, wished }) => [member.reference, wished])
  }
  const [atHand, askedFor] = ['Practitioner/at-hand', 'Practitioner/asked-for']
  // As they are paid alike, the name decides.
  expect(await first()).toEqual([
    [askedFor, undefined],
    [atHand, undefined],
  ])
  expect(await first(wish('urn:throughline:asked-for', 'at-hand'))).toEqual([
    [atHand, true],
    [askedFor, undefined],
  ])
  expect(await first(wish('urn:throughline:rather-not', 'asked-for'))).toEqual([
    [atHand, undefined],
    [askedFor, false],
  ])
})
