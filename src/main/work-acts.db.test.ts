import type { Resource, Task } from '@medplum/fhirtypes'
import { beforeAll, expect, test } from 'vitest'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import { hire } from '../../testkit/team.ts'

const house = useHouse()
const door = useDoor(house)
const hour = 3_600_000
let nurse = ''
let lead = ''
beforeAll(async () => {
  nurse = await door.signIn('nurse@alpha.example')
  lead = await door.signIn('lead@alpha.example')
})
const write = (...resources: (Resource & { id: string })[]) =>
  house.database.transaction(house.alpha, (tx) =>
    house.record.write(
      tx,
      house.context,
      resources.map((resource) => ({ interaction: 'update' as const, resource })),
    ),
  )
const task = (id: string, more: Partial<Task> = {}): Task & { id: string } => ({
  resourceType: 'Task',
  id,
  status: 'requested',
  intent: 'order',
  code: { text: `Task ${id}` },
  for: { reference: 'Patient/someone' },
  performerType: [{ coding: [{ system: 'urn:throughline:role', code: 'triage-nurse' }] }],
  ...more,
})
const act = (id: string, name: string, body: unknown = {}, cookie = nurse) =>
  door.call(cookie, 'POST', `/api/work/${id}/${name}`, body)
const codeOf = (answer: { body: Record<string, unknown> }) =>
  (answer.body['error'] as { code: string } | undefined)?.code
const listed = async (list: string) =>
  ((await door.call(nurse, 'GET', `/api/work?list=${list}`)).body['items'] as { id: string }[]).map(({ id }) => id)
const stored = (id: string) =>
  house.database.transaction(house.alpha, (tx) => house.record.read(tx, `Task/${id}`)) as Promise<Task>

test('a task that waits for another is not offered and says so; it is offered once that is over', async () => {
  await write(task('second'), task('first'))
  expect(await listed('queue')).toEqual(expect.arrayContaining(['first', 'second']))
  const waits = await act('second', 'wait-for', { task: 'first', reason: 'Needs the first' })
  expect(waits.body['waitsFor']).toEqual([{ id: 'first', title: expect.anything(), open: true }])
  expect(await listed('queue')).not.toContain('second')
  expect(codeOf(await act('second', 'claim'))).toBe('task-waits')
  expect(codeOf(await act('first', 'wait-for', { task: 'second', reason: 'A circle' }))).toBe('waits-in-circle')
  await act('first', 'claim')
  expect((await act('first', 'complete')).status).toBe(200)
  expect(await listed('queue')).toContain('second')
  expect((await act('second', 'claim')).status).toBe(200)
})

test('a task is split into parts that others do, and waits for all of them', async () => {
  await write(task('whole'))
  const split = await act('whole', 'split', { parts: ['Call the lab', 'Call the patient'] })
  expect(split.status).toBe(200)
  const parts = (split.body['waitsFor'] as { id: string }[]).map(({ id }) => id)
  expect(await Promise.all(parts.map(stored))).toMatchObject([
    { partOf: [{ reference: 'Task/whole' }], code: { text: 'Call the lab' }, for: { reference: 'Patient/someone' } },
    { partOf: [{ reference: 'Task/whole' }], code: { text: 'Call the patient' } },
  ])
  for (const part of parts) {
    expect(await listed('queue')).not.toContain('whole')
    await act(part, 'claim')
    await act(part, 'complete')
  }
  expect(await listed('queue')).toContain('whole')
  expect(codeOf(await act('whole', 'split', { parts: ['Only one'] }))).toBe('invalid-request')
})

test('duplicates are merged: the one stays readable and points to the kept one, and a pathway’s task is not lost', async () => {
  await write(task('kept'), task('twin', { note: [{ text: 'Heard from the daughter' }] }))
  await write(task('stranger', { for: { reference: 'Patient/other' } }))
  await write(task('asked', { groupIdentifier: { system: 'urn:throughline:journey', value: 'none' } }))
  expect(codeOf(await act('twin', 'merge', { into: 'stranger' }))).toBe('other-patient')
  expect(codeOf(await act('asked', 'merge', { into: 'kept' }))).toBe('pathway-task')
  expect((await act('twin', 'merge', { into: 'kept' })).body).toMatchObject({ status: 'cancelled', mergedInto: 'kept' })
  expect((await stored('kept')).note?.map(({ text }) => text)).toEqual([
    'Heard from the daughter',
    'Merged with “Task twin” (Task/twin).',
  ])
  expect((await door.call(nurse, 'GET', '/api/work/twin')).body).toMatchObject({ mergedInto: 'kept' })
  expect(await listed('queue')).not.toContain('twin')
})

