import { afterAll, beforeAll, expect, test } from 'vitest'
import { table } from '../../../testkit/pathway.ts'
import { urgency } from '../../../testkit/automations.ts'
import { type FreshDatabase, freshDatabase } from '../../../testkit/database.ts'
import type { Tx } from '../../db/index.ts'
import { type CallContext, CodedError, createChance, movedClock } from '../../kernel/index.ts'
import { type Level, levelIn, levels, type Scope } from '../index.ts'
import { createPublishedAutomations } from '../automation/published.ts'
import { makeEvidence } from './evidence-rows.ts'
import { askRise, dropRise, signRise } from './rises.ts'
import { lowerStandings, readStandings } from './standings.ts'

let db: FreshDatabase
const clock = movedClock(Date.UTC(2026, 2, 2))
const automations = createPublishedAutomations({
  table,
  roles: ['operations-lead', 'clinical-director', 'triage-nurse'],
})
const as = (id: string): CallContext => ({
  tenant: db.alpha,
  actor: { kind: 'account', id, name: id, roles: [] },
  clock,
  requestId: 'test',
  locale: 'en',
})
const inAlpha = <T>(work: (tx: Tx) => Promise<T>) => db.database.transaction(db.alpha, work)
const refusal = (work: (tx: Tx) => Promise<unknown>) =>
  inAlpha(work).then(
    () => 'done',
    (error: unknown) => (error instanceof CodedError ? error.code : String(error)),
  )
beforeAll(async () => {
  db = await freshDatabase()
  await inAlpha((tx) => automations.publish(tx, as('theo'), urgency, 'First'))
})
afterAll(() => db.close())

const asked = { automation: 'urgency', version: 1, scope: {}, reason: 'It does well.' }
const review = (scope: Scope = {}) =>
  inAlpha(async (tx) => {
    const { definition } = await automations.version(tx, 'urgency', 1)
    return makeEvidence(tx, as('theo'), { ...asked, scope, level: 'off', definition, review: 'Read through.' })
  })

test('each refusal of a rise has its own code, and nothing of it stays', async () => {
  const { id: evidence } = await review()
  const ask = (change: object) =>
    refusal((tx) => askRise(tx, as('theo'), { ...asked, level: 'shadow', evidence, ...change }))
  expect(await ask({ level: 'off' })).toBe('not-a-rise')
  expect(await ask({ level: 'recommend' })).toBe('more-than-one-level')
  expect(await ask({ evidence: null })).toBe('evidence-missing')
  expect(await ask({ version: 2 })).toBe('automation-not-found')
  expect(await ask({ automation: 'unheard-of' })).toBe('automation-not-found')
  expect(await refusal((tx) => signRise(tx, as('clara'), 'no-such', 'clinical'))).toBe('rise-not-found')
  const rise = await inAlpha((tx) => askRise(tx, as('theo'), { ...asked, level: 'shadow', evidence }))
  expect(await ask({})).toBe('rise-open')
  expect(await inAlpha((tx) => signRise(tx, as('theo'), rise, 'technical'))).toMatchObject({ risen: false })
  expect(await refusal((tx) => signRise(tx, as('ada'), rise, 'technical'))).toBe('already-signed')
  expect(await refusal((tx) => signRise(tx, as('theo'), rise, 'clinical'))).toBe('one-person-signed-twice')
  clock.advance(91 * 86_400_000)
  expect(await refusal((tx) => signRise(tx, as('clara'), rise, 'clinical'))).toBe('evidence-expired')
  expect(await inAlpha((tx) => readStandings(tx, 'urgency', 1))).toEqual([])
  await inAlpha((tx) => dropRise(tx, as('theo'), rise))
  expect(await refusal((tx) => signRise(tx, as('clara'), rise, 'clinical'))).toBe('rise-not-found')
})

test('evidence for one place is none for another, and what nobody has lived through is none at all', async () => {
  const { id: evidence } = await review({ site: 'Location/a' })
  const ask = (scope: Scope) => refusal((tx) => askRise(tx, as('theo'), { ...asked, level: 'shadow', evidence, scope }))
  expect(await ask({ site: 'Location/b' })).toBe('evidence-missing')
  expect(await ask({})).toBe('evidence-missing')
  const thin = refusal(async (tx) => {
    const { definition } = await automations.version(tx, 'urgency', 1)
    await makeEvidence(tx, as('theo'), { ...asked, level: 'shadow', definition })
  })
  expect(await thin).toBe('evidence-too-thin')
})

