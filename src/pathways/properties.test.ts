import type { Resource } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accepted, begin, calendar, starting } from '../../testkit/pathway.ts'
import { Choices, type RandomPathway, randomPathway } from '../../testkit/random-pathway.ts'
import {
  type Advanced,
  advance,
  catchUp,
  type CompiledPathway,
  type Effect,
  type JourneyEvent,
  type JourneyState,
  type LogEntry,
} from './index.ts'

const runs = Number(process.env['RUNS'] ?? 300)
const lists = {
  pathway: fc.array(fc.nat(10_000), { minLength: 40, maxLength: 160 }),
  events: fc.array(fc.nat(10_000), { maxLength: 120 }),
}

const compiled = (random: RandomPathway) => accepted(JSON.stringify(random.definition))

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(Object.freeze(value))) freeze(inner)
  return value
}

/** What the world may do to a journey that stands as it stands; the next choice says what it does. */
function nextEvent(
  random: RandomPathway,
  pathway: CompiledPathway,
  state: JourneyState,
  choices: Choices,
  at: number,
  id: string,
): JourneyEvent {
  const change = (resource: Resource): JourneyEvent => ({
    id,
    at,
    kind: 'change',
    change: { interaction: 'update', resource },
  })
  const subject = { reference: 'Patient/p1' }
  const names = Object.keys(state.open)
  const name = names[choices.below(Math.max(1, names.length))]
  switch (choices.below(10)) {
    case 0:
      return change(newsOf(choices, id))
    case 1: {
      const steps = Object.keys(pathway.steps)
      const step = steps[choices.below(steps.length)] ?? ''
      const acts = [{ do: 'pause' }, { do: 'resume' }, { do: 'skip', step }, { do: 'add', step }] as const
      return { id, at, kind: 'act', act: choices.of(acts), by: 'someone', reason: 'because' }
    }
    default: {
      const open = name === undefined ? undefined : state.open[name]
      const kind = name === undefined ? undefined : pathway.steps[name]?.kind
      if (!open || name === undefined || kind === 'wait') return change(newsOf(choices, id))
      const outcome = choices.of(['yes', 'many', 'sent', ...(random.outcomes[name] ?? [])])
      const ownWay = (resourceType: 'Task' | 'Communication' | 'Appointment' | 'ServiceRequest', status: string) =>
        change({ resourceType, id: open.key, status, output: outputOf(outcome) } as unknown as Resource)
      if (kind === 'start') return { id, at, kind: 'child', key: open.key, outcome: choices.of(['well', 'unwell']) }
      if (kind === 'message')
        return open.fallback === undefined
          ? ownWay('Communication', choices.of(['completed', 'stopped']))
          : ownWay('Task', 'completed')
      if (kind === 'appointment') return ownWay('Appointment', choices.of(['booked', 'cancelled']))
      if (kind === 'order')
        return choices.once(3)
          ? ownWay('ServiceRequest', 'revoked')
          : change({
              resourceType: 'Observation',
              id,
              status: 'final',
              code: {},
              subject,
              basedOn: [{ reference: `ServiceRequest/${open.key}` }],
            })
      if (kind === 'form' && choices.once(2))
        return change({
          resourceType: 'QuestionnaireResponse',
          id,
          status: 'completed',
          questionnaire: 'urn:form:check',
          subject,
        })
      return ownWay('Task', choices.of(['completed', 'completed', 'cancelled']))
    }
  }
}

const outputOf = (outcome: string) => [{ type: { coding: [{ code: 'outcome' }] }, valueCode: outcome }]

function newsOf(choices: Choices, id: string): Resource {
  const subject = { reference: 'Patient/p1' }
  switch (choices.below(7)) {
    case 0:
      return {
        resourceType: 'Appointment',
        id: 'visit',
        status: 'booked',
        participant: [],
        start: new Date(begin + choices.below(60) * 86_400_000).toISOString(),
      }
    case 1:
      return { resourceType: 'Condition', id, subject }
    case 2:
      return { resourceType: 'Flag', id, status: 'active', code: {}, subject }
    case 3:
      return { resourceType: 'Encounter', id, status: 'finished', class: {}, subject }
    case 4:
      return { resourceType: 'Goal', id, lifecycleStatus: 'active', description: {}, subject }
    case 5:
      return {
        resourceType: 'MedicationRequest',
        id,
        status: 'active',
        intent: 'order',
        subject,
        medicationCodeableConcept: {},
        dispenseRequest: { numberOfRepeatsAllowed: choices.below(7) },
      }
    default:
      return { resourceType: 'Observation', id, status: 'final', code: {}, subject, valueInteger: choices.below(7) }
  }
}

interface History {
  events: JourneyEvent[]
  end: number
  told: Told
}

/** A journey's log and all it asked for, as text that is quick to compare; and how it stands. */
interface Told {
  words: string
  state: JourneyState | undefined
}
const inWords = (log: readonly LogEntry[], effects: readonly Effect[], state: JourneyState | undefined): Told => ({
  words: JSON.stringify({ log, effects }),
  state,
})

