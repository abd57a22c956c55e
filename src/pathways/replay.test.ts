import type { Resource } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { calendar, table } from '../../testkit/pathway.ts'
import {
  advance,
  catchUp,
  type CompiledPathway,
  compile,
  differences,
  Fingerprint,
  type JourneyEvent,
  type JourneyState,
  LookAhead,
  parse,
  type RecordedJourney,
  replay,
} from './index.ts'

const source = readFileSync(new URL('../../library/pathways/referral-intake.yaml', import.meta.url), 'utf8')
function pathwayOf(text: string, version: number): CompiledPathway {
  const { definition } = parse(text)
  if (!definition) throw new Error('the library has a referral pathway')
  return compile(definition, version, table).pathway
}
const pathway = pathwayOf(source, 1)
const begin = Date.UTC(2026, 2, 2, 14)
const day = 86_400_000
const referral: Resource = {
  resourceType: 'ServiceRequest',
  id: 'r1',
  status: 'active',
  intent: 'order',
  subject: { reference: 'Patient/p1' },
  reasonCode: [{ text: 'x' }],
}

/** A course of events as it may have been, by choices: answers after some hours, visits, documents. */
function record(choices: readonly number[]): RecordedJourney {
  const start: JourneyEvent = {
    id: 'start',
    at: begin,
    kind: 'start',
    journey: 'j',
    key: 'r1',
    subject: 'Patient/p1',
    start: 0,
    change: { interaction: 'create', resource: referral },
  }
  const events: JourneyEvent[] = [start]
  let now = begin
  let state: JourneyState = advance(pathway, undefined, start, { now, calendar }).state
  for (const [index, choice] of choices.entries()) {
    now += (choice % 200) * 3_600_000
    state = catchUp(pathway, state, now, calendar).state
    const open = Object.entries(state.open)
    const [name, one] = open[choice % Math.max(1, open.length)] ?? []
    const change = (resource: Resource): JourneyEvent => ({
      id: `e${index}`,
      at: now,
      kind: 'change',
      change: { interaction: 'update', resource },
    })
    const outcomes =
      pathway.definition.tracks['intake']?.steps[name ?? '']?.task?.outcomes?.map((each) => each.code) ?? []
    const output = [
      { type: { coding: [{ code: 'outcome' }] }, valueCode: outcomes[choice % Math.max(1, outcomes.length)] ?? 'done' },
    ]
    const visit: Resource = {
      resourceType: 'Encounter',
      id: `v${index}`,
      status: 'finished',
      class: {},
      basedOn: [{ reference: 'ServiceRequest/r1' }],
    }
    const event =
      !one || one.key === ''
        ? change(visit)
        : pathway.steps[name ?? '']?.kind === 'message'
          ? change({ resourceType: 'Communication', id: one.key, status: choice % 2 === 0 ? 'completed' : 'stopped' })
          : change({ resourceType: 'Task', id: one.key, status: 'completed', intent: 'order', output })
    events.push(event)
    state = advance(pathway, state, event, { now, calendar }).state
  }
  return { pathway, events: events.map((event) => ({ event, knownAt: event.at })) }
}
const choices = fc.array(fc.nat(10_000), { maxLength: 12 })
const until = { until: begin + 200 * day, calendar }

test('a journey replayed on its own version is as it was, and has the same fingerprint each time', () => {
  fc.assert(
    fc.property(choices, (list) => {
      const recorded = record(list)
      const { before, after: once } = replay(recorded, pathway, until)
      const { after: again } = replay(record(list), pathway, until)
      const prints = [once, again].map((one) => {
        const print = new Fingerprint()
        print.add(one)
        return print.hex()
      })
      expect(prints[0]).toBe(prints[1])
      expect(differences(before, once)).toEqual([])
      expect(before.state).toEqual(once.state)
      // As it was lived: the same events one after the other, each at its own time.
      let state: JourneyState | undefined
      const log: unknown[] = []
      for (const { event } of recorded.events) {
        if (state) {
          const caught = catchUp(pathway, state, event.at, calendar)
          log.push(...caught.log)
          state = caught.state
        }
        const moved = advance(pathway, state, event, { now: event.at, calendar })
        log.push(...moved.log)
        state = moved.state
      }
      if (state) log.push(...catchUp(pathway, state, until.until + 1, calendar).log)
      expect(once.log).toEqual(log)
    }),
    { numRuns: 200 },
  )
})

const answered = (id: string, hours: number, outcome: string): JourneyEvent => ({
  id: `Task/${id}/2`,
  at: begin + hours * 3_600_000,
  kind: 'change',
  change: {
    interaction: 'update',
    resource: {
      resourceType: 'Task',
      id,
      status: 'completed',
      intent: 'order',
      output: [{ type: { coding: [{ code: 'outcome' }] }, valueCode: outcome }],
    },
  },
})

test('a draft shows which tasks, messages and delays would have been other, one journey beside the other', () => {
  const [start] = record([]).events
  if (!start) throw new Error('it begins')
  const events = [start.event, answered('j.1', 3, 'accept'), answered('j.3', 30, 'unreachable')]
  const recorded = { pathway, events: events.map((event) => ({ event, knownAt: event.at })) }
  const draft = pathwayOf(
    source
      .replace('due: {urgent: 4 h, otherwise: 2 business days}', 'due: 1 days')
      .replace(
        '      book:\n        after: {any: [ask-for-visit, outreach-call.rebook]}',
        '      breathe: {after: ask-for-visit, wait: {for: 5 days}}\n      book:\n        after: {any: [breathe, outreach-call.rebook]}',
      ),
    2,
  )
  const { before, after } = replay(recorded, draft, until)
  const rows = differences(before, after)
  const hour = 3_600_000
  expect(
    rows
      .filter((row) => row.kind !== 'escalate')
      .map(({ step, before, after }) => [
        step,
        before && (before.at - begin) / hour,
        after && (after.at - begin) / hour,
      ]),
  ).toEqual([
    // Due sooner, asked at the same time.
    ['triage', 0, 0],
    // Five days later; answered as long after it was asked as it really took.
    ['book', 3, 123],
    ['tell-referrer', 30, 150],
  ])
})

test('an event that was known only later than it is used fails the run', () => {
  const [start] = record([]).events
  if (!start) throw new Error('it begins')
  const event = answered('j.1', 3, 'accept')
  const planted = { pathway, events: [start, { event, knownAt: event.at + 1 }] }
  expect(() => replay(planted, pathway, until)).toThrow(LookAhead)
})
