import type { Task } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'
import { isOpen } from '../task-words.ts'
import { giveTo } from './candidates.ts'
import type { Handover } from './plan-absence.ts'

/**
 * Gives tasks to those of a plan, and back to their queues those that nobody takes, all or none. Throws `task-changed` for
 * the first that is another version now than the plan looked at. The record's projection holds every new owner to the rules
 * once more.
 */
export async function handOver(
  tx: Tx,
  context: CallContext,
  record: FhirRecord,
  plan: readonly Pick<Handover, 'task' | 'to'>[],
  reason: string,
): Promise<void> {
  const ids = plan.map(({ task }) => task.id)
  const rows = await tx.query<{ id: string; version: number }>({
    name: 'lock-work-items',
    text: 'select id, version from work_item where tenant_id = $1 and id = any ($2) order by id for update',
    values: [tx.tenant, ids],
  })
  const versions = new Map(rows.map(({ id, version }) => [id, version]))
  const moved = plan.map(({ task, to }): Task & { id: string } => {
    if (String(versions.get(task.id)) !== task.meta?.versionId || !isOpen(task))
      throw refuse('task-changed', {
        faults: [{ path: `Task/${task.id}`, message: 'has changed since the plan was made' }],
      })
    const { owner: _owner, ...rest } = task
    return {
      ...(to ? giveTo(task, to) : rest),
      id: task.id,
      status: 'requested',
      statusReason: { text: reason },
      lastModified: new Date(context.clock.now()).toISOString(),
    }
  })
  await record.write(
    tx,
    context,
    moved.map((resource) => ({ interaction: 'update' as const, resource, ifMatch: versions.get(resource.id) ?? 0 })),
    { validate: false },
  )
}
