import type { Consent, Resource, Task } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { referral, useHouse } from '../../testkit/house.ts'
import { useAutomations } from '../../testkit/automations.ts'

const house = useHouse()
const { inAlpha, publish, rise, standing, refer, task, answer, decision, stop } = useAutomations(house)

test('a new automation may do nothing: its step is a task for a person, who is told why', async () => {
  await publish()
  const id = await refer('r1', { priority: 'urgent' })
  expect(await task(id)).toMatchObject({
    status: 'requested',
    for: { reference: 'Patient/r1-patient' },
    performerType: [{ coding: [{ code: 'triage-nurse' }] }],
    description: 'The automation may not act here.',
  })
  expect(await decision(id)).toMatchObject({ status: 'handed', handed: 'authority-off', touched_at: null })
  await answer(id, 'soon')
  expect(await decision(id)).toMatchObject({ status: 'answered', answer: 'soon', disposition: 'answered' })
})

test('in shadow it says what it would have said, and nobody sees it', async () => {
  await rise('shadow')
  const id = await refer('r2', { priority: 'urgent' })
  expect(JSON.stringify(await task(id))).not.toContain('propos')
  expect(await decision(id)).toMatchObject({ status: 'handed', handed: 'authority-shadow', level: 'shadow' })
  const opinions = await inAlpha((tx) =>
    tx.query<{ output: unknown }>({
      text: 'select output from automation_opinion where tenant_id = $1 and decision = $2',
      values: [tx.tenant, id],
    }),
  )
  expect(opinions).toEqual([{ output: { gives: 'soon', confidence: 0.9, rule: 'rules.0' } }])
  await answer(id, 'soon')
})

test('what it proposes a person accepts or changes, and both are kept with how long it took', async () => {
  await standing('recommend')
  const [kept, changed] = [await refer('r3', { priority: 'urgent' }), await refer('r4')]
  expect((await task(kept)).description).toBe('Urgency proposes: Soon (confidence 90 %, by rules.0).')
  house.clock.advance(60_000)
  await answer(kept, 'soon')
  await answer(changed, 'soon', 'sounded worse on the telephone')
  expect(await decision(kept)).toMatchObject({ disposition: 'accepted', answer: 'soon' })
  expect(await decision(changed)).toMatchObject({
    disposition: 'edited',
    answer: 'soon',
    note: 'sounded worse on the telephone',
  })
})

test('within its bounds it answers alone; beyond them it puts in a draft', async () => {
  await standing('bounded')
  const alone = await refer('r5')
  expect(await task(alone)).toMatchObject({ status: 'completed', output: [{ valueCode: 'routine' }] })
  expect(await decision(alone)).toMatchObject({
    status: 'acted',
    level: 'bounded',
    answer: 'routine',
    disposition: null,
  })
  const state = await inAlpha((tx) =>
    tx.query<{ status: string; outcome: string }>({
      text: `select status, outcome from journey where tenant_id = $1 and subject = 'Patient/r5-patient' and pathway = 'urgency-probe'`,
      values: [tx.tenant],
    }),
  )
  expect(state).toEqual([{ status: 'completed', outcome: 'routine' }])
  const draft = await refer('r6', { priority: 'urgent' })
  expect(await task(draft)).toMatchObject({
    status: 'requested',
    extension: expect.arrayContaining([
      {
        url: 'urn:throughline:proposal',
        extension: [
          { url: 'code', valueCode: 'soon' },
          { url: 'assisted', valueBoolean: true },
        ],
      },
    ]),
  })
})

test('a patient who refuses automatic decisions is decided about by people', async () => {
  const consent: Consent & { id: string } = {
    resourceType: 'Consent',
    id: 'no-machines',
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: 'Patient/r7-patient' },
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
    provision: {
      type: 'permit',
      provision: [{ type: 'deny', purpose: [{ system: 'urn:throughline:purpose', code: 'automated-decision' }] }],
    },
  }
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'update', resource: { resourceType: 'Patient', id: 'r7-patient' } },
      { interaction: 'update', resource: consent },
    ]),
  )
  const id = await refer('r7')
  expect(await decision(id)).toMatchObject({ status: 'handed', handed: 'consent', level: 'off' })
})

