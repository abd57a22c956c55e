import type { Calendar } from './calendar.ts'
import { soonestTimer, timerEvent } from './catch-up.ts'
import type { CompiledPathway } from './compile.ts'
import { advance } from './engine.ts'
import { isOwnType } from './outcomes.ts'
import type { Advanced, Effect, JourneyEvent, JourneyState, LogEntry } from './state.ts'

/** An event as it was recorded. */
export interface Recorded {
  event: JourneyEvent
  /** When it was known here, in milliseconds: nothing may use it before. */
  knownAt: number
}

/** One journey as it was: the version it ran on, and its events in order, the start first. */
export interface RecordedJourney {
  pathway: CompiledPathway
  events: readonly Recorded[]
}

export interface Replayed {
  state: JourneyState
  effects: Effect[]
  log: LogEntry[]
}

/** An event was used before it was known: what a replay says would rest on hindsight. */
export class LookAhead extends Error {
  override name = 'LookAhead'
}

/**
 * Plays a recorded journey once more until `until`: as it was, and on a `draft`. What people and machines answered is
 * given to the same occurrence of the same step, as long after it opened as it really took, and never before it was
 * known; what the record has no answer for stays open. All other events come when they came. Pure: the same input gives
 * the same output. Throws a LookAhead for an event that is used before `knownAt`.
 */
export function replay(
  recorded: RecordedJourney,
  draft: CompiledPathway,
  { until, calendar }: { until: number; calendar: Calendar },
): { before: Replayed; after: Replayed } {
  const { before, news, answers } = sortOut(recorded, until, calendar)
  const [begin, ...later] = news
  if (begin?.event.kind !== 'start') throw new TypeError('a recorded journey begins with its start event')
  const play = new Play(draft, begin, calendar)
  for (;;) {
    const next = later[0]
    const answer = play.nextAnswer(answers)
    const timer = play.nextTimer()
    const times = [next?.event.at, answer?.at, timer?.due].map((time) => time ?? Number.POSITIVE_INFINITY)
    const soonest = Math.min(...times)
    if (soonest > until) return { before, after: play.result() }
    // At one and the same moment: what happened, then what was answered, then what was due.
    if (next && next.event.at === soonest) {
      play.use(next, next.event.at, next.event)
      later.shift()
    } else if (answer && answer.at === soonest) {
      answers.delete(answer.place)
      play.use(answer.recorded, answer.at, answer.event)
    } else if (timer) play.fire(timer.key, timer.due)
  }
}

interface Answer {
  recorded: Recorded
  /** Milliseconds from the opening of its step to the answer. */
  took: number
}

/** The journey as it was; its answers by the occurrence of the step that they answered, and all other events. */
function sortOut({ pathway, events }: RecordedJourney, until: number, calendar: Calendar) {
  const news: Recorded[] = []
  const answers = new Map<string, Answer>()
  let play: Play | undefined
  for (const one of events) {
    if (!play) {
      play = new Play(pathway, one, calendar)
      news.push(one)
      continue
    }
    play.fireBefore(one.event.at)
    const key = answeredKey(one.event)
    const open = key === undefined ? undefined : play.openBy(key)
    // A message's telephone call answers the same occurrence once more.
    const place = open && `${open.step}#${open.n}.${open.fallback ?? ''}`
    if (open && place && !answers.has(place)) answers.set(place, { recorded: one, took: one.event.at - open.since })
    else if (!key) news.push(one)
    play.use(one, one.event.at, one.event)
  }
  if (!play) throw new TypeError('a recorded journey begins with its start event')
  play.fireBefore(until + 1)
  return { before: play.result(), news, answers }
}

/** The effect's key that an event answers; undefined for other news. */
function answeredKey(event: JourneyEvent): string | undefined {
  if (event.kind === 'child') return event.key
  if (event.kind !== 'change' || !isOwnType(event.change.resource.resourceType)) return undefined
  const { id } = event.change.resource
  return id?.includes('.') ? id : undefined
}

/** The same answer, given to another key. */
function readdressed(event: JourneyEvent, key: string, at: number): JourneyEvent {
  if (event.kind === 'child') return { ...event, key, at }
  if (event.kind !== 'change') return event
  const { change } = event
  return { ...event, at, change: { ...change, resource: { ...change.resource, id: key } } }
}

class Play {
  readonly #pathway: CompiledPathway
  readonly #calendar: Calendar
  #state: JourneyState
  readonly #effects: Effect[] = []
  readonly #log: LogEntry[] = []

  constructor(pathway: CompiledPathway, { event, knownAt }: Recorded, calendar: Calendar) {
    if (knownAt > event.at) throw new LookAhead(`${event.id} was not known when it is used`)
    this.#pathway = pathway
    this.#calendar = calendar
    const begun = advance(pathway, undefined, event, { now: event.at, calendar })
    this.#state = begun.state
    this.#take(begun)
  }

