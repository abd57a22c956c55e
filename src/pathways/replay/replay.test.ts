import type { Resource } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { calendar, surroundings, table } from '../../../testkit/pathway.ts'
import { randomPathway } from '../../../testkit/random-pathway.ts'
import {
  advance,
  catchUp,
  checkSource,
  type CompiledPathway,
  compile,
  Fingerprint,
  type JourneyEvent,
  type LogEntry,
  LookAhead,
  type PatientRecord,
  parse,
  PoolMaker,
  type RecordedChange,
  replayPatient,
} from '../index.ts'
import { answerAs } from './assume.ts'

const source = readFileSync(new URL('../../../library/pathways/referral-intake.yaml', import.meta.url), 'utf8')
function pathwayOf(text: string, version: number): CompiledPathway {
  const { definition } = parse(text)
  if (!definition) throw new Error('this is a pathway')
  return compile(definition, version, table).pathway
}
const referrals = pathwayOf(source, 1)
const begin = Date.UTC(2026, 2, 2, 14)
const hour = 3_600_000
const day = 24 * hour
const subject = { reference: 'Patient/p1' }
const referral: Resource = {
  resourceType: 'ServiceRequest',
  id: 'r1',
  status: 'active',
  intent: 'order',
  subject,
  category: [{ coding: [{ code: '3457005' }] }],
  reasonCode: [{ text: 'x' }],
}
const period = { from: begin - day, until: begin + 200 * day, calendar, assume: 'open' as const, pool: {} }

/** What may come from outside, by choice. */
const news = (choice: number, n: number): Resource => {
  const basedOn = [{ reference: 'ServiceRequest/r1' }]
  const kinds: Resource[] = [
    { resourceType: 'Encounter', id: `v${n}`, status: 'finished', class: {}, basedOn, subject },
    { resourceType: 'Appointment', id: `a${n}`, status: 'noshow', basedOn, participant: [] },
    { resourceType: 'Observation', id: `o${n}`, status: 'final', code: {}, subject, valueInteger: choice % 7 },
    { resourceType: 'DocumentReference', id: `d${n}`, status: 'current', subject, content: [] },
    { resourceType: 'Condition', id: `c${n}`, subject },
    { resourceType: 'Flag', id: `f${n}`, status: 'active', code: {}, subject },
    { resourceType: 'Goal', id: `g${n}`, lifecycleStatus: 'active', description: {}, subject },
    {
      resourceType: 'QuestionnaireResponse',
      id: `q${n}`,
      status: 'completed',
      questionnaire: 'urn:form:check',
      subject,
    },
    {
      resourceType: 'MedicationRequest',
      id: `m${n}`,
      status: 'active',
      intent: 'order',
      subject,
      medicationCodeableConcept: {},
      dispenseRequest: { numberOfRepeatsAllowed: choice % 6 },
    },
  ]
  return kinds[choice % kinds.length] ?? referral
}

/** A patient's past as the runtime would have kept it, by choices: answers after some hours, acts of people, news. */
function live(pathway: CompiledPathway, choices: readonly number[]): PatientRecord {
  const changes: RecordedChange[] = []
  const log: LogEntry[] = []
  const keep = (resource: Resource, at: number): JourneyEvent => {
    const id = `${resource.resourceType}/${resource.id}/${changes.length + 1}`
    const change = { interaction: 'update' as const, resource }
    changes.push({ id, order: changes.length + 1, knownAt: at, change })
    return { id, at, kind: 'change', change }
  }
  const first = keep(referral, begin)
  if (first.kind !== 'change') throw new Error('it is one')
  const start: JourneyEvent = {
    id: first.id,
    at: begin,
    kind: 'start',
    journey: 'j',
    key: 'r1',
    subject: subject.reference,
    start: 0,
    change: first.change,
  }
  let now = begin
  const begun = advance(pathway, undefined, start, { now, calendar })
  let { state } = begun
  log.push(...begun.log)
  const take = (event: JourneyEvent | undefined) => {
    const caught = catchUp(pathway, state, now, calendar)
    log.push(...caught.log)
    state = caught.state
    if (!event) return
    const moved = advance(pathway, state, event, { now, calendar })
    log.push(...moved.log)
    state = moved.state
  }
  for (const [index, choice] of choices.entries()) {
    // Some things happen at one and the same moment.
    now += choice % 4 === 0 ? 0 : (choice % 200) * hour
    take(undefined)
    const open = Object.entries(state.open)
    const [name = '', one] = open[choice % Math.max(1, open.length)] ?? []
    const step = pathway.steps[name]
    const outcomes = step?.to.flatMap(({ outcome }) => outcome ?? []) ?? []
    const outcome = outcomes[choice % Math.max(1, outcomes.length)] ?? 'done'
    const answer = one && step && one.key !== '' ? answerAs(step, one, outcome) : undefined
    // Whether a change that moved nothing came before or after an act of the same millisecond is in no log: it is taken
    // to have come after the act, and before the end of another journey.
    if (choice % 11 === 0 || choice % 13 === 0) now += 1
    if (choice % 11 === 0) {
      const act = state.paused ? ({ do: 'resume' } as const) : ({ do: 'pause' } as const)
      take({ id: `act/${index}`, at: now, kind: 'act', act, by: 'Olga', reason: 'asked for' })
    } else if (choice % 13 === 0 && step)
      take({ id: `act/${index}`, at: now, kind: 'act', act: { do: 'skip', step: name }, by: 'Olga', reason: 'why' })
    else if (step?.kind === 'start' && one?.key && choice % 3 === 0) {
      take({ id: `${one.key}/ended`, at: now, kind: 'child', key: one.key, outcome: 'well' })
      now += 1
    } else if (step?.kind === 'order' && one && choice % 2 === 0)
      take(
        keep(
          {
            resourceType: 'Observation',
            id: `r${index}`,
            status: 'final',
            code: {},
            subject,
            basedOn: [{ reference: `ServiceRequest/${one.key}` }],
          },
          now,
        ),
      )
    else take(keep(choice % 3 === 0 || !answer ? news(choice, index) : answer, now))
  }
  now = period.until
  take(undefined)
  return {
    subject: subject.reference,
    changes,
    journeys: [{ id: 'j', pathway, key: 'r1', entry: 1, log }],
    earlier: [],
    parents: [],
  }
}
const choices = fc.array(fc.nat(100_000), { maxLength: 25 })
const withoutEffects = (log: readonly LogEntry[] | undefined) =>
  log?.map(({ data: { effect: _key, ...data }, event, ...line }) => ({
    ...line,
    data,
    event: event.replace('j~', 'j'),
  }))

