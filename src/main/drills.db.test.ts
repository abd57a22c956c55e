import { expect, test } from 'vitest'
import { useAutomations } from '../../testkit/automations.ts'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import type { Incident, RunbookPage } from '../contracts/index.ts'

const house = useHouse()
const door = useDoor(house)
const { publish, standing, refer, answer, decision, task, stop } = useAutomations(house)
const code = ({ body }: { body: Record<string, unknown> }) => (body['error'] as { code: string } | undefined)?.code
const lead = () => door.signIn('lead@alpha.example')
const page = async () =>
  (await door.call(await lead(), 'GET', '/api/automations/urgency/runbook')).body as unknown as RunbookPage
const at = (site: string) => ({ locationReference: [{ reference: site }] })
const [north, south] = ['Location/north', 'Location/south']
const runbook = `automation: urgency
severity: {level: high, because: {en: An urgent referral waits., fr: Une demande urgente attend.}}
signs: [{en: Nurses change many answers., fr: Les infirmières modifient bien des réponses.}]
fallback: {en: Nurses read every referral., fr: Les infirmières lisent chaque demande.}
tells: [{who: triage-nurse, whom: [charge-nurse], within: 15, says: {en: It is stopped., fr: C’est arrêté.}}]
recovered: [{en: Everybody was looked back on., fr: Tout le monde a été revu.}]
`

test('a runbook is short, names roles that exist, and each version stays', async () => {
  await publish()
  await standing('assisted')
  const cookie = await lead()
  const write = (source: string) =>
    door.call(cookie, 'POST', '/api/automations/urgency/runbook', { source, note: 'Written.' })
  expect(await write(runbook.replace('triage-nurse', 'wizard'))).toMatchObject({
    status: 422,
    body: { error: { code: 'runbook-refused', faults: [{ path: 'tells.0', message: 'there is no role wizard' }] } },
  })
  expect(await write(runbook.replace('It is stopped.', 'x'.repeat(201)))).toMatchObject({
    body: { error: { code: 'runbook-refused', faults: [{ path: 'tells.0.says.en' }] } },
  })
  expect(code(await write(runbook.replace('automation: urgency', 'automation: other')))).toBe('runbook-refused')
  expect(code(await write('a: [b'))).toBe('runbook-refused')
  expect((await page()).runbook).toBe(null)
  expect(await write(runbook)).toMatchObject({ status: 201, body: { version: 1, changed: true } })
  expect(await write(runbook)).toMatchObject({ status: 200, body: { version: 1, changed: false } })
  expect(await page()).toMatchObject({ runbook: { version: 1, content: { severity: { level: 'high' } } } })
})

test('the library’s runbooks are ones that a house keeps', async () => {
  const { readRunbook } = await import('../release/index.ts')
  const roles = house.library.roles.map(({ id }) => id)
  const about = house.library.runbooks.map(({ source }) => readRunbook(source, roles).automation)
  expect(about.toSorted()).toEqual(
    house.library.automations.map(({ file }) => file.replace('automations/', '').replace('.yaml', '')).toSorted(),
  )
})

const start = async (scope: object, minutes = 30) =>
  door.call(await lead(), 'POST', '/api/automations/urgency/drills', { scope, minutes, reason: 'Twice a year.' })

test('nothing answers alone before a drill was passed there', async () => {
  const cookie = await lead()
  const evidence = await door.call(cookie, 'POST', '/api/automations/urgency/evidence', {
    version: 1,
    scope: {},
    level: 'off',
    review: 'Read through with the nurses.',
  })
  await house.db.asSuperuser(`update throughline.automation_evidence set supports = 'autonomous'`)
  const asked = { version: 1, scope: {}, to: 'bounded', evidence: evidence.body['id'], reason: 'It does well.' }
  expect(code(await door.call(cookie, 'POST', '/api/automations/urgency/rises', asked))).toBe('drill-missing')
})

test('a drill is held in a part, where the automation decides something, and one at a time', async () => {
  expect(code(await start({}))).toBe('drill-unbounded')
  await standing('shadow', { site: south })
  expect(code(await start({ site: south }))).toBe('drill-of-nothing')
  expect((await start({ site: north }, 4)).status).toBe(400)
  const nurse = await door.signIn('nurse@alpha.example')
  const may = await door.call(nurse, 'POST', '/api/automations/urgency/drills', {
    scope: { site: north },
    minutes: 30,
    reason: 'x y z',
  })
  expect(may.status).toBe(403)
  expect((await page()).drills).toEqual([])
})

test('a drill that nobody noticed shows nothing', async () => {
  expect((await start({ site: north })).status).toBe(201)
  expect(code(await start({ site: north }))).toBe('drill-running')
  await refer('lonely', at(north))
  await house.pass(31 * 60_000, 60_000)
  const [drill] = (await page()).drills
  expect(drill?.result).toEqual({
    cases: 1,
    reached: 1,
    taken: 0,
    slowestSeconds: 0,
    findings: ['too-few-cases', 'nobody-took-one'],
    countsUntil: null,
  })
})

