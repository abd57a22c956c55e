import type { Communication, Observation, Resource } from '@medplum/fhirtypes'
import { beforeAll, expect, test } from 'vitest'
import { useDoor } from '../../testkit/door.ts'
import { referral, useHouse } from '../../testkit/house.ts'

const house = useHouse()
const door = useDoor(house)
const day = 86_400_000
let cookie = ''
/** Time passes; sessions end meanwhile, so the nurse signs in again. */
const later = async (milliseconds: number) => {
  house.clock.advance(milliseconds)
  cookie = await door.signIn('nurse@alpha.example')
}
beforeAll(() => later(0))

const write = (...resources: (Resource & { id: string })[]) =>
  house.database.transaction(house.alpha, (tx) =>
    house.record.write(
      tx,
      house.context,
      resources.map((resource) => ({ interaction: 'update' as const, resource })),
    ),
  )
interface Row {
  reference: string
  why: string
  overdue: boolean
  tasks: { id: string; owner: string | null; aboutThis: boolean }[]
}
const rowsOf = async (list: string): Promise<Row[]> => {
  const { status, body } = await door.call(cookie, 'GET', `/api/lists/${list}`)
  expect(status).toBe(200)
  return body['items'] as Row[]
}
const on = async (list: string) => (await rowsOf(list)).map(({ reference }) => reference)
const counts = async () => {
  const { body } = await door.call(cookie, 'GET', '/api/lists')
  return Object.fromEntries(
    (body['items'] as { list: string; count: number; more: boolean }[]).map(({ list, count, more }) => [
      list,
      more ? `${count}+` : count,
    ]),
  )
}
const take = (list: string, reference: string, note?: string) =>
  door.call(cookie, 'POST', `/api/lists/${list}/take`, { reference, ...(note === undefined ? {} : { note }) })
const patient = (id: string): Resource & { id: string } => ({
  resourceType: 'Patient',
  id,
  name: [{ family: 'Waits', given: [id] }],
})
const result = (id: string, code: string, more: Partial<Observation> = {}): Observation & { id: string } => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'Potassium' },
  subject: { reference: 'Patient/tested' },
  interpretation: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code }] },
  ],
  ...more,
})

test('a referral stands on its list when its time has passed, leaves it with a visit, and is back when that is missed', async () => {
  await write(patient('referred'), referral('late', { priority: 'urgent', subject: { reference: 'Patient/referred' } }))
  expect(await on('referrals')).toEqual([])
  await later(7 * day + 1)
  const [row] = await rowsOf('referrals')
  expect(row).toMatchObject({
    reference: 'ServiceRequest/late',
    overdue: true,
    why: 'Referred on Mar 2, 2026 (Palpitations), to be seen by Mar 9, 2026; no visit is booked.',
  })
  const visit = {
    resourceType: 'Appointment' as const,
    id: 'late-visit',
    basedOn: [{ reference: 'ServiceRequest/late' }],
    start: new Date(house.clock.now() + day).toISOString(),
    end: new Date(house.clock.now() + day + 1000).toISOString(),
    participant: [{ actor: { reference: 'Patient/referred' }, status: 'accepted' as const }],
  }
  await write({ ...visit, status: 'booked' })
  expect(await on('referrals')).toEqual([])
  await write({ ...visit, status: 'noshow' })
  expect(await on('referrals')).toEqual(['ServiceRequest/late'])
  await write(referral('late', { status: 'revoked', subject: { reference: 'Patient/referred' } }))
  expect(await on('referrals')).toEqual([])
})

