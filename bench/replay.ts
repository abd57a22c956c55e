// A month of recorded referrals replayed on a draft, against `advance` alone over the same events, in the same run.
// Run: node bin/node24.js bench/replay.ts (EVENTS=1000000 unless told)
//
// Goal: 1,000,000 events in under 60 s; the same fingerprint twice.
import type { Resource } from '@medplum/fhirtypes'
import { loadLibrary } from '../src/main/load-library.ts'
import {
  advance,
  catchUp,
  checkSource,
  compile,
  differences,
  Fingerprint,
  type JourneyEvent,
  type JourneyState,
  type RecordedJourney,
  replay,
} from '../src/pathways/index.ts'
import { machine } from './machine.ts'

const wanted = Number(process.env['EVENTS'] ?? 1_000_000)
const { library, surroundings } = await loadLibrary()
const { calendar } = library
const source = library.pathways.find((one) => one.file.includes('referral'))?.source ?? ''
const pathwayOf = (text: string, version: number) => {
  const { definition, findings } = checkSource(text, surroundings)
  if (!definition) throw new Error(JSON.stringify(findings))
  return compile(definition, version, surroundings.table).pathway
}
const pathway = pathwayOf(source, 1)
const draft = pathwayOf(source.replace('otherwise: 2 business days}', 'otherwise: 1 business days}'), 2)
const begin = Date.UTC(2026, 5, 1, 13)
const hour = 3_600_000

function record(n: number): RecordedJourney {
  const journey = `01a1fcd4-e24b-78ee-9170-${String(n).padStart(12, '0')}`
  const at = begin + (n % 720) * hour
  const subject = { reference: `Patient/p${n}` }
  const change = (id: string, hours: number, resource: Resource): JourneyEvent => ({
    id: `${journey}/${id}`,
    at: at + hours * hour,
    kind: 'change',
    change: { interaction: 'update', resource },
  })
  const task = (key: number, outcome: string): Resource => ({
    resourceType: 'Task',
    id: `${journey}.${key}`,
    status: 'completed',
    intent: 'order',
    output: [{ type: { coding: [{ code: 'outcome' }] }, valueCode: outcome }],
  })
  const events: JourneyEvent[] = [
    {
      id: journey,
      at,
      kind: 'start',
      journey,
      key: `r${n}`,
      subject: subject.reference,
      start: 0,
      change: {
        interaction: 'create',
        resource: {
          resourceType: 'ServiceRequest',
          id: `r${n}`,
          status: 'active',
          intent: 'order',
          subject,
          reasonCode: [{ text: 'x' }],
        },
      },
    },
    change('a', 1, { resourceType: 'Condition', id: 'c', subject }),
    change('b', 2 + (n % 40), task(1, n % 9 === 0 ? 'redirect' : 'accept')),
    change('c', 50, { resourceType: 'Observation', id: 'o', status: 'final', code: {}, subject }),
    change('d', 60 + (n % 30), task(3, n % 5 === 0 ? 'unreachable' : 'booked')),
    change('e', 91, { resourceType: 'Communication', id: `${journey}.4`, status: 'completed' }),
    change('f', 200, {
      resourceType: 'Encounter',
      id: 'v',
      status: 'finished',
      class: {},
      subject,
      basedOn: [{ reference: `ServiceRequest/r${n}` }],
    }),
  ]
  return { pathway, events: events.map((event) => ({ event, knownAt: event.at })) }
}

const each = record(0).events.length
const journeys = Array.from({ length: Math.ceil(wanted / each) }, (_none, n) => record(n))
const events = journeys.length * each
const until = { until: begin + 90 * 24 * hour, calendar }

function onceOver(): { seconds: number; print: string; rows: number } {
  const print = new Fingerprint()
  let rows = 0
  const start = process.hrtime.bigint()
  for (const recorded of journeys) {
    const { before, after } = replay(recorded, draft, until)
    rows += differences(before, after).length
    print.add(after)
  }
  return { seconds: Number(process.hrtime.bigint() - start) / 1e9, print: print.hex(), rows }
}

/** The same events given to the engine one after the other, with their timers and nothing else. */
function engineAlone(): number {
  const start = process.hrtime.bigint()
  for (const recorded of journeys) {
    let state: JourneyState | undefined
    for (const { event } of recorded.events) {
      if (state) state = catchUp(pathway, state, event.at, calendar).state
      state = advance(pathway, state, event, { now: event.at, calendar }).state
    }
  }
  return Number(process.hrtime.bigint() - start) / 1e9
}

const alone = engineAlone()
const [first, second] = [onceOver(), onceOver()]
const same = first.print === second.print
const met = Math.min(first.seconds, second.seconds) < (60 * events) / 1_000_000
process.stdout.write(
  `replay of ${events.toLocaleString('en')} events beside the draft: ${first.seconds.toFixed(1)} s and ${second.seconds.toFixed(1)} s, ${first.rows.toLocaleString('en')} differences; ` +
    `the engine alone ${alone.toFixed(1)} s; ratio ${(alone / Math.min(first.seconds, second.seconds)).toFixed(2)}\n` +
    `60 s a million: ${met ? 'met' : 'NOT MET'}; fingerprints ${same ? `the same, ${first.print}` : 'DIFFER'}\n${machine()}\n`,
)
if (!met || !same) process.exitCode = 1