test('a drill really switches the fallback on, there and nowhere else, and ends by itself without a restart', async () => {
  await standing('assisted', { site: south })
  const started = await start({ site: north })
  expect(started).toMatchObject({ status: 201 })
  const held = [await refer('d1', at(north)), await refer('d2', at(north)), await refer('d3', at(north))]
  for (const id of held) {
    expect(await decision(id)).toMatchObject({ status: 'handed', handed: 'drill', level: 'shadow' })
    expect(await task(id)).toMatchObject({
      status: 'requested',
      performerType: [{ coding: [{ code: 'triage-nurse' }] }],
      description: expect.stringContaining('This is a drill'),
    })
  }
  expect(await decision(await refer('elsewhere', at(south)))).toMatchObject({ status: 'proposed' })
  await answer(held[0] ?? '', 'routine')
  await house.pass(30 * 60_000, 60_000)
  expect(await decision(await refer('after', at(north)))).toMatchObject({ status: 'proposed', level: 'assisted' })
  const [drill] = (await page()).drills
  expect(drill).toMatchObject({
    scope: { site: north },
    fallbackRole: 'triage-nurse',
    result: { cases: 3, reached: 3, taken: 1, findings: [], countsUntil: expect.any(String) },
  })
  const cookie = await lead()
  const end = await door.call(cookie, 'POST', `/api/automations/drills/${drill?.id}/end`)
  expect(code(end)).toBe('drill-ended')
  expect(code(await door.call(cookie, 'POST', '/api/automations/drills/no-such/end'))).toBe('drill-not-found')
})

test('a passed drill opens the way for as long as it counts, and only where it was held', async () => {
  const cookie = await lead()
  const { body } = await door.call(cookie, 'GET', '/api/automations/urgency')
  const [evidence] = body['evidence'] as { id: string }[]
  const ask = (scope: object) =>
    door.call(cookie, 'POST', '/api/automations/urgency/rises', {
      version: 1,
      scope,
      to: 'bounded',
      evidence: evidence?.id,
      reason: 'It does well.',
    })
  expect(code(await ask({ site: south }))).toBe('drill-missing')
  expect((await ask({ site: north })).status).toBe(201)
  house.clock.advance(181 * 86_400_000)
  await house.db.asSuperuser(`update throughline.automation_evidence set until = now() + interval '10 years'`)
  const later = await lead()
  const rise = await door.call(later, 'POST', '/api/automations/urgency/rises', {
    version: 1,
    scope: {},
    to: 'bounded',
    evidence: evidence?.id,
    reason: 'It does well.',
  })
  expect(code(rise)).toBe('drill-expired')
})

test('an action carries its strength and is closed with a test that is new; the incident waits for it', async () => {
  const { incident } = await stop('It read the wrong field.')
  const cookie = await lead()
  const add = (change: object = {}) =>
    door.call(cookie, 'POST', `/api/incidents/${incident}/actions`, {
      says: 'The checker refuses a path that is never there.',
      strength: 'strong',
      owner: 'operations-lead',
      due: '2026-12-01',
      ...change,
    })
  expect((await add({ strength: 'mighty' })).status).toBe(400)
  expect(code(await add({ owner: 'wizard' }))).toBe('role-unknown')
  const first = String((await add()).body['id'])
  const second = String((await add({ says: 'Tell the nurses.', strength: 'weak' })).body['id'])
  const close = (id: string, watch: unknown) =>
    door.call(cookie, 'POST', `/api/incidents/actions/${id}/close`, { kind: 'test', watch })
  const closing = { learned: 'It read the wrong field.', watchedBy: 'paths.test.ts' }
  expect(code(await door.call(cookie, 'POST', `/api/incidents/${incident}/close`, closing))).toBe('actions-open')
  expect((await close(first, undefined)).status).toBe(400)
  expect((await close(first, 'checker.test.ts, a path that is never there')).status).toBe(204)
  expect(code(await close(first, 'another'))).toBe('action-closed')
  expect(code(await close(second, 'Checker.test.ts, a path that is never there'))).toBe('watch-not-new')
  expect((await close(second, 'share of answers changed')).status).toBe(204)
  const { timeline } = (await door.call(cookie, 'GET', `/api/incidents/${incident}`)).body as unknown as Incident
  expect(
    timeline
      .map(({ kind }) => kind)
      .filter((kind) => kind.startsWith('action'))
      .toSorted(),
  ).toEqual(['action-closed', 'action-closed', 'action-planned', 'action-planned'])
  const { body } = await door.call(cookie, 'GET', `/api/incidents/${incident}/actions`)
  expect(body).toMatchObject({
    items: [
      { strength: 'strong', closed: { kind: 'test', by: 'lead of alpha' } },
      { strength: 'weak', closed: { watch: 'share of answers changed' } },
    ],
  })
})