function expectSame(record: PatientRecord, pathway: CompiledPathway) {
  const [once, ...more] = replayPatient(record, pathway, period)
  expect(more).toEqual([])
  expect(once?.faithful).toBe(true)
  expect(once?.differences).toEqual([])
  expect(withoutEffects(once?.after?.log)).toEqual(withoutEffects(record.journeys[0]?.log))
  const prints = [replayPatient(record, pathway, period), replayPatient(record, pathway, period)].map((found) => {
    const print = new Fingerprint()
    for (const one of found) print.add(one)
    return print.hex()
  })
  expect(prints[0]).toBe(prints[1])
}

test('a referral replayed on its own version is as it was, line for line, and has the same fingerprint each time', () => {
  fc.assert(
    fc.property(choices, (list) => expectSame(live(referrals, list), referrals)),
    { numRuns: 300 },
  )
})

/** A change that leaves no line in the log, in the millisecond of a timer that it comes before. */
const oneMillisecond: [number[], number[]][] = [
  [
    [0, 0, 343, 0, 0, 55, 182, 43, 249, 0, 0],
    [99_507, 73_113, 39_206, 41_309],
  ],
  [[0, 0, 988, 0, 0, 0, 0, 0, 343, 0, 0], [34_324]],
  [[0, 0, 280, 0, 0, 0, 0, 0, 5, 0, 0], [72_992]],
]

test('whatever a pathway asks for and whatever people do, its own version gives the recorded log again', () => {
  let tried = 0
  fc.assert(
    fc.property(fc.array(fc.nat(1_000), { minLength: 10, maxLength: 80 }), choices, (list, happened) => {
      const { definition, findings } = checkSource(JSON.stringify(randomPathway(list).definition), surroundings)
      fc.pre(definition !== undefined && findings.every((one) => one.severity !== 'error'))
      if (!definition) return
      tried += 1
      const { pathway } = compile(definition, 1, table)
      expectSame(live(pathway, happened), pathway)
    }),
    { numRuns: 150, maxSkipsPerRun: 1_000, examples: oneMillisecond },
  )
  expect(tried).toBeGreaterThan(100)
})

const task = (id: string, outcome: string): Resource => ({
  resourceType: 'Task',
  id,
  status: 'completed',
  intent: 'order',
  output: [{ type: { coding: [{ code: 'outcome' }] }, valueCode: outcome }],
})

