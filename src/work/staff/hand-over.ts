import type { Task } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'
import { permit } from '../routing/index.ts'
import { isOpen, needOf } from '../task-words.ts'
import { giveTo } from './candidates.ts'
import { giftExtension } from './gift.ts'
import { type Handover, readTasks } from './plan-absence.ts'
import type { Routing } from './routing.ts'

/**
 * Gives tasks to those of a plan, and back to their queues those that nobody takes, all or none. Throws `task-changed` for
 * the first that is another version now than the plan looked at. The record's projection holds every new owner to the rules
 * once more. Answers the versions that the tasks have now, by which they can be taken back.
 */
export async function handOver(
  tx: Tx,
  context: CallContext,
  record: FhirRecord,
  plan: readonly Pick<Handover, 'task' | 'to' | 'able'>[],
  reason: string,
  /** Set when a plan gave them out, so that each says why it is with whom. */
  how?: 'planned',
): Promise<{ id: string; version: number }[]> {
  const ids = plan.map(({ task }) => task.id)
  const rows = await tx.query<{ id: string; version: number }>({
    name: 'lock-work-items',
    text: 'select id, version from work_item where tenant_id = $1 and id = any ($2) order by id for update',
    values: [tx.tenant, ids],
  })
  const now = context.clock.now()
  const versions = new Map(rows.map(({ id, version }) => [id, version]))
  const moved = plan.map(({ task, to, able }): Task & { id: string } => {
    if (String(versions.get(task.id)) !== task.meta?.versionId || !isOpen(task))
      throw refuse('task-changed', {
        faults: [{ path: `Task/${task.id}`, message: 'has changed since the plan was made' }],
      })
    const { owner: _owner, ...rest } = task
    return {
      ...(to ? giveTo(task, to, how && giftExtension(to, { how, at: now, among: able.length })) : rest),
      id: task.id,
      status: 'requested',
      statusReason: { text: reason },
      lastModified: new Date(now).toISOString(),
    }
  })
  await record.write(
    tx,
    context,
    moved.map((resource) => ({ interaction: 'update' as const, resource, ifMatch: versions.get(resource.id) ?? 0 })),
    { validate: false },
  )
  return moved.map(({ id }) => ({ id, version: (versions.get(id) ?? 0) + 1 }))
}

/**
 * Gives tasks of a handover back to whom (`Practitioner/…`) they were taken from: those that nobody has touched since, and
 * that they may do. Answers the ids of these; others stay where they are.
 */
export async function takeBack(
  tx: Tx,
  context: CallContext,
  { record, routing }: { record: FhirRecord; routing: Routing },
  who: string,
  tasks: readonly { id: string; version: number }[],
): Promise<string[]> {
  await tx.run({
    name: 'lock-work-to-take-back',
    text: 'select from work_item where tenant_id = $1 and id = any ($2) order by id for update',
    values: [tx.tenant, tasks.map(({ id }) => id)],
  })
  const given = new Map(tasks.map(({ id, version }) => [id, version]))
  const stored = await readTasks(tx, record, [...given.keys()])
  const now = context.clock.now()
  const team = await routing.team(tx, now)
  const member = team.find(({ reference }) => reference === who)
  const back = stored.flatMap((task) => {
    if (!member || String(given.get(task.id)) !== task.meta?.versionId || !isOpen(task)) return []
    const need = needOf(task)
    const answer = need ? permit(routing.ontology, need, member, now, team) : undefined
    if (answer && answer.credential === undefined) return []
    return [{ ...giveTo(task, { member, permit: answer ?? { person: who, credential: '', bars: [] } }), id: task.id }]
  })
  await record.write(
    tx,
    context,
    back.map(({ statusReason: _reason, ...resource }) => ({
      interaction: 'update' as const,
      resource: { ...resource, lastModified: new Date(now).toISOString() },
      ifMatch: given.get(resource.id) ?? 0,
    })),
    { validate: false },
  )
  return back.map(({ id }) => id)
}
