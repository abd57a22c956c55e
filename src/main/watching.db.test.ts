import { expect, test } from 'vitest'
import { useAutomations } from '../../testkit/automations.ts'
import { useHouse } from '../../testkit/house.ts'

const house = useHouse()
const { publish, standing, refer, decision } = useAutomations(house)

/** Ten weeks of questions, one an hour; in the last ones `urgent` tenths of them are urgent, before three tenths. */
const lived = (weeks: number, urgent: number) =>
  house.db.asSuperuser(
    `insert into throughline.automation_decision (tenant_id, id, automation, version, journey, step, patient, trigger, asked_at, circumstances, gives, inputs, inputs_hash, status)
     select 'alpha', 'w' || n, 'urgency', 1, 'j', 'urgency-probe/level', 'Patient/w', 'ServiceRequest/w', $1::timestamptz - n * interval '1 hour', '{}', '{}',
       jsonb_build_object('priority', jsonb_build_object('value', case when n % 10 < case when n <= $2 * 168 then $3 else 3 end then 'urgent' else 'routine' end, 'from', 'w', 'at', null)), '', 'answered'
     from generate_series(1, 1680) n on conflict (tenant_id, id) do update set inputs = excluded.inputs`,
    [new Date(house.clock.now()), weeks, urgent],
  )
const health = () =>
  house.db.asSuperuser<{ level: string; reason: string }>('select level, reason from throughline.automation_health')

test('inputs that lie elsewhere for one week are news; for two, the automation only proposes until they are steady again', async () => {
  await publish()
  await standing('autonomous')
  await lived(0, 3)
  await house.pass(3_600_000)
  expect(await health()).toEqual([])
  await lived(1, 6)
  await house.pass(86_400_000, 86_400_000)
  expect(await health()).toEqual([])
  await lived(2, 6)
  await house.pass(86_400_000, 86_400_000)
  expect(await health()).toEqual([{ level: 'recommend', reason: 'drift: priority' }])
  expect(await decision(await refer('drifted'))).toMatchObject({
    status: 'proposed',
    level: 'recommend',
    because: 'health',
  })
  await lived(2, 3)
  await house.pass(86_400_000, 86_400_000)
  expect(await health()).toEqual([])
  expect(await decision(await refer('steady'))).toMatchObject({ status: 'acted' })
})
