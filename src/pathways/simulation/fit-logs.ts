import { type Calendar, dayOf, onClock } from '../calendar.ts'
import type { CompiledPathway } from '../compile.ts'
import { outcomesOf } from '../model.ts'
import type { LogEntry } from '../state.ts'
import { type Distribution, fit, type Fitted } from './distributions.ts'
import type { EventModel, Settings, Shift, StepModel } from './settings.ts'

const hour = 3_600_000

/** What a step's model rests on. Durations in hours. */
export interface Evidence {
  step: string
  /** How often it was asked for or waited for. */
  asked: number
  /** How often its condition skipped it. */
  skipped: number
  outcomes: Record<string, number>
  /** Time from asking to the end, with the waiting. */
  elapsed: Fitted | null
  /** What `takes` is fitted from; null where the record does not tell, and the value is a guess that a person must put right. */
  takes: Fitted | null
}

interface Seen {
  asked: number
  skipped: number
  outcomes: Record<string, number>
  elapsed: number[]
}

const quarter: Distribution = { kind: 'fixed', mean: 0.25 }
const day: Distribution = { kind: 'exponential', mean: 24 }

/** Gathers from the logs of a period what a simulation starts from. */
export class LogFit {
  readonly #steps = new Map<string, Seen>()
  readonly #starts: number[] = []
  readonly #priorities: Record<string, number> = {}
  readonly #worked = new Map<string, number[]>()
  /** What came from outside, by its rule: hours after what it is counted from. */
  readonly #came = new Map<string, number[]>()

