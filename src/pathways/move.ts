import type { Resource } from '@medplum/fhirtypes'
import { addDuration } from './calendar.ts'
import type { CompiledPathway, CompiledStep, CompiledTrigger } from './compile.ts'
import type { EngineContext } from './engine.ts'
import type { Advanced, Effect, JourneyState, LogEntry, OpenStep, Timer } from './state.ts'

type WithoutEnvelope<E> = E extends unknown ? Omit<E, 'key' | 'step' | 'n'> : never

// A circle of skipped steps cannot loop (the checker demands a task or a wait in each), but a bug must not hang a worker.
const mostOpenings = 1_000

/** One move of one journey: a private copy of the state that steps are opened and finished in, and what comes of it. */
export class Move {
  readonly #pathway: CompiledPathway
  readonly #event: string
  readonly #now: number
  readonly #context: EngineContext
  readonly #state: JourneyState
  readonly #effects: Effect[] = []
  readonly #log: LogEntry[] = []
  readonly #todo: string[] = []
  #openings = 0
  #cancelled = false

  constructor(pathway: CompiledPathway, state: JourneyState, event: string, context: EngineContext) {
    this.#pathway = pathway
    this.#event = event
    this.#now = context.now
    this.#context = context
    this.#state = {
      ...state,
      variables: { ...state.variables },
      open: { ...state.open },
      past: { ...state.past },
      edges: { ...state.edges },
      timers: { ...state.timers },
      requests: { ...state.requests },
    }
  }

  result(): Advanced {
    return { state: this.#state, effects: this.#effects, log: this.#log }
  }

  note(kind: LogEntry['kind'], step: string | null, n: number, rule: string, data: LogEntry['data']): void {
    this.#log.push({ kind, step, n, rule, event: this.#event, at: this.#now, data })
  }

  /** Takes values out of the resource of the event into the journey's variables, remembering which event gave them. */
  set(sets: CompiledTrigger['sets'], resource: Resource): void {
    const { key, subject, trigger } = this.#state
    for (const { name, value } of sets)
      this.#state.variables[name] = { value: value(resource, { key, subject, trigger }), event: this.#event }
  }

  beginTrack(id: string): void {
    this.#state.tracks = [...this.#state.tracks, id]
    for (const first of this.#pathway.tracks.find((track) => track.id === id)?.first ?? []) this.#todo.push(first)
  }

  /** Ends an open step with an outcome and decides the edges that lead from it. */
  finish(step: CompiledStep, outcome: string): void {
    const open = this.#state.open[step.id]
    if (!open) return
    delete this.#state.open[step.id]
    this.#cancelled ||= outcome === 'cancelled'
    this.#state.past[step.id] = { n: open.n, outcome, turn: open.turn }
    for (const key in this.#state.timers) if (this.#state.timers[key]?.step === step.id) delete this.#state.timers[key]
    this.note('done', step.id, open.n, step.rule, { outcome })
    this.#decideEdges(step, outcome)
  }

  /** Opens every step whose join is met, until none is left. */
  settle(): void {
    for (
      let next = this.#todo.shift();
      next !== undefined && this.#state.status === 'active';
      next = this.#todo.shift()
    ) {
      const step = this.#pathway.steps[next]
      if (step) this.#tryOpen(step)
    }
    // Nothing open, nothing waited for: the journey is over, whether or not an end step said so. If that is so because
    // somebody cancelled a task that nothing follows, it says so: this is not care completed.
    if (this.#state.status === 'active' && Object.keys(this.#state.open).length === 0)
      this.#end(this.#cancelled ? 'abandoned' : 'complete', 'pathway', null)
  }

  escalate(step: CompiledStep, rung: number): void {
    const open = this.#state.open[step.id]
    const rule = step.escalate[rung]
    if (!open || open.due === undefined) return
    if (rule === undefined || rule.share === 1)
      this.note('missed', step.id, open.n, `${step.rule}.task.due`, { due: open.due })
    if (!rule) return
    this.note('escalated', step.id, open.n, `${step.rule}.task.escalate.${rung}`, {
      role: rule.to,
      share: rule.share,
      due: open.due,
      effect: open.key,
    })
    this.#ask(step, open, { kind: 'escalate', task: open.key, to: rule.to, rung, missed: rule.share >= 1 })
  }

  cancel(outcome: string, rule: string): void {
    this.note('cancelled', null, 0, rule, { outcome })
    this.#state.outcome = outcome
    this.#close('cancelled')
  }

  dropTimer(key: string): void {
    delete this.#state.timers[key]
  }

  #end(outcome: string, rule: string, step: string | null): void {
    this.note('ended', step, 1, rule, { outcome })
    this.#state.outcome = outcome
    this.#close('completed')
  }

  #close(status: 'completed' | 'cancelled'): void {
    for (const name in this.#state.open) {
      const step = this.#pathway.steps[name]
      const open = this.#state.open[name]
      if (!step || !open) continue
      const what = step.kind === 'task' ? 'Task' : step.kind === 'message' ? 'Communication' : undefined
      if (what) this.#ask(step, open, { kind: 'cancel', what, resource: open.key, reason: status })
      this.#state.past[name] = { n: open.n, outcome: null, turn: open.turn }
    }
    if (status === 'cancelled')
      for (const [key, what] of Object.entries(this.#state.requests)) {
        this.#state.effects += 1
        this.#effects.push({
          key: `${this.#state.journey}.${this.#state.effects}`,
          step: 'request',
          n: 1,
          kind: 'cancel',
          what,
          resource: key,
          reason: status,
        })
      }
    this.#state.requests = {}
    this.#state.open = {}
    this.#state.timers = {}
    this.#state.status = status
  }

  #decideEdges(step: CompiledStep, outcome: string | null): void {
    for (const name of step.to) {
      const target = this.#pathway.steps[name]
      if (!target) continue
      for (const edge of target.from) {
        if (edge.step !== step.id) continue
        const taken =
          outcome !== null && (edge.outcome === undefined ? outcome !== 'cancelled' : edge.outcome === outcome)
        this.#state.edges[edge.edge] = taken
      }
      this.#todo.push(name)
    }
  }

  #tryOpen(step: CompiledStep): void {
    if (this.#state.open[step.id]) return
    const { edges, past } = this.#state
    const before = past[step.id]
    const taken = (edge: CompiledStep['from'][number]) => edges[edge.edge] === true
    const opens = step.from.length === 0 || (step.mode === 'any' ? step.from.some(taken) : step.from.every(taken))
    if (!opens) {
      // Dead: no way leads here any more. Said once; a later turn of a cycle may still open it.
      const dead =
        step.mode === 'any'
          ? step.from.every((edge) => edges[edge.edge] === false)
          : step.from.some((edge) => edges[edge.edge] === false)
      if (dead && before === undefined) this.#skip(step, 0, 0, 'edges')
      return
    }
    // Opened before: only an edge of a cycle opens it again, or a predecessor that has itself come round once more. The
    // second runner of a race, which comes in the same turn, does not.
    const turn = Math.max(0, ...step.from.filter(taken).map((edge) => past[edge.step]?.n ?? 0))
    if (
      before !== undefined &&
      before.n > 0 &&
      turn <= before.turn &&
      !step.from.some((edge) => edge.again && taken(edge))
    )
      return
    for (const edge of step.from) if (edge.again || step.mode === 'any') delete edges[edge.edge]
    this.#openings += 1
    if (this.#openings > mostOpenings) throw new RangeError(`${this.#pathway.id} opens steps without end at ${step.id}`)
    const n = (before?.n ?? 0) + 1
    if (step.when && !step.when(this.#values())) this.#skip(step, n, turn, 'when')
    else this.#open(step, n, turn)
  }

  #skip(step: CompiledStep, n: number, turn: number, why: 'edges' | 'when'): void {
    this.#state.past[step.id] = { n, outcome: null, turn }
    if (why === 'when') this.note('skipped', step.id, n, `${step.rule}.when`, {})
    this.#decideEdges(step, null)
  }

  #values() {
    const values: Record<string, string | number | boolean | null> = { priority: this.#state.priority }
    for (const name in this.#state.variables) values[name] = this.#state.variables[name]?.value ?? null
    return values
  }

  #open(step: CompiledStep, n: number, turn: number): void {
    const now = this.#now
    const stage = step.step.stage
    if (stage !== undefined && stage !== this.#state.stage) {
      this.#state.stage = stage
      this.#state.stageSince = now
      this.note('stage', step.id, n, `${step.rule}.stage`, { stage })
    }
    const asks = step.kind === 'task' || step.kind === 'message' || step.kind === 'request'
    const open: OpenStep = { key: asks ? this.#nextKey() : '', n, turn, since: now, due: undefined }
    this.#state.open[step.id] = open
    const definition = step.step
    if (definition.task) {
      const { role, title, description, outcomes = [] } = definition.task
      open.due = this.#dueOf(step)
      this.note('opened', step.id, n, `${step.rule}.task`, { role, due: open.due ?? null, effect: open.key })
      this.#ask(step, open, {
        kind: 'task',
        role,
        title,
        description,
        due: open.due,
        outcomes,
        stage: this.#state.stage,
      })
      this.#armTask(step, open)
    } else if (definition.message) {
      const { to, template, channels } = definition.message
      this.note('asked', step.id, n, `${step.rule}.message`, { to, template, effect: open.key })
      this.#ask(step, open, { kind: 'message', to, template, channels })
    } else if (definition.request) {
      this.note('asked', step.id, n, `${step.rule}.request`, {
        resource: definition.request.resource,
        effect: open.key,
      })
      this.#ask(step, open, { kind: 'request', ...definition.request })
      this.#state.requests[open.key] = definition.request.resource
      this.finish(step, 'done')
    } else if (definition.decide) {
      const index = step.rules.findIndex((rule) => rule.when(this.#values()))
      const outcome = step.rules[index]?.gives ?? definition.decide.otherwise
      this.note('set', step.id, n, index < 0 ? `${step.rule}.decide.otherwise` : `${step.rule}.decide.rules.${index}`, {
        outcome,
      })
      this.finish(step, outcome)
    } else if (definition.wait) this.#openWait(step, open)
    else if (definition.end) {
      delete this.#state.open[step.id]
      this.#state.past[step.id] = { n, outcome: null, turn }
      this.#end(definition.end.outcome, `${step.rule}.end`, step.id)
    }
  }

  #dueOf(step: CompiledStep): number | undefined {
    // A priority without a time of its own takes that of the next less urgent one.
    const ladder = ['stat', 'asap', 'urgent', 'otherwise']
    const from = ladder.indexOf(this.#state.priority)
    const rung = ladder.slice(from < 0 ? 3 : from).find((priority) => step.due?.[priority])
    const duration = rung === undefined ? undefined : step.due?.[rung]
    return duration ? addDuration(this.#context.calendar, this.#now, duration) : undefined
  }

  /** A timer for each rung of the escalation, and one at the due time itself if no rung stands there. */
  #armTask(step: CompiledStep, open: OpenStep): void {
    if (open.due === undefined) return
    const span = open.due - this.#now
    step.escalate.forEach((rung, index) => this.#arm(step, open, Math.round(this.#now + span * rung.share), index))
    if (!step.escalate.some((rung) => rung.share === 1)) this.#arm(step, open, open.due, step.escalate.length)
  }

  #openWait(step: CompiledStep, open: OpenStep): void {
    const wait = step.step.wait
    if (!wait) return
    const { calendar } = this.#context
    if ('until' in wait) {
      const moment = Date.parse(String(this.#state.variables[wait.until]?.value ?? ''))
      // A date that is not there, or is past, is not waited for.
      const before =
        step.duration && !Number.isNaN(moment)
          ? addDuration(calendar, moment, { ...step.duration, amount: -step.duration.amount })
          : moment
      const due = Number.isNaN(moment) ? this.#now : Math.max(this.#now, before)
      this.#arm(step, open, due, 'wait')
    } else if (step.duration)
      this.#arm(step, open, addDuration(calendar, this.#now, step.duration), 'for' in wait ? 'wait' : 'late')
    this.note('waiting', step.id, open.n, `${step.rule}.wait`, { due: open.due ?? null })
  }

  #arm(step: CompiledStep, open: OpenStep, due: number, does: Timer['does']): void {
    this.#state.timers[`${step.id}#${open.n}.${does}`] = { due, step: step.id, n: open.n, does }
    if (typeof does === 'string') open.due = due
  }

  #nextKey(): string {
    return `${this.#state.journey}.${this.#state.effects + 1}`
  }

  #ask(step: CompiledStep, open: OpenStep, effect: WithoutEnvelope<Effect>): void {
    const key = this.#nextKey()
    this.#state.effects += 1
    this.#effects.push({ key, step: step.id, n: open.n, ...effect })
  }
}