test('an abnormal result waits until somebody deals with it, a worse one first, and an amended one waits anew', async () => {
  await write(patient('tested'), result('k-high', 'H'), result('k-fine', 'N'), result('k-critical', 'HH'))
  expect(await on('results')).toEqual(['Observation/k-critical', 'Observation/k-high'])
  await later(1)
  const taken = await take('results', 'Observation/k-critical')
  expect(taken.status).toBe(201)
  const [first] = await rowsOf('results')
  expect(first?.tasks).toEqual([
    expect.objectContaining({ id: taken.body['task'], owner: 'nurse of alpha', aboutThis: true }),
  ])
  expect((await take('results', 'Observation/k-critical')).status).toBe(409)
  const done = await door.call(cookie, 'POST', `/api/work/${taken.body['task'] as string}/complete`, {})
  expect(done.status).toBe(200)
  expect(await on('results')).toEqual(['Observation/k-high'])
  expect((await take('results', 'Observation/k-high', 'Told the patient to stop the supplement.')).status).toBe(201)
  expect(await on('results')).toEqual([])
  expect((await take('results', 'Observation/k-high')).status).toBe(404)
  await later(day)
  // The same findings again are no news; other findings are.
  await write(result('k-high', 'H', { note: [{ text: 'Method added' }] }))
  expect(await on('results')).toEqual([])
  await write(result('k-high', 'LL', { status: 'corrected' }))
  expect(await on('results')).toEqual(['Observation/k-high'])
  await write(result('k-high', 'N', { status: 'corrected' }))
  expect(await on('results')).toEqual([])
})

test('what somebody did about the order before the result came does not acknowledge the result', async () => {
  const order = { reference: 'ServiceRequest/k-order' }
  const task = {
    resourceType: 'Task' as const,
    intent: 'order' as const,
    focus: order,
    for: { reference: 'Patient/tested' },
  }
  await write(
    { ...task, id: 'find-it', status: 'requested', authoredOn: new Date(house.clock.now()).toISOString() },
    referral('k-order', { category: [{ text: 'Laboratory' }], subject: { reference: 'Patient/tested' } }),
  )
  await later(1000)
  await write(result('k-ordered', 'H', { basedOn: [order] }))
  await write({
    ...task,
    id: 'find-it',
    status: 'completed',
    authoredOn: new Date(house.clock.now() - 1000).toISOString(),
  })
  expect(await on('results')).toEqual(['Observation/k-ordered'])
  await later(1000)
  await write({ ...task, id: 'see-it', status: 'completed', authoredOn: new Date(house.clock.now()).toISOString() })
  expect(await on('results')).toEqual([])
})

test('a patient with an open request and nothing that moves it is without a next step, until there is a task or a visit', async () => {
  const subject = { reference: 'Patient/stranded' }
  await write(patient('stranded'), referral('stranded-ask', { category: [{ text: 'Physiotherapy' }], subject }))
  expect(await on('no-next-step')).toContain('Patient/stranded')
  const taken = await take('no-next-step', 'Patient/stranded')
  expect(taken.status).toBe(201)
  expect(await on('no-next-step')).not.toContain('Patient/stranded')
  const ends = house.clock.now() + 2 * day
  await write({
    resourceType: 'Appointment',
    id: 'stranded-visit',
    status: 'booked',
    start: new Date(ends - 1000).toISOString(),
    end: new Date(ends).toISOString(),
    participant: [{ actor: subject, status: 'accepted' }],
  })
  await door.call(cookie, 'POST', `/api/work/${taken.body['task'] as string}/complete`, {})
  expect(await on('no-next-step')).not.toContain('Patient/stranded')
  await later(2 * day + 1)
  expect(await on('no-next-step')).toContain('Patient/stranded')
  // A pathway that waits for something is a next step.
  await write(referral('stranded-lab', { category: [{ coding: [{ code: '108252007' }] }], subject }))
  await house.settle()
  expect(await on('no-next-step')).not.toContain('Patient/stranded')
})

test('a patient whom a message cannot reach stands there until one does', async () => {
  const message: Communication & { id: string } = {
    resourceType: 'Communication',
    id: 'lost',
    status: 'not-done',
    statusReason: { text: 'no channel reaches the recipient' },
    subject: { reference: 'Patient/quiet' },
    recipient: [{ reference: 'Patient/quiet' }],
  }
  await write(patient('quiet'), message)
  expect(await on('unreachable')).toEqual(['Patient/quiet'])
  await later(1000)
  const { statusReason: _why, ...sent } = message
  await write({ ...sent, id: 'found', status: 'completed', sent: new Date(house.clock.now()).toISOString() })
  expect(await on('unreachable')).toEqual([])
})

