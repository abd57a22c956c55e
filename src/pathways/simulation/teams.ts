import { Heap } from './heap.ts'

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

/** The people of a role, and what waits for them. */
export interface Team<Work> {
  role: string
  staff: number
  busy: number
  queue: Heap<Work>
  waiting: number
  since: number
}

/** The teams of one replication, and the account of their days. */
export class Teams<Work> {
  readonly roles: Record<string, RoleRun> = {}
  readonly #teams = new Map<string, Team<Work>>()
  readonly #days: readonly number[]
  readonly #limited: (role: string) => boolean
  #now: number
  #day = 0

  /** `days`: where each counted day begins; the last entry is the end. `limited`: whether a role may be short of people. */
  constructor(days: readonly number[], now: number, limited: (role: string) => boolean) {
    this.#days = days
    this.#now = now
    this.#limited = limited
  }

  goTo(now: number): void {
    this.#now = now
    while (this.#day < this.#days.length - 1 && now > (this.#days[this.#day + 1] ?? now)) this.#day += 1
  }

  of(role: string): Team<Work> {
    let team = this.#teams.get(role)
    if (!team) {
      const staff = this.#limited(role) ? 0 : Number.POSITIVE_INFINITY
      team = { role, staff, busy: 0, queue: new Heap(), waiting: 0, since: this.#now }
      this.#teams.set(role, team)
    }
    return team
  }

  all(): Iterable<Team<Work>> {
    return this.#teams.values()
  }

  /** Hours at work and hours staffed since the last time, to the days they fell on. Before anything of a team changes. */
  account(team: Team<Work>): void {
    const { busy, staffed } = this.#run(team.role)
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

  endDay(): void {
    for (const team of this.all()) {
      this.account(team)
      const { queue } = this.#run(team.role)
      if (this.#day < queue.length) queue[this.#day] = team.waiting
    }
  }

  opened(role: string): void {
    this.#bump(this.#run(role).opened, this.#now)
  }

  began(role: string, openedAt: number): void {
    if (this.#dayAt(openedAt) !== undefined) this.#run(role).waits.push((this.#now - openedAt) / hour)
  }

  late(role: string, openedAt: number): void {
    this.#bump(this.#run(role).late, openedAt)
  }

  #bump(list: number[], at: number): void {
    const day = this.#dayAt(at)
    if (day !== undefined) list[day] = (list[day] ?? 0) + 1
  }

  #dayAt(at: number): number | undefined {
    if (at < (this.#days[0] ?? at)) return undefined
    let day = this.#day
    while (day > 0 && at < (this.#days[day] ?? 0)) day -= 1
    while (day < this.#days.length - 2 && at >= (this.#days[day + 1] ?? Number.POSITIVE_INFINITY)) day += 1
    return day
  }

  #run(role: string): RoleRun {
    const zeros = () => Array.from({ length: this.#days.length - 1 }, () => 0)
    return (this.roles[role] ??= {
      waits: [],
      opened: zeros(),
      late: zeros(),
      queue: zeros(),
      busy: zeros(),
      staffed: zeros(),
    })
  }
}