test('inputs that are too old when the answer would take effect are not acted upon', async () => {
  const id = await refer('r8', {}, async () => {
    await house.runtime.drain(house.alpha)
    house.clock.advance(25 * 3_600_000)
  })
  expect(await decision(id)).toMatchObject({ status: 'handed', handed: 'stale-data', level: 'shadow' })
})

test('fifty drafts are queued when it is stopped: none takes effect, and all fifty reach a person with the reason', async () => {
  await standing('bounded')
  const write = (resource: Resource & { id: string }) =>
    inAlpha((tx) => house.record.write(tx, house.context, [{ interaction: 'update', resource }]))
  for (let n = 0; n < 50; n += 1) {
    await write({ resourceType: 'Patient', id: `q${n}-patient` })
    await write(referral(`q${n}`))
  }
  await house.runtime.drain(house.alpha)
  const waiting = () =>
    inAlpha((tx) =>
      tx.query<{ id: string; status: string; handed: string }>({
        text: `select id, status, handed from automation_decision where tenant_id = $1 and trigger like 'ServiceRequest/q%' order by id`,
        values: [tx.tenant],
      }),
    )
  expect((await waiting()).map(({ status }) => status)).toEqual(Array(50).fill('waiting'))
  // Those whose care it touched until now, as the tests before left them, by another way than the room's.
  const touched = await inAlpha((tx) =>
    tx.query<{ patient: string }>({
      text: `select distinct d.patient from automation_decision d where tenant_id = $1 and level in ('recommend', 'assisted', 'bounded', 'autonomous')
             and status in ('proposed', 'acted', 'answered') order by 1`,
      values: [tx.tenant],
    }),
  )
  expect(touched.length).toBeGreaterThan(2)
  const { incident, lookBack } = await stop('It doubled the urgent visits.', 0)
  expect(lookBack).toBe(touched.length)
  const held = await waiting()
  expect(held.map(({ status, handed }) => `${status}: ${handed}`)).toEqual(Array(50).fill('handed: stopped'))
  const tasks = await inAlpha((tx) =>
    house.record.readMany(
      tx,
      held.map(({ id }) => `Task/${id}`),
    ),
  )
  expect(tasks.size).toBe(50)
  for (const one of tasks.values())
    expect(one).toMatchObject({
      status: 'requested',
      description: 'The automation was stopped. It doubled the urgent visits.',
    })
  // The jobs that were queued find nothing left to do.
  await house.settle()
  expect((await waiting()).every(({ status }) => status === 'handed')).toBe(true)
  const listed = await inAlpha((tx) =>
    tx.query<{ patient: string; task: string }>({
      text: 'select patient, task from look_back where tenant_id = $1 and incident = $2 order by patient',
      values: [tx.tenant, incident],
    }),
  )
  expect(listed.map(({ patient }) => patient)).toEqual(touched.map(({ patient }) => patient))
  const [first] = listed
  const review = (await inAlpha((tx) => house.record.read(tx, `Task/${first?.task}`))) as Task
  expect(review).toMatchObject({
    for: { reference: first?.patient },
    performerType: [{ coding: [{ code: 'clinical-director' }] }],
  })
})

test('a proposal that nobody has answered is taken out of its task by the stop', async () => {
  const [open] = await inAlpha((tx) =>
    tx.query<{ id: string }>({
      text: `select id from automation_decision where tenant_id = $1 and trigger = 'ServiceRequest/r6'`,
      values: [tx.tenant],
    }),
  )
  const one = await task(open?.id ?? '')
  expect(one.description).toBe('The automation was stopped. It doubled the urgent visits.')
  expect(JSON.stringify(one)).not.toContain('urn:throughline:proposal')
})

test('after the stop it only looks on, whoever asks', async () => {
  const id = await refer('r9')
  expect(await decision(id)).toMatchObject({ status: 'handed', handed: 'authority-shadow' })
})
