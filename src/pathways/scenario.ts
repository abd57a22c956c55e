import type { Resource } from '@medplum/fhirtypes'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { addDuration, type Calendar, fromLocal, parseDuration } from './calendar.ts'
import type { CompiledPathway } from './compile.ts'
import { mayAct } from './act.ts'
import { catchUp } from './catch-up.ts'
import { advance, startFor } from './engine.ts'
import type { Advanced, Effect, JourneyEvent, JourneyState, LogEntry, PersonalAct } from './state.ts'

const resource = z.record(z.string(), z.unknown())
const name = z.string().min(1)

/** `2026-03-02 09:00`, or `+2 business days` from where the clock stands. */
const moment = name.refine(
  (text) =>
    text.startsWith('+')
      ? parseDuration(text.slice(1)) !== undefined
      : !Number.isNaN(Date.parse(`${text.replace(' ', 'T')}Z`)),
  'a time such as 2026-03-02 09:00, or a duration such as +2 business days',
)

const expectation = z.strictObject({
  stage: name.optional(),
  status: z.enum(['active', 'completed', 'cancelled']).optional(),
  outcome: name.optional(),
  /** Steps that are open, all of them. */
  open: z.array(name).optional(),
  /** Roles told of this step's lateness so far, in order. */
  escalated: z.record(name, z.array(name)).optional(),
  /** Messages asked for so far, by template, in order. */
  messages: z.array(name).optional(),
  missed: z.array(name).optional(),
  /** Whether the journey rests. */
  resting: z.boolean().optional(),
  /** When an open step is due: `2026-03-02 09:00` in the clinic's zone. */
  due: z.record(name, moment).optional(),
  variables: z.record(name, z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
})

/** One line of a scenario: move the clock, do something as a worker, patient or system, expect something. */
const line = z.strictObject({
  /** `2026-03-02 09:00` in the clinic's zone, or `+2 business days`. */
  at: moment.optional(),
  record: resource.optional(),
  /** The step is answered: its task done, its appointment booked, its form filled in, its order's result there. */
  complete: name.optional(),
  with: name.optional(),
  /** What the answer says besides: elements of the Appointment, the result, the QuestionnaireResponse. */
  saying: resource.optional(),
  delivered: name.optional(),
  undeliverable: name.optional(),
  /** A person's acts on the journey, each with a reason; `step` for `skip` and `add`. */
  cancel: name.optional(),
  pause: name.optional(),
  resume: name.optional(),
  skip: name.optional(),
  add: name.optional(),
  because: name.optional(),
  expect: expectation.optional(),
})

export const scenarioSchema = z.strictObject({
  scenario: name,
  pathway: name,
  patient: name.default('Patient/p1'),
  /** Nobody begins while enrolment is paused. A scenario that does not say `paused` is played as if it were open: pausing must not fail those that are there. */
  enrolment: z.literal('paused').optional(),
  lines: z.array(line).min(1).max(500),
})
export type Scenario = z.infer<typeof scenarioSchema>

export interface ScenarioReport {
  ok: boolean
  /** For each expectation that failed: the line's number, 1-based, and the difference. */
  failures: { line: number; path: string; expected: unknown; found: unknown }[]
  /** Steps that were opened at least once. */
  steps: string[]
  /** Edges that were taken at least once, `step.outcome`; and steps skipped by their condition, `step.skipped`. */
  outcomes: string[]
  log: LogEntry[]
  /** The journey at the end; undefined when nothing started it. */
  state: JourneyState | undefined
}

export const readScenario = (source: string): Scenario => scenarioSchema.parse(parseYaml(source))

/** Runs a scenario on the same engine as the live runtime; the scenario owns the clock. */
export function runScenario(pathway: CompiledPathway, scenario: Scenario, calendar: Calendar): ScenarioReport {
  const run = new ScenarioRun(pathway, scenario, calendar)
  for (const [index, one] of scenario.lines.entries()) if (!run.line(one, index + 1)) break
  return run.report()
}

// Some years of a daily check; whatever goes on for longer would keep others waiting.
const longestLog = 10_000

class ScenarioRun {
  readonly #pathway: CompiledPathway
  /** The pathway as it takes people in here. */
  readonly #enrolling: CompiledPathway
  readonly #subject: string
  readonly #calendar: Calendar
  readonly #log: LogEntry[] = []
  readonly #effects: Effect[] = []
  readonly #failures: ScenarioReport['failures'] = []
  #state: JourneyState | undefined
  #now = Date.UTC(2026, 0, 5, 15)
  #events = 0

  constructor(pathway: CompiledPathway, scenario: Scenario, calendar: Calendar) {
    this.#pathway = pathway
    const enrolment = scenario.enrolment ?? 'open'
    this.#enrolling = { ...pathway, definition: { ...pathway.definition, enrolment } }
    this.#subject = scenario.patient
    this.#calendar = calendar
  }

  report(): ScenarioReport {
    const steps = [
      ...new Set(this.#log.flatMap((entry) => (entry.step !== null && entry.kind !== 'skipped' ? [entry.step] : []))),
    ]
    const outcomes = [
      ...new Set(
        this.#log.flatMap(({ kind, step, data }) =>
          step === null
            ? []
            : kind === 'done'
              ? [`${step}.${String(data['outcome'])}`]
              : kind === 'skipped' || kind === 'missed'
                ? [`${step}.${kind}`]
                : [],
        ),
      ),
    ]
    return {
      ok: this.#failures.length === 0,
      failures: this.#failures,
      steps,
      outcomes,
      log: this.#log,
      state: this.#state,
    }
  }

  /** Plays one line; false when the scenario has run for too long to go on. */
  line(one: Scenario['lines'][number], number: number): boolean {
    if (one.at !== undefined) this.#moveTo(this.#timeOf(one.at))
    if (one.record !== undefined) this.#record(one.record as unknown as Resource)
    if (one.complete !== undefined) this.#complete(one.complete, one.with, one.saying ?? {}, number)
    if (one.delivered !== undefined) this.#deliver(one.delivered, 'completed', number)
    if (one.undeliverable !== undefined) this.#deliver(one.undeliverable, 'stopped', number)
    if (one.cancel !== undefined) this.#act({ do: 'cancel' }, one.cancel, number)
    if (one.pause !== undefined) this.#act({ do: 'pause' }, one.pause, number)
    if (one.resume !== undefined) this.#act({ do: 'resume' }, one.resume, number)
    if (one.skip !== undefined) this.#act({ do: 'skip', step: one.skip }, one.because, number)
    if (one.add !== undefined) this.#act({ do: 'add', step: one.add }, one.because, number)
    if (one.expect) this.#expect(one.expect, number)
    if (this.#log.length <= longestLog) return true
    this.#fail(number, 'log', `at most ${longestLog} lines`, this.#log.length)
    return false
  }

  #timeOf(text: string): number {
    if (text.startsWith('+')) {
      const duration = parseDuration(text.slice(1))
      if (!duration) throw new RangeError(`not a duration: ${text}`)
      return addDuration(this.#calendar, this.#now, duration)
    }
    const local = Date.parse(`${text.replace(' ', 'T')}Z`)
    if (Number.isNaN(local)) throw new RangeError(`not a time: ${text}`)
    return fromLocal(this.#calendar.zone, local)
  }

  /** Fires every timer due on the way, in order. */
  #moveTo(time: number): void {
    this.#now = Math.max(this.#now, time)
    if (this.#state) this.#take(catchUp(this.#pathway, this.#state, this.#now + 1, this.#calendar))
  }

  #envelope() {
    this.#events += 1
    return { id: `scenario/${this.#events}`, at: this.#now }
  }

  #record(changed: Resource): void {
    const change = { interaction: 'create' as const, resource: changed }
    if (this.#state) return this.#apply({ ...this.#envelope(), kind: 'change', change })
    const begun = startFor(this.#enrolling, change, this.#subject)
    if (begun)
      this.#apply({
        ...this.#envelope(),
        kind: 'start',
        journey: '00000000-0000-7000-8000-000000000000',
        subject: this.#subject,
        ...begun,
        change,
      })
  }

  #complete(step: string, outcome: string | undefined, saying: Record<string, unknown>, number: number): void {
    const open = this.#state?.open[step]
    const kind = this.#pathway.steps[step]?.kind
    if (!open || !kind) return this.#fail(number, 'complete', `${step} is open`, Object.keys(this.#state?.open ?? {}))
    if (kind === 'start')
      this.#apply({ ...this.#envelope(), kind: 'child', key: open.key, outcome: outcome ?? 'complete' })
    else this.#record({ ...this.#answerTo(step, open.key, outcome), ...saying })
  }

  /** What the world does when a step of this kind is answered. */
  #answerTo(step: string, key: string, outcome: string | undefined): Resource {
    const { kind, step: definition } = this.#pathway.steps[step] ?? {}
    const subject = { reference: this.#subject }
    if (kind === 'appointment')
      return {
        resourceType: 'Appointment',
        id: key,
        status: outcome === 'declined' ? 'cancelled' : 'booked',
        participant: [{ actor: subject, status: 'accepted' }],
      }
    if (kind === 'form' && outcome !== 'cancelled')
      return {
        resourceType: 'QuestionnaireResponse',
        id: `answer-${this.#events}`,
        status: 'completed',
        questionnaire: definition?.form?.questionnaire ?? '',
        subject,
      }
    const result = definition?.order?.result
    if (kind === 'order' && (result === 'none' || outcome === 'declined'))
      return {
        resourceType: 'ServiceRequest',
        id: key,
        status: outcome === 'declined' ? 'revoked' : 'completed',
        intent: 'order',
        subject,
      }
    if (kind === 'order') {
      const about = { status: 'final' as const, code: {}, basedOn: [{ reference: `ServiceRequest/${key}` }], subject }
      return result === 'DiagnosticReport'
        ? { resourceType: 'DiagnosticReport', id: `result-${this.#events}`, ...about }
        : { resourceType: 'Observation', id: `result-${this.#events}`, ...about }
    }
    const output = outcome === undefined ? [] : [{ type: { coding: [{ code: 'outcome' }] }, valueCode: outcome }]
    const status = outcome === 'cancelled' || (kind === 'call' && outcome === 'failed') ? 'cancelled' : 'completed'
    return { resourceType: 'Task', id: key, status, intent: 'order', output }
  }

  #act(act: PersonalAct, reason: string | undefined, number: number): void {
    const may = this.#state ? mayAct(this.#pathway, this.#state, act) : 'not begun'
    if (may !== true) return this.#fail(number, act.do, true, may)
    this.#apply({ ...this.#envelope(), kind: 'act', act, by: 'scenario', reason: reason ?? '' })
  }

  #deliver(step: string, status: 'completed' | 'stopped', number: number): void {
    const open = this.#state?.open[step]
    if (!open) return this.#fail(number, status, `${step} is open`, Object.keys(this.#state?.open ?? {}))
    this.#record({ resourceType: 'Communication', id: open.key, status })
  }

  #apply(event: JourneyEvent): void {
    this.#take(advance(this.#pathway, this.#state, event, { now: this.#now, calendar: this.#calendar }))
    // What is due at this very moment happens now, not at the scenario's next.
    if (this.#state) this.#take(catchUp(this.#pathway, this.#state, this.#now + 1, this.#calendar))
  }

  #take({ state, effects, log }: Advanced): void {
    this.#state = state
    this.#effects.push(...effects)
    this.#log.push(...log)
  }

  #fail(line: number, path: string, expected: unknown, found: unknown): void {
    this.#failures.push({ line, path, expected, found })
  }

  #expect(wanted: z.infer<typeof expectation>, line: number): void {
    const state = this.#state
    const same = (path: string, expected: unknown, found: unknown) => {
      if (expected !== undefined && JSON.stringify(expected) !== JSON.stringify(found))
        this.#fail(line, path, expected, found)
    }
    same('stage', wanted.stage, state?.stage)
    same('status', wanted.status, state?.status)
    same('outcome', wanted.outcome, state?.outcome)
    same('resting', wanted.resting, state?.paused !== undefined)
    for (const [step, due] of Object.entries(wanted.due ?? {}))
      same(`due.${step}`, this.#timeOf(due), state?.open[step]?.due ?? null)
    same('open', wanted.open?.toSorted(), Object.keys(state?.open ?? {}).toSorted())
    same(
      'messages',
      wanted.messages,
      this.#effects.flatMap((effect) => (effect.kind === 'message' ? [effect.template] : [])),
    )
    same(
      'missed',
      wanted.missed,
      this.#log.flatMap((entry) => (entry.kind === 'missed' ? [entry.step] : [])),
    )
    for (const [step, roles] of Object.entries(wanted.escalated ?? {}))
      same(
        `escalated.${step}`,
        roles,
        this.#effects.flatMap((effect) => (effect.kind === 'escalate' && effect.step === step ? [effect.to] : [])),
      )
    for (const [variable, value] of Object.entries(wanted.variables ?? {}))
      same(`variables.${variable}`, value, state?.variables[variable]?.value ?? null)
  }
}