  result(): Replayed {
    return { state: this.#state, effects: this.#effects, log: this.#log }
  }

  use({ event: { id }, knownAt }: Recorded, at: number, event: JourneyEvent): void {
    if (knownAt > at) throw new LookAhead(`${id} was not known when it is used`)
    this.#take(advance(this.#pathway, this.#state, event, { now: at, calendar: this.#calendar }))
  }

  fire(key: string, due: number): void {
    const event = timerEvent(this.#state.journey, key, due)
    this.#take(advance(this.#pathway, this.#state, event, { now: due, calendar: this.#calendar }))
    const { [key]: same, ...timers } = this.#state.timers
    // One that concerned nothing must not be the next one for ever.
    if (same?.due === due) this.#state = { ...this.#state, timers }
  }

  fireBefore(time: number): void {
    for (let timer = this.nextTimer(); timer && timer.due < time; timer = this.nextTimer())
      this.fire(timer.key, timer.due)
  }

  nextTimer(): { key: string; due: number } | undefined {
    if (this.#state.status !== 'active') return undefined
    const key = soonestTimer(this.#state, Number.POSITIVE_INFINITY)
    const due = key === undefined ? undefined : this.#state.timers[key]?.due
    return key === undefined || due === undefined ? undefined : { key, due }
  }

  openBy(key: string): { step: string; n: number; since: number; fallback: number | undefined } | undefined {
    const found = Object.entries(this.#state.open).find(([, open]) => open.key === key)
    return found && { step: found[0], n: found[1].n, since: found[1].since, fallback: found[1].fallback }
  }

  /** The soonest recorded answer to what is open now. */
  nextAnswer(answers: ReadonlyMap<string, Answer>) {
    return Object.entries(this.#state.open)
      .flatMap(([step, { key, n, since, fallback }]) => {
        const place = `${step}#${n}.${fallback ?? ''}`
        const answer = answers.get(place)
        if (!answer) return []
        const at = Math.max(answer.recorded.event.at, since + answer.took)
        return [{ place, at, recorded: answer.recorded, event: readdressed(answer.recorded.event, key, at) }]
      })
      .toSorted((a, b) => a.at - b.at || (a.place < b.place ? -1 : 1))[0]
  }

  #take({ state, effects, log }: Advanced): void {
    this.#state = state
    this.#effects.push(...effects)
    this.#log.push(...log)
  }
}

/** What somebody was asked in one run of a journey, beside the other. */
export interface Asked {
  at: number
  /** A role, a recipient, a kind of request. */
  whom: string
  due: number | null
}

export interface Difference {
  kind: Effect['kind']
  step: string
  n: number
  before: Asked | null
  after: Asked | null
}

/** Tasks, messages and requests that differ between two runs of a journey, by step and occurrence, in order of time. */
export function differences(before: Replayed, after: Replayed): Difference[] {
  const rows = new Map<string, Difference>()
  const put = (replayed: Replayed, side: 'before' | 'after') => {
    const times = new Map(replayed.log.map((entry) => [entry.data['effect'], entry.at]))
    for (const effect of replayed.effects) {
      const whom = whomOf(effect)
      if (whom === undefined) continue
      const { kind, step, n, key } = effect
      const row = rows.get(`${kind} ${step}#${n} ${whom}`) ?? { kind, step, n, before: null, after: null }
      row[side] = {
        at: times.get(key) ?? replayed.state.at,
        whom,
        due: effect.kind === 'task' ? (effect.due ?? null) : null,
      }
      rows.set(`${kind} ${step}#${n} ${whom}`, row)
    }
  }
  put(before, 'before')
  put(after, 'after')
  return [...rows.values()]
    .filter((row) => row.before?.at !== row.after?.at || row.before?.due !== row.after?.due)
    .toSorted((a, b) => timeOf(a) - timeOf(b) || (a.step < b.step ? -1 : a.step > b.step ? 1 : 0))
}

const timeOf = ({ before, after }: Difference): number => Math.min(before?.at ?? Infinity, after?.at ?? Infinity)

function whomOf(effect: Effect): string | undefined {
  switch (effect.kind) {
    case 'task':
      return effect.role
    case 'escalate':
      return effect.to
    case 'message':
      return `${effect.to} ${effect.template}`
    case 'request':
      return effect.resource
    case 'call':
      return `${effect.connector}.${effect.operation}`
    case 'decide':
      return effect.automation
    case 'start':
      return effect.pathway
    case 'cancel':
    case 'settle':
    case 'reschedule':
      return undefined
  }
}

/** A fingerprint of what replays came to: equal input gives an equal one (FNV-1a, twice 32 bit, over the JSON of log and effects). */
export class Fingerprint {
  #one = 0x811c9dc5
  #other = 0xcbf29ce4

  add({ log, effects }: Pick<Replayed, 'log' | 'effects'>): void {
    const text = JSON.stringify([log, effects])
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at)
      this.#one = Math.imul(this.#one ^ code, 0x01000193)
      this.#other = Math.imul(this.#other ^ (code + at), 0x01000193)
    }
  }

  hex(): string {
    return [this.#one, this.#other].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('')
  }
}
