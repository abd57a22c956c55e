import { expect, test } from 'vitest'
import { urgency, useAutomations } from '../../testkit/automations.ts'
import { password, useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import { createAccount } from '../identity/index.ts'

const house = useHouse()
const door = useDoor(house)
const { inAlpha, publish, standing, refer, answer, task } = useAutomations(house)
const code = ({ body }: { body: Record<string, unknown> }) => (body['error'] as { code: string }).code

test('a nurse may read and stop and not publish; the operations lead publishes, and a fault is told with its line', async () => {
  await publish()
  const nurse = await door.signIn('nurse@alpha.example')
  const lead = await door.signIn('lead@alpha.example')
  const admin = await door.signIn('admin@alpha.example')
  expect((await door.call(admin, 'GET', '/api/automations')).status).toBe(403)
  expect((await door.call(nurse, 'POST', '/api/automations', { source: urgency, note: 'x' })).status).toBe(403)
  const broken = urgency.replace('gives: soon', 'gives: sooner')
  const refused = await door.call(lead, 'POST', '/api/automations', { source: broken, note: 'Broken' })
  expect(refused).toMatchObject({
    status: 422,
    body: {
      error: {
        code: 'automation-refused',
        faults: [{ path: 'rules.rules.0.gives', message: expect.stringContaining('line 17') }],
      },
    },
  })
  const next = urgency.replace('confidence: 0.8', 'confidence: 0.7')
  expect(await door.call(lead, 'POST', '/api/automations', { source: next, note: 'Less sure' })).toMatchObject({
    status: 201,
    body: { automation: 'urgency', version: 2, changed: true },
  })
  expect(await door.call(nurse, 'GET', '/api/automations')).toMatchObject({
    body: { items: [{ id: 'urgency', active: 1, candidate: 2, standings: [], openIncidents: 0 }] },
  })
})

test('the ladder is climbed by two people, and each step of it stands in the history', async () => {
  await inAlpha((tx) =>
    createAccount(tx, house.context, {
      name: 'Clara',
      email: 'clara@alpha.example',
      password,
      roles: ['clinical-director'],
      practitioner: 'Practitioner/clara',
    }),
  )
  const lead = await door.signIn('lead@alpha.example')
  const clara = await door.signIn('clara@alpha.example')
  const evidence = await door.call(lead, 'POST', '/api/automations/urgency/evidence', {
    version: 1,
    scope: {},
    level: 'off',
    review: 'Read through with the triage nurses.',
  })
  expect(evidence).toMatchObject({ status: 201, body: { supports: 'shadow' } })
  const asked = { version: 1, scope: {}, to: 'shadow', evidence: evidence.body['id'], reason: 'To look on.' }
  expect(code(await door.call(lead, 'POST', '/api/automations/urgency/rises', { ...asked, to: 'recommend' }))).toBe(
    'more-than-one-level',
  )
  expect(code(await door.call(lead, 'POST', '/api/automations/urgency/rises', { ...asked, evidence: null }))).toBe(
    'evidence-missing',
  )
  const rise = (await door.call(lead, 'POST', '/api/automations/urgency/rises', asked)).body['id'] as string
  expect((await door.call(lead, 'POST', `/api/automations/rises/${rise}/sign-clinical`)).status).toBe(403)
  expect((await door.call(lead, 'POST', `/api/automations/rises/${rise}/sign-technical`)).body).toEqual({
    automation: 'urgency',
    risen: false,
  })
  expect((await door.call(clara, 'POST', `/api/automations/rises/${rise}/sign-clinical`)).body).toEqual({
    automation: 'urgency',
    risen: true,
  })
  const { body } = await door.call(lead, 'GET', '/api/automations/urgency')
  expect(body).toMatchObject({
    versions: [
      { version: 2, standings: [] },
      { version: 1, standings: [{ level: 'shadow', scope: {} }] },
    ],
    rises: [],
  })
  expect((body['events'] as { kind: string }[]).map(({ kind }) => kind)).toEqual([
    'risen',
    'rise-signed',
    'rise-signed',
    'rise-asked',
    'evidence',
    'published',
    'published',
  ])
})

test('a clinician changes a draft and it is reversed the next day: one decision shows it all, and each count moves by one', async () => {
  await standing('recommend')
  const nurse = await door.signIn('nurse@alpha.example')
  const counts = async (cookie = nurse) => {
    const { body } = await door.call(cookie, 'GET', '/api/automations')
    const [item] = body['items'] as { counts: Record<string, number> }[]
    return item?.counts ?? {}
  }
  const before = await counts()
  const id = await refer('edited', { priority: 'urgent' })
  expect(code(await door.call(nurse, 'POST', `/api/decisions/${id}/reverse`, { why: 'Too early' }))).toBe(
    'decision-not-settled',
  )
  await answer(id, 'routine', 'Stable since June.')
  house.clock.advance(86_400_000)
  const again = await door.signIn('nurse@alpha.example')
  expect(code(await door.call(again, 'POST', `/api/decisions/${id}/reverse`, { why: 'Wrong', to: 'never' }))).toBe(
    'answer-unknown',
  )
  const reversed = await door.call(again, 'POST', `/api/decisions/${id}/reverse`, {
    to: 'soon',
    why: 'Came in by ambulance.',
    conservative: true,
  })
  expect(reversed).toMatchObject({
    status: 200,
    body: {
      output: { gives: 'soon', confidence: 0.9, rule: 'rules.0' },
      answer: 'routine',
      disposition: 'edited',
      seconds: 45,
      note: 'Stable since June.',
      answeredBy: 'Nurse',
      reversal: { to: 'soon', why: 'Came in by ambulance.', by: 'nurse of alpha' },
      conservative: true,
      inputs: expect.arrayContaining([
        { name: 'priority', value: 'urgent', from: 'ServiceRequest/edited', at: expect.any(String) },
      ]),
    },
  })
  expect(code(await door.call(again, 'POST', `/api/decisions/${id}/reverse`, { why: 'Once more' }))).toBe(
    'decision-reversed',
  )
  expect(await counts(again)).toEqual({
    ...before,
    asked: (before['asked'] ?? 0) + 1,
    proposed: 1,
    edited: 1,
    reversed: 1,
  })
  const { body } = await door.call(again, 'GET', '/api/decisions?automation=urgency&show=overrides')
  expect((body['items'] as { id: string }[]).map((one) => one.id)).toEqual([id])
})

test('who decides without a proposal is not shown what the automation would have said', async () => {
  await standing('shadow')
  const id = await refer('blind', { priority: 'urgent' })
  const nurse = await door.signIn('nurse@alpha.example')
  expect((await door.call(nurse, 'GET', `/api/decisions/${id}`)).body).toMatchObject({
    status: 'handed',
    output: null,
    others: [],
  })
  await answer(id, 'soon')
  expect((await door.call(nurse, 'GET', `/api/decisions/${id}`)).body).toMatchObject({ output: { gives: 'soon' } })
})

test('a nurse stops it; the incident is closed only when every patient was looked back on', async () => {
  await standing('bounded')
  const acted = await refer('acted')
  expect(await task(acted)).toMatchObject({ status: 'completed' })
  const nurse = await door.signIn('nurse@alpha.example')
  const stop = { scope: {}, to: 'shadow', reason: 'Wrong patient.' }
  expect((await door.call(nurse, 'POST', '/api/automations/urgency/stop', { ...stop, reason: '' })).status).toBe(400)
  expect(code(await door.call(nurse, 'POST', '/api/automations/urgency/stop', { ...stop, to: 'autonomous' }))).toBe(
    'not-a-fall',
  )
  expect((await door.call(nurse, 'POST', '/api/automations/no-such/stop', stop)).status).toBe(404)
  const stopped = await door.call(nurse, 'POST', '/api/automations/urgency/stop', stop)
  expect(stopped).toMatchObject({ status: 201, body: { held: 0, lookBack: 2 } })
  const incident = `/api/incidents/${String(stopped.body['incident'])}`
  const lead = await door.signIn('lead@alpha.example')
  const closing = { learned: 'It read the wrong field.', watchedBy: 'automations.db.test.ts' }
  expect(code(await door.call(lead, 'POST', `${incident}/close`, closing))).toBe('look-back-open')
  const { body } = await door.call(lead, 'GET', incident)
  const patients = body['patients'] as { patient: string; task: string }[]
  expect(patients.map(({ patient }) => patient)).toEqual(['Patient/acted-patient', 'Patient/edited-patient'])
  const clara = await door.signIn('clara@alpha.example')
  for (const one of patients) {
    await door.call(clara, 'POST', `/api/work/${one.task}/claim`, {})
    expect(
      (await door.call(clara, 'POST', `/api/work/${one.task}/complete`, { outcome: 'no-harm', note: 'Seen in time.' }))
        .status,
    ).toBe(200)
  }
  expect(await door.call(lead, 'POST', `${incident}/close`, closing)).toMatchObject({
    status: 200,
    body: {
      reviewed: 2,
      patients: [{ finding: 'no-harm', by: 'Clara', note: 'Seen in time.' }, { finding: 'no-harm' }],
      learned: closing.learned,
    },
  })
  expect(code(await door.call(lead, 'POST', `${incident}/close`, closing))).toBe('incident-closed')
})
