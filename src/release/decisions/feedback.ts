import type { z } from 'zod'
import type { judgements } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { type CallContext, newId } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'
import type { Sees } from '../queries/decisions.ts'

type Feedback = z.infer<typeof judgements.cdsFeedback>['feedback']

/**
 * Keeps what a client tells of cards that it showed, by CDS Hooks 2.0. It says what became of a proposal, and answers no
 * step: that is done by its Task. All of it is kept or none.
 */
export async function keepFeedback(
  tx: Tx,
  context: CallContext,
  asked: { automation: string; feedback: Feedback },
  sees: Sees,
): Promise<{ patients: string[] }> {
  const { automation, feedback } = asked
  const known = await tx.query<{ id: string; patient: string }>({
    text: 'select id, patient from automation_decision where tenant_id = $1 and automation = $2 and id = any($3) for update',
    values: [tx.tenant, automation, feedback.map(({ card }) => card)],
  })
  const seen = await sees([...new Set(known.map(({ patient }) => patient))])
  for (const [n, { card }] of feedback.entries())
    if (!known.some(({ id, patient }) => id === card && seen.has(patient)))
      throw refuse('decision-not-found', {
        faults: [{ path: `feedback.${n}.card`, message: `${automation} gave no such card` }],
      })
  const rows = feedback.map(({ card, outcome, acceptedSuggestions, overrideReason, outcomeTimestamp }) => ({
    id: newId(context.clock),
    decision: card,
    outcome,
    suggestions: acceptedSuggestions.map(({ id }) => id),
    reason: overrideReason?.reason ?? null,
    comment: overrideReason?.userComment ?? null,
    happened_at: outcomeTimestamp,
  }))
  await tx.run({
    text: `with told as (
             select * from jsonb_to_recordset($2::jsonb) as t (id text, decision text, outcome text, suggestions text[], reason jsonb, comment text, happened_at timestamptz)),
           proposed as (
             update automation_decision d set note = coalesce(t.comment, d.note),
               disposition = case when t.outcome = 'accepted' then 'accepted' else 'rejected' end
             from told t where d.tenant_id = $1 and d.id = t.decision and d.status = 'proposed')
           insert into automation_feedback (tenant_id, id, decision, outcome, suggestions, reason, comment, happened_at, at, by_name)
           select $1, id, decision, outcome, suggestions, reason, comment, happened_at, $3, $4 from told`,
    values: [tx.tenant, JSON.stringify(rows), new Date(context.clock.now()), context.actor.name],
  })
  return { patients: [...seen.keys()] }
}
