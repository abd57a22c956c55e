import type { Batch } from './assign-batch.ts'

/** What a move changes: tasks with the person each gets (-1: nobody), and what is saved. */
interface Move {
  sets: readonly [task: number, person: number][]
  saves: number
}

/**
 * A plan made better by moves, until none of them helps: a task goes to somebody cheaper, or changes places with another, or
 * takes the time of one that then goes elsewhere (or to nobody, when it matters less). The same plan gives the same result.
 */
export function improve(batch: Batch, start: readonly number[]): number[] {
  const plan = new Placed(batch, start)
  for (let pass = 0; pass < mostPasses; pass += 1) {
    let moved = false
    for (let task = 0; task < batch.tasks.length; task += 1) {
      const move = bestMove(plan, task)
      if (move) {
        for (const [one] of move.sets) plan.set(one, -1)
        for (const [one, person] of move.sets) plan.set(one, person)
        moved = true
      }
    }
    if (!moved) break
  }
  return plan.person
}

const mostPasses = 20

class Placed {
  readonly batch: Batch
  readonly person: number[]
  readonly left: number[]
  /** For each task, who may do it and at which cost. */
  readonly choices: { person: number; cost: number }[][]
  readonly held: Set<number>[]
  readonly costs = new Map<number, number>()

  constructor(batch: Batch, start: readonly number[]) {
    this.batch = batch
    this.person = batch.tasks.map(() => -1)
    this.left = [...batch.capacity]
    this.choices = batch.tasks.map(() => [])
    this.held = batch.capacity.map(() => new Set())
    for (const { task, person, cost } of batch.pairs) {
      this.choices[task]?.push({ person, cost })
      this.costs.set(task * batch.capacity.length + person, cost)
    }
    for (const choices of this.choices) choices.sort((a, b) => a.cost - b.cost || a.person - b.person)
    for (const [task, person] of start.entries()) this.set(task, person)
  }

  minutes(task: number): number {
    return this.batch.tasks[task]?.minutes ?? 0
  }

  cost(task: number, person: number): number {
    if (person < 0) return this.batch.tasks[task]?.penalty ?? 0
    return this.costs.get(task * this.batch.capacity.length + person) ?? Number.POSITIVE_INFINITY
  }

  now(task: number): number {
    return this.cost(task, this.person[task] ?? -1)
  }

  room(person: number): number {
    return this.left[person] ?? 0
  }

  set(task: number, person: number): void {
    const former = this.person[task] ?? -1
    if (former >= 0) {
      this.left[former] = this.room(former) + this.minutes(task)
      this.held[former]?.delete(task)
    }
    this.person[task] = person
    if (person >= 0) {
      this.left[person] = this.room(person) - this.minutes(task)
      this.held[person]?.add(task)
    }
  }
}

const noticeable = 1e-6

/** The move of this task that saves most; undefined when none saves anything. */
function bestMove(plan: Placed, task: number): Move | undefined {
  let best: Move = { sets: [], saves: noticeable }
  const offer = (sets: Move['sets'], saves: number) => {
    if (saves > best.saves) best = { sets, saves }
  }
  const here = plan.person[task] ?? -1
  for (const { person, cost } of plan.choices[task] ?? []) {
    const gain = plan.now(task) - cost
    // The choices rise in cost, and whoever makes way never gains more by it than what they cost now.
    if (person === here) continue
    if (plan.room(person) >= plan.minutes(task)) {
      offer([[task, person]], gain)
      continue
    }
    for (const other of plan.held[person] ?? []) {
      if (plan.room(person) + plan.minutes(other) < plan.minutes(task)) continue
      const free = gain + plan.now(other)
      offer(
        [
          [task, person],
          [other, -1],
        ],
        free - plan.cost(other, -1),
      )
      for (const next of plan.choices[other] ?? []) {
        if (free - next.cost <= best.saves) break
        if (next.person === person) continue
        const room = plan.room(next.person) + (next.person === here ? plan.minutes(task) : 0)
        if (room >= plan.minutes(other))
          offer(
            [
              [task, person],
              [other, next.person],
            ],
            free - next.cost,
          )
      }
    }
  }
  return best.sets.length > 0 ? best : undefined
}
