import type { Resource } from '@medplum/fhirtypes'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { addDuration, type Calendar, fromLocal, parseDuration } from './calendar.ts'
import type { CompiledPathway } from './compile.ts'
import { advance, startFor } from './engine.ts'
import type { Effect, JourneyEvent, JourneyState, LogEntry } from './state.ts'

const resource = z.record(z.string(), z.unknown())
const name = z.string().min(1)

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
  variables: z.record(name, z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
})

/** One line of a scenario: move the clock, do something as a worker, patient or system, expect something. */
const line = z.strictObject({
  /** `2026-03-02 09:00` in the clinic's zone, or `+2 business days`. */
  at: name.optional(),
  record: resource.optional(),
  complete: name.optional(),
  with: name.optional(),
  delivered: name.optional(),
  undeliverable: name.optional(),
  cancel: name.optional(),
  expect: expectation.optional(),
})

const scenarioSchema = z.strictObject({
  scenario: name,
  pathway: name,
  patient: name.default('Patient/p1'),
  lines: z.array(line).min(1),
})
export type Scenario = z.infer<typeof scenarioSchema>

export interface ScenarioReport {
  ok: boolean
  /** For each expectation that failed: the line's number, 1-based, and the difference. */
  failures: { line: number; path: string; expected: unknown; found: unknown }[]
  /** Steps that were opened at least once. */
  steps: string[]
  log: LogEntry[]
}

export const readScenario = (source: string): Scenario => scenarioSchema.parse(parseYaml(source))

/** Runs a scenario on the same engine as the live runtime; the scenario owns the clock. */
export function runScenario(pathway: CompiledPathway, scenario: Scenario, calendar: Calendar): ScenarioReport {
  const run = new ScenarioRun(pathway, scenario, calendar)
  scenario.lines.forEach((one, index) => run.line(one, index + 1))
  return run.report()
}

class ScenarioRun {
  readonly #pathway: CompiledPathway
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
    this.#subject = scenario.patient
    this.#calendar = calendar
  }

  report(): ScenarioReport {
    const steps = [
      ...new Set(this.#log.flatMap((entry) => (entry.step !== null && entry.kind !== 'skipped' ? [entry.step] : []))),
    ]
    return { ok: this.#failures.length === 0, failures: this.#failures, steps, log: this.#log }
  }

  line(one: Scenario['lines'][number], number: number): void {
    if (one.at !== undefined) this.#moveTo(this.#timeOf(one.at))
    if (one.record !== undefined) this.#record(one.record as unknown as Resource)
    if (one.complete !== undefined) this.#complete(one.complete, one.with, number)
    if (one.delivered !== undefined) this.#deliver(one.delivered, 'completed', number)
    if (one.undeliverable !== undefined) this.#deliver(one.undeliverable, 'stopped', number)
    if (one.cancel !== undefined)
      this.#apply({ ...this.#envelope(), kind: 'cancel', by: 'scenario', reason: one.cancel })
    if (one.expect) this.#expect(one.expect, number)
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
    for (;;) {
      const next = Object.entries(this.#state?.timers ?? {}).toSorted(([, a], [, b]) => a.due - b.due)[0]
      if (!next || next[1].due > time) break
      this.#now = Math.max(this.#now, next[1].due)
      this.#apply({ ...this.#envelope(), kind: 'timer', timer: next[0] })
    }
    this.#now = Math.max(this.#now, time)
  }

  #envelope() {
    this.#events += 1
    return { id: `scenario/${this.#events}`, at: this.#now }
  }

  #record(changed: Resource): void {
    const change = { interaction: 'create' as const, resource: changed }
    if (this.#state) return this.#apply({ ...this.#envelope(), kind: 'change', change })
    const begun = startFor(this.#pathway, change, this.#subject)
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

  #complete(step: string, outcome: string | undefined, number: number): void {
    const open = this.#state?.open[step]
    if (!open) return this.#fail(number, 'complete', `${step} is open`, Object.keys(this.#state?.open ?? {}))
    const output = outcome === undefined ? [] : [{ type: { coding: [{ code: 'outcome' }] }, valueCode: outcome }]
    this.#record({ resourceType: 'Task', id: open.key, status: 'completed', intent: 'order', output })
  }

  #deliver(step: string, status: 'completed' | 'stopped', number: number): void {
    const open = this.#state?.open[step]
    if (!open) return this.#fail(number, status, `${step} is open`, Object.keys(this.#state?.open ?? {}))
    this.#record({ resourceType: 'Communication', id: open.key, status })
  }

  #apply(event: JourneyEvent): void {
    const { state, effects, log } = advance(this.#pathway, this.#state, event, {
      now: this.#now,
      calendar: this.#calendar,
    })
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
