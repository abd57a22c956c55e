import { expect, test } from 'vitest'
import { useAutomations } from '../../testkit/automations.ts'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import type { AutomationWatch } from '../contracts/index.ts'

const house = useHouse()
const door = useDoor(house)
const { inAlpha, publish, standing, refer, answer, decision } = useAutomations(house)
const watch = async (): Promise<AutomationWatch> => {
  const nurse = await door.signIn('nurse@alpha.example')
  const { body, status } = await door.call(nurse, 'GET', '/api/automations/urgency/watching')
  expect(status).toBe(200)
  return body as unknown as AutomationWatch
}
const row = async (id: string) =>
  (await decision(id)) as unknown as { groups: Record<string, string>; lag_seconds: number | null; held_out: boolean }

/** Settled decisions of one group: so many, of which so many were corrected. `daysAgo` lies in one of the last weeks. */
const settled = (name: string, groups: object, all: number, corrected: number, daysAgo = 30) =>
  house.db.asSuperuser(
    `insert into throughline.automation_decision (tenant_id, id, automation, version, journey, step, patient, trigger, asked_at, circumstances, gives, inputs, inputs_hash, status, level,
       touched_at, answered_at, disposition, groups)
     select 'alpha', $1 || '-' || n, 'urgency', 1, 'j', 'urgency-probe/level', 'Patient/' || $1 || n, 'ServiceRequest/' || $1 || n, $2::timestamptz - $6 * interval '1 day', '{}', '{}', '{}', '', 'answered', 'recommend',
       $2, $2::timestamptz - $6 * interval '1 day' + interval '5 minutes', case when n <= $5 then 'edited' else 'accepted' end, $3
     from generate_series(1, $4::int) n`,
    [name, new Date(house.clock.now()), JSON.stringify(groups), all, corrected, daysAgo],
  )

test('a decision keeps the groups that its patient was in, and how late the question came', async () => {
  await publish()
  await standing('recommend')
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      {
        interaction: 'update',
        resource: {
          resourceType: 'Patient',
          id: 'told-patient',
          gender: 'female',
          birthDate: '1950-05-05',
          address: [{ postalCode: 'K0A 1A0' }],
          communication: [
            { language: { coding: [{ code: 'en-CA' }] } },
            { language: { coding: [{ code: 'fr-CA' }] }, preferred: true },
          ],
        },
      },
      {
        interaction: 'update',
        resource: {
          resourceType: 'Coverage',
          id: 'told-coverage',
          status: 'active',
          beneficiary: { reference: 'Patient/told-patient' },
          payor: [{ reference: 'Organization/ohip' }],
          type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PUBLICPOL' }] },
        },
      },
    ]),
  )
  const authoredOn = new Date(house.clock.now() - 7_200_000).toISOString()
  // The patient as they are above: a referral of theirs under another id.
  const id = await refer('told-first', { subject: { reference: 'Patient/told-patient' }, authoredOn })
  expect(await row(id)).toMatchObject({
    groups: {
      serviceLine: 'urgency-probe',
      payer: 'publicpol',
      language: 'fr',
      age: '65-79',
      sex: 'female',
      rurality: 'rural',
    },
    lag_seconds: 7_200,
    held_out: false,
  })
  expect(await row(await refer('plain', { authoredOn: '2026-03-01' }))).toMatchObject({
    groups: { payer: 'none', language: 'unknown', age: 'unknown', sex: 'unknown', rurality: 'unknown' },
    lag_seconds: null,
  })
})

test('groups of 15, 60 and 800 with one rate are not enough, not enough and equivalent; 0.30 against 0.20 is a disparity', async () => {
  await house.db.asSuperuser('delete from throughline.automation_decision')
  await settled('a', { age: '0-17', sex: 'female' }, 15, 3)
  await settled('b', { age: '18-39', sex: 'female' }, 60, 12)
  await settled('c', { age: '40-64', sex: 'male' }, 800, 160)
  await settled('d', { age: '65-79', sex: 'male' }, 2_000, 400)
  const ages = (await watch()).fairness.find((one) => one.dimension === 'age' && one.measure === 'corrected')
  expect(ages?.groups.map(({ name, state }) => [name, state])).toEqual([
    ['0-17', 'not-enough'],
    ['18-39', 'not-enough'],
    ['40-64', 'equivalent'],
    ['65-79', 'equivalent'],
  ])
  // Fifteen with three corrected are hidden, and sixty with them: from the total the fifteen could be worked out.
  expect(ages?.groups.map(({ cases }) => cases)).toEqual([null, null, 800, 2_000])
  await house.db.asSuperuser('delete from throughline.automation_decision')
  await settled('e', { language: 'fr' }, 800, 240)
  await settled('f', { language: 'en' }, 800, 160)
  const languages = (await watch()).fairness.find((one) => one.dimension === 'language' && one.measure === 'corrected')
  expect(languages?.groups).toMatchObject([
    { name: 'en', state: 'disparity', difference: expect.closeTo(-0.1, 6) },
    { name: 'fr', state: 'disparity', difference: expect.closeTo(0.1, 6), cases: 800 },
  ])
})

