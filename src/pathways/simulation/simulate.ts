import { type Calendar, dayOf, onClock } from '../calendar.ts'
import { catchUp, soonestTimer } from '../catch-up.ts'
import type { CompiledPathway } from '../compile.ts'
import { advance } from '../engine.ts'
import type { Advanced, Effect, JourneyEvent, JourneyState } from '../state.ts'
import { answerEvent } from './answer-event.ts'
import { Dice, type MakeChance, weighted } from './dice.ts'
import { draw, poisson } from './distributions.ts'
import { Heap } from './heap.ts'
import type { Settings, StepModel } from './settings.ts'
import { staffing } from './staffing.ts'
import { newsOf, tame } from './tame.ts'

const hour = 3_600_000

/** A role in one replication, after the warm-up. Hours; by day from the first one counted. */
export interface RoleRun {
  /** From asking to somebody's beginning, of each task begun. */
  waits: number[]
  opened: number[]
  /** Of the tasks opened on a day, those not done by their due time. */
  late: number[]
  /** Tasks that nobody has begun, at the end of the day. */
  queue: number[]
  busy: number[]
  staffed: number[]
}

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
}

type Happening =
  | { do: 'arrive'; index: number; priority: string }
  | { do: 'wake'; journey: Journey }
  | { do: 'answer'; journey: Journey; key: string; outcome: string }
  | { do: 'news'; journey: Journey; step: string; n: number; name: string }
  | { do: 'finish'; work: Work }
  | { do: 'staff'; role: string; staff: number }
  | { do: 'day' }

interface Team {
  staff: number
  busy: number
  queue: Heap<Work>
  waiting: number
  since: number
}

/** Which replication, and where its chances come from. */
interface Turn {
  replication: number
  chance: MakeChance
}

/**
 * One replication of a simulation: the same engine as the runtime's, with arrivals, people and answers made up as the
 * settings say. A person takes the task that is due first, and finishes what is begun also past the end of a shift. Pure:
 * the same settings and replication give the same run.
 */
export function simulateOnce(
  compiled: CompiledPathway,
  settings: Settings,
  calendar: Calendar,
  { replication, chance }: Turn,
): Run {
  return new World(compiled, settings, calendar, { replication, chance }).run()
}

class World {
  readonly #settings: Settings
  readonly #calendar: Calendar
  readonly #pathway: CompiledPathway
  readonly #dice: Dice
  readonly #happenings = new Heap<Happening>()
  readonly #teams = new Map<string, Team>()
  readonly #run: Run = { begun: 0, ended: 0, outcomes: {}, lengths: [], roles: {} }
  /** Where each counted day begins; the last entry is the end. */
  readonly #days: number[]
  #day = 0
  #now: number
  #current: Journey | undefined

  constructor(compiled: CompiledPathway, settings: Settings, calendar: Calendar, { replication, chance }: Turn) {
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
  }

