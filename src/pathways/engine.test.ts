import type { Resource } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import elementTypes from '../expressions/generated/element-types.json' with { type: 'json' }
import { advance, type Calendar, compile, type Effect, type JourneyEvent, type JourneyState, parse } from './index.ts'

const table = elementTypes.types as unknown as Record<string, Record<string, string>>
const { definition } = parse(
  readFileSync(new URL('../../library/pathways/referral-intake.yaml', import.meta.url), 'utf8'),
)
if (!definition) throw new Error('the library has a referral pathway')
const { pathway } = compile(definition, 1, table)
const calendar: Calendar = {
  zone: 'America/Toronto',
  hours: Object.fromEntries([1, 2, 3, 4, 5].map((day) => [day, [480, 1020] as const])),
  holidays: [],
}
const journey = '00000000-0000-7000-8000-000000000000'
const referral: Resource = {
  resourceType: 'ServiceRequest',
  id: 'r1',
  status: 'active',
  intent: 'order',
  subject: { reference: 'Patient/p1' },
}
const outcomes = ['accept', 'redirect', 'booked', 'unreachable', 'rebook', 'close', 'go-on'] as const

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(Object.freeze(value))) freeze(inner)
  return value
}

/** Plays choices as events on whatever is open, every input frozen, every event delivered twice. */
function play(choices: readonly number[]) {
  const effects: Effect[] = []
  let now = Date.UTC(2026, 2, 2, 14)
  let state: JourneyState | undefined
  const apply = (event: JourneyEvent) => {
    const first = advance(pathway, state, freeze(event), { now, calendar })
    effects.push(...first.effects)
    state = freeze(first.state)
    if (event.kind !== 'start')
      expect(advance(pathway, state, event, { now, calendar })).toEqual({ state, effects: [], log: [] })
  }
  apply({
    id: 'e0',
    at: now,
    kind: 'start',
    journey,
    key: 'r1',
    subject: 'Patient/p1',
    start: 0,
    change: { interaction: 'create', resource: referral },
  })
  for (const [index, choice] of choices.entries()) {
    const open = Object.values(state?.open ?? {})
    const timer = Object.entries(state?.timers ?? {})[0]
    const one = open[choice % Math.max(1, open.length)]
    const outcome = outcomes[choice % outcomes.length] ?? 'accept'
    if (choice % 3 === 0 && timer) {
      now = Math.max(now, timer[1].due)
      apply({ id: `e${index + 1}`, at: now, kind: 'timer', timer: timer[0] })
    } else if (one && one.key !== '') {
      const output = [{ type: { coding: [{ code: 'outcome' }] }, valueCode: outcome }]
      const resource: Resource =
        choice % 2 === 0
          ? { resourceType: 'Task', id: one.key, status: 'completed', intent: 'order', output }
          : { resourceType: 'Communication', id: one.key, status: 'stopped' }
      apply({ id: `e${index + 1}`, at: now, kind: 'change', change: { interaction: 'update', resource } })
    }
  }
  return { state, effects }
}

test('whatever happens to a referral, nothing is asked twice, inputs stay as they were, and a replay gives the same journey', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000), { maxLength: 40 }), (choices) => {
      const { state, effects } = play(choices)
      expect(new Set(effects.map((effect) => effect.key)).size).toBe(effects.length)
      expect(play(choices)).toEqual({ state, effects })
    }),
    { numRuns: 200 },
  )
})
