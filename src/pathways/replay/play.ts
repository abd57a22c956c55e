import type { Calendar } from '../calendar.ts'
import { timerEvent } from '../catch-up.ts'
import type { CompiledPathway } from '../compile.ts'
import { advance } from '../engine.ts'
import type { Advanced, Effect, JourneyEvent, JourneyState, LogEntry, OpenStep } from '../state.ts'
import { type AnswerPool, type Assumption, assumedAnswer } from './assume.ts'
import { type Answer, type Arranged, placeOf, type StartEvent } from './recorded.ts'

/** What a run of a journey came to. */
export interface Played {
  state: JourneyState
  effects: Effect[]
  log: LogEntry[]
  /** How many answers were assumed. */
  assumed: number
}

/** An event was used before it was known: what a replay says would rest on hindsight. */
export class LookAhead extends Error {
  override name = 'LookAhead'
  readonly event: string
  readonly journey: string
  constructor(event: string, journey: string, knownAt: number, at: number) {
    super(
      `${event} was known at ${new Date(knownAt).toISOString()} and is used at ${new Date(at).toISOString()} in journey ${journey}`,
    )
    this.event = event
    this.journey = journey
  }
}

export interface PlayOptions {
  /** Milliseconds; nothing from then on counts. */
  until: number
  calendar: Calendar
  assume: Assumption
  pool: AnswerPool
}

/**
 * Plays a journey on a pathway from its start until `until`: news come when they came; what people and machines answered
 * is given to the same occurrence of the same step, as long after it opened as it really took, and never before it was
 * known; what nobody was ever asked is answered as `assume` says. Pure. Throws a LookAhead.
 */
export function play(
  pathway: CompiledPathway,
  { start, knownAt }: { start: StartEvent; knownAt: number },
  arranged: Arranged,
  options: PlayOptions,
): Played {
  const { until } = options
  const run = new Run(pathway, start, knownAt, arranged, options)
  let next = 0
  while (run.state.status === 'active') {
    const news = arranged.news[next]
    const answer = run.nextAnswer()
    const timer = run.nextTimer()
    // At one and the same moment as it was; else what happened, then what was answered, then what was due.
    let soonest: { at: number; rank: number; use(): void } | undefined
    for (const one of [news && { ...news, use: () => run.hear(news) }, answer, timer])
      if (one && (!soonest || one.at < soonest.at || (one.at === soonest.at && one.rank < soonest.rank))) soonest = one
    if (!soonest || soonest.at >= until) break
    if (news && soonest.rank === news.rank) next += 1
    soonest.use()
  }
  return run.result()
}

class Run {
  state: JourneyState
  readonly #pathway: CompiledPathway
  readonly #arranged: Arranged
  readonly #options: PlayOptions
  readonly #answers: Map<string, Answer>
  /** Answers that have come as news while nobody waited for them here. */
  readonly #heard = new Set<string>()
  readonly #guesses = new Map<string, { at: number; event: JourneyEvent } | undefined>()
  readonly #effects: Effect[] = []
  readonly #log: LogEntry[] = []
  readonly #roles = new Map<string, string>()
  #assumed = 0

  constructor(pathway: CompiledPathway, start: StartEvent, knownAt: number, arranged: Arranged, options: PlayOptions) {
    if (knownAt > start.at) throw new LookAhead(start.id, start.journey, knownAt, start.at)
    this.#pathway = pathway
    this.#arranged = arranged
    this.#options = options
    this.#answers = new Map(arranged.answers)
    const begun = advance(pathway, undefined, start, { now: start.at, calendar: options.calendar })
    this.state = begun.state
    this.#take(begun)
  }

