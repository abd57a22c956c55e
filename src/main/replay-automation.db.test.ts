import { expect, test } from 'vitest'
import { urgency, useAutomations } from '../../testkit/automations.ts'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'

const house = useHouse()
const door = useDoor(house)
const { publish, standing, refer, answer } = useAutomations(house)

test('the next version answers last month’s questions from their own inputs: twice the same, and what changed is told by acuity', async () => {
  await publish()
  await standing('shadow')
  for (const [n, priority] of (['urgent', 'urgent', 'routine', 'asap', 'asap', 'asap'] as const).entries())
    await answer(await refer(`r${n}`, { priority }), 'routine')
  const lead = await door.signIn('lead@alpha.example')
  const next = urgency.replace(`priority == 'urgent'`, `priority == 'urgent' || priority == 'asap'`)
  await door.call(lead, 'POST', '/api/automations', { source: next, note: 'Soon for asap too' })
  // What is in the record now is another matter than what was known then.
  await refer('r2-later')
  house.clock.advance(60_000)
  const replay = () => door.call(lead, 'POST', '/api/automations/urgency/replay', { version: 2, days: 31 })
  const first = await replay()
  expect(first).toMatchObject({
    status: 200,
    body: { cases: 7, changed: [{ acuity: 'asap', from: 'routine', to: 'soon', count: 3 }] },
  })
  expect((await replay()).body).toEqual(first.body)
  const same = await door.call(lead, 'POST', '/api/automations/urgency/replay', { version: 1, days: 31 })
  expect(same.body).toMatchObject({ cases: 7, changed: [] })
  expect(same.body['hash']).not.toBe(first.body['hash'])
})

test('an input that was written after its question was asked fails the run, by its name', async () => {
  await house.db.asSuperuser(
    `update throughline.automation_decision set inputs = jsonb_set(inputs, '{age,at}', to_jsonb(to_char(asked_at + interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))
     where trigger = 'ServiceRequest/r3'`,
  )
  const lead = await door.signIn('lead@alpha.example')
  expect(await door.call(lead, 'POST', '/api/automations/urgency/replay', { version: 2, days: 31 })).toMatchObject({
    status: 409,
    body: { error: { code: 'input-after-decision', faults: [{ path: expect.stringMatching(/\.age$/) }] } },
  })
})