test('a patient’s message waits for a reply; what is refused changes nothing', async () => {
  const asked: Communication & { id: string } = {
    resourceType: 'Communication',
    id: 'asked',
    status: 'completed',
    sender: { reference: 'Patient/quiet' },
    subject: { reference: 'Patient/quiet' },
    sent: new Date(house.clock.now()).toISOString(),
    payload: [{ contentString: 'May I take it with food?' }],
  }
  await write(asked)
  expect((await rowsOf('messages')).map(({ reference, why }) => [reference, why])).toEqual([
    ['Communication/asked', expect.stringContaining('nobody has replied')],
  ])
  expect(await counts()).toMatchObject({ messages: 1, unreachable: 0, results: 0 })
  expect((await take('messages', 'Communication/none')).status).toBe(404)
  expect((await take('nothing', 'Communication/asked')).status).toBe(400)
  expect((await take('messages', 'not a reference')).status).toBe(400)
  await later(1000)
  await write({
    resourceType: 'Communication',
    id: 'replied',
    status: 'completed',
    inResponseTo: [{ reference: 'Communication/asked' }],
    recipient: [{ reference: 'Patient/quiet' }],
    subject: { reference: 'Patient/quiet' },
  })
  expect(await on('messages')).toEqual([])
})

test('a row about a record that the caller may not see is neither shown nor counted', async () => {
  const before = await counts()
  await write(
    patient('hidden'),
    result('secret', 'HH', {
      subject: { reference: 'Patient/hidden' },
      meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' }] },
    }),
  )
  expect(await on('results')).toEqual([])
  expect(await counts()).toEqual(before)
  expect((await take('results', 'Observation/secret')).status).toBe(404)
})

const walk = async (list: string): Promise<string[]> => {
  const all: string[] = []
  for (let after = ''; ; ) {
    const { status, body } = await door.call(cookie, 'GET', `/api/lists/${list}${after}`)
    expect(status).toBe(200)
    all.push(...(body['items'] as Row[]).map(({ reference }) => reference))
    if (body['next'] === null) return all
    after = `?after=${body['next'] as string}`
  }
}

test('page by page everything comes once, the worse before the others whenever they came', async () => {
  const many = Array.from({ length: 70 }, (_none, n) => `page-${String(n).padStart(2, '0')}`)
  const worse = many.filter((_id, n) => n % 3 === 2)
  for (const id of many) {
    await write(result(id, worse.includes(id) ? 'HH' : 'H'))
    house.clock.advance(1000)
  }
  await later(1)
  expect(await walk('results')).toEqual(
    [...worse, ...many.filter((id) => !worse.includes(id))].map((id) => `Observation/${id}`),
  )
  await write(...many.map((id) => result(id, 'N', { status: 'corrected' })))
})

test('who is at it is shown and keeps others from taking it, however many other tasks the patient has', async () => {
  const other = { resourceType: 'Task' as const, intent: 'order' as const, for: { reference: 'Patient/tested' } }
  await write(
    ...Array.from({ length: 6 }, (_none, n) => ({
      ...other,
      id: `other-${n}`,
      status: 'accepted' as const,
      priority: 'stat' as const,
      owner: { reference: 'Practitioner/elsewhere', display: 'Somebody Else' },
    })),
    result('k-crowded', 'H'),
  )
  const taken = await take('results', 'Observation/k-crowded')
  expect(taken.status).toBe(201)
  expect((await rowsOf('results'))[0]?.tasks).toEqual([
    expect.objectContaining({ id: taken.body['task'], aboutThis: true }),
    expect.objectContaining({ owner: 'Somebody Else', aboutThis: false }),
  ])
  expect((await take('results', 'Observation/k-crowded')).body).toMatchObject({ error: { code: 'matter-held' } })
})

test('those who wait for a pathway hide nobody behind them', async () => {
  const before = await walk('no-next-step')
  const many = Array.from({ length: 110 }, (_none, n) => `moved-${n}`)
  const ask = (id: string, laboratory: boolean) =>
    referral(`${id}-ask`, {
      category: [laboratory ? { coding: [{ code: '108252007' }] } : { text: 'Physiotherapy' }],
      subject: { reference: `Patient/${id}` },
    })
  await write(...many.flatMap((id) => [patient(id), ask(id, true)]))
  await house.settle()
  await later(1000)
  await write(patient('behind'), ask('behind', false))
  const { body } = await door.call(cookie, 'GET', '/api/lists/no-next-step')
  expect((body['items'] as Row[]).map(({ reference }) => reference)).toEqual([...before, 'Patient/behind'])
})
