import type { Task } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import type { FhirRecord, WrittenResource } from '../../fhir/index.ts'
import { type JobHandler, wakeJobs } from '../../jobs/index.ts'
import { type CallContext, type Clock, newId, systemActor } from '../../kernel/index.ts'
import { lockTask } from '../lock-task.ts'
import { permit } from '../routing/index.ts'
import type { Routing } from '../staff/routing.ts'
import { escalatedTo, isOpen, needOf, words } from '../task-words.ts'
import { type LevelHistory, levelsAt, madeAt } from './level-history.ts'
import { nextRung, type Rung } from './level.ts'
import { climbedOf, momentsOf, policyFor, rungExtension } from './task-level.ts'

const kind = 'climb-ladder'

/** One standing job a task, that runs at the moment of its ladder's next rung; a task without a ladder has none. */
export async function wakeLadders(
  tx: Tx,
  clock: Clock,
  levels: LevelHistory,
  written: readonly WrittenResource[],
): Promise<void> {
  const jobs = written.flatMap(({ id, resource }) => {
    if (resource?.resourceType !== 'Task' || !isOpen(resource)) return []
    const next = nextOf(levels, resource)
    return next ? [{ kind, key: `${kind}/${id}`, payload: { task: id }, runAt: next.at }] : []
  })
  await wakeJobs(tx, clock, jobs)
}

function nextOf(levels: LevelHistory, task: Task) {
  const policy = policyFor(levelsAt(levels, madeAt(task)), task)
  if (!policy || policy.ladder.length === 0) return undefined
  const next = nextRung(policy, momentsOf(task), climbedOf(task))
  const rung = next && policy.ladder[next.rung]
  return next && rung ? { ...next, step: rung } : undefined
}

export interface ClimbDependencies {
  clock: Clock
  record: FhirRecord
  routing: Routing
  /** Tells colleagues (`Practitioner/…`) that a task waits for them; nothing of what it is about. */
  tell(tx: Tx, context: CallContext, people: readonly string[]): Promise<void>
  audit(tx: Tx, context: CallContext, entities: readonly string[]): Promise<void>
}

/**
 * Climbs a task's ladder at the moment of each rung: the task stands in one more role's queue, and whoever of it is on call
 * is told. A task that was put off meanwhile is looked at again when its clock has run.
 */
export function createLadderHandler(dependencies: ClimbDependencies): JobHandler {
  const { clock, record, routing } = dependencies
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
        // Held: the moment that is decided here is of the task as it stands.
        const stored = (await lockTask(tx, record, id))?.task
        if (!stored || !isOpen(stored)) return undefined
        const now = clock.now()
        let task: Task = stored
        const told = new Set<string>()
        const levels = await routing.levels.history(tx)
        for (;;) {
          const next = nextOf(levels, task)
          if (!next || next.at > now) {
            if (task !== stored) await keep(tx, context, { ...task, id }, [...told])
            return next && { again: next.at }
          }
          const people = next.step.onCall ? await onCall(tx, next.step, task, now) : []
          for (const one of people) told.add(one)
          task = climb(task, next.step, { rung: next.rung, at: now, people })
        }
      }
    },
    async givenUp() {},
  }

  async function keep(tx: Tx, context: CallContext, task: Task & { id: string }, told: readonly string[]) {
    await record.write(tx, context, [{ interaction: 'update', resource: task }], { validate: false })
    await dependencies.tell(tx, context, told)
    await dependencies.audit(tx, context, [`Task/${task.id}`])
  }

  /** Who of a role is on call now and may do the task. */
  async function onCall(tx: Tx, { to }: Rung, task: Task, now: number): Promise<string[]> {
    const team = await routing.team(tx, now)
    const need = needOf(task)
    const within = ({ from, until }: { from: number; until: number }) => from <= now && now < until
    return team
      .filter(
        (one) =>
          one.roles.includes(to) &&
          one.shifts.some((shift) => shift.onCall === true && within(shift)) &&
          !one.leave.some(within) &&
          (need === undefined || permit(routing.ontology, need, one, now, team).credential !== undefined),
      )
      .map(({ reference }) => reference)
  }
}

function climb(
  task: Task,
  { to }: Rung,
  { rung, at, people }: { rung: number; at: number; people: readonly string[] },
): Task {
  return {
    ...task,
    extension: [
      ...(task.extension ?? []),
      ...(escalatedTo(task).includes(to) ? [] : [{ url: words.escalated, valueCode: to }]),
      rungExtension({ rung, at, to, people }),
    ],
  }
}
