import type { Task } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import type { Projection, WrittenResource } from '../fhir/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { momentOfShare } from './levels/level.ts'
import { type LevelHistory, levelsAt, madeAt } from './levels/level-history.ts'
import { momentsOf, policyFor } from './levels/task-level.ts'
import { wakeLadders } from './levels/climb-ladder.ts'
import { wakeClaims } from './claims.ts'
import { storeWaits } from './project-waits.ts'
import type { Routing } from './staff/routing.ts'
import { dueOf, escalatedTo, isOpen, journeyOf, needOf, notBy, rankOf, roleOf, snoozedUntil } from './task-words.ts'

/** In the log of tasks: for no role in particular. */
const noRole = ''

/**
 * Keeps the room's read tables true with every write of a Task, whoever made it, and refuses one that would give an open
 * task to somebody who may not do it.
 */
export const createTaskProjection = (routing: Routing): Projection => ({
  types: ['Task'],
  async apply(tx, context, written) {
    // Of several writes of one Task in a batch the last one counts.
    const last = [...new Map(written.map((one) => [one.id, one])).values()]
    await refuseWrongOwners(tx, context, routing, last)
    const levels = await routing.levels.history(tx)
    await storeItems(tx, levels, last)
    await storeQueues(tx, last)
    await storeNeeds(tx, routing, last)
    await storeWaits(tx, last)
    await storeMade(tx, last)
    await wakeClaims(tx, context.clock, last)
    await wakeLadders(tx, context.clock, levels, last)
    await tx.run({
      name: 'hint-feed-work',
      text: `select pg_notify('throughline_feed', $1)`,
      values: [JSON.stringify({ tenant: tx.tenant, topic: 'work' })],
    })
  },
})

async function refuseWrongOwners(
  tx: Tx,
  context: CallContext,
  routing: Routing,
  written: readonly WrittenResource[],
): Promise<void> {
  const given = written.flatMap((one) => {
    const task = taskOf(one)
    const owner = task?.owner?.reference
    const before = one.former?.resourceType === 'Task' ? one.former.owner?.reference : undefined
    return task && owner !== undefined && owner !== before && isOpen(task) && (needOf(task) || notBy(task).length > 0)
      ? [{ task, owner }]
      : []
  })
  if (given.length === 0) return
  const team = await routing.team(tx, context.clock.now())
  for (const { task, owner } of given) await routing.refuseUnlessPermitted(tx, context, task, owner, team)
}

/** Open tasks of a kind, and no others: most tasks have none, and cost nothing here. */
async function storeNeeds(tx: Tx, routing: Routing, written: readonly WrittenResource[]): Promise<void> {
  const needs = written.flatMap((one) => {
    const task = taskOf(one)
    const need = task && isOpen(task) ? needOf(task) : undefined
    return task && need ? [{ id: one.id, ...need, minutes: routing.minutesOf(task) }] : []
  })
  const kept = new Set(needs.map(({ id }) => id))
  const gone = written.filter(({ id, former }) => former?.resourceType === 'Task' && needOf(former) && !kept.has(id))
  if (gone.length > 0)
    await tx.run({
      name: 'forget-work-needs',
      text: 'delete from work_need where tenant_id = $1 and id = any ($2)',
      values: [tx.tenant, gone.map(({ id }) => id)],
    })
  if (needs.length > 0)
    await tx.run({
      name: 'store-work-needs',
      text: `insert into work_need (tenant_id, id, kind, jurisdiction, minutes) select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::int[])
             on conflict (tenant_id, id) do update set kind = excluded.kind, jurisdiction = excluded.jurisdiction, minutes = excluded.minutes`,
      values: [
        tx.tenant,
        needs.map(({ id }) => id),
        needs.map(({ kind }) => kind),
        needs.map(({ jurisdiction }) => jurisdiction),
        needs.map(({ minutes }) => minutes),
      ],
    })
}

/** The log of tasks of a kind, from which the demand is learned: it keeps those that are done, and forgets what never should have been. */
async function storeMade(tx: Tx, written: readonly WrittenResource[]): Promise<void> {
  const made = written.flatMap((one) => {
    const task = taskOf(one)
    const need = task && task.status !== 'entered-in-error' ? needOf(task) : undefined
    const at = task?.authoredOn ?? task?.meta?.lastUpdated
    return task && need && at !== undefined ? [{ id: one.id, ...need, role: roleOf(task) ?? noRole, at }] : []
  })
  const kept = new Set(made.map(({ id }) => id))
  const gone = written.filter(({ id, former }) => former?.resourceType === 'Task' && needOf(former) && !kept.has(id))
  if (gone.length > 0)
    await tx.run({
      name: 'forget-work-made',
      text: 'delete from work_made where tenant_id = $1 and id = any ($2)',
      values: [tx.tenant, gone.map(({ id }) => id)],
    })
  if (made.length > 0)
    await tx.run({
      name: 'store-work-made',
      text: `insert into work_made (tenant_id, id, kind, jurisdiction, role, at) select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
             on conflict (tenant_id, id) do update set kind = excluded.kind, jurisdiction = excluded.jurisdiction
             where (work_made.kind, work_made.jurisdiction) is distinct from (excluded.kind, excluded.jurisdiction)`,
      values: [
        tx.tenant,
        made.map(({ id }) => id),
        made.map(({ kind }) => kind),
        made.map(({ jurisdiction }) => jurisdiction),
        made.map(({ role }) => role),
        made.map(({ at }) => at),
      ],
    })
}

const taskOf = (one: WrittenResource): Task | undefined =>
  one.resource?.resourceType === 'Task' ? one.resource : undefined