test('no number of the answer is about 1 to 10 people of a group', async () => {
  await house.db.asSuperuser('delete from throughline.automation_decision')
  const sizes = [3, 12, 14, 25, 40, 90, 200]
  for (const [n, all] of sizes.entries())
    await settled(`s${n}`, { payer: `plan-${n}`, age: n % 2 === 0 ? '0-17' : '80+' }, all, Math.floor(all / 7))
  const { fairness } = await watch()
  let shown = 0
  for (const { groups } of fairness)
    for (const { cases, rate } of groups) {
      expect(cases === null).toBe(rate === null)
      if (cases === null || rate === null) continue
      shown += 1
      for (const count of [Math.round(cases * rate), cases - Math.round(cases * rate)])
        expect(count === 0 || count >= 11, `${count} of ${cases}`).toBe(true)
    }
  expect(shown).toBeGreaterThan(4)
  // Of the payers those with 12 or fewer corrected are hidden, and no single one of them can be told from the total.
  const payers = fairness.find((one) => one.dimension === 'payer' && one.measure === 'corrected')
  expect(payers?.groups.filter(({ cases }) => cases === null).length).toBeGreaterThanOrEqual(2)
})

test('new codes, inputs that go missing and questions that come late are alarms, and hold nothing back', async () => {
  await house.db.asSuperuser('delete from throughline.automation_decision')
  await house.db.asSuperuser(
    `insert into throughline.automation_decision (tenant_id, id, automation, version, journey, step, patient, trigger, asked_at, circumstances, gives, inputs, inputs_hash, status, lag_seconds)
     select 'alpha', 'n' || n, 'urgency', 1, 'j', 'urgency-probe/level', 'Patient/n', 'ServiceRequest/n', $1::timestamptz - n * interval '2 hours', '{}', '{}',
       jsonb_build_object('priority', jsonb_build_object('value', case when n <= 5 then 'stat' when n <= 7 then 'Jane Doe' when n % 2 = 0 then 'urgent' else 'routine' end, 'from', 'w', 'at', null),
         'age', jsonb_build_object('value', case when n <= 60 then null else 40 + n % 30 end, 'from', 'w', 'at', null)), '', 'handed', case when n <= 84 then 90000 else 600 + n % 7 end
     from generate_series(1, 1000) n`,
    [new Date(house.clock.now())],
  )
  const { alarms, inputs, charts } = await watch()
  expect(alarms).toEqual([
    { kind: 'drift', about: 'age' },
    { kind: 'missing', about: 'age' },
    { kind: 'new-code', about: 'priority: stat' },
    { kind: 'new-code', about: 'priority: …' },
    { kind: 'late-arrival', about: 'lag' },
  ])
  expect(inputs.find(({ name }) => name === 'priority')?.fresh).toEqual([
    { value: 'stat', count: null },
    { value: '…', count: null },
  ])
  expect(charts.find(({ name }) => name === 'lag')?.points.at(-1)).toMatchObject({ value: 1_500, signals: ['outside'] })
  await house.pass(86_400_000, 86_400_000)
  const told = () =>
    house.db.asSuperuser<{ reason: string }>(
      `select data->>'reason' as reason from throughline.automation_event where kind = 'alarm' order by id`,
    )
  expect((await told()).at(-1)?.reason).toContain('new-code (priority: stat)')
  expect(await house.db.asSuperuser('select from throughline.automation_health')).toEqual([])
})

test('the correction rate comes first, week by week, and a week unlike the others is marked', async () => {
  await house.db.asSuperuser('delete from throughline.automation_decision')
  for (let week = 0; week < 16; week += 1)
    await settled(`w${week}`, {}, 100, week === 0 ? 40 : 10 + (week % 3), week * 7 + 3)
  const [first] = (await watch()).charts
  expect(first).toMatchObject({ name: 'corrected', kind: 'p', points: { length: 15 } })
  expect(first?.points.at(-1)).toMatchObject({ cases: 100, value: 0.4, signals: expect.arrayContaining(['outside']) })
  expect(first?.points.slice(0, -1).flatMap(({ signals }) => signals)).toEqual([])
})

test('those who are held out are decided about by people, as long as they are', async () => {
  await house.db.asSuperuser('delete from throughline.automation_decision')
  await standing('bounded')
  const lead = await door.signIn('lead@alpha.example')
  const set = (share: unknown) =>
    door.call(lead, 'POST', '/api/automations/urgency/holdout', { share, reason: 'To know how it goes without.' })
  expect((await set(0.6)).status).toBe(400)
  expect((await set(0.5)).status).toBe(204)
  const held: string[] = []
  for (let n = 0; n < 24; n += 1) {
    const id = await refer(`half${n}`)
    const { held_out } = await row(id)
    expect(await decision(id)).toMatchObject(
      held_out ? { status: 'handed', handed: 'control-arm', level: 'shadow' } : { status: 'acted' },
    )
    if (held_out) held.push(id)
  }
  expect(held.length).toBeGreaterThan(4)
  expect(held.length).toBeLessThan(20)
  for (const id of held) await answer(id, 'routine')
  await settled('before', {}, 1, 0, 10)
  const { holdout, charts } = await watch()
  expect(holdout).toMatchObject({
    share: 0.5,
    held: { cases: held.length, reversed: 0 },
    others: { cases: 25 - held.length, wait: 0 },
  })
  // Who is held out by lot is not counted as left to people.
  expect(charts.find(({ name }) => name === 'handed')?.points.at(-1)?.value).toBe(0)
})