test('in any order of what people try in the store, no level rises unsigned or by more than one', async () => {
  const chance = createChance(3)
  const scopes: Scope[] = [{}, { site: 'Location/a' }, { site: 'Location/b', acuity: ['urgent'] }]
  const rank = (level: Level) => levels.indexOf(level)
  const evidence = (await Promise.all(scopes.map(review))).map(({ id }) => id)
  // What a higher level would want shown is another test's matter.
  await db.asSuperuser(`update throughline.automation_evidence set supports = 'autonomous'`)
  // Nor is the drill that the upper levels want.
  await db.asSuperuser(
    `insert into throughline.automation_drill (tenant_id, id, automation, version, scope, fallback_role, reason, started_at, started_by, until, ended_at, counts_until)
     values ('alpha', 'held', 'urgency', 1, '{}', 'triage-nurse', 'For this test', $1, 'Theo', $1, $1, $2)`,
    [new Date(clock.now()), new Date(clock.now() + 86_400_000)],
  )
  const open: { id: string; signed: Set<string> }[] = []
  let rises = 0
  for (let n = 0; n < 1500; n += 1) {
    const before = await inAlpha((tx) => readStandings(tx, 'urgency', 1))
    const scope = chance.pick(scopes)
    const choice = chance.below(10)
    let risen = false
    if (choice < 4) {
      const here = rank(levelIn(before, scope))
      const to = chance.happens(0.7) ? (levels[here + 1] ?? 'off') : chance.pick(levels)
      const place = scopes.indexOf(scope)
      await inAlpha((tx) =>
        askRise(tx, as(chance.pick(['p', 'q'])), { ...asked, scope, level: to, evidence: evidence[place] ?? null }),
      ).then(
        (id) => open.push({ id, signed: new Set() }),
        () => {},
      )
    } else if (choice < 9 && open.length > 0) {
      const rise = chance.pick(open)
      const [who, side] = [chance.pick(['p', 'q', 'r']), chance.pick(['clinical', 'technical'] as const)]
      const done = await inAlpha((tx) => signRise(tx, as(who), rise.id, side)).catch(() => undefined)
      if (done) rise.signed.add(`${who} ${side}`)
      const dropped = !done && chance.happens(0.2)
      if (dropped) await inAlpha((tx) => dropRise(tx, as(who), rise.id))
      if (dropped || done?.risen) open.splice(open.indexOf(rise), 1)
      risen = done?.risen === true
      if (risen) {
        rises += 1
        const [a, b] = [...rise.signed].map((one) => one.split(' '))
        expect([a?.[1], b?.[1]].toSorted()).toEqual(['clinical', 'technical'])
        expect(a?.[0]).not.toBe(b?.[0])
      }
    } else if (choice === 9)
      await inAlpha((tx) => lowerStandings(tx, 'urgency', { scope, to: chance.pick(levels) }, clock.now()))
    const after = await inAlpha((tx) => readStandings(tx, 'urgency', 1))
    for (const one of scopes)
      expect(rank(levelIn(after, one)) - rank(levelIn(before, one))).toBeLessThanOrEqual(risen ? 1 : 0)
  }
  expect(rises).toBeGreaterThan(50)
}, 60_000)

test('a version is frozen, and the same source is no new one', async () => {
  expect(await inAlpha((tx) => automations.publish(tx, as('theo'), urgency, 'Again'))).toEqual({
    automation: 'urgency',
    version: 1,
    changed: false,
  })
  const change = (text: string) =>
    inAlpha((tx) => tx.run({ text })).then(
      () => 'done',
      (error: { code: string }) => error.code,
    )
  expect(await change(`update automation_version set source = 'else'`)).toBe('42501')
  expect(await change('delete from automation_version')).toBe('42501')
  expect(await change(`update automation_signature set account = 'else'`)).toBe('42501')
  expect(await change(`update automation_evidence set until = now()`)).toBe('42501')
})
