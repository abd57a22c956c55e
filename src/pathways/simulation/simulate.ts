import { type Calendar, dayOf, onClock } from '../calendar.ts'
import { catchUp, soonestTimer } from '../catch-up.ts'
import type { CompiledPathway } from '../compile.ts'
import { advance } from '../engine.ts'
import type { Advanced, Effect, JourneyEvent, JourneyState, LogEntry } from '../state.ts'
import { answerEvent } from './answer-event.ts'
import { Dice, type MakeChance, weighted } from './dice.ts'
import { draw, poisson } from './distributions.ts'
import { Heap } from './heap.ts'
import type { Settings, StepModel } from './settings.ts'
import { staffing } from './staffing.ts'
import { newsOf, tame } from './tame.ts'
import { type RoleRun, Teams } from './teams.ts'

const hour = 3_600_000

export interface Run {
  begun: number
  ended: number
  outcomes: Record<string, number>
  /** Hours from beginning to end, of journeys that ended. */
  lengths: number[]
  roles: Record<string, RoleRun>
}

interface Work {
  journey: Journey
  key: string
  step: string
  n: number
  role: string
  due: number | undefined
  openedAt: number
  state: 'waiting' | 'taken' | 'over'
  worker: string | undefined
  beganAt: number
}

interface Journey {
  index: number
  state: JourneyState
  begunAt: number
  work: Map<string, Work>
  met: Set<string>
  decided: Map<string, number>
  wakeAt: number
  rests: number
}

type Happening =
  | { do: 'arrive'; index: number; priority: string }
  | { do: 'wake'; journey: Journey }
  | { do: 'answer'; journey: Journey; key: string; outcome: string }
  | { do: 'news'; journey: Journey; step: string; n: number; name: string }
  | { do: 'event'; journey: Journey; rule: string; n: number }
  | { do: 'finish'; work: Work }
  | { do: 'staff'; role: string; staff: number }
  | { do: 'day' }

/** Which replication, and where its chances come from. */
interface Turn {
  replication: number
  chance: MakeChance
  /** Hears each journey's log as it grows. */
  hear?: (journey: number, lines: readonly LogEntry[]) => void
}

/**
 * One replication of a simulation: the same engine as the runtime's, with arrivals, people and answers made up as the
 * settings say. A person takes the task that is due first, and finishes what is begun also past the end of a shift. Pure:
 * the same settings and replication give the same run.
 */
export function simulateOnce(compiled: CompiledPathway, settings: Settings, calendar: Calendar, turn: Turn): Run {
  return new World(compiled, settings, calendar, turn).run()
}

class World {
  readonly #settings: Settings
  readonly #calendar: Calendar
  readonly #pathway: CompiledPathway
  readonly #dice: Dice
  readonly #happenings = new Heap<Happening>()
  readonly #teams: Teams<Work>
  readonly #run: Run
  /** Where each counted day begins; the last entry is the end. */
  readonly #days: number[]
  #now: number
  #current: Journey | undefined
  readonly #hear: Turn['hear']

