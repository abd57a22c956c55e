import type { Resource } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { useHouse } from '../../testkit/house.ts'
import type { PersonalAct } from '../pathways/index.ts'
import { actOnJourney, readLog } from './index.ts'

// A time of year without a clock change, so that two courses of events have the same hours between them.
const house = useHouse({ start: Date.UTC(2026, 5, 1, 14) })
const inAlpha = <T>(work: Parameters<typeof house.database.transaction<T>>[1]) =>
  house.database.transaction(house.alpha, work)
const publish = (source: string) => inAlpha((tx) => house.pathways.publish(tx, house.context, source, 'For the test'))
const write = (...resources: (Resource & { id: string })[]) =>
  inAlpha((tx) =>
    house.record.write(
      tx,
      house.context,
      resources.map((resource) => ({ interaction: 'update', resource })),
      { validate: false },
    ),
  )
interface Row {
  id: string
  pathway: string
  status: string
  outcome: string | null
  entry: number
  open: string[]
}
const journeysOf = (subject: string): Promise<Row[]> =>
  inAlpha((tx) =>
    tx.query<Row>({
      text: `select id, pathway, status, outcome, entry, array(select jsonb_object_keys(state::jsonb->'open')) as open from journey
             where tenant_id = $1 and subject = $2 order by entry, id collate "C"`,
      values: [tx.tenant, subject],
    }),
  )
const act = (id: string, one: PersonalAct) =>
  inAlpha((tx) => actOnJourney(tx, house.context, house, id, { act: one, reason: 'because' }))
const about = (id: string, patient: string) =>
  ({ resourceType: 'Condition', id, subject: { reference: `Patient/${patient}` } }) as const
const done = (id: string): Resource & { id: string } => ({
  resourceType: 'Task',
  id,
  status: 'completed',
  intent: 'order',
})
const head = (name: string, more = '') => `pathway: ${name}
title: {en: Probe, fr: Sonde}
owner: operations-lead
stages: [{id: one, title: {en: One, fr: Un}}]
${more}
tracks:
  main:
    steps:`
const task = '{role: physician, title: {en: T, fr: T}, due: 2 days}'

test('a key may come again once its journey has ended, where the pathway says so', async () => {
  await publish(`${head('again', `starts: [{on: Condition, when: "code.text = 'recall'", key: subject.reference}]\nagain: after-end`)}
      look: {task: ${task}}`)
  const recall = (id: string) => ({ ...about(id, 'again'), code: { text: 'recall' } })
  await write(recall('c1'), recall('c2'))
  await house.settle()
  const [first] = await journeysOf('Patient/again')
  expect(await journeysOf('Patient/again')).toMatchObject([{ entry: 1, open: ['look'] }])
  // The task is done and the next recall comes in one and the same batch.
  await write(
    { ...done(`${first?.id}.1`), for: { reference: 'Patient/again' } } as Resource & { id: string },
    recall('c3'),
  )
  await house.settle()
  expect(await journeysOf('Patient/again')).toMatchObject([
    { entry: 1, status: 'completed', outcome: 'complete' },
    { entry: 2, status: 'active', open: ['look'] },
  ])
})

test('a pathway begins another by its version, hears how it ends, and takes it along when it is stopped', async () => {
  await publish(`${head('screening', 'starts: []\nvariables: {points: int}')}
      look: {task: {role: physician, title: {en: L, fr: L}, due: 2 days, outcomes: [{code: well, title: {en: W, fr: B}}, {code: ill, title: {en: I, fr: M}}]}}
      fine: {after: look.well, end: {outcome: well, title: {en: W, fr: B}}}
      poor: {after: look.ill, end: {outcome: unwell, title: {en: U, fr: M}}}`)
  const parent = (version: number) => `${head('parent', `starts: [{on: Condition, when: "code.text = 'screen'"}]`)}
      screen: {start: {pathway: screening, version: ${version}}}
      worse: {after: screen.unwell, task: ${task}}`
  await expect(publish(parent(2))).rejects.toMatchObject({
    faults: [{ code: 'unknown-pathway', message: expect.stringContaining('it has 1') }, { code: 'unknown-outcome' }],
  })
  await expect(publish(parent(1).replace('screen.unwell', 'screen.never'))).rejects.toMatchObject({
    faults: [{ code: 'unknown-outcome' }],
  })
  await publish(parent(1))
  await write(
    { ...about('c1', 'child'), code: { text: 'screen' } },
    { ...about('c2', 'stopped'), code: { text: 'screen' } },
  )
  await house.settle()
  const [mother, daughter] = await journeysOf('Patient/child')
  expect([mother, daughter]).toMatchObject([
    { pathway: 'parent', open: ['screen'] },
    { id: `${mother?.id}.1`, pathway: 'screening', open: ['look'] },
  ])
  const look = await inAlpha((tx) => house.record.read(tx, `Task/${daughter?.id}.1`))
  expect(look).toMatchObject({ status: 'requested', focus: { reference: 'Condition/c1' } })
  const output = [{ type: { coding: [{ code: 'outcome' }] }, valueCode: 'ill' }]
  await write({ ...look, status: 'completed', output } as Resource & { id: string })
  await house.settle()
  expect(await journeysOf('Patient/child')).toMatchObject([
    { status: 'active', open: ['worse'] },
    { status: 'completed', outcome: 'unwell' },
  ])

  const [stopped] = await journeysOf('Patient/stopped')
  expect(await act(stopped?.id ?? '', { do: 'cancel' })).toBe('done')
  expect(await journeysOf('Patient/stopped')).toMatchObject([{ status: 'cancelled' }, { status: 'cancelled' }])
  const task1 = await inAlpha((tx) => house.record.read(tx, `Task/${stopped?.id}.1.1`))
  expect(task1).toMatchObject({ status: 'cancelled' })
})