async function storeItems(tx: Tx, levels: LevelHistory, written: readonly WrittenResource[]): Promise<void> {
  const rows = written.flatMap((one) => {
    const task = taskOf(one)
    return task ? [{ ...one, task, ...levelMoments(levels, task) }] : []
  })
  const gone = written.filter((one) => taskOf(one) === undefined)
  // The first version of a Task cannot stand here yet: a plain insert, which need not look first.
  await storeRows(
    tx,
    'insert-work-items',
    '',
    rows.filter((one) => one.version === 1),
  )
  await storeRows(
    tx,
    'store-work-items',
    replacing,
    rows.filter((one) => one.version > 1),
  )
  if (gone.length > 0)
    await tx.run({
      text: 'delete from work_item where tenant_id = $1 and id = any($2)',
      values: [tx.tenant, gone.map((one) => one.id)],
    })
}

interface LevelMoments {
  atRisk: string | null
  goal: string | null
}

/** When an open task's service level is at risk and when it is up, as its moments stand now. */
function levelMoments(levels: LevelHistory, task: Task): LevelMoments {
  const policy = isOpen(task) ? policyFor(levelsAt(levels, madeAt(task)), task) : undefined
  if (!policy) return { atRisk: null, goal: null }
  const moments = momentsOf(task)
  const at = (share: number) => {
    const moment = momentOfShare(policy, moments, share)
    return moment === undefined ? null : new Date(moment).toISOString()
  }
  return { atRisk: at(policy.atRisk), goal: at(1) }
}

const replacing = `
  on conflict (tenant_id, id) do update set version = excluded.version, status = excluded.status, open = excluded.open, role = excluded.role,
          escalated = excluded.escalated, owner = excluded.owner, owner_name = excluded.owner_name, rank = excluded.rank, due = excluded.due,
          updated_at = excluded.updated_at, patient = excluded.patient, journey = excluded.journey, hidden_until = excluded.hidden_until,
          at_risk = excluded.at_risk, goal = excluded.goal`

async function storeRows(
  tx: Tx,
  name: string,
  conflict: string,
  rows: readonly (WrittenResource & { task: Task } & LevelMoments)[],
): Promise<void> {
  if (rows.length === 0) return
  await tx.run({
    name,
    text: `
        insert into work_item (tenant_id, id, version, status, open, role, escalated, owner, owner_name, rank, due, created_at, updated_at, patient, journey, hidden_until, at_risk, goal)
        select $1, id, version, status, open, role, case when escalated = '' then '{}' else string_to_array(escalated, ' ') end,
          owner, owner_name, rank, due, created_at, updated_at, patient, journey, hidden_until, at_risk, goal
        from unnest($2::text[], $3::int[], $4::text[], $5::boolean[], $6::text[], $7::text[], $8::text[], $9::text[], $10::smallint[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::text[], $15::text[], $16::timestamptz[], $17::timestamptz[], $18::timestamptz[])
          as t (id, version, status, open, role, escalated, owner, owner_name, rank, due, created_at, updated_at, patient, journey, hidden_until, at_risk, goal) ${conflict}`,
    values: [
      tx.tenant,
      rows.map((one) => one.id),
      rows.map((one) => one.version),
      rows.map((one) => one.task.status),
      rows.map((one) => isOpen(one.task)),
      rows.map((one) => roleOf(one.task) ?? null),
      rows.map((one) => escalatedTo(one.task).join(' ')),
      rows.map((one) => one.task.owner?.reference ?? null),
      rows.map((one) => one.task.owner?.display ?? null),
      rows.map((one) => rankOf(one.task)),
      rows.map((one) => dueOf(one.task) ?? null),
      rows.map((one) => one.task.authoredOn ?? one.task.meta?.lastUpdated ?? null),
      rows.map((one) => one.task.meta?.lastUpdated ?? null),
      rows.map((one) => one.task.for?.reference ?? null),
      rows.map((one) => journeyOf(one.task) ?? null),
      rows.map((one) => snoozedUntil(one.task) ?? null),
      rows.map((one) => one.atRisk),
      rows.map((one) => one.goal),
    ],
  })
}

async function storeQueues(tx: Tx, written: readonly WrittenResource[]): Promise<void> {
  const known = written.filter((one) => one.interaction !== 'create' || one.version > 1)
  if (known.length > 0)
    await tx.run({
      name: 'leave-work-queues',
      text: 'delete from work_queue where tenant_id = $1 and id = any($2)',
      values: [tx.tenant, known.map((one) => one.id)],
    })
  const rows = written.flatMap((one) => {
    const task = taskOf(one)
    if (!task || !isOpen(task) || task.owner?.reference) return []
    const named = [roleOf(task), ...escalatedTo(task)].flatMap((role) => (role === undefined ? [] : [role]))
    return [...new Set(named)].map((role) => ({
      id: one.id,
      role,
      rank: rankOf(task),
      due: dueOf(task) ?? 'infinity',
      hidden: snoozedUntil(task) ?? null,
    }))
  })
  if (rows.length > 0)
    await tx.run({
      name: 'join-work-queues',
      text: 'insert into work_queue (tenant_id, role, rank, due, id, hidden_until) select $1, * from unnest($2::text[], $3::smallint[], $4::timestamptz[], $5::text[], $6::timestamptz[]) on conflict do nothing',
      values: [
        tx.tenant,
        rows.map((one) => one.role),
        rows.map((one) => one.rank),
        rows.map((one) => one.due),
        rows.map((one) => one.id),
        rows.map((one) => one.hidden),
      ],
    })
}
