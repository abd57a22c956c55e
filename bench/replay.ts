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
  emptyTally,
  Fingerprint,
  type JourneyEvent,
  type JourneyState,
  type LogEntry,
  type PatientRecord,
  type RecordedChange,
  replayPatient,
  tally,
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
const until = begin + 90 * 24 * hour

/** A referral's course as the runtime would have kept it. */
function record(n: number): PatientRecord {
  const journey = `01a1fcd4-e24b-78ee-9170-${String(n).padStart(12, '0')}`
  const at = begin + (n % 720) * hour
  const subject = { reference: `Patient/p${n}` }
  const changes: RecordedChange[] = []
  const log: LogEntry[] = []
  let state: JourneyState | undefined
  const change = (hours: number, resource: Resource) => {
    const order = changes.length + 1
    const one = {
      id: `${resource.resourceType}/${resource.id}/${order}`,
      order,
      knownAt: at + hours * hour,
      change: { interaction: 'update' as const, resource },
    }
    changes.push(one)
    const happened = { id: one.id, at: one.knownAt, change: one.change }
    if (state) {
      const caught = catchUp(pathway, state, one.knownAt, calendar)
      log.push(...caught.log)
      state = caught.state
    }
    const event: JourneyEvent = state
      ? { ...happened, kind: 'change' }
      : { ...happened, kind: 'start', journey, key: `r${n}`, subject: subject.reference, start: 0 }
    const moved = advance(pathway, state, event, { now: event.at, calendar })
    log.push(...moved.log)
    state = moved.state
  }
  const task = (key: number, outcome: string): Resource => ({
    resourceType: 'Task',
    id: `${journey}.${key}`,
    status: 'completed',
    intent: 'order',
    output: [{ type: { coding: [{ code: 'outcome' }] }, valueCode: outcome }],
  })
  change(0, {
    resourceType: 'ServiceRequest',
    id: `r${n}`,
    status: 'active',
    intent: 'order',
    subject,
    category: [{ coding: [{ system: 'http://snomed.info/sct', code: '3457005' }] }],
    reasonCode: [{ text: 'x' }],
  })
  change(1, { resourceType: 'Condition', id: 'c', subject })
  change(2 + (n % 40), task(1, n % 9 === 0 ? 'redirect' : 'accept'))
  change(50, { resourceType: 'Observation', id: 'o', status: 'final', code: {}, subject })
  change(60 + (n % 30), task(3, n % 5 === 0 ? 'unreachable' : 'booked'))
  change(91, { resourceType: 'Communication', id: `${journey}.4`, status: 'completed' })
  change(200, {
    resourceType: 'Encounter',
    id: 'v',
    status: 'finished',
    class: {},
    subject,
    basedOn: [{ reference: `ServiceRequest/r${n}` }],
  })
  if (state) log.push(...catchUp(pathway, state, until, calendar).log)
  const journeys = [{ id: journey, pathway, key: `r${n}`, entry: 1, log }]
  return { subject: subject.reference, changes, journeys, earlier: [], parents: [] }
}

const each = record(0).changes.length
const patients = Math.ceil(wanted / each)
const events = patients * each
// A thousand courses stand for all: made anew for each, they would cost more than the replay.
const courses = Array.from({ length: 1_000 }, (_none, n) => record(n))
const options = { from: begin, until, calendar, assume: 'open', pool: {} } as const

function onceOver(): { seconds: number; print: string; rows: number; unfaithful: number } {
  const print = new Fingerprint()
  const sum = emptyTally()
  let rows = 0
  const start = process.hrtime.bigint()
  for (let n = 0; n < patients; n += 1)
    for (const one of replayPatient(courses[n % courses.length] ?? record(n), draft, options)) {
      rows += one.differences.length
      tally(sum, one, calendar)
      print.add(one)
    }
  return {
    seconds: Number(process.hrtime.bigint() - start) / 1e9,
    print: print.hex(),
    rows,
    unfaithful: sum.unfaithful,
  }
}

/** The same events given to the engine one after the other, with their timers and nothing else. */
function engineAlone(): number {
  const start = process.hrtime.bigint()
  for (let n = 0; n < patients; n += 1) {
    const [kept] = courses[n % courses.length]?.journeys ?? []
    let state: JourneyState | undefined
    for (const { id, knownAt: at, change } of courses[n % courses.length]?.changes ?? []) {
      if (state) state = catchUp(pathway, state, at, calendar).state
      const subject = courses[n % courses.length]?.subject ?? ''
      const event: JourneyEvent = state
        ? { id, at, kind: 'change', change }
        : { id, at, kind: 'start', journey: kept?.id ?? '', key: kept?.key ?? '', subject, start: 0, change }
      state = advance(pathway, state, event, { now: at, calendar }).state
    }
  }
  return Number(process.hrtime.bigint() - start) / 1e9
}

const alone = engineAlone()
const [first, second] = [onceOver(), onceOver()]
const same = first.print === second.print && first.unfaithful === 0
const met = Math.min(first.seconds, second.seconds) < (60 * events) / 1_000_000
process.stdout.write(
  `replay of ${events.toLocaleString('en')} events beside the draft: ${first.seconds.toFixed(1)} s and ${second.seconds.toFixed(1)} s, ${first.rows.toLocaleString('en')} differences; ` +
    `the engine alone ${alone.toFixed(1)} s; ratio ${(alone / Math.min(first.seconds, second.seconds)).toFixed(2)}\n` +
    `60 s a million: ${met ? 'met' : 'NOT MET'}; fingerprints ${same ? `the same, ${first.print}` : 'DIFFER'}\n${machine()}\n`,
)
if (!met || !same) process.exitCode = 1