test('a second signature is another’s: the task is completed only once it is given, and not when it is refused', async () => {
  const now = house.clock.now()
  const shift = { from: now - hour, until: now + 8 * hour }
  const physician = (id: string) => ({
    id,
    roles: ['physician'],
    licences: [['md', 'CA-ON'] as [string, string]],
    shifts: [shift],
  })
  await hire(house, [physician('dr-a'), physician('dr-b')])
  const as = (id: string) => house.as({ reference: `Practitioner/${id}`, name: id, roles: ['physician'] })
  const { actOnTask } = await import('../work/index.ts')
  const doAs = (id: string, on: string, action: Parameters<typeof actOnTask>[4]) =>
    house.database.transaction(house.alpha, (tx) =>
      actOnTask(tx, as(id), house.record, on, action, {
        mayManage: false,
        roles: ['physician'],
        routing: house.routing,
      }),
    )
  await write(
    task('order', {
      performerType: [{ coding: [{ system: 'urn:throughline:role', code: 'physician' }] }],
      extension: [{ url: 'urn:throughline:jurisdiction', valueCode: 'CA-ON' }],
    }),
  )
  await doAs('dr-a', 'order', { do: 'claim' })
  const asked = await doAs('dr-a', 'order', { do: 'ask-sign-off', note: 'Opioid, new patient' })
  const signature = asked.input?.[0]?.valueReference?.reference?.replace('Task/', '') ?? ''
  await expect(doAs('dr-a', 'order', { do: 'complete' })).rejects.toMatchObject({ code: 'task-waits' })
  await expect(doAs('dr-a', signature, { do: 'claim' })).rejects.toMatchObject({ code: 'second-person-needed' })
  await doAs('dr-b', signature, { do: 'claim' })
  await doAs('dr-b', signature, { do: 'complete', outcome: 'not-signed', note: 'Not without a urine test' })
  await expect(doAs('dr-a', 'order', { do: 'complete' })).rejects.toMatchObject({ code: 'not-signed' })
  const again = await doAs('dr-a', 'order', { do: 'ask-sign-off', note: 'The test is done' })
  const next = again.input?.at(-1)?.valueReference?.reference?.replace('Task/', '') ?? ''
  await doAs('dr-b', next, { do: 'claim' })
  await doAs('dr-b', next, { do: 'complete', outcome: 'signed' })
  expect(await doAs('dr-a', 'order', { do: 'complete' })).toMatchObject({ status: 'completed' })
})

test('an act on many tasks is done one by one: what is refused stays as it was, the rest is done, and can be undone', async () => {
  await write(task('b-1'), task('b-2'), task('b-3', { status: 'completed' }))
  const bulk = async (ids: string[], what: unknown, cookie = nurse) => {
    const { status, body } = await door.call(cookie, 'POST', '/api/work/bulk', {
      items: ids.map((id) => ({ id })),
      act: what,
    })
    expect(status).toBe(200)
    return (body['items'] as { id: string; done: boolean; error: { code: string } | null }[]).map((one) =>
      one.done ? one.id : `${one.id} ${one.error?.code}`,
    )
  }
  const claimed = await bulk(['b-1', 'b-2', 'b-3', 'b-none'], { do: 'claim' })
  expect(claimed).toEqual(['b-1', 'b-2', 'b-3 task-closed', 'b-none task-not-found'])
  expect(await bulk(['b-1'], { do: 'claim' }, lead)).toEqual(['b-1 task-taken'])
  const until = new Date(house.clock.now() + hour).toISOString()
  expect(await bulk(['b-1', 'b-2'], { do: 'snooze', until, reason: 'After rounds' })).toEqual(['b-1', 'b-2'])
  expect(await listed('mine')).not.toContain('b-1')
  expect(await bulk(['b-1', 'b-2'], { do: 'wake' })).toEqual(['b-1', 'b-2'])
  expect(await listed('mine')).toEqual(expect.arrayContaining(['b-1', 'b-2']))
  expect(await bulk(['b-1'], { do: 'release' })).toEqual(['b-1'])
  expect(await bulk(['b-1', 'b-2'], { do: 'complete', note: 'Seen on rounds' })).toEqual(['b-1 task-not-yours', 'b-2'])
})

