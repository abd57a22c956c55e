import type { Task } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import type { FhirRecord } from '../fhir/index.ts'

/** A Task as it stands, held until the transaction ends: whoever changes one holds its row. Undefined when there is none. */
export async function lockTask(
  tx: Tx,
  record: FhirRecord,
  id: string,
): Promise<{ task: Task; version: number } | undefined> {
  const [item] = await tx.query<{ version: number }>({
    name: 'lock-work-item',
    text: 'select version from work_item where tenant_id = $1 and id = $2 for update',
    values: [tx.tenant, id],
  })
  const task = item ? await record.read(tx, `Task/${id}`) : undefined
  return item && task?.resourceType === 'Task' ? { task, version: item.version } : undefined
}
