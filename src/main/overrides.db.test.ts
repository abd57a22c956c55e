import { expect, test } from 'vitest'
import { password, useDoor } from '../../testkit/door.ts'
import { referral, useHouse } from '../../testkit/house.ts'

const house = useHouse()
const door = useDoor(house)
const ask = async (who: string, method: 'GET' | 'POST', url: string, body?: unknown) =>
  door.call(await door.signIn(`${who}@alpha.example`, password), method, url, body)
const inAlpha = <T>(work: Parameters<typeof house.database.transaction<T>>[1]) =>
  house.database.transaction(house.alpha, work)

test('what people do otherwise is kept with its step, its version and its reason, and summed up for leads', async () => {
  await inAlpha((tx) =>
    house.record.write(
      tx,
      house.context,
      ['one', 'two'].flatMap((id) => [
        { interaction: 'update' as const, resource: { resourceType: 'Patient' as const, id: `${id}-patient` } },
        { interaction: 'update' as const, resource: referral(id) },
      ]),
    ),
  )
  await house.settle()
  const open = await inAlpha((tx) =>
    tx.query<{ id: string; journey: string }>({
      text: 'select id, journey from work_item where tenant_id = $1 and open order by created_at, id',
      values: [tx.tenant],
    }),
  )
  const [first, second] = open
  if (!first || !second) throw new Error('two referrals make two tasks')
  const code = { code: 'no-capacity', lost: 5 }
  expect(
    (await ask('lead', 'POST', `/api/work/${first.id}/reassign`, { role: 'charge-nurse', reason: 'Too many', ...code }))
      .status,
  ).toBe(200)
  expect(
    (
      await ask('lead', 'POST', `/api/work/${second.id}/reassign`, {
        role: 'charge-nurse',
        reason: 'Too many',
        ...code,
      })
    ).status,
  ).toBe(200)
  const told = await ask('lead', 'POST', `/api/work/${first.id}/off-system`, {
    text: 'Called Mr. Tell',
    code: 'system-slow',
    lost: 12,
  })
  expect(told.body).toMatchObject({ comments: [{ text: 'Too many' }, { text: 'Called Mr. Tell' }] })
  expect((await ask('lead', 'POST', `/api/work/${first.id}/off-system`, { text: 'x', code: 'because' })).status).toBe(
    400,
  )
  const journey = await ask('nurse', 'POST', `/api/journeys/${first.journey}/off-system`, {
    step: 'triage',
    code: 'urgent',
    text: 'Triaged on the telephone',
  })
  expect(journey.status).toBe(201)
  expect(
    await ask('nurse', 'POST', `/api/journeys/${first.journey}/off-system`, { step: 'nap', code: 'urgent', text: 'x' }),
  ).toMatchObject({ status: 404, body: { error: { code: 'step-not-found' } } })
  await ask('lead', 'POST', `/api/journeys/${second.journey}/cancel`, { reason: 'Moved away', code: 'patient-wishes' })

  const { body } = await ask('lead', 'GET', '/api/overrides')
  expect(body).toMatchObject({
    total: 5,
    minutes: 22,
    reasons: [
      { reason: 'no-capacity', count: 2 },
      { reason: 'patient-wishes', count: 1 },
      { reason: 'system-slow', count: 1 },
      { reason: 'urgent', count: 1 },
    ],
  })
  const { items } = body as { items: Record<string, unknown>[] }
  const triage = { pathway: 'referral-intake', version: 1, step: 'triage', count: 2 }
  expect(items).toMatchObject([
    { ...triage, kind: 'off-system', minutes: 12, people: 2 },
    { ...triage, kind: 'reassign', minutes: 10, people: 1, reason: 'no-capacity' },
    { kind: 'cancel', pathway: 'referral-intake', version: 1, step: null, count: 1 },
  ])
  expect((await ask('nurse', 'GET', '/api/overrides')).status).toBe(403)

  const list = (
    await ask('lead', 'GET', '/api/overrides/list?kind=off-system&pathway=referral-intake&version=1&step=triage')
  ).body as {
    items: { reason: string; task: { statusReason: string | null } | null }[]
  }
  expect(list.items.map(({ reason, task }) => [reason, task?.statusReason])).toContainEqual([
    'urgent',
    'Triaged on the telephone',
  ])
})

test('the words stand in the record and nowhere else; no row can be changed afterwards', async () => {
  const [row] = await inAlpha((tx) =>
    tx.query<{ all: string }>({
      text: `select string_agg(o::text, ' ') as all from work_override o where tenant_id = $1`,
      values: [tx.tenant],
    }),
  )
  expect(row?.all).not.toMatch(/Tell|telephone|Moved|Too many/)
  await expect(
    inAlpha((tx) =>
      tx.run({ text: `update work_override set reason = 'other' where tenant_id = $1`, values: [tx.tenant] }),
    ),
  ).rejects.toThrow('permission denied')
  const done = await inAlpha((tx) =>
    house.record.search(tx, 'Task', new URLSearchParams({ code: 'urn:throughline:override|off-system' })),
  )
  expect(done.resources).toMatchObject([{ status: 'completed', statusReason: { text: 'Triaged on the telephone' } }])
})
