import type { Resource } from '@medplum/fhirtypes'
import type { VariableValue } from '../expressions/index.ts'
import { addDuration, type Calendar, type Duration } from './calendar.ts'
import type { CompiledPathway, CompiledSets, CompiledStep } from './compile.ts'
import type { Advanced, Effect, JourneyState, LogEntry, OpenStep, Rounds, Timer } from './state.ts'

type WithoutEnvelope<E> = E extends unknown ? Omit<E, 'key' | 'step' | 'n'> : never

export const nothing = (state: JourneyState): Advanced => ({ state, effects: [], log: [] })

/** One move of one journey: a private copy of the state, and what comes of moving it. */
export class Draft {
  readonly pathway: CompiledPathway
  readonly event: string
  readonly now: number
  readonly calendar: Calendar
  readonly state: JourneyState
  /** Steps that may have become able to open. */
  readonly todo: string[] = []
  /** Steps opened in this move. */
  openings = 0
  /** Whether somebody cancelled what this move ends. */
  cancelled = false
  readonly #effects: Effect[] = []
  readonly #log: LogEntry[] = []

  constructor(pathway: CompiledPathway, state: JourneyState, event: string, now: number, calendar: Calendar) {
    this.pathway = pathway
    this.event = event
    this.calendar = calendar
    // A journey's own clock never runs backwards, whatever order late news come in.
    this.now = state.at === undefined ? now : Math.max(now, state.at)
    this.state = {
      ...state,
      at: this.now,
      variables: { ...state.variables },
      open: { ...state.open },
      past: { ...state.past },
      edges: { ...state.edges },
      timers: { ...state.timers },
      requests: { ...state.requests },
    }
    if (state.repeats) this.state.repeats = { ...state.repeats }
    if (state.paused) this.state.paused = { ...state.paused, timers: { ...state.paused.timers } }
  }

  /** The timers that count on; while the journey rests, those that will. */
  get timers(): Record<string, Timer> {
    return this.state.paused?.timers ?? this.state.timers
  }

  result(): Advanced {
    return { state: this.state, effects: this.#effects, log: this.#log }
  }

  note(kind: LogEntry['kind'], step: string | null, n: number, rule: string, data: LogEntry['data']): void {
    this.#log.push({ kind, step, n, rule, event: this.event, at: this.now, data })
  }

  /** Takes values out of the resource of the event into the journey's variables, remembering which event gave them. */
  set(sets: CompiledSets, resource: Resource): void {
    const { key, subject, trigger } = this.state
    for (const { name, type, value } of sets)
      this.state.variables[name] = {
        value: typed(value(resource, { key, subject, trigger }), type),
        event: this.event,
      }
  }

  values(): Record<string, VariableValue> {
    const values: Record<string, VariableValue> = { priority: this.state.priority }
    for (const name in this.state.variables) values[name] = this.state.variables[name]?.value ?? null
    return values
  }

  /** The zone whose days and times of day the journey follows. */
  zone(): string {
    return this.state.zone ?? this.calendar.zone
  }

  after(time: number, duration: Duration): number {
    return addDuration(this.calendar, time, duration, this.zone())
  }

  open(step: CompiledStep, open: OpenStep): OpenStep {
    this.state.open[step.id] = open
    return open
  }

  arm(step: CompiledStep, open: OpenStep, due: number, does: Timer['does'], fixed = false): void {
    const timer: Timer = { due, step: step.id, n: open.n, does }
    if (fixed) timer.fixed = true
    this.timers[`${step.id}#${open.n}.${does}`] = timer
    if (does === 'wait' || does === 'late') open.due ??= due
  }

  dropTimers(step: CompiledStep, keep?: Timer['does']): void {
    const { timers } = this
    for (const key in timers) {
      const timer = timers[key]
      if (timer?.step === step.id && timer.does !== keep) delete timers[key]
    }
  }

  /** The key that the next effect will have. */
  nextKey(): string {
    return `${this.state.journey}.${this.state.effects + 1}`
  }

  ask(step: string, n: number, effect: WithoutEnvelope<Effect>): void {
    const key = this.nextKey()
    this.state.effects += 1
    this.#effects.push({ key, step, n, ...effect })
  }

  /** Opening a step again makes its former answers void. */
  forgetAnswers(step: CompiledStep): void {
    for (const { edge } of step.to) delete this.state.edges[edge]
  }

  remember(step: CompiledStep, n: number, outcome: string | null, rounds: Rounds | undefined): void {
    this.state.past[step.id] = rounds === undefined ? { n, outcome } : { n, outcome, rounds }
  }
}

/** A value as its variable's declared type; null when it is none. */
function typed(value: VariableValue, type: CompiledSets[number]['type']): VariableValue {
  switch (type) {
    case 'bool':
      return typeof value === 'boolean' ? value : null
    case 'int':
      return Number.isInteger(value) ? value : null
    case 'double':
      return typeof value === 'number' ? value : null
    case 'string':
      return typeof value === 'string' ? value : null
  }
}