test('a hand-off says the situation, what is pending and what to watch, to whom it goes', async () => {
  await write(task('handed'))
  await act('handed', 'claim')
  const given = await act('handed', 'hand-off', {
    owner: { reference: 'Practitioner/clerk', name: 'clerk of alpha' },
    situation: 'Fever since Monday',
    watch: 'Breathing',
  })
  expect(given.body).toMatchObject({
    owner: { reference: 'Practitioner/clerk', name: 'clerk of alpha' },
    comments: [{ by: 'nurse of alpha', text: 'Situation: Fever since Monday\nTo watch: Breathing' }],
  })
})

test('a reply to a patient’s message is sent in one’s own words, by a way that reaches them', async () => {
  await write(
    {
      resourceType: 'Patient',
      id: 'someone',
      name: [{ family: 'Some', given: ['One'] }],
      telecom: [{ system: 'email', value: 'someone@patients.example' }],
    },
    {
      resourceType: 'Communication',
      id: 'question',
      status: 'completed',
      sender: { reference: 'Patient/someone' },
      subject: { reference: 'Patient/someone' },
      sent: new Date(house.clock.now()).toISOString(),
      payload: [{ contentString: 'May I swim?' }],
    },
    task('answer-it'),
  )
  house.clock.advance(1000)
  expect((await act('answer-it', 'reply', { to: 'none', text: 'Yes' })).status).toBe(404)
  expect((await act('answer-it', 'reply', { to: 'question', text: 'Yes, after the stitches are out.' })).status).toBe(
    201,
  )
  await house.settle()
  const { body } = await door.call(nurse, 'GET', '/api/work/answer-it/messages')
  expect(body['items']).toMatchObject([
    { fromPatient: false, text: 'Yes, after the stitches are out.', status: 'completed', answers: 'question' },
    { fromPatient: true, text: 'May I swim?' },
  ])
  const [sent] = await house.db.asSuperuser<{ address: string; body: string }>(
    `select address, body from throughline.local_delivery where body like '%stitches%'`,
  )
  expect(sent).toEqual({ address: 'someone@patients.example', body: 'Yes, after the stitches are out.' })
})

test('what somebody takes and does nothing with goes back to its queue; what they begin or speak of stays theirs', async () => {
  await write(
    task('left-lying', { priority: 'urgent' }),
    task('begun', { priority: 'urgent' }),
    task('spoken-of', { priority: 'urgent' }),
    task('was-given', { priority: 'urgent' }),
  )
  const until = new Date(house.clock.now() + 4 * hour).toISOString()
  for (const id of ['left-lying', 'begun', 'spoken-of'])
    expect((await act(id, 'claim')).body).toMatchObject({ claimedUntil: until, owner: { name: 'nurse of alpha' } })
  const given = await act(
    'was-given',
    'reassign',
    { owner: { reference: 'Practitioner/nurse', name: 'Nurse' }, reason: 'Hers' },
    lead,
  )
  expect(given.body['claimedUntil']).toBeNull()
  expect((await act('begun', 'start')).body['claimedUntil']).toBeNull()
  house.clock.advance(3 * hour)
  nurse = await door.signIn('nurse@alpha.example')
  lead = await door.signIn('lead@alpha.example')
  expect((await act('spoken-of', 'comment', { text: 'No answer yet' })).body['claimedUntil']).toBe(
    new Date(house.clock.now() + 4 * hour).toISOString(),
  )
  // Somebody else’s word is no sign of life of theirs.
  expect((await act('left-lying', 'comment', { text: 'Anybody?' }, lead)).body['claimedUntil']).toBe(until)
  house.clock.advance(hour - 1)
  await house.settle()
  expect((await stored('left-lying')).status).toBe('accepted')
  house.clock.advance(1)
  await house.settle()
  expect(await stored('left-lying')).toMatchObject({ status: 'requested', note: [{ text: 'Anybody?' }] })
  expect(await stored('left-lying')).not.toHaveProperty('owner')
  expect(await stored('left-lying')).not.toHaveProperty('extension')
  nurse = await door.signIn('nurse@alpha.example')
  expect(await listed('queue')).toContain('left-lying')
  expect(await listed('mine')).toEqual(expect.arrayContaining(['begun', 'spoken-of']))
  house.clock.advance(40 * hour)
  await house.settle()
  expect((await stored('begun')).owner).toBeDefined()
  expect((await stored('was-given')).owner).toBeDefined()
  expect((await stored('spoken-of')).owner).toBeUndefined()
})
