import { expect, test } from 'vitest'
import { useAutomations } from '../../testkit/automations.ts'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'

const house = useHouse()
const door = useDoor(house)
const { publish, standing, refer, decision } = useAutomations(house)
const code = ({ body }: { body: Record<string, unknown> }) => (body['error'] as { code: string } | undefined)?.code
const flag = {
  key: 'urgency-live',
  automation: 'urgency',
  owner: 'operations-lead',
  clinicalOwner: 'clinical-director',
  allows: 'bounded',
  scope: {},
  expires: '2026-06-30',
  retires: '2026-09-30',
  retirementTest: 'flags.db.test.ts passes without it',
  reason: 'The first months.',
}
const open = async () => ({
  nurse: await door.signIn('nurse@alpha.example'),
  lead: await door.signIn('lead@alpha.example'),
  director: await door.signIn('director@alpha.example'),
})
const changes = async (cookie: string) =>
  (await door.call(cookie, 'GET', '/api/flags/urgency-live')).body['changes'] as Record<string, unknown>[]

test('a flag is made whole or not at all, by whoever may', async () => {
  await publish()
  await standing('bounded')
  const { nurse, lead } = await open()
  expect((await door.call(nurse, 'POST', '/api/flags', flag)).status).toBe(403)
  for (const name of Object.keys(flag)) {
    const { [name as keyof typeof flag]: _left, ...rest } = flag
    const refused = await door.call(lead, 'POST', '/api/flags', rest)
    expect(refused).toMatchObject({ status: 400, body: { error: { faults: [{ path: `body.${name}` }] } } })
  }
  expect(code(await door.call(lead, 'POST', '/api/flags', { ...flag, retires: '2026-05-01' }))).toBe(
    'flag-retires-too-early',
  )
  expect(await door.call(lead, 'POST', '/api/flags', { ...flag, owner: 'nobody' })).toMatchObject({
    status: 422,
    body: { error: { code: 'role-unknown', faults: [{ path: 'owner' }] } },
  })
  expect(code(await door.call(lead, 'POST', '/api/flags', { ...flag, automation: 'no-such' }))).toBe(
    'automation-not-found',
  )
  expect((await door.call(nurse, 'GET', '/api/flags')).body).toEqual({ items: [] })
  expect(await door.call(lead, 'POST', '/api/flags', flag)).toMatchObject({ status: 201, body: { waits: false } })
  expect(code(await door.call(lead, 'POST', '/api/flags', flag))).toBe('flag-known')
  expect((await door.call(nurse, 'GET', '/api/flags')).body).toMatchObject({
    items: [{ key: 'urgency-live', state: 'holds', lets: 'bounded', title: { en: 'Urgency' }, open: null }],
  })
})

test('what holds the automation down further counts at once', async () => {
  const { lead } = await open()
  expect(await decision(await refer('before'))).toMatchObject({ status: 'acted' })
  const asked = { allows: 'recommend', reason: 'Too many visits moved.' }
  expect(await door.call(lead, 'POST', '/api/flags/urgency-live/changes', asked)).toMatchObject({
    status: 201,
    body: { waits: false },
  })
  expect(code(await door.call(lead, 'POST', '/api/flags/urgency-live/changes', asked))).toBe('flag-unchanged')
  expect(await decision(await refer('held'))).toMatchObject({ status: 'proposed', level: 'recommend', because: 'flag' })
})

test('what lets it do more waits until somebody else confirms it', async () => {
  const { nurse, lead, director } = await open()
  const more = { allows: 'bounded', reason: 'It was the calendar.' }
  const asked = await door.call(lead, 'POST', '/api/flags/urgency-live/changes', more)
  expect(asked).toMatchObject({ status: 201, body: { waits: true } })
  expect(await decision(await refer('waits'))).toMatchObject({ level: 'recommend' })
  expect(code(await door.call(director, 'POST', '/api/flags/urgency-live/changes', more))).toBe('flag-change-open')
  const confirm = `/api/flags/changes/${String(asked.body['change'])}/confirm`
  expect(code(await door.call(lead, 'POST', confirm))).toBe('second-person-needed')
  expect((await door.call(nurse, 'POST', confirm)).status).toBe(403)
  expect((await door.call(director, 'POST', confirm)).status).toBe(204)
  expect(code(await door.call(director, 'POST', confirm))).toBe('flag-change-decided')
  expect(await decision(await refer('free'))).toMatchObject({ status: 'acted' })
  expect((await changes(nurse))[0]).toMatchObject({
    before: { allows: 'recommend' },
    after: { allows: 'bounded' },
    reason: 'It was the calendar.',
    status: 'done',
    askedBy: 'lead of alpha',
    decidedBy: 'director of alpha',
  })
})

test('a later expiry, a smaller scope and taking the flag away all let it do more', async () => {
  const { lead, director } = await open()
  for (const more of [{ expires: '2026-07-31' }, { scope: { site: 'Location/a' } }, { remove: true }]) {
    const asked = await door.call(lead, 'POST', '/api/flags/urgency-live/changes', { ...more, reason: 'To see.' })
    expect(asked).toMatchObject({ status: 201, body: { waits: true } })
    const change = `/api/flags/changes/${String(asked.body['change'])}`
    expect((await door.call(director, 'DELETE', change)).status).toBe(204)
    expect(code(await door.call(director, 'POST', `${change}/confirm`))).toBe('flag-change-decided')
  }
  const asked = await door.call(lead, 'POST', '/api/flags/urgency-live/changes', {
    expires: '2026-07-31',
    reason: 'Longer.',
  })
  await door.call(lead, 'POST', '/api/flags/urgency-live/changes', { expires: '2026-05-31', reason: 'Shorter.' })
  const confirm = `/api/flags/changes/${String(asked.body['change'])}/confirm`
  expect(code(await door.call(director, 'POST', confirm))).toBe('flag-moved')
  await door.call(lead, 'DELETE', confirm.replace('/confirm', ''))
})

test('the last change is undone by the same rule, and no older one', async () => {
  const { lead, director } = await open()
  const [last, , , before] = (await changes(lead)).filter(({ status }) => status === 'done')
  const undo = (id: unknown) =>
    door.call(lead, 'POST', `/api/flags/changes/${String(id)}/undo`, { reason: 'Back again.' })
  expect(code(await undo(before?.['id']))).toBe('flag-moved')
  const asked = await undo(last?.['id'])
  expect(asked).toMatchObject({ status: 201, body: { waits: true } })
  await door.call(director, 'POST', `/api/flags/changes/${String(asked.body['change'])}/confirm`)
  const { body } = await door.call(lead, 'GET', '/api/flags/urgency-live')
  expect(body).toMatchObject({ flag: { expires: '2026-06-30', open: null } })
})

test('an expired flag says so, and lets look on only', async () => {
  house.clock.advance(150 * 86_400_000)
  const { nurse } = await open()
  expect((await door.call(nurse, 'GET', '/api/flags')).body).toMatchObject({
    items: [{ state: 'expired', lets: 'shadow', allows: 'bounded' }],
  })
  expect(await decision(await refer('expired'))).toMatchObject({ handed: 'flag', level: 'shadow' })
})
