import type { CallContext, TenantId } from '../../kernel/index.ts'
import { actOnTask, setGiving } from '../../work/index.ts'
import type { House } from '../compose.ts'
import { staff } from './people.ts'

/**
 * The lead has calls to patients given to somebody at once; then a physician answers a renewal with a visit first, and the call
 * that follows stands with whoever it was given to, with the reason.
 */
export async function giveACall(
  house: House,
  { tenant, context, patient }: { tenant: TenantId; context: CallContext; patient: string },
): Promise<void> {
  const as = (id: string): CallContext => {
    const { name = '', roles = [] } = staff.find((one) => one.id === id) ?? {}
    return { ...context, actor: { kind: 'account', id, name, reference: `Practitioner/${id}`, roles } }
  }
  await house.database.transaction(tenant, async (tx) => {
    await setGiving(tx, as('demo-olga'), { kind: 'patient-call', role: '', given: true })
    await house.record.write(tx, context, [
      {
        interaction: 'update',
        resource: {
          resourceType: 'MedicationRequest',
          id: 'demo-renewal-call',
          status: 'draft',
          intent: 'proposal',
          priority: 'routine',
          medicationCodeableConcept: { text: 'Lisinopril 10 mg' },
          subject: { reference: `Patient/${patient}` },
        },
      },
    ])
  })
  await house.runtime.drain(tenant)
  await house.database.transaction(tenant, async (tx) => {
    const { resources } = await house.record.search(
      tx,
      'Task',
      new URLSearchParams({ focus: 'MedicationRequest/demo-renewal-call', status: 'requested' }),
    )
    const options = { mayManage: false, roles: [], routing: house.routing }
    for (const { id = '' } of resources) {
      await actOnTask(tx, as('demo-david'), house.record, id, { do: 'claim' }, options)
      await actOnTask(tx, as('demo-david'), house.record, id, { do: 'complete', outcome: 'visit-first' }, options)
    }
  })
}