  result(): Played {
    return { state: this.state, effects: this.#effects, log: this.#log, assumed: this.#assumed }
  }

  hear({ event, at, knownAt, place }: Arranged['news'][number]): void {
    const answer = place === undefined ? undefined : this.#answers.get(place)
    const open = answer && this.#openAt(answer.place ?? '')
    if (answer && open) {
      this.#answers.delete(place ?? '')
      this.#use(readdressed(event, answer.key, open.key, at), at, knownAt)
      return
    }
    if (place !== undefined) this.#heard.add(place)
    this.#use(event, at, knownAt)
  }

  /** The soonest answer to what is open now: recorded, or assumed if nobody was ever asked. */
  nextAnswer(): { at: number; rank: number; use(): void } | undefined {
    let soonest: { at: number; rank: number; use(): void } | undefined
    for (const step in this.state.open) {
      const open = this.state.open[step]
      if (!open || open.key === '') continue
      const place = placeOf(step, open.n, open.fallback)
      const one = this.#recorded(place, open) ?? this.#guess(step, place, open)
      if (one && (!soonest || one.at < soonest.at || (one.at === soonest.at && one.rank < soonest.rank))) soonest = one
    }
    return soonest
  }

  #recorded(place: string, open: OpenStep) {
    const answer = this.#answers.get(place)
    if (!answer || (answer.news && !this.#heard.has(place))) return undefined
    const at = Math.max(answer.at, open.since + answer.took)
    return {
      at,
      rank: at === answer.at ? answer.rank : Number.MAX_SAFE_INTEGER - 1,
      use: () => {
        this.#answers.delete(place)
        this.#use(readdressed(answer.event, answer.key, open.key, at), at, answer.knownAt)
      },
    }
  }

  #guess(step: string, place: string, open: OpenStep) {
    const { assume, pool } = this.#options
    const compiled = this.#pathway.steps[step]
    if (assume === 'open' || !compiled || this.#arranged.asked.has(place)) return undefined
    if (!this.#guesses.has(open.key))
      this.#guesses.set(open.key, assumedAnswer(pool, this.state.key, compiled, open, this.#roles.get(open.key)))
    const guess = this.#guesses.get(open.key)
    return (
      guess && {
        at: guess.at,
        rank: Number.MAX_SAFE_INTEGER - 1,
        use: () => {
          this.#assumed += 1
          // One that ends nothing must not come for ever.
          this.#guesses.set(open.key, undefined)
          this.#use(guess.event, guess.at, guess.at)
        },
      }
    )
  }

  nextTimer(): { at: number; rank: number; use(): void } | undefined {
    let name: string | undefined
    let due = Number.POSITIVE_INFINITY
    let rank = 0
    for (const key in this.state.timers) {
      const at = this.state.timers[key]?.due ?? due
      if (at > due) continue
      const place = this.#arranged.timers.get(`${key}@${at}`) ?? Number.MAX_SAFE_INTEGER
      if (at === due && name !== undefined && (place > rank || (place === rank && key > name))) continue
      name = key
      due = at
      rank = place
    }
    return name === undefined ? undefined : { at: due, rank, use: () => this.#fire(name, due) }
  }

  #fire(key: string, due: number): void {
    this.#advance(timerEvent(this.state.journey, key, due), due)
    const { [key]: same, ...timers } = this.state.timers
    // One that concerned nothing must not be the next one for ever.
    if (same?.due === due) this.state = { ...this.state, timers }
  }

  #use(event: JourneyEvent, at: number, knownAt: number): void {
    if (knownAt > at) throw new LookAhead(event.id, this.state.journey.replace(/~$/, ''), knownAt, at)
    this.#advance(event, at)
  }

  #advance(event: JourneyEvent, now: number): void {
    this.#take(advance(this.#pathway, this.state, event, { now, calendar: this.#options.calendar }))
  }

  #openAt(place: string): OpenStep | undefined {
    for (const step in this.state.open) {
      const open = this.state.open[step]
      if (open && open.key !== '' && placeOf(step, open.n, open.fallback) === place) return open
    }
    return undefined
  }

  #take({ state, effects, log }: Advanced): void {
    this.state = state
    for (const effect of effects) {
      this.#effects.push(effect)
      if (effect.kind === 'task') this.#roles.set(effect.key, effect.role)
    }
    for (const line of log) this.#log.push(line)
  }
}

/** The same answer, given to another key. */
function readdressed(event: JourneyEvent, from: string, to: string, at: number): JourneyEvent {
  if (event.kind === 'child') return { ...event, key: to, at }
  if (event.kind !== 'change' || from === to) return { ...event, at }
  const { change } = event
  const { resource } = change
  if (resource.id === from) return { ...event, at, change: { ...change, resource: { ...resource, id: to } } }
  // A result is the answer to the order that it is based on.
  if (!('basedOn' in resource) || !Array.isArray(resource.basedOn)) return { ...event, at }
  const order = `ServiceRequest/${from}`
  const basedOn = resource.basedOn.map((one) =>
    one.reference === order ? { ...one, reference: `ServiceRequest/${to}` } : one,
  )
  return { ...event, at, change: { ...change, resource: { ...resource, basedOn } as typeof resource } }
}