/** A past of the referral's pathway by hand: hours, and what the record got then. */
function past(happened: readonly [hours: number, resource: Resource][]): PatientRecord {
  const changes = [[0, referral] as const, ...happened].map(
    ([hours, resource], index): RecordedChange => ({
      id: `${resource.resourceType}/${resource.id}/${index + 1}`,
      order: index + 1,
      knownAt: begin + hours * hour,
      change: { interaction: 'update', resource },
    }),
  )
  const log: LogEntry[] = []
  let state: Parameters<typeof advance>[1]
  for (const { id, knownAt: at, change } of changes) {
    if (state) {
      const caught = catchUp(referrals, state, at, calendar)
      log.push(...caught.log)
      state = caught.state
    }
    const event: JourneyEvent = state
      ? { id, at, kind: 'change', change }
      : { id, at, kind: 'start', journey: 'j', key: 'r1', subject: subject.reference, start: 0, change }
    const moved = advance(referrals, state, event, { now: at, calendar })
    log.push(...moved.log)
    state = moved.state
  }
  if (state) log.push(...catchUp(referrals, state, period.until, calendar).log)
  return {
    subject: subject.reference,
    changes,
    journeys: [{ id: 'j', pathway: referrals, key: 'r1', entry: 1, log }],
    earlier: [],
    parents: [],
  }
}
const course = past([
  [3, task('j.1', 'accept')],
  [30, task('j.3', 'unreachable')],
])
const breathe = source
  .replace('due: {urgent: 4 h, otherwise: 2 business days}', 'due: 1 days')
  .replace(
    '      book:\n        after: {any: [ask-for-visit, outreach-call.rebook]}',
    '      breathe: {after: ask-for-visit, wait: {for: 5 days}}\n      book:\n        after: {any: [breathe, outreach-call.rebook]}',
  )

test('a draft shows which tasks, messages and delays would have been other, one journey beside the other', () => {
  const [found] = replayPatient(course, pathwayOf(breathe, 2), period)
  expect(
    found?.differences
      .filter((row) => row.what !== 'escalation' && row.what !== 'stage')
      .map(({ what, step, changes, before, after }) => [
        what,
        step,
        changes,
        before && (before.at - begin) / hour,
        after && (after.at - begin) / hour,
      ]),
  ).toEqual([
    // Due sooner, asked at the same time.
    ['task', 'triage', ['due'], 0, 0],
    ['wait', 'breathe', ['added'], null, 3],
    // Five days later; answered as long after it was asked as it really took.
    ['task', 'book', ['later'], 3, 123],
    ['message', 'tell-referrer', ['later'], 30, 150],
  ])
  expect(found?.faithful).toBe(true)
})

test('what nobody was asked in the past stays open, or is answered as it was alike, and is marked so', () => {
  const second = pathwayOf(
    source
      .replace(
        'ask-for-visit:',
        'second-look: {after: triage.accept, task: {role: triage-nurse, title: {en: S, fr: S}}}\n      ask-for-visit:',
      )
      .replace('after: triage.accept\n        request', 'after: second-look\n        request'),
    2,
  )
  const [open] = replayPatient(course, second, period)
  expect(open?.after?.state.open['second-look']).toBeDefined()
  expect(open?.after?.assumed).toBe(0)
  const maker = new PoolMaker()
  maker.add('j', course.journeys[0]?.log ?? [])
  const [alike] = replayPatient(course, second, { ...period, assume: 'alike', pool: maker.pool() })
  expect(alike?.after?.assumed).toBe(1)
  const row = alike?.differences.find((one) => one.step === 'second-look')
  // As long as the triage nurse took for the triage.
  expect(row?.after).toMatchObject({ at: begin + 3 * hour, doneAt: begin + 6 * hour, assumed: true })
  expect(alike?.differences.find((one) => one.step === 'book')?.changes).toEqual(['later'])
})

test('who would not have been enrolled, and who would have been, is told', () => {
  const urgentOnly = pathwayOf(
    source.replace("status = 'active' and", "status = 'active' and priority = 'urgent' and"),
    2,
  )
  expect(replayPatient(course, urgentOnly, period)).toMatchObject([{ journey: 'j', after: null, faithful: true }])
  const unrecorded = { ...course, journeys: [] }
  expect(replayPatient(unrecorded, referrals, period)).toMatchObject([
    { journey: '~r1.1', before: null, faithful: null, after: { state: { open: { triage: {} } } } },
  ])
  expect(
    replayPatient({ ...unrecorded, earlier: [{ key: 'r1', entry: 1, endedAt: null }] }, referrals, period),
  ).toEqual([])
})

test('an event that was known only later than it is used fails the run, which names it and the journey', () => {
  const changes = course.changes.map((one) =>
    one.id.startsWith('Task/j.1') ? { ...one, knownAt: one.knownAt + 1 } : one,
  )
  const planted = () => replayPatient({ ...course, changes }, referrals, period)
  expect(planted).toThrow(LookAhead)
  expect(planted).toThrow(/Task\/j\.1\/2 was known at .* journey j$/)
})

test('a log that its version does not give again is not passed off as the draft’s doing', () => {
  const [kept] = course.journeys
  const log = kept?.log.filter((line) => line.kind !== 'stage') ?? []
  const [found] = replayPatient({ ...course, journeys: kept ? [{ ...kept, log }] : [] }, referrals, period)
  expect(found?.faithful).toBe(false)
})
