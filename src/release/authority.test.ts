import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  effective,
  type Level,
  levelFor,
  levelIn,
  levels,
  lowered,
  raised,
  refusalOf,
  type Rise,
  type Standing,
} from './index.ts'

const signed: Rise['signatures'] = [
  { by: 'clara', as: 'clinical', at: 1 },
  { by: 'theo', as: 'technical', at: 2 },
]
const now = 1000
const evidence = { id: 'evidence-1', until: 2000 }
const rise = (change: Partial<Rise> = {}): Rise => ({
  scope: {},
  to: 'shadow',
  signatures: signed,
  evidence,
  drill: undefined,
  ...change,
})

test('each rise that may not be has its own reason', () => {
  const at = (level: Level): Standing[] => [{ scope: {}, level }]
  expect(refusalOf([], rise(), now)).toBe(undefined)
  expect(refusalOf(at('shadow'), rise(), now)).toBe('not-a-rise')
  expect(refusalOf(at('shadow'), rise({ to: 'assisted' }), now)).toBe('more-than-one-level')
  expect(refusalOf([], rise({ evidence: undefined }), now)).toBe('evidence-missing')
  expect(refusalOf([], rise({ evidence: { id: 'old', until: now } }), now)).toBe('evidence-expired')
  expect(refusalOf([], rise({ signatures: signed.slice(1) }), now)).toBe('clinical-signature-missing')
  expect(refusalOf([], rise({ signatures: signed.slice(0, 1) }), now)).toBe('technical-signature-missing')
  const bounded = { to: 'bounded' } as const
  expect(refusalOf(at('assisted'), rise(bounded), now)).toBe('drill-missing')
  expect(refusalOf(at('assisted'), rise({ ...bounded, drill: { id: 'old', until: now } }), now)).toBe('drill-expired')
  expect(refusalOf(at('assisted'), rise({ ...bounded, drill: { id: 'd', until: now + 1 } }), now)).toBe(undefined)
  const alone = signed.map((one) => ({ ...one, by: 'clara' }))
  expect(refusalOf([], rise({ signatures: alone }), now)).toBe('one-person-signed-twice')
})

test('the narrowest scope decides; of two that lie across each other, the lower', () => {
  const standings: Standing[] = [
    { scope: {}, level: 'shadow' },
    { scope: { site: 'north' }, level: 'assisted' },
    { scope: { site: 'north', department: 'cardiology' }, level: 'bounded' },
    { scope: { acuity: ['routine'] }, level: 'recommend' },
  ]
  expect(levelFor(standings, { at: 0 })).toBe('shadow')
  expect(levelFor(standings, { at: 0, site: 'north' })).toBe('assisted')
  expect(levelFor(standings, { at: 0, site: 'north', department: 'cardiology' })).toBe('bounded')
  expect(levelFor(standings, { at: 0, site: 'north', acuity: 'routine' })).toBe('recommend')
  expect(levelFor([], { at: 0 })).toBe('off')
})

test('a stop in one clinic leaves the other as it was, and reaches every narrower scope inside', () => {
  const standings: Standing[] = [
    { scope: { site: 'a' }, level: 'bounded' },
    { scope: { site: 'a', department: 'cardiology' }, level: 'autonomous' },
    { scope: { site: 'b' }, level: 'bounded' },
  ]
  const after = lowered(standings, { scope: { site: 'a' }, to: 'shadow' })
  expect(levelFor(after, { at: 0, site: 'a' })).toBe('shadow')
  expect(levelFor(after, { at: 0, site: 'a', department: 'cardiology' })).toBe('shadow')
  expect(levelFor(after, { at: 0, site: 'b' })).toBe('bounded')
})

const scope = fc.record(
  { site: fc.constantFrom('a', 'b'), department: fc.constantFrom('x', 'y'), acuity: fc.constant(['routine'] as const) },
  { requiredKeys: [] },
)
const act = fc.oneof(
  fc.record({
    kind: fc.constant('rise' as const),
    scope,
    to: fc.constantFrom(...levels),
    by: fc.tuple(fc.constantFrom('p', 'q', 'r'), fc.constantFrom('p', 'q', 'r')),
    signed: fc.tuple(fc.boolean(), fc.boolean()),
    until: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
    drill: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('fall' as const), scope, to: fc.constantFrom(...levels) }),
)

test('over 10,000 random orders no unsigned, unproven, undrilled or many-level rise ever happens, and a fall always does', () => {
  const cases = (['a', 'b', 'c'] as const).flatMap((site) =>
    (['x', 'y'] as const).flatMap((department) =>
      (['routine', 'urgent'] as const).map((acuity) => ({ site, department, acuity, at: 0 })),
    ),
  )
  const rank = (level: Level) => levels.indexOf(level)
  fc.assert(
    fc.property(fc.array(act, { maxLength: 20 }), (acts) => {
      let standings: Standing[] = []
      for (const [time, one] of acts.entries()) {
        const before = standings
        if (one.kind === 'fall') {
          standings = lowered(standings, one)
          for (const given of cases) {
            expect(rank(levelFor(standings, given))).toBeLessThanOrEqual(rank(levelFor(before, given)))
            const inside =
              (one.scope.site ?? given.site) === given.site &&
              (one.scope.department ?? given.department) === given.department &&
              (one.scope.acuity?.[0] ?? given.acuity) === given.acuity
            if (inside) expect(rank(levelFor(standings, given))).toBeLessThanOrEqual(rank(one.to))
          }
          continue
        }
        const asked: Rise = {
          scope: one.scope,
          to: one.to,
          signatures: [
            ...(one.signed[0] ? [{ by: one.by[0], as: 'clinical' as const, at: time }] : []),
            ...(one.signed[1] ? [{ by: one.by[1], as: 'technical' as const, at: time }] : []),
          ],
          evidence: one.until === undefined ? undefined : { id: 'e', until: one.until },
          drill: one.drill === undefined ? undefined : { id: 'd', until: one.drill },
        }
        const refusal = refusalOf(standings, asked, time)
        const proper =
          one.signed[0] && one.signed[1] && one.by[0] !== one.by[1] && one.until !== undefined && one.until > time
        const drilled = rank(one.to) < rank('bounded') || (one.drill !== undefined && one.drill > time)
        const step = rank(one.to) - rank(levelIn(standings, asked.scope))
        expect(refusal === undefined).toBe(proper && drilled && step === 1)
        if (refusal === undefined) standings = raised(standings, asked)
        for (const given of cases)
          expect(rank(levelFor(standings, given)) - rank(levelFor(before, given))).toBeLessThanOrEqual(1)
      }
    }),
    { numRuns: 10_000, seed: 42 },
  )
}, 120_000)

test('authority is the least of all that restrains it, and names what that was', () => {
  const free = { flag: 'autonomous', dataFresh: true, consent: true, health: 'autonomous' } as const
  expect(effective('bounded', free)).toEqual({ level: 'bounded', because: 'standing' })
  expect(effective('bounded', { ...free, flag: 'recommend' })).toEqual({ level: 'recommend', because: 'flag' })
  expect(effective('bounded', { ...free, dataFresh: false })).toEqual({ level: 'shadow', because: 'stale-data' })
  expect(effective('bounded', { ...free, dataFresh: false, consent: false })).toEqual({
    level: 'off',
    because: 'consent',
  })
  expect(effective('bounded', { ...free, health: 'assisted' })).toEqual({ level: 'assisted', because: 'health' })
})
