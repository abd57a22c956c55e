// The engine alone: whole journeys of the referral pathway, with events that do not concern them in between, on one core.
// Measured against a minimal state machine written by hand for this one pathway, in the same run.
//
// Goal: 200,000 events/s on one core.
import type { Resource, Task } from '@medplum/fhirtypes'
import { loadLibrary } from '../src/main/load-library.ts'
import { advance, checkSource, compile, type JourneyEvent, type JourneyState, startFor } from '../src/pathways/index.ts'
import { machine } from './machine.ts'

const journeys = Number(process.env['JOURNEYS'] ?? 20_000)
const { library, surroundings } = await loadLibrary()
const source = library.pathways.find((one) => one.file.includes('referral'))?.source ?? ''
const { definition } = checkSource(source, surroundings)
if (!definition) throw new Error('the referral pathway is not in order')
const { pathway } = compile(definition, 1, surroundings.table)
const context = { now: Date.UTC(2026, 2, 2, 15), calendar: library.calendar }

const subject = { reference: 'Patient/p1' }
const referral: Resource = {
  resourceType: 'ServiceRequest',
  id: 'r1',
  status: 'active',
  intent: 'order',
  priority: 'urgent',
  category: [{ coding: [{ system: 'http://snomed.info/sct', code: '3457005' }] }],
  subject,
  reasonCode: [{ text: 'x' }],
}
const unrelated: Resource[] = [
  { resourceType: 'Observation', id: 'o', status: 'final', code: { text: 'x' }, subject },
  { resourceType: 'Condition', id: 'c', subject },
  { resourceType: 'MedicationRequest', id: 'm', status: 'active', intent: 'order', subject },
  { resourceType: 'Encounter', id: 'e0', status: 'finished', class: { code: 'AMB' }, subject },
]
const visit: Resource = {
  resourceType: 'Encounter',
  id: 'e1',
  status: 'finished',
  class: { code: 'AMB' },
  subject,
  basedOn: [{ reference: 'ServiceRequest/r1' }],
}
const task = (id: string, outcome: string): Task => ({
  resourceType: 'Task',
  id,
  status: 'completed',
  intent: 'order',
  output: [{ type: { coding: [{ code: 'outcome' }] }, valueCode: outcome }],
})

function play(): number {
  let events = 0
  for (let n = 0; n < journeys; n += 1) {
    const journey = `01a1fcd4-e24b-78ee-9170-${String(n).padStart(12, '0')}`
    let state: JourneyState | undefined
    const apply = (event: JourneyEvent) => {
      events += 1
      state = advance(pathway, state, event, context).state
    }
    const change = (resource: Resource) =>
      apply({
        id: `${journey}/${events}`,
        at: context.now,
        kind: 'change',
        change: { interaction: 'update', resource },
      })
    const started = startFor(pathway, { interaction: 'create', resource: referral }, 'Patient/p1')
    if (!started) throw new Error('the referral starts nothing')
    apply({
      id: journey,
      at: context.now,
      kind: 'start',
      journey,
      subject: 'Patient/p1',
      ...started,
      change: { interaction: 'create', resource: referral },
    })
    for (const one of unrelated) change(one)
    change(task(`${journey}.1`, 'accept'))
    for (const one of unrelated) change(one)
    change(task(`${journey}.3`, 'booked'))
    change({ resourceType: 'Communication', id: `${journey}.4`, status: 'completed' })
    for (const one of unrelated) change(one)
    change(visit)
    if (state?.status !== 'completed') throw new Error(`journey ${n} did not end: ${JSON.stringify(state?.open)}`)
  }
  return events
}

/** The same transitions by hand: no definition, no expressions, no log. */
function playByHand(): number {
  let events = 0
  for (let n = 0; n < journeys; n += 1) {
    let state: { stage: string; open: string } = { stage: 'none', open: '' }
    const change = (resource: Resource) => {
      events += 1
      if (resource.resourceType === 'ServiceRequest' && resource.status === 'active')
        state = { stage: 'triage', open: `${n}.1` }
      else if (resource.resourceType === 'Task' && resource.id === state.open)
        state = state.stage === 'triage' ? { stage: 'booking', open: `${n}.3` } : { stage: 'booked', open: `${n}.4` }
      else if (
        resource.resourceType === 'Encounter' &&
        state.stage === 'booked' &&
        resource.basedOn?.[0]?.reference === 'ServiceRequest/r1'
      )
        state = { stage: 'seen', open: '' }
    }
    change(referral)
    for (const one of unrelated) change(one)
    change(task(`${n}.1`, 'accept'))
    for (const one of unrelated) change(one)
    change(task(`${n}.3`, 'booked'))
    change({ resourceType: 'Communication', id: `${n}.4`, status: 'completed' })
    for (const one of unrelated) change(one)
    change(visit)
  }
  return events
}

const rate = (run: () => number): number => {
  run()
  let best = 0
  for (let round = 0; round < 3; round += 1) {
    const start = process.hrtime.bigint()
    const events = run()
    best = Math.max(best, events / (Number(process.hrtime.bigint() - start) / 1e9))
  }
  return best
}

const engine = rate(play)
const hand = rate(playByHand)
process.stdout.write(
  `engine ${Math.round(engine).toLocaleString('en')} events/s on one core; by hand ${Math.round(hand).toLocaleString('en')}; ratio ${(engine / hand).toFixed(3)}; goal 200,000: ${engine >= 200_000 ? 'met' : 'NOT MET'}\n${machine()}\n`,
)
