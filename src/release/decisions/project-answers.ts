import type { Task } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import type { Projection } from '../../fhir/index.ts'
import { lookBackSystem, reviewed } from '../stopping/look-back.ts'

const decisionSystem = 'urn:throughline:automation'

const marked = (task: Task, system: string): boolean => task.identifier?.some((one) => one.system === system) === true

const outcomeOf = (task: Task): string | undefined =>
  task.output?.find((output) => output.type.coding?.some(({ code }) => code === 'outcome'))?.valueCode

/**
 * Keeps what people did with a question, in the transaction in which they do it: who took it and when, what they answered,
 * and whether that is what was proposed. What the automation answered itself is no person's answer.
 */
export const answersProjection: Projection = {
  types: ['Task'],
  async apply(tx, context, written) {
    const tasks = written.flatMap(({ resource }) => (resource?.resourceType === 'Task' ? [resource] : []))
    const answers = tasks.filter((task) => marked(task, decisionSystem) && (task.owner || task.status !== 'requested'))
    if (answers.length > 0 && context.actor.kind !== 'engine')
      await keep(tx, answers, { by: context.actor.name, now: context.clock.now() })
    const reviews = tasks.filter((task) => marked(task, lookBackSystem) && task.status === 'completed')
    for (const task of reviews) await reviewed(tx, context, task, outcomeOf(task))
  },
}

async function keep(tx: Tx, tasks: readonly Task[], { by, now }: { by: string; now: number }): Promise<void> {
  await tx.run({
    name: 'keep-answers',
    text: `update automation_decision d set
             taken_at = coalesce(d.taken_at, case when g.owned then $6::timestamptz end),
             answered_at = case when g.done then $6 else d.answered_at end,
             answered_by = case when g.done then $7 else d.answered_by end,
             answer = case when g.done then g.outcome else d.answer end,
             note = case when g.done then g.note else d.note end,
             disposition = case when not g.done then d.disposition
               when g.outcome is null then case when g.rejected then 'rejected' else 'ignored' end
               when d.status <> 'proposed' then 'answered'
               when g.outcome = (select o.output->>'gives' from automation_opinion o
                 where o.tenant_id = $1 and o.decision = d.id and o.version = d.version) then 'accepted'
               else 'edited' end,
             status = case when g.done then case when g.outcome is null then 'withdrawn' else 'answered' end else d.status end
           from unnest($2::text[], $3::boolean[], $4::boolean[], $5::text[], $8::text[], $9::boolean[]) as g (id, owned, done, outcome, note, rejected)
           where d.tenant_id = $1 and d.id = g.id and d.status in ('proposed', 'handed')`,
    values: [
      tx.tenant,
      tasks.map((task) => task.id),
      tasks.map((task) => task.owner !== undefined),
      tasks.map((task) => ['completed', 'cancelled', 'failed', 'rejected', 'entered-in-error'].includes(task.status)),
      tasks.map((task) => (task.status === 'completed' ? (outcomeOf(task) ?? null) : null)),
      new Date(now),
      by,
      tasks.map((task) => task.note?.at(-1)?.text ?? null),
      tasks.map((task) => task.status === 'rejected'),
    ],
  })
}