  constructor(compiled: CompiledPathway, settings: Settings, calendar: Calendar, { replication, chance, hear }: Turn) {
    this.#hear = hear
    this.#settings = settings
    this.#calendar = calendar
    this.#now = settings.from
    this.#dice = new Dice(chance, settings.seed, replication)
    this.#pathway = tame(compiled, settings.steps, {
      outcome: (step) => {
        const journey = this.#current
        const n = (journey?.decided.get(step) ?? 0) + 1
        journey?.decided.set(step, n)
        return weighted(settings.steps[step]?.outcomes ?? {}, this.#dice.of(journey?.index ?? 0, `decide ${step}`, n))
      },
      skips: (step) => {
        const journey = this.#current
        const n = (journey?.state.past[step]?.n ?? 0) + 1
        return this.#dice.of(journey?.index ?? 0, `skip ${step}`, n).happens(settings.steps[step]?.skips ?? 0)
      },
      met: (step) => this.#current?.met.has(step) === true,
    })
    const { zone } = calendar
    const first = onClock(zone, settings.from, '00:00', settings.warmUp)
    this.#days = Array.from({ length: settings.days + 1 }, (_none, day) => onClock(zone, first, '00:00', day))
    this.#teams = new Teams(this.#days, settings.from, (role) => settings.roles[role] !== undefined)
    this.#run = { begun: 0, ended: 0, outcomes: {}, lengths: [], roles: this.#teams.roles }
  }

  run(): Run {
    const { roles, warmUp, days } = this.#settings
    const end = this.#days.at(-1) ?? this.#now
    for (const [role, shifts] of Object.entries(roles)) {
      for (const { at, staff } of staffing(shifts, this.#calendar, this.#now, warmUp + days))
        this.#happenings.push(at, { do: 'staff', role, staff })
      this.#teams.of(role)
    }
    this.#arrivals()
    for (const start of this.#days.slice(1)) this.#happenings.push(start, { do: 'day' })
    for (let next = this.#happenings.pop(); next && next.key <= end; next = this.#happenings.pop()) {
      this.#now = next.key
      this.#teams.goTo(this.#now)
      this.#happen(next.value)
    }
    // What is still to be done and past its time is late as well.
    for (const { queue } of this.#teams.all())
      for (let one = queue.pop(); one; one = queue.pop())
        if (one.value.state === 'waiting' && (one.value.due ?? end) < end)
          this.#teams.late(one.value.role, one.value.openedAt)
    return this.#run
  }

  #arrivals(): void {
    const { arrivals, from, warmUp, days, priorities, surge } = this.#settings
    const { zone, holidays } = this.#calendar
    for (let day = 0; day < warmUp + days; day += 1) {
      const noon = onClock(zone, from, '12:00', day)
      const date = dayOf(zone, noon)
      const weekday = new Date(`${date}T12:00:00Z`).getUTCDay()
      const usual = holidays.includes(date) ? 0 : (arrivals.perDay[weekday] ?? 0)
      const inSurge = surge !== null && day >= warmUp + surge.day && day < warmUp + surge.day + surge.days
      const open = onClock(zone, noon, arrivals.from)
      const close = arrivals.to === '24:00' ? onClock(zone, noon, '00:00', 1) : onClock(zone, noon, arrivals.to)
      // Numbered by their day, so that one journey more today leaves those of tomorrow as they were.
      const put = (name: string, rate: number, base: number) => {
        const count = poisson(rate, this.#dice.of(day, `count ${name}`, 0))
        for (let n = 0; n < count; n += 1) {
          const chance = this.#dice.of(day, name, n)
          const at = open + chance.next() * (close - open)
          const priority = weighted(priorities, chance) ?? 'routine'
          this.#happenings.push(at, { do: 'arrive', index: base + n, priority })
        }
      }
      put('usual', usual, day * 200_000)
      if (inSurge) put('surge', surge.extra / surge.days, day * 200_000 + 100_000)
    }
  }

  #happen(one: Happening): void {
    switch (one.do) {
      case 'arrive':
        return this.#arrive(one.index, one.priority)
      case 'wake':
        return this.#wake(one.journey)
      case 'answer':
        return this.#answer(one.journey, one.key, one.outcome)
      case 'news':
        return this.#news(one.journey, one.step, one.n, one.name)
      case 'event':
        return this.#event(one.journey, one.rule, one.n)
      case 'finish':
        return this.#finish(one.work)
      case 'staff': {
        const team = this.#teams.of(one.role)
        this.#teams.account(team)
        team.staff = one.staff
        return this.#dispatch(one.role)
      }
      case 'day':
        return this.#teams.endDay()
    }
  }

  #arrive(index: number, priority: string): void {
    const at = this.#now
    const id = String(index)
    const event: JourneyEvent = {
      id,
      at,
      kind: 'start',
      journey: id,
      key: id,
      subject: '',
      parent: { journey: '', trigger: '', priority, variables: {} },
    }
    const journey: Journey = {
      index,
      // Replaced by the first move, which is the next statement.
      state: { past: {} } as JourneyState,
      begunAt: at,
      work: new Map(),
      met: new Set(),
      decided: new Map(),
      wakeAt: Number.POSITIVE_INFINITY,
      rests: 0,
    }
    if (at >= (this.#days[0] ?? at)) this.#run.begun += 1
    this.#current = journey
    this.#take(journey, advance(this.#pathway, undefined, event, { now: at, calendar: this.#calendar }))
    this.#foreseeAll(journey)
  }

  #move(journey: Journey, event: JourneyEvent): void {
    if (journey.state.status !== 'active') return
    this.#current = journey
    this.#take(journey, catchUp(this.#pathway, journey.state, this.#now, this.#calendar))
    this.#take(journey, advance(this.#pathway, journey.state, event, { now: this.#now, calendar: this.#calendar }))
  }

  #wake(journey: Journey): void {
    if (journey.wakeAt !== this.#now || journey.state.status !== 'active') return
    this.#current = journey
    journey.wakeAt = Number.POSITIVE_INFINITY
    this.#take(journey, catchUp(this.#pathway, journey.state, this.#now + 1, this.#calendar))
  }

  #take(journey: Journey, { state, effects, log }: Advanced): void {
    const was = journey.state
    journey.state = state
    this.#hear?.(journey.index, log)
    for (const effect of effects) this.#perform(journey, effect)
    for (const { kind, step, n, rule } of log)
      if (kind === 'waiting' && step !== null) this.#await(journey, step, n)
      else if (kind === 'paused') this.#foresee(journey, `${rule}.resume`, (journey.rests += 1))
    if (state.status !== 'active') {
      if (was.status === 'active' || was.status === undefined) this.#end(journey)
      return
    }
    const timer = soonestTimer(state, Number.POSITIVE_INFINITY)
    const due = timer === undefined ? Number.POSITIVE_INFINITY : (state.timers[timer]?.due ?? 0)
    if (due === journey.wakeAt || due === Number.POSITIVE_INFINITY) return
    journey.wakeAt = due
    this.#happenings.push(due, { do: 'wake', journey })
  }

  #end({ begunAt, state }: Journey): void {
    if (begunAt < (this.#days[0] ?? begunAt)) return
    const outcome = state.outcome ?? state.status
    this.#run.ended += 1
    this.#run.outcomes[outcome] = (this.#run.outcomes[outcome] ?? 0) + 1
    this.#run.lengths.push((this.#now - begunAt) / hour)
  }

  #perform(journey: Journey, effect: Effect): void {
    switch (effect.kind) {
      case 'task':
        return this.#ask(journey, effect)
      case 'escalate': {
        const work = journey.work.get(effect.task)
        if (work?.state !== 'waiting') return
        this.#teams.of(effect.to).queue.push(work.due ?? Number.POSITIVE_INFINITY, work)
        return this.#dispatch(effect.to)
      }
      case 'settle':
        return this.#drop(journey, effect.task)
      case 'cancel':
        return this.#drop(journey, effect.resource)
      case 'reschedule': {
        const work = journey.work.get(effect.task)
        if (work) work.due = effect.due
        return
      }
      case 'request':
        // One that is only made waits for nothing.
        if (!journey.state.open[effect.step]) return
        return this.#expect(journey, effect)
      case 'message':
      case 'call':
      case 'decide':
      case 'start':
        return this.#expect(journey, effect)
    }
  }

  /** What somebody outside, or a machine, answers after a while. */
  #expect(journey: Journey, { step, n, key }: Effect): void {
    const model = this.#model(step)
    const chance = this.#dice.of(journey.index, `answer ${step}`, n)
    const outcome = weighted(model.outcomes, chance)
    if (outcome === undefined || outcome === 'late' || outcome === 'nothing') return
    this.#happenings.push(this.#now + draw(model.takes, chance) * hour, { do: 'answer', journey, key, outcome })
  }

  #await(journey: Journey, step: string, n: number): void {
    const { wait } = this.#pathway.steps[step]?.step ?? {}
    if (!wait || 'for' in wait) return
    const model = this.#model(step)
    const chance = this.#dice.of(journey.index, `await ${step}`, n)
    const name = weighted(model.outcomes, chance)
    if (name === undefined || name === 'late' || name === 'nothing') return
    this.#happenings.push(this.#now + draw(model.takes, chance) * hour, { do: 'news', journey, step, n, name })
  }

  #answer(journey: Journey, key: string, outcome: string): void {
    for (const name in journey.state.open) {
      const open = journey.state.open[name]
      const step = this.#pathway.steps[name]
      if (open?.key !== key || !step) continue
      return this.#move(journey, answerEvent(step, open, outcome, this.#now))
    }
  }

  #news(journey: Journey, step: string, n: number, name: string): void {
    if (journey.state.open[step]?.n !== n) return
    if (this.#pathway.steps[step]?.condition) journey.met.add(step)
    this.#tell(journey, `step ${step}.${name}`, n)
    journey.met.delete(step)
  }

  #tell(journey: Journey, name: string, n: number): void {
    const change = { interaction: 'create' as const, resource: newsOf(name) }
    this.#move(journey, { id: `${name}.${n}`, at: this.#now, kind: 'change', change })
  }

  /** Lets a rule's event come, in the share of the cases that its model says. */
  #foresee(journey: Journey, rule: string, n = 1): void {
    const model = this.#settings.events[rule]
    if (!model) return
    const chance = this.#dice.of(journey.index, `event ${rule}`, n)
    if (!chance.happens(model.share)) return
    this.#happenings.push(this.#now + draw(model.after, chance) * hour, { do: 'event', journey, rule, n })
  }

  #event(journey: Journey, rule: string, n: number): void {
    this.#tell(journey, rule, n)
    const track = /^tracks\.(.+)\.starts$/.exec(rule)?.[1]
    if (track !== undefined) this.#foreseeStops(journey, track)
  }

  #foreseeStops(journey: Journey, id: string): void {
    const stops = this.#pathway.tracks.find((track) => track.id === id)?.stops ?? []
    for (const index of stops.keys()) this.#foresee(journey, `tracks.${id}.stops.${index}`)
  }

  /** All that may come from outside, counted from the journey's beginning. */
  #foreseeAll(journey: Journey): void {
    for (const index of this.#pathway.stops.keys()) this.#foresee(journey, `stops.${index}`)
    for (const index of this.#pathway.pauses.keys()) this.#foresee(journey, `pauses.${index}`)
    for (const { id, starts } of this.#pathway.tracks)
      if (starts) this.#foresee(journey, `tracks.${id}.starts`)
      else this.#foreseeStops(journey, id)
  }

  #ask(journey: Journey, effect: Effect & { kind: 'task' }): void {
    const { key, step, n, role, due } = effect
    const openedAt = this.#now
    const work: Work = {
      journey,
      key,
      step,
      n,
      role,
      due,
      openedAt,
      state: 'waiting',
      worker: undefined,
      beganAt: 0,
    }
    journey.work.set(key, work)
    const team = this.#teams.of(role)
    this.#teams.account(team)
    team.waiting += 1
    team.queue.push(due ?? Number.POSITIVE_INFINITY, work)
    this.#teams.opened(role)
    this.#dispatch(role)
  }

  #dispatch(role: string): void {
    const team = this.#teams.of(role)
    while (team.busy < team.staff) {
      const next = team.queue.pop()
      if (!next) return
      const work = next.value
      if (work.state !== 'waiting') continue
      this.#teams.account(team)
      const own = this.#teams.of(work.role)
      own.waiting -= 1
      team.busy += 1
      work.state = 'taken'
      work.worker = role
      work.beganAt = this.#now
      this.#teams.began(work.role, work.openedAt)
      const took = draw(this.#model(work.step).takes, this.#dice.of(work.journey.index, `work ${work.step}`, work.n))
      this.#happenings.push(this.#now + took * hour, { do: 'finish', work })
    }
  }

  #finish(work: Work): void {
    if (work.state !== 'taken') return
    this.#release(work)
    work.journey.work.delete(work.key)
    if (work.due !== undefined && this.#now > work.due) this.#teams.late(work.role, work.openedAt)
    const chance = this.#dice.of(work.journey.index, `outcome ${work.step}`, work.n)
    this.#answer(work.journey, work.key, weighted(this.#model(work.step).outcomes, chance) ?? 'done')
    if (work.worker !== undefined) this.#dispatch(work.worker)
  }

  #drop(journey: Journey, key: string): void {
    const work = journey.work.get(key)
    if (!work) return
    journey.work.delete(key)
    if (work.due !== undefined && this.#now > work.due) this.#teams.late(work.role, work.openedAt)
    if (work.state === 'waiting') {
      work.state = 'over'
      this.#teams.of(work.role).waiting -= 1
    } else if (work.state === 'taken') {
      this.#release(work)
      if (work.worker !== undefined) this.#dispatch(work.worker)
    }
  }

  #release(work: Work): void {
    work.state = 'over'
    if (work.worker === undefined) return
    const team = this.#teams.of(work.worker)
    this.#teams.account(team)
    team.busy -= 1
  }

  #model(step: string): StepModel {
    const model = this.#settings.steps[step]
    if (!model) throw new RangeError(`the settings say nothing of the step ${step}`)
    return model
  }
}
