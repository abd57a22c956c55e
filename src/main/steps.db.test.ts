import type { Resource, Task } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { useHouse } from '../../testkit/house.ts'

const house = useHouse()
const inAlpha = <T>(work: Parameters<typeof house.database.transaction<T>>[1]) =>
  house.database.transaction(house.alpha, work)
const write = (resource: Resource & { id: string }) =>
  inAlpha((tx) => house.record.write(tx, house.context, [{ interaction: 'update', resource }]))
const read = (reference: string) => inAlpha((tx) => house.record.read(tx, reference))
const journeyOf = async (pathway: string) => {
  const [row] = await inAlpha((tx) =>
    tx.query<{ id: string; state: string }>({
      text: 'select id, state from journey where tenant_id = $1 and pathway = $2 order by id desc limit 1',
      values: [tx.tenant, pathway],
    }),
  )
  const state: { open: Record<string, { key: string }>; status: string; outcome: string | null } = JSON.parse(
    row?.state ?? '{}',
  )
  return { id: row?.id ?? '', ...state }
}
const takeUp = async (name: string) => {
  const source = house.library.catalogue.find(({ file }) => file.includes(name))?.source ?? ''
  await inAlpha((tx) => house.pathways.publish(tx, house.context, source, 'Taken up'))
}
const subject = { reference: 'Patient/steps' }

test('a form is a task for its role; its answer ends the task and moves the journey with what it says', async () => {
  await takeUp('post-discharge')
  await write({ resourceType: 'Patient', id: 'steps', telecom: [{ system: 'sms', value: '555-0001' }] })
  await write({ resourceType: 'Encounter', id: 'h1', status: 'finished', class: { code: 'IMP' }, subject })
  await house.settle()
  const { id, open } = await journeyOf('post-discharge')
  const task = (await read(`Task/${open['first-check']?.key}`)) as Task
  const questionnaire = 'https://throughline.example/forms/post-discharge-check'
  expect(task).toMatchObject({
    status: 'requested',
    performerType: [{ coding: [{ code: 'care-coordinator' }] }],
    input: [{ valueCanonical: questionnaire }],
  })
  await write({
    resourceType: 'QuestionnaireResponse',
    id: 'q1',
    status: 'completed',
    questionnaire,
    subject,
    item: [
      { linkId: 'breathless', answer: [{ valueBoolean: true }] },
      { linkId: 'worry', answer: [{ valueInteger: 9 }] },
    ],
  })
  await house.settle()
  expect(await read(`Task/${task.id}`)).toMatchObject({ status: 'completed' })
  expect(Object.keys((await journeyOf('post-discharge')).open).toSorted()).toEqual(['see-today', 'weekly-check'])
  expect(id).not.toBe('')
})

test('an order is a coded ServiceRequest that its result ends; an appointment is a proposal that its booking ends', async () => {
  await takeUp('diabetes-recall')
  await write({
    resourceType: 'Task',
    id: 'recall-1',
    status: 'requested',
    intent: 'order',
    code: { coding: [{ code: 'diabetes-recall' }] },
    for: subject,
  })
  // Reminders wait ten minutes for each other.
  await house.settle()
  await house.pass(11 * 60_000, 60_000)
  const order = (await journeyOf('diabetes-recall')).open['hba1c']?.key
  expect(await read(`ServiceRequest/${order}`)).toMatchObject({
    status: 'active',
    code: { coding: [{ system: 'http://loinc.org', code: '4548-4' }] },
    subject,
  })
  await write({
    resourceType: 'Observation',
    id: 'a1c',
    status: 'final',
    code: { text: 'HbA1c' },
    subject,
    basedOn: [{ reference: `ServiceRequest/${order}` }],
    valueQuantity: { value: 7.8 },
  })
  await house.settle()
  const visit = (await journeyOf('diabetes-recall')).open['visit']?.key
  expect(await read(`Appointment/${visit}`)).toMatchObject({ status: 'proposed' })
  await write({
    resourceType: 'Appointment',
    id: visit ?? '',
    status: 'booked',
    start: '2026-03-20T14:00:00-04:00',
    end: '2026-03-20T14:30:00-04:00',
    participant: [{ actor: subject, status: 'accepted' }],
  })
  await house.settle()
  expect((await journeyOf('diabetes-recall')).open).toMatchObject({
    'day-before': { due: Date.UTC(2026, 2, 19, 14) },
  })
})
