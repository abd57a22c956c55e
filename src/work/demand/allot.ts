/** Minutes of people and minutes of work, by index, and who may do what. */
export interface Allotting {
  people: readonly number[]
  work: readonly number[]
  links: readonly { person: number; work: number }[]
}

/** Less than this many minutes is nothing. */
const least = 1e-6

/**
 * People's minutes given to work they may do, each minute once. As much is served as can be at all (a maximum flow), and what
 * is short is spread: no piece of work is served beyond a tenth while another could still be brought to that tenth.
 */
export class Allotment {
  private readonly asked: number[]
  private readonly left: number[]
  private readonly able: Set<number>[]
  private readonly holds: Map<number, number>[]
  readonly served: number[]

  constructor({ people, work, links }: Allotting) {
    this.asked = [...work]
    this.left = [...people]
    this.served = work.map(() => 0)
    this.able = work.map(() => new Set())
    this.holds = people.map(() => new Map())
    for (const { person, work: one } of links) this.able[one]?.add(person)
    for (let tenth = 1; tenth <= 10; tenth += 1)
      for (const one of work.keys()) this.serve(one, ((this.asked[one] ?? 0) * tenth) / 10)
  }

  /** How much of `more` further minutes of one piece of work could be served beside all that is. Changes nothing. */
  room(one: number, more: number): number {
    const copy = this.copy()
    const before = copy.served[one] ?? 0
    copy.serve(one, before + more)
    return (copy.served[one] ?? 0) - before
  }

  /** How many more minutes in all would be served if somebody might also do these. Changes nothing. */
  gain(person: number, works: readonly number[]): number {
    const copy = this.copy()
    for (const one of works) copy.able[one]?.add(person)
    for (const one of copy.asked.keys()) copy.serve(one, copy.asked[one] ?? 0)
    return sumOf(copy.served) - sumOf(this.served)
  }

  private copy(): Allotment {
    const copy = new Allotment({ people: this.left, work: [], links: [] })
    copy.asked.push(...this.asked)
    copy.served.push(...this.served)
    copy.able.push(...this.able.map((one) => new Set(one)))
    for (const [person, held] of this.holds.entries()) copy.holds[person] = new Map(held)
    return copy
  }

  private serve(one: number, upTo: number): void {
    for (;;) {
      const need = upTo - (this.served[one] ?? 0)
      if (need <= least || !this.widen(one, need)) return
    }
  }

  /**
   * Serves up to `need` more minutes of a piece of work along the shortest chain: somebody who may do it and has time, or who
   * gives up what somebody else may do in their place, and so on.
   */
  private widen(start: number, need: number): boolean {
    const cameFrom = new Map<number, number>()
    const reached = new Map<number, { person: number; from: number } | undefined>([[start, undefined]])
    const queue = [start]
    for (const work of queue)
      for (const person of this.able[work] ?? []) {
        if (cameFrom.has(person)) continue
        cameFrom.set(person, work)
        if ((this.left[person] ?? 0) > least) {
          this.shift(person, need, cameFrom, reached)
          return true
        }
        for (const [other, minutes] of this.holds[person] ?? [])
          if (minutes > least && !reached.has(other)) {
            reached.set(other, { person, from: work })
            queue.push(other)
          }
      }
    return false
  }

  private shift(
    last: number,
    need: number,
    cameFrom: ReadonlyMap<number, number>,
    reached: ReadonlyMap<number, { person: number; from: number } | undefined>,
  ): void {
    const steps: { person: number; takes: number; gives: number | undefined }[] = []
    let [person, gives]: [number, number | undefined] = [last, undefined]
    for (;;) {
      const takes = cameFrom.get(person) ?? 0
      steps.push({ person, takes, gives })
      const before = reached.get(takes)
      if (!before) break
      person = before.person
      gives = takes
    }
    const amount = Math.min(
      need,
      this.left[last] ?? 0,
      ...steps.map((step) => (step.gives === undefined ? need : (this.holds[step.person]?.get(step.gives) ?? 0))),
    )
    for (const step of steps) {
      const held = this.holds[step.person]
      if (!held) continue
      held.set(step.takes, (held.get(step.takes) ?? 0) + amount)
      if (step.gives !== undefined) held.set(step.gives, (held.get(step.gives) ?? 0) - amount)
    }
    this.left[last] = (this.left[last] ?? 0) - amount
    const start = steps.at(-1)?.takes ?? 0
    this.served[start] = (this.served[start] ?? 0) + amount
  }
}

const sumOf = (list: readonly number[]): number => list.reduce((sum, one) => sum + one, 0)