  run(): Run {
    const { roles, warmUp, days } = this.#settings
    const end = this.#days.at(-1) ?? this.#now
    for (const [role, shifts] of Object.entries(roles)) {
      for (const { at, staff } of staffing(shifts, this.#calendar, this.#now, warmUp + days))
        this.#happenings.push(at, { do: 'staff', role, staff })
      this.#team(role)
    }
    this.#arrivals()
    for (const start of this.#days.slice(1)) this.#happenings.push(start, { do: 'day' })
    for (let next = this.#happenings.pop(); next && next.key <= end; next = this.#happenings.pop()) {
      this.#now = next.key
      while (this.#day < days && this.#now > (this.#days[this.#day + 1] ?? end)) this.#day += 1
      this.#happen(next.value)
    }
    // What is still to be done and past its time is late as well.
    for (const { queue } of this.#teams.values())
      for (let one = queue.pop(); one; one = queue.pop())
        if (one.value.state === 'waiting' && (one.value.due ?? end) < end) this.#late(one.value)
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
      case 'finish':
        return this.#finish(one.work)
      case 'staff': {
        const team = this.#team(one.role)
        this.#account(team, one.role)
        team.staff = one.staff
        return this.#dispatch(one.role)
      }
      case 'day':
        for (const [role, team] of this.#teams) {
          this.#account(team, role)
          const days = this.#role(role).queue
          if (this.#day < days.length) days[this.#day] = team.waiting
        }
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
    }
    if (at >= (this.#days[0] ?? at)) this.#run.begun += 1
    this.#current = journey
    this.#take(journey, advance(this.#pathway, undefined, event, { now: at, calendar: this.#calendar }))
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
    for (const effect of effects) this.#perform(journey, effect)
    for (const { kind, step, n } of log) if (kind === 'waiting' && step !== null) this.#await(journey, step, n)
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
        this.#team(effect.to).queue.push(work.due ?? Number.POSITIVE_INFINITY, work)
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
    const change = { interaction: 'create' as const, resource: newsOf(step, name) }
    this.#move(journey, { id: `${step}.${n}.${name}`, at: this.#now, kind: 'change', change })
    journey.met.delete(step)
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
    const team = this.#team(role)
    this.#account(team, role)
    team.waiting += 1
    team.queue.push(due ?? Number.POSITIVE_INFINITY, work)
    const day = this.#dayOf(openedAt)
    if (day !== undefined) bump(this.#role(role).opened, day)
    this.#dispatch(role)
  }

  #dispatch(role: string): void {
    const team = this.#team(role)
    while (team.busy < team.staff) {
      const next = team.queue.pop()
      if (!next) return
      const work = next.value
      if (work.state !== 'waiting') continue
      this.#account(team, role)
      const own = this.#team(work.role)
      own.waiting -= 1
      team.busy += 1
      work.state = 'taken'
      work.worker = role
      work.beganAt = this.#now
      if (this.#dayOf(work.openedAt) !== undefined) this.#role(work.role).waits.push((this.#now - work.openedAt) / hour)
      const took = draw(this.#model(work.step).takes, this.#dice.of(work.journey.index, `work ${work.step}`, work.n))
      this.#happenings.push(this.#now + took * hour, { do: 'finish', work })
    }
  }

  #finish(work: Work): void {
    if (work.state !== 'taken') return
    this.#release(work)
    work.journey.work.delete(work.key)
    if (work.due !== undefined && this.#now > work.due) this.#late(work)
    const chance = this.#dice.of(work.journey.index, `outcome ${work.step}`, work.n)
    this.#answer(work.journey, work.key, weighted(this.#model(work.step).outcomes, chance) ?? 'done')
    if (work.worker !== undefined) this.#dispatch(work.worker)
  }

  #drop(journey: Journey, key: string): void {
    const work = journey.work.get(key)
    if (!work) return
    journey.work.delete(key)
    if (work.due !== undefined && this.#now > work.due) this.#late(work)
    if (work.state === 'waiting') {
      work.state = 'over'
      this.#team(work.role).waiting -= 1
    } else if (work.state === 'taken') {
      this.#release(work)
      if (work.worker !== undefined) this.#dispatch(work.worker)
    }
  }

  #release(work: Work): void {
    work.state = 'over'
    if (work.worker === undefined) return
    const team = this.#team(work.worker)
    this.#account(team, work.worker)
    team.busy -= 1
  }

  #late(work: Work): void {
    const day = this.#dayOf(work.openedAt)
    if (day !== undefined) bump(this.#role(work.role).late, day)
  }

  /** Hours at work and hours staffed since the last time, to the days they fell on. */
  #account(team: Team, role: string): void {
    const { busy, staffed } = this.#role(role)
    for (let at = team.since; at < this.#now; ) {
      const day = this.#dayAt(at)
      const until = Math.min(
        this.#now,
        day === undefined ? (this.#days[0] ?? this.#now) : (this.#days[day + 1] ?? this.#now),
      )
      if (until <= at) break
      if (day !== undefined && day < busy.length) {
        busy[day] = (busy[day] ?? 0) + (team.busy * (until - at)) / hour
        // Whoever works past the end of a shift is there.
        const there = team.staff === Number.POSITIVE_INFINITY ? team.busy : Math.max(team.staff, team.busy)
        staffed[day] = (staffed[day] ?? 0) + (there * (until - at)) / hour
      }
      at = until
    }
    team.since = this.#now
  }

  #dayAt(at: number): number | undefined {
    if (at < (this.#days[0] ?? at)) return undefined
    let day = this.#day
    while (day > 0 && at < (this.#days[day] ?? 0)) day -= 1
    while (day < this.#settings.days - 1 && at >= (this.#days[day + 1] ?? Number.POSITIVE_INFINITY)) day += 1
    return day
  }

  #dayOf(at: number): number | undefined {
    return this.#dayAt(at)
  }

  #team(role: string): Team {
    let team = this.#teams.get(role)
    if (!team) {
      const staff = this.#settings.roles[role] ? 0 : Number.POSITIVE_INFINITY
      team = { staff, busy: 0, queue: new Heap(), waiting: 0, since: this.#now }
      this.#teams.set(role, team)
    }
    return team
  }

  #role(role: string): RoleRun {
    const zeros = () => Array.from({ length: this.#settings.days }, () => 0)
    return (this.#run.roles[role] ??= {
      waits: [],
      opened: zeros(),
      late: zeros(),
      queue: zeros(),
      busy: zeros(),
      staffed: zeros(),
    })
  }

  #model(step: string): StepModel {
    const model = this.#settings.steps[step]
    if (!model) throw new RangeError(`the settings say nothing of the step ${step}`)
    return model
  }
}

function bump(list: number[], day: number): void {
  list[day] = (list[day] ?? 0) + 1
}
