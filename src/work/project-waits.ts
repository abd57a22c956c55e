import type { Tx } from '../db/index.ts'
import type { WrittenResource } from '../fhir/index.ts'
import { isOpen, waitsFor } from './task-words.ts'

/**
 * Keeps which task waits for which, and hides those that wait. It runs after their rows were stored: what is over now may
 * have been the last thing that another waited for.
 */
export async function storeWaits(tx: Tx, written: readonly WrittenResource[]): Promise<void> {
  const taskOf = (one: WrittenResource['resource']) => (one?.resourceType === 'Task' ? one : undefined)
  const waits = written.flatMap(({ id, resource }) => {
    const task = taskOf(resource)
    return task && isOpen(task) ? waitsFor(task).map((other) => ({ id, other })) : []
  })
  const had = written.filter(({ former }) => waitsFor(taskOf(former)).length > 0).map(({ id }) => id)
  const over = written.filter(({ former, resource }) => {
    const [before, now] = [taskOf(former), taskOf(resource)]
    return before && isOpen(before) && !(now && isOpen(now))
  })
  if (had.length > 0)
    await tx.run({
      name: 'forget-work-waits',
      text: 'delete from work_wait where tenant_id = $1 and id = any ($2)',
      values: [tx.tenant, had],
    })
  if (waits.length > 0)
    await tx.run({
      name: 'store-work-waits',
      text: 'insert into work_wait (tenant_id, id, waits_for) select $1, * from unnest($2::text[], $3::text[]) on conflict do nothing',
      values: [tx.tenant, waits.map(({ id }) => id), waits.map(({ other }) => other)],
    })
  const ended = over.map(({ id }) => id)
  if (had.length + waits.length + ended.length === 0) return
  const others =
    ended.length === 0
      ? []
      : await tx.query<{ id: string }>({
          name: 'who-waits-for-work',
          text: 'select id from work_wait where tenant_id = $1 and waits_for = any ($2)',
          values: [tx.tenant, ended],
        })
  const touched = [...new Set([...had, ...waits.map(({ id }) => id), ...others.map(({ id }) => id)])]
  if (touched.length === 0) return
  for (const table of ['work_item', 'work_queue'])
    await tx.run({
      name: `hide-waiting-${table}`,
      text: `
        update ${table} t set hidden_until = case when w.waiting then 'infinity'::timestamptz end
        from (select u.id, exists (select from work_wait p join work_item b on b.tenant_id = $1 and b.id = p.waits_for and b.open
                where p.tenant_id = $1 and p.id = u.id) as waiting from unnest($2::text[]) as u (id)) w
        where t.tenant_id = $1 and t.id = w.id and (w.waiting or t.hidden_until = 'infinity')`,
      values: [tx.tenant, touched],
    })
}
