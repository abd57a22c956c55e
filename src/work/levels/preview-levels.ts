import { setImmediate } from 'node:timers/promises'
import type { Task } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import { levelAt, type LevelPolicy, momentOfShare } from './level.ts'
import { momentsOf, policyFor } from './task-level.ts'

/** How tasks would stand with a set of service levels. */
export interface LevelCount {
  /** Tasks for which the policy holds. */
  tasks: number
  /** Of these: reached the share from which they are at risk before they ended, or until now. */
  atRisk: number
  /** Of these: were not done by their goal, or are not yet and it has passed. */
  breached: number
  /** Of these: reached the first rung of the ladder by its share of the goal. Acknowledgements bring rungs too, and are not counted. */
  escalated: number
}

export interface LevelPreview {
  /** Tasks that were looked at, and whether there were more than that. */
  looked: number
  more: boolean
  /** By policy id. */
  counts: ReadonlyMap<string, LevelCount>
}

const page = 500
/** The newest of a month; a month with more is told from these. */
const most = 20_000

/**
 * Holds the tasks that were made in a window (milliseconds) against sets of service levels, each in its own right: the record
 * has when each was made, waited for its patient and ended. The clock of `now` stands for those that are open. Reads only.
 */
export async function previewLevels(
  tx: Tx,
  record: FhirRecord,
  sets: readonly (readonly LevelPolicy[])[],
  { from, now }: { from: number; now: number },
): Promise<LevelPreview[]> {
  const counts = sets.map(() => new Map<string, LevelCount>())
  let looked = 0
  let cursor: string | undefined
  do {
    const query = new URLSearchParams({
      'authored-on': `ge${new Date(from).toISOString()}`,
      _sort: '-authored-on',
      _count: String(page),
      ...(cursor === undefined ? {} : { _cursor: cursor }),
    })
    const { resources, next } = await record.search(tx, 'Task', query)
    const tasks = resources.flatMap((one) => (one.resourceType === 'Task' && counted(one) ? [one] : []))
    for (const [index, policies] of sets.entries())
      for (const task of tasks) count(counts[index] ?? new Map(), policies, task, now)
    looked += tasks.length
    cursor = next
    // A long month must not hold up whoever else waits for an answer.
    await setImmediate()
  } while (cursor !== undefined && looked < most)
  return counts.map((one) => ({ looked, more: cursor !== undefined, counts: one }))
}

/** What was cancelled or should never have been says nothing of how soon work is done. */
const counted = ({ status }: Task): boolean => !['cancelled', 'entered-in-error', 'rejected', 'draft'].includes(status)

function count(into: Map<string, LevelCount>, policies: readonly LevelPolicy[], task: Task, now: number): void {
  const policy = policyFor(policies, task)
  if (!policy) return
  const moments = momentsOf(task)
  const end = moments.end ?? now
  const { status, atRiskAt } = levelAt(policy, moments, now)
  const [first] = policy.ladder
  const rung = first && momentOfShare(policy, moments, first.share)
  const found = into.get(policy.id) ?? { tasks: 0, atRisk: 0, breached: 0, escalated: 0 }
  into.set(policy.id, {
    tasks: found.tasks + 1,
    atRisk: found.atRisk + Number(atRiskAt !== undefined && atRiskAt <= end),
    breached: found.breached + Number(status === 'breached'),
    escalated: found.escalated + Number(rung !== undefined && rung <= end),
  })
}
