import type { Run } from './simulate.ts'

/** A mean over independent replications, with its 95 % interval (Student's t). */
export interface Estimate {
  mean: number
  low: number
  high: number
}

export interface RoleSummary {
  /** Share of the staffed hours in which somebody works at a task. */
  busy: Estimate
  /** Hours from asking to beginning. */
  wait: Estimate
  waitMedian: Estimate
  wait90: Estimate
  tasks: Estimate
  /** Share of tasks not done by their due time. */
  late: Estimate
  /** By counted day: waiting tasks at its end, in the middle replication and between the 5th and the 95th in a hundred. */
  queue: { middle: number; low: number; high: number }[]
  /** Where the role breaks: from that day on more than half of each day's tasks are late, for five days with tasks. */
  breaks: { share: number; day: number | null }
}

export interface Summary {
  replications: number
  begun: Estimate
  ended: Estimate
  /** Hours from beginning to end. */
  length: Estimate
  length90: Estimate
  outcomes: Record<string, number>
  roles: Record<string, RoleSummary>
}

export function summarize(runs: readonly Run[], days: number): Summary {
  const roles = [...new Set(runs.flatMap((run) => Object.keys(run.roles)))].toSorted()
  const outcomes: Record<string, number> = {}
  for (const run of runs)
    for (const [name, n] of Object.entries(run.outcomes)) outcomes[name] = (outcomes[name] ?? 0) + n / runs.length
  return {
    replications: runs.length,
    begun: estimate(runs.map((run) => run.begun)),
    ended: estimate(runs.map((run) => run.ended)),
    length: estimate(runs.flatMap((run) => meanOf(run.lengths))),
    length90: estimate(runs.flatMap((run) => quantile(run.lengths, 0.9))),
    outcomes,
    roles: Object.fromEntries(roles.map((role) => [role, ofRole(runs, role, days)])),
  }
}

function ofRole(runs: readonly Run[], role: string, days: number): RoleSummary {
  const found = runs.flatMap((run) => run.roles[role] ?? [])
  const share = (part: readonly number[], whole: readonly number[]) => (sum(whole) === 0 ? [] : sum(part) / sum(whole))
  const broken = found.flatMap((one) => breakDay(one.opened, one.late) ?? [])
  return {
    busy: estimate(found.flatMap((one) => share(one.busy, one.staffed))),
    wait: estimate(found.flatMap((one) => meanOf(one.waits))),
    waitMedian: estimate(found.flatMap((one) => quantile(one.waits, 0.5))),
    wait90: estimate(found.flatMap((one) => quantile(one.waits, 0.9))),
    tasks: estimate(found.map((one) => sum(one.opened))),
    late: estimate(found.flatMap((one) => share(one.late, one.opened))),
    queue: Array.from({ length: days }, (_none, day) => {
      const lengths = found.map((one) => one.queue[day] ?? 0)
      const at = (p: number) => quantile(lengths, p)[0] ?? 0
      return { middle: at(0.5), low: at(0.05), high: at(0.95) }
    }),
    breaks: { share: broken.length / Math.max(1, runs.length), day: quantile(broken, 0.5)[0] ?? null },
  }
}

const inARow = 5

/** The first day from which on, for five days with tasks, more than half of the day's tasks are late. */
export function breakDay(opened: readonly number[], late: readonly number[]): number | undefined {
  let since: number | undefined
  let row = 0
  for (const [day, n] of opened.entries()) {
    if (n === 0) continue
    if ((late[day] ?? 0) * 2 > n) {
      since ??= day
      row += 1
      if (row === inARow) return since
    } else {
      since = undefined
      row = 0
    }
  }
  return undefined
}

/** What one variant has more than the other, replication by replication: both have met the same chances. */
export function difference(
  before: readonly Run[],
  after: readonly Run[],
  measure: (run: Run) => number | undefined,
): Estimate {
  return estimate(
    before.flatMap((run, index) => {
      const other = after[index]
      const [a, b] = [measure(run), other && measure(other)]
      return a === undefined || b === undefined ? [] : b - a
    }),
  )
}

const sum = (list: readonly number[]): number => list.reduce((total, one) => total + one, 0)

/** None of no values, else one. */
export const meanOf = (values: readonly number[]): number[] =>
  values.length === 0 ? [] : [sum(values) / values.length]

function quantile(values: readonly number[], p: number): number[] {
  if (values.length === 0) return []
  const sorted = Float64Array.from(values).sort()
  const at = p * (sorted.length - 1)
  const low = sorted[Math.floor(at)] ?? 0
  return [low + ((sorted[Math.ceil(at)] ?? low) - low) * (at - Math.floor(at))]
}

// Student's t, two-sided 95 %, for 1 to 30 degrees of freedom; beyond that the normal value is near enough.
const students = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
]

export function estimate(values: readonly number[]): Estimate {
  const n = values.length
  if (n === 0) return { mean: 0, low: 0, high: 0 }
  const mean = sum(values) / n
  if (n === 1) return { mean, low: mean, high: mean }
  const variance = values.reduce((total, one) => total + (one - mean) ** 2, 0) / (n - 1)
  const half = (students[n - 2] ?? 1.96) * Math.sqrt(variance / n)
  return { mean, low: mean - half, high: mean + half }
}
