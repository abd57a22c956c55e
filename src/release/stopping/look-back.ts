import type { Task } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import type { CallContext } from '../../kernel/index.ts'

/** Marks the Task by which a person looks back on one patient. Its value is the incident. */
export const lookBackSystem = 'urn:throughline:look-back'

export const findings = [
  { code: 'no-harm', title: { en: 'No harm', fr: 'Aucun préjudice' } },
  { code: 'corrected', title: { en: 'Corrected', fr: 'Corrigé' } },
  { code: 'harm', title: { en: 'The patient was harmed', fr: 'La personne a subi un préjudice' } },
] as const

export interface Touched {
  patient: string
  decisions: string[]
}

/** Keeps what a review found, with the Task that it was done by. */
export async function reviewed(tx: Tx, context: CallContext, task: Task, finding: string | undefined): Promise<void> {
  await tx.run({
    text: `update look_back set reviewed_at = $3, reviewed_by = $4, finding = $5, note = $6
           where tenant_id = $1 and task = $2 and reviewed_at is null`,
    values: [
      tx.tenant,
      task.id,
      new Date(context.clock.now()),
      context.actor.name,
      finding ?? null,
      task.note?.at(-1)?.text ?? null,
    ],
  })
}