test('people pause, resume, skip and add with a reason; what cannot be done is said and changes nothing', async () => {
  await publish(`${head('acts', `starts: [{on: Condition, when: "code.text = 'acts'"}]`)}
      look: {discretionary: skip, task: ${task}}
      next: {after: look, task: ${task}}
      call: {discretionary: add, task: ${task}}`)
  await write({ ...about('c1', 'acts'), code: { text: 'acts' } })
  await house.settle()
  const [{ id } = { id: '' }] = await journeysOf('Patient/acts')
  expect(await act('nobody', { do: 'pause' })).toBe('unknown')
  expect(await act(id, { do: 'resume' })).toBe('not-resting')
  expect(await act(id, { do: 'skip', step: 'next' })).toBe('not-discretionary')
  expect(await act(id, { do: 'pause' })).toBe('done')
  expect(await act(id, { do: 'skip', step: 'look' })).toBe('resting')
  await house.pass(3 * 86_400_000, 86_400_000)
  expect(await act(id, { do: 'resume' })).toBe('done')
  expect(await act(id, { do: 'skip', step: 'look' })).toBe('done')
  expect(await act(id, { do: 'add', step: 'call' })).toBe('done')
  expect(await act(id, { do: 'add', step: 'call' })).toBe('open')
  const log = await inAlpha((tx) => readLog(tx, id))
  expect(
    log
      .filter((entry) => entry.data['reason'] !== undefined)
      .map(({ kind, step, data }) => [kind, step, data['by'], data['reason']]),
  ).toEqual([
    ['paused', null, 'Tester', 'because'],
    ['resumed', null, 'Tester', 'because'],
    ['skipped', 'look', 'Tester', 'because'],
    ['added', 'call', 'Tester', 'because'],
  ])
  expect(log.filter((entry) => entry.kind === 'missed')).toEqual([])
  expect(await inAlpha((tx) => house.record.read(tx, `Task/${id}.1`))).toMatchObject({ status: 'cancelled' })
})

test('a task that rested with its journey is due as much later', async () => {
  await publish(`${head('rest', `starts: [{on: Condition, when: "code.text = 'rest'"}]`)}
      look: {task: {role: physician, title: {en: T, fr: T}, due: 4 h}}`)
  await write({ ...about('c1', 'rest'), code: { text: 'rest' } })
  await house.settle()
  const begun = house.clock.now()
  const [{ id } = { id: '' }] = await journeysOf('Patient/rest')
  await act(id, { do: 'pause' })
  house.clock.advance(6 * 3_600_000)
  await act(id, { do: 'resume' })
  const end = new Date(begun + 10 * 3_600_000).toISOString()
  expect(await inAlpha((tx) => house.record.read(tx, `Task/${id}.1`))).toMatchObject({
    restriction: { period: { end } },
  })
})

test('however late and in however many batches events are taken, the journey’s log is the same', async () => {
  await publish(`${head('sessions', `starts: [{on: Condition, when: "code.text = 'sessions'"}]`)}
      look: {repeat: {every: 1 days, times: 3}, task: {role: physician, title: {en: T, fr: T}, due: 4 h, escalate: [{at: '50 %', to: charge-nurse}]}}
      result: {wait: {events: {came: {on: Observation}}, at-most: 2 days}}
      again: {after: {any: [result.late, result.came]}, wait: {for: 5 h}}`)
  const hour = 3_600_000
  const course = async (patient: string, settleEach: boolean) => {
    await write({ ...about(`c-${patient}`, patient), code: { text: 'sessions' } })
    const observe = (id: string) =>
      write({
        resourceType: 'Observation',
        id,
        status: 'final',
        code: {},
        subject: { reference: `Patient/${patient}` },
      })
    const begun = house.clock.now()
    for (const step of [3, 30, 12, 40]) {
      for (let left = step; left > 0; left -= 1) {
        house.clock.advance(hour)
        if (settleEach) await house.settle()
      }
      await observe(`o-${patient}-${step}`)
      if (settleEach) await house.settle()
    }
    await house.settle()
    const [{ id } = { id: '' }] = await journeysOf(`Patient/${patient}`)
    const log = await inAlpha((tx) => readLog(tx, id))
    const timeless = JSON.stringify(log.map((entry) => ({ ...entry, at: entry.at - begun })))
    return timeless
      .replaceAll(id, 'journey')
      .replaceAll(patient, 'patient')
      .replaceAll(/"due":(\d+)/g, (_all, due: string) => `"due":${Number(due) - begun}`)
      .replaceAll(/\/(\d{13})"/g, (_all, due: string) => `/${Number(due) - begun}"`)
  }
  const live = await course('taken-at-once', true)
  const late = await course('taken-later', false)
  expect(late).toBe(live)
  expect(live).toContain('missed')
})
