import type { Tx } from '../../db/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'

/**
 * A person says afterwards that an answer was wrong, whoever gave it. It is kept with the decision and counted; what it
 * means for the journey is another act, done there.
 */
export async function reverseDecision(
  tx: Tx,
  context: CallContext,
  id: string,
  asked: { to?: string | undefined; why: string; conservative: boolean },
): Promise<{ patient: string }> {
  const [row] = await tx.query<{ patient: string; answer: string | null; reversed_at: Date | null; gives: string[] }>({
    text: 'select patient, answer, reversed_at, gives from automation_decision where tenant_id = $1 and id = $2 for update',
    values: [tx.tenant, id],
  })
  if (!row) throw refuse('decision-not-found')
  if (row.answer === null) throw refuse('decision-not-settled')
  if (row.reversed_at) throw refuse('decision-reversed')
  if (asked.to !== undefined && !row.gives.includes(asked.to))
    throw refuse('answer-unknown', { faults: [{ path: 'to', message: `one of ${row.gives.join(', ')}` }] })
  await tx.run({
    text: `update automation_decision set reversed_at = $3, reversed_by = $4, reversed_to = $5, reversed_why = $6, conservative = $7
           where tenant_id = $1 and id = $2`,
    values: [
      tx.tenant,
      id,
      new Date(context.clock.now()),
      context.actor.name,
      asked.to ?? null,
      asked.why,
      asked.conservative,
    ],
  })
  return { patient: row.patient }
}
