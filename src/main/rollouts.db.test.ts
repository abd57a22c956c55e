import { expect, test } from 'vitest'
import { urgency, useAutomations } from '../../testkit/automations.ts'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'

const house = useHouse()
const door = useDoor(house)
const { inAlpha, publish, standing, refer, decision, task } = useAutomations(house)
const lead = () => door.signIn('lead@alpha.example')
const minute = 60_000

const plan = (change: object = {}) => ({
  automation: 'urgency',
  version: 2,
  cohort: { name: 'less sure', slices: [], share: 0.5, unit: 'patient' },
  controls: 'shadow',
  criteria: [{ metric: 'emergency-visit', kind: 'harm', margin: 1.5, freshFor: 60, grace: 30 }],
  ...change,
})
interface Item {
  id: string
  status: string
  needed: number
  incident: string | null
  units: { canary: number; control: number }
  verdict: { does: string; because: string | null; missing: string[] }
  metrics: { worse: number; late: boolean; canary: number; control: number }[]
}
const latest = async (): Promise<Item | undefined> => {
  const { body } = await door.call(await lead(), 'GET', '/api/rollouts?automation=urgency')
  return (body['items'] as Item[])[0]
}
const unitsOf = (rollout: string, arm: string) =>
  inAlpha((tx) =>
    tx.query<{ unit: string }>({
      text: 'select unit from rollout_unit where tenant_id = $1 and rollout = $2 and arm = $3 order by unit',
      values: [tx.tenant, rollout, arm],
    }),
  )

test('a release begins with what would end it, and there is one at a time', async () => {
  await publish()
  const cookie = await lead()
  const next = urgency.replace('confidence: 0.8', 'confidence: 0.7')
  await door.call(cookie, 'POST', '/api/automations', { source: next, note: 'Less sure' })
  const quality = [{ metric: 'wait', kind: 'quality', margin: 1.5, freshFor: 60, grace: 30 }]
  const start = async (change?: object) => {
    const { status, body } = await door.call(cookie, 'POST', '/api/rollouts', plan(change))
    return status === 201 ? 'done' : (body['error'] as { code: string }).code
  }
  expect(await start({ criteria: quality })).toBe('criteria-missing')
  expect(await start({ version: 7 })).toBe('automation-not-found')
  expect(await start({ cohort: { ...plan().cohort, share: 1 } })).toBe('invalid-request')
  expect(await start()).toBe('done')
  expect(await start()).toBe('rollout-running')
})

test('half the patients come to the new version; who was assigned stays, and the others keep the old one', async () => {
  await standing('bounded', {}, 1)
  await standing('bounded', {}, 2)
  for (let n = 0; n < 24; n += 1) await refer(`p${n}`)
  const rollout = await latest()
  expect(rollout?.units.canary).toBeGreaterThan(5)
  expect(rollout?.units.control).toBeGreaterThan(5)
  const versions = await inAlpha((tx) =>
    tx.query<{ arm: string; version: number; n: number }>({
      text: `select u.arm, d.version, count(*)::int as n from automation_decision d join rollout_unit u on u.tenant_id = d.tenant_id and u.unit = d.patient
             where d.tenant_id = $1 group by 1, 2 order by 1`,
      values: [tx.tenant],
    }),
  )
  expect(versions.map(({ arm, version }) => [arm, version])).toEqual([
    ['canary', 2],
    ['control', 1],
  ])
})

test('what is proven neither way is not promoted, and what is missing is named', async () => {
  const rollout = await latest()
  const refused = await door.call(await lead(), 'POST', `/api/rollouts/${rollout?.id}/promote`)
  expect(refused).toMatchObject({
    status: 409,
    body: { error: { code: 'promotion-unproven', faults: [{ path: 'no-worse: emergency-visit' }] } },
  })
  expect(await latest()).toMatchObject({ status: 'running' })
})