  /** One journey with its log. */
  add(priority: string, log: readonly LogEntry[]): void {
    const [first] = log
    if (!first) return
    this.#starts.push(first.at)
    this.#priorities[priority] = (this.#priorities[priority] ?? 0) + 1
    this.#gatherEvents(log, first.at)
    const open = new Map<string, number>()
    for (const { kind, step, n, at, data, event, rule } of log) {
      if (step === null) continue
      const key = `${step}#${n}`
      if (kind === 'opened' || kind === 'asked' || kind === 'waiting') {
        // A message's fallback is a part of the same asking.
        if (!open.has(key)) this.#seen(step).asked += 1
        if (!open.has(key)) open.set(key, at)
      } else if (kind === 'skipped' && data['by'] === undefined) this.#seen(step).skipped += 1
      else if (kind === 'set' && rule.includes('.decide.')) count(this.#seen(step), String(data['outcome']))
      else if (kind === 'done') {
        const since = open.get(key)
        open.delete(key)
        if (since === undefined) continue
        const seen = this.#seen(step)
        count(seen, String(data['outcome']))
        if (!event.startsWith('timer/')) seen.elapsed.push((at - since) / hour)
      }
    }
  }

  /** Hours that somebody was at a step's task, from beginning it to its end. */
  worked(step: string, hours: number): void {
    const list = this.#worked.get(step)
    if (list) list.push(hours)
    else this.#worked.set(step, [hours])
  }

  /** The settings for a pathway that it all suggests, with what each step's rest on. */
  settings(
    pathway: CompiledPathway,
    calendar: Calendar,
    period: { from: number; until: number },
  ): { settings: Settings; evidence: Evidence[] } {
    const evidence: Evidence[] = []
    const steps: Record<string, StepModel> = {}
    const roles: Record<string, Shift[]> = {}
    for (const [id, step] of Object.entries(pathway.steps)) {
      const { asked, skipped, outcomes, elapsed } = this.#seen(id)
      const isTask = step.kind === 'task' || step.step.form?.role !== undefined
      const takes = fit(isTask ? (this.#worked.get(id) ?? []) : elapsed) ?? null
      const known = Object.keys(outcomes).length > 0 ? outcomes : usual(step)
      steps[id] = {
        takes: takes?.distribution ?? (isTask ? quarter : step.kind === 'message' ? { kind: 'fixed', mean: 0 } : day),
        outcomes: known,
        skips: asked + skipped === 0 ? 0 : skipped / (asked + skipped),
      }
      evidence.push({ step: id, asked, skipped, outcomes, elapsed: fit(elapsed) ?? null, takes })
      for (const role of rolesOf(step)) roles[role] ??= openHours(calendar)
    }
    const { perDay, from, to } = this.#arrivals(calendar, period)
    return {
      settings: {
        from: onClock(calendar.zone, period.until, '00:00'),
        days: 90,
        warmUp: 30,
        replications: 20,
        seed: 1,
        arrivals: { perDay, from, to },
        priorities: Object.keys(this.#priorities).length > 0 ? this.#priorities : { routine: 1 },
        surge: null,
        roles,
        steps,
        events: this.#eventModels(pathway),
      },
      evidence,
    }
  }

  /** Of each journey: when it was stopped, when it rested first and each time for how long, when a track began and was stopped. */
  #gatherEvents(log: readonly LogEntry[], begun: number): void {
    const came = new Map<string, number>()
    const note = (rule: string, hours: number) => came.has(rule) || came.set(rule, hours)
    for (const { kind, rule, at, data } of log) {
      const track = /^tracks\.([^.]+)\./.exec(rule)?.[1]
      if (track !== undefined) note(`tracks.${track}.starts`, (at - begun) / hour)
      if (track !== undefined && kind === 'withdrawn' && data['why'] === 'stopped') {
        const since = came.get(`tracks.${track}.starts`) ?? 0
        note(`tracks.${track}.stops.0`, (at - begun) / hour - since)
      }
      if (kind === 'paused' || (kind === 'cancelled' && rule.startsWith('stops.'))) note(rule, (at - begun) / hour)
      if (kind === 'paused') this.#note(`${rule} rests`, 1)
      if (kind === 'resumed' && rule.endsWith('.resume')) this.#note(rule, Number(data['rested']) / hour)
    }
    for (const [rule, hours] of came) this.#note(rule, hours)
  }

  #note(rule: string, hours: number): void {
    const list = this.#came.get(rule)
    if (list) list.push(hours)
    else this.#came.set(rule, [hours])
  }

  /** Of a track's several stops the log does not tell which it was: the first stands for all. */
  #eventModels({ stops, pauses, tracks }: CompiledPathway): Record<string, EventModel> {
    const models: Record<string, EventModel> = {}
    const times = (rule: string): number => this.#came.get(rule)?.length ?? 0
    const suggest = (rule: string, cases: number) => {
      const after = fit(this.#came.get(rule) ?? [])
      if (after) models[rule] = { share: Math.min(1, after.n / cases), after: after.distribution }
    }
    for (const index of stops.keys()) suggest(`stops.${index}`, this.#starts.length)
    for (const index of pauses.keys()) {
      suggest(`pauses.${index}`, this.#starts.length)
      suggest(`pauses.${index}.resume`, times(`pauses.${index} rests`))
    }
    for (const track of tracks) {
      const begins = `tracks.${track.id}.starts`
      if (track.starts) suggest(begins, this.#starts.length)
      if (track.stops.length > 0) suggest(`tracks.${track.id}.stops.0`, times(begins))
    }
    return models
  }

  #seen(step: string): Seen {
    const seen = this.#steps.get(step) ?? { asked: 0, skipped: 0, outcomes: {}, elapsed: [] }
    this.#steps.set(step, seen)
    return seen
  }

  #arrivals({ zone }: Calendar, { from, until }: { from: number; until: number }) {
    const weekdayOf = (at: number) => new Date(`${dayOf(zone, at)}T12:00:00Z`).getUTCDay()
    const days = [0, 0, 0, 0, 0, 0, 0]
    for (let at = onClock(zone, from, '12:00'); at < until; at = onClock(zone, at, '12:00', 1))
      bump(days, weekdayOf(at))
    const counts = [0, 0, 0, 0, 0, 0, 0]
    const minutes: number[] = []
    for (const at of this.#starts) {
      bump(counts, weekdayOf(at))
      minutes.push((at - onClock(zone, at, '00:00')) / 60_000)
    }
    // The hours in which all but the odd one came.
    const sorted = minutes.toSorted((a, b) => a - b)
    const first = Math.floor((sorted[Math.floor(sorted.length * 0.02)] ?? 480) / 60)
    const last = Math.ceil(((sorted[Math.floor(sorted.length * 0.98)] ?? 1_019) + 1) / 60)
    return {
      perDay: counts.map((n, weekday) => (days[weekday] ? n / (days[weekday] ?? 1) : 0)),
      from: clockOf(first),
      to: clockOf(Math.min(24, Math.max(first + 1, last))),
    }
  }
}

const clockOf = (hours: number): string => `${String(hours).padStart(2, '0')}:00`

const bump = (list: number[], at: number): void => {
  list[at] = (list[at] ?? 0) + 1
}

const count = (seen: Seen, outcome: string): void => {
  seen.outcomes[outcome] = (seen.outcomes[outcome] ?? 0) + 1
}

/** Where the record tells nothing: the step's first way to end. */
function usual({ step }: CompiledPathway['steps'][string]): Record<string, number> {
  const [first] = outcomesOf(step)
  return first === undefined ? {} : { [first]: 1 }
}

function rolesOf({ step, escalate, fallback }: CompiledPathway['steps'][string]): string[] {
  const role = step.task?.role ?? step.form?.role
  return [...(role === undefined ? [] : [role]), ...escalate.map(({ to }) => to), ...fallback.map((one) => one.role)]
}

/** One person while the clinic is open. */
function openHours({ hours }: Calendar): Shift[] {
  const shifts = new Map<string, Shift & { days: number[] }>()
  for (const [weekday, open] of Object.entries(hours)) {
    if (!open) continue
    const [from, to] = open.map(
      (minutes) => `${clockOf(Math.floor(minutes / 60)).slice(0, 3)}${String(minutes % 60).padStart(2, '0')}`,
    )
    if (from === undefined || to === undefined) continue
    const shift = shifts.get(`${from} ${to}`) ?? { days: [], from, to, staff: 1 }
    shift.days.push(Number(weekday))
    shifts.set(`${from} ${to}`, shift)
  }
  return [...shifts.values()]
}