const opens = new Set(['opened', 'asked', 'waiting', 'skipped', 'set'])

/** Plays choices as a course of events, looking after each at what must always hold. */
function live(random: RandomPathway, pathway: CompiledPathway, list: readonly number[]): History {
  const choices = new Choices(list)
  const steps = Object.keys(pathway.steps).length
  const keys = new Set<string>()
  const log: LogEntry[] = []
  const effects: Effect[] = []
  const take = ({ state, ...moved }: Advanced) => {
    for (const { key } of moved.effects) {
      expect(keys.has(key)).toBe(false)
      keys.add(key)
    }
    effects.push(...moved.effects)
    log.push(...moved.log)
    neverStuck(pathway, state)
    return freeze(state)
  }
  const once = (before: JourneyState | undefined, event: JourneyEvent, now: number) => {
    const moved = advance(pathway, before, freeze(event), { now, calendar })
    // No step comes round and round without time passing.
    expect(moved.log.filter((entry) => opens.has(entry.kind)).length).toBeLessThanOrEqual(3 * steps)
    return take(moved)
  }
  let now = begin
  let state = once(undefined, starting, now)
  const events = [starting]
  for (let n = 0; n < list.length / 3 && state.status === 'active'; n += 1) {
    now += choices.of([0, 60_000, 3_600_000, 86_400_000, 3 * 86_400_000])
    state = take(catchUp(pathway, state, now, calendar))
    const event = nextEvent(random, pathway, state, choices, now, `e${n}`)
    state = once(state, event, now)
    events.push(event)
    if (event.kind !== 'act') {
      const again = advance(pathway, state, event, { now, calendar })
      expect({ ...again }).toEqual({ state, effects: [], log: [] })
    }
  }
  const end = now + 20 * 86_400_000
  state = take(catchUp(pathway, state, end, calendar))
  // Each timer at its own time, however late it is seen to; but for those of a date that passed during a rest.
  if (!log.some((entry) => entry.kind === 'resumed'))
    for (const { event, at } of log)
      if (event.startsWith('timer/')) expect(at).toBe(Number(event.slice(event.lastIndexOf('/') + 1)))
  return { events, end, told: inWords(log, effects, state) }
}

/** A journey that goes on has something that a person, a machine or the clock can still do. */
function neverStuck(pathway: CompiledPathway, state: JourneyState): void {
  if (state.status !== 'active') return
  if (state.paused && state.paused.by === null) return
  const open = Object.entries(state.open)
  const clocks = [...Object.values(state.timers), ...Object.values(state.paused?.timers ?? {})]
  expect(open.length + clocks.length).toBeGreaterThan(0)
  // A repetition that neither runs nor comes again would hold the journey for ever.
  for (const name in state.repeats)
    expect(open.some(([one]) => one === name) || clocks.some((timer) => timer.step === name)).toBe(true)
  for (const [name, { key }] of open) {
    const kind = pathway.steps[name]?.kind
    // Nobody can answer a wait but the clock, in the end.
    if (kind === 'wait') expect(clocks.map((timer) => timer.step)).toContain(name)
    else expect(key).not.toBe('')
  }
}

/** The same history, taken up at other moments, each time from what was stored. */
function replay(pathway: CompiledPathway, { events, end }: History, stops: readonly number[]): Told {
  const log: LogEntry[] = []
  const effects: Effect[] = []
  const take = ({ state, ...moved }: Advanced): JourneyState => {
    effects.push(...moved.effects)
    log.push(...moved.log)
    return JSON.parse(JSON.stringify(state))
  }
  let state: JourneyState | undefined
  for (const event of events) {
    if (state) {
      const from = state.at
      for (const stop of stops.filter((one) => one > from && one < event.at).toSorted((a, b) => a - b))
        state = take(catchUp(pathway, state, stop, calendar))
      state = take(catchUp(pathway, state, event.at, calendar))
    }
    state = take(advance(pathway, state, event, { now: event.at, calendar }))
  }
  if (state) state = take(catchUp(pathway, state, end, calendar))
  return inWords(log, effects, state)
}

test('whatever happens on whatever pathway the checker passes: never stuck, never round without time, nothing asked twice, and a replay in any sessions is the same', () => {
  let passed = 0
  fc.assert(
    fc.property(
      lists.pathway,
      lists.events,
      fc.array(fc.integer({ min: 0, max: 60 * 86_400_000 }), { maxLength: 12 }),
      (plan, list, stops) => {
        const random = randomPathway(plan)
        const pathway = compiled(random)
        fc.pre(pathway !== undefined)
        if (!pathway) return
        passed += 1
        const history = live(random, pathway, list)
        const at = stops.map((stop) => begin + stop)
        expect(replay(pathway, history, at)).toEqual(history.told)
      },
    ),
    { numRuns: runs, maxSkipsPerRun: 100 },
  )
  expect(passed).toBeGreaterThanOrEqual(runs)
})
