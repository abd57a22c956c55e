import type { Task } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import type { FhirRecord, WrittenResource } from '../fhir/index.ts'
import { type JobHandler, wakeJobs } from '../jobs/index.ts'
import { type CallContext, type Clock, newId, systemActor } from '../kernel/index.ts'
import { lockTask } from './lock-task.ts'
import type { RoutingPolicy } from './ontology/house-ontology.ts'
import { claimedUntil, withExtensions, words } from './task-words.ts'

const kind = 'claim-over'
const minute = 60_000

/**
 * The task after an act, kept for its owner for as long as the policy says when the act was taking it, or a sign of life of
 * whoever took it. What was begun, or was given by somebody else, is kept without an end.
 */
export function keptFor(
  task: Task,
  { before, claimed, policy }: { before: Task; claimed: boolean; policy: RoutingPolicy },
  { actor, clock }: CallContext,
): Task {
  const rest = (task.extension ?? []).filter(({ url }) => url !== words.claimed)
  const theirs = task.status === 'accepted' && task.owner?.reference === actor.reference
  const taken = claimedUntil(before) !== undefined && before.owner?.reference === task.owner?.reference
  if (!(theirs && (claimed || taken)))
    return rest.length === (task.extension ?? []).length || (taken && task.status === 'accepted')
      ? task
      : withExtensions(task, rest)
  const until = clock.now() + policy.claims[task.priority ?? 'routine'] * minute
  return { ...task, extension: [...rest, { url: words.claimed, valueDateTime: new Date(until).toISOString() }] }
}

/** One standing job for each task that is kept for somebody, at the moment when it no longer is. */
export async function wakeClaims(tx: Tx, clock: Clock, written: readonly WrittenResource[]): Promise<void> {
  const jobs = written.flatMap(({ id, resource }) => {
    const until = resource?.resourceType === 'Task' ? claimedUntil(resource) : undefined
    return until === undefined ? [] : [{ kind, key: `${kind}/${id}`, payload: { task: id }, runAt: Date.parse(until) }]
  })
  await wakeJobs(tx, clock, jobs)
}

export interface ClaimDependencies {
  clock: Clock
  record: FhirRecord
  audit(tx: Tx, context: CallContext, entities: readonly string[]): Promise<void>
}

/** Gives back to its queue what somebody took and did nothing with; whoever was at it meanwhile keeps it. */
export function createClaimHandler({ clock, record, audit }: ClaimDependencies): JobHandler {
  return {
    kind,
    tries: 5,
    async perform(tenant, job) {
      const id = String(job.payload['task'])
      const context: CallContext = {
        tenant,
        actor: { ...systemActor, id: kind },
        clock,
        requestId: newId(clock),
        locale: 'en',
      }
      return async (tx) => {
        const task = (await lockTask(tx, record, id))?.task
        const until = task && claimedUntil(task)
        if (!task || until === undefined) return undefined
        if (Date.parse(until) > clock.now()) return { again: Date.parse(until) }
        const { owner: _owner, ...rest } = task
        const extension = (task.extension ?? []).filter(({ url }) => url !== words.claimed && url !== words.supervisor)
        const resource = { ...withExtensions({ ...rest, status: 'requested' }, extension), id }
        await record.write(tx, context, [{ interaction: 'update', resource }], { validate: false })
        await audit(tx, context, [`Task/${id}`])
        return undefined
      }
    },
    async givenUp() {},
  }
}
