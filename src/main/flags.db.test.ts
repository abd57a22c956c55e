import { expect, test } from 'vitest'
import { useAutomations } from '../../testkit/automations.ts'
import { useHouse } from '../../testkit/house.ts'
import { storedFlags } from '../release/index.ts'

// The store of the flags, which can be cut off.
let cut = false
const house = useHouse({
  flags: {
    read(tx) {
      return cut ? Promise.reject(new Error('connection refused')) : storedFlags.read(tx)
    },
  },
})
const { inAlpha, publish, standing, refer, decision, task } = useAutomations(house)
const flag = (allows: string, expires: Date) =>
  house.db.asSuperuser(
    `insert into throughline.automation_flag (tenant_id, key, automation, owner, clinical_owner, allows, scope, expires_at, retire_at, retirement_test, changed_at, changed_by)
     values ('alpha', 'urgency-live', 'urgency', 'operations-lead', 'clinical-director', $1, '{}', $2, $2, 'none', $2, 'Theo')
     on conflict (tenant_id, key) do update set allows = excluded.allows, expires_at = excluded.expires_at`,
    [allows, expires],
  )

test('a flag holds its automation down, and so does its expiry', async () => {
  await publish()
  await standing('bounded')
  const later = new Date(house.clock.now() + 3_600_000)
  await flag('recommend', later)
  expect(await decision(await refer('held'))).toMatchObject({ status: 'proposed', level: 'recommend' })
  await flag('bounded', later)
  expect(await decision(await refer('free'))).toMatchObject({ status: 'acted' })
  house.clock.advance(3_600_000)
  expect(await decision(await refer('expired'))).toMatchObject({ status: 'handed', handed: 'flag', level: 'shadow' })
})

test('the store is cut for five minutes at peak: after 60 s every case goes to people with the reason; then it goes on by itself', async () => {
  await flag('bounded', new Date(house.clock.now() + 86_400_000))
  expect(await decision(await refer('before'))).toMatchObject({ status: 'acted' })
  const from = house.clock.now()
  cut = true
  const during: { after: number; status: string | undefined; handed: string | null | undefined }[] = []
  for (let n = 0; n < 20; n += 1) {
    house.clock.advance(15_000)
    const id = await refer(`peak${n}`)
    const row = await decision(id)
    during.push({ after: (house.clock.now() - from) / 1_000, status: row?.status, handed: row?.handed })
    if (row?.status === 'handed')
      expect(await task(id)).toMatchObject({
        status: 'requested',
        performerType: [{ coding: [{ code: 'triage-nurse' }] }],
        description: 'The automation’s flags could not be read, so that it may not act.',
      })
  }
  expect(during.filter(({ after }) => after <= 60).every(({ status }) => status === 'acted')).toBe(true)
  const late = during.filter(({ after }) => after > 60)
  expect(late.length).toBeGreaterThan(10)
  expect(late.map(({ status, handed }) => `${status}: ${handed}`)).toEqual(
    Array(late.length).fill('handed: flag-unreachable'),
  )
  const queued = await inAlpha((tx) =>
    tx.query<{ n: number }>({
      text: `select count(*)::int as n from work_queue q join automation_decision d on d.tenant_id = q.tenant_id and d.id = q.id
             where q.tenant_id = $1 and q.role = 'triage-nurse' and d.handed = 'flag-unreachable'`,
      values: [tx.tenant],
    }),
  )
  expect(queued).toEqual([{ n: late.length }])
  cut = false
  expect(await decision(await refer('after'))).toMatchObject({ status: 'acted' })
})