test('proven harm ends the release by itself: authority falls, and exactly those it touched are looked back on', async () => {
  const rollout = await latest()
  const id = rollout?.id ?? ''
  const nurse = await door.signIn('nurse@alpha.example')
  const tell = (units: string[]) =>
    door.call(nurse, 'POST', `/api/rollouts/${id}/tell`, { metric: 'emergency-visit', units })
  expect(await tell(['Patient/somebody-else'])).toMatchObject({
    status: 422,
    body: { error: { code: 'unit-unknown' } },
  })
  const canary = (await unitsOf(id, 'canary')).map(({ unit }) => unit)
  for (const unit of canary) {
    if ((await latest())?.status !== 'running') break
    await tell([unit, unit])
  }
  const killed = await latest()
  expect(killed).toMatchObject({ status: 'killed', verdict: { does: 'kill', because: 'emergency-visit' } })
  const [last] = await inAlpha((tx) =>
    tx.query<{ worse: number; needed: number; events: number }>({
      text: 'select worse, needed, events from rollout_look where tenant_id = $1 and rollout = $2 order by id desc limit 1',
      values: [tx.tenant, id],
    }),
  )
  expect(last?.worse).toBeGreaterThanOrEqual(last?.needed ?? Infinity)
  expect(last?.needed).toBe(20)
  // The old version goes on; the new one fell.
  const levels = await inAlpha((tx) =>
    tx.query<{ version: number; level: string }>({
      text: 'select version, level from automation_standing where tenant_id = $1 order by version',
      values: [tx.tenant],
    }),
  )
  expect(levels).toEqual([
    { version: 1, level: 'bounded' },
    { version: 2, level: 'shadow' },
  ])
  const { body } = await door.call(await lead(), 'GET', `/api/incidents/${killed?.incident}`)
  expect(body).toMatchObject({ cause: 'criterion', version: 2 })
  expect((body['patients'] as { patient: string }[]).map(({ patient }) => patient)).toEqual(canary)
  expect((await tell([])).body).toMatchObject({ error: { code: 'rollout-ended' } })
})

test('the next attempt has half as much to spend; silence about harm holds it, then steps it down, and nothing is green', async () => {
  await standing('bounded', {}, 2)
  await door.call(await lead(), 'POST', '/api/rollouts', plan())
  expect(await latest()).toMatchObject({
    status: 'running',
    needed: 40,
    verdict: { missing: ['no-worse: emergency-visit'] },
  })
  await house.pass(60 * minute, 10 * minute)
  expect(await latest()).toMatchObject({ status: 'running', metrics: [{ late: false }] })
  await house.pass(1 * minute, minute)
  expect(await latest()).toMatchObject({
    status: 'running',
    verdict: {
      does: 'hold',
      because: 'late: emergency-visit',
      missing: ['no-worse: emergency-visit', 'fresh: emergency-visit'],
    },
    metrics: [{ late: true }],
  })
  await house.pass(30 * minute, 5 * minute)
  const ended = await latest()
  expect(ended).toMatchObject({ status: 'stepped-down', verdict: { does: 'step-down' } })
  const { body } = await door.call(await lead(), 'GET', `/api/incidents/${ended?.incident}`)
  expect(body).toMatchObject({ cause: 'feed' })
})

test('a release of a level: those outside the canary keep their people', async () => {
  await standing('bounded', {}, 1)
  await door.call(await lead(), 'POST', '/api/rollouts', plan({ version: 1 }))
  const kinds = new Set<string>()
  for (let n = 0; n < 12; n += 1) {
    const row = await decision(await refer(`level${n}`))
    kinds.add(`${row?.status}: ${row?.handed}`)
  }
  expect([...kinds].toSorted()).toEqual(['acted: null', 'handed: control-arm'])
  const rollout = await latest()
  await door.call(await lead(), 'POST', `/api/rollouts/${rollout?.id}/end`)
  expect(await latest()).toMatchObject({ status: 'ended' })
})

test('one never event in clinic A: it only looks on there, and clinic B goes on as before', async () => {
  await standing('bounded', {}, 1)
  const at = (site: string) => ({ locationReference: [{ reference: `Location/${site}` }] })
  const wrong = await refer('a1', at('a'))
  expect(await decision(wrong)).toMatchObject({ status: 'acted' })
  const nurse = await door.signIn('nurse@alpha.example')
  const stopped = await door.call(nurse, 'POST', '/api/automations/urgency/never-event', {
    kind: 'wrong-patient',
    decision: wrong,
    reason: 'Two people of one name.',
  })
  expect(stopped).toMatchObject({ status: 201 })
  const [here, there] = [await refer('a2', at('a')), await refer('b1', at('b'))]
  expect(await decision(here)).toMatchObject({ status: 'handed', handed: 'authority-shadow' })
  expect(await decision(there)).toMatchObject({ status: 'acted' })
  expect(await task(there)).toMatchObject({ status: 'completed' })
})
