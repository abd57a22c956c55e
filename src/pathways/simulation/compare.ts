import type { Run } from './simulate.ts'
import { difference, type Estimate, meanOf } from './summary.ts'

/** What the second variant has more than the first, by role; below zero: less. */
export interface RoleDifference {
  wait: Estimate
  late: Estimate
  tasks: Estimate
}

export interface Comparison {
  length: Estimate
  ended: Estimate
  roles: Record<string, RoleDifference>
}

/** Two variants that met the same chances, held against each other replication by replication. */
export function compareRuns(first: readonly Run[], second: readonly Run[]): Comparison {
  const roles = [...new Set([...first, ...second].flatMap((run) => Object.keys(run.roles)))].toSorted()
  const total = (list: readonly number[] | undefined) => (list ?? []).reduce((sum, one) => sum + one, 0)
  return {
    length: difference(first, second, (run) => meanOf(run.lengths)[0]),
    ended: difference(first, second, (run) => run.ended),
    roles: Object.fromEntries(
      roles.map((role) => [
        role,
        {
          wait: difference(first, second, (run) => meanOf(run.roles[role]?.waits ?? [])[0]),
          late: difference(first, second, (run) => {
            const opened = total(run.roles[role]?.opened)
            return opened === 0 ? undefined : total(run.roles[role]?.late) / opened
          }),
          tasks: difference(first, second, (run) => total(run.roles[role]?.opened)),
        },
      ]),
    ),
  }
}
