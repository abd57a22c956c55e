import type { Database, Tx } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import { enqueueJobs, type JobHandler } from '../../jobs/index.ts'
import { type CallContext, type Clock, newId, systemActor, type TenantId } from '../../kernel/index.ts'
import { planAside } from '../routing/plan-aside.ts'
import { isOpen } from '../task-words.ts'
import { type Candidate, ready } from './candidates.ts'
import { handOver } from './hand-over.ts'
import { batchOf, type Handover, patientOf, readTasks } from './plan-absence.ts'
import type { Routing } from './routing.ts'

export interface PlanDependencies {
  database: Database
  clock: Clock
  record: FhirRecord
  routing: Routing
  /** Keeps that these tasks were given out. */
  audit(tx: Tx, context: CallContext, entities: readonly string[]): Promise<void>
}

const kind = 'plan-work'
/** As many as one run gives out; the next takes the rest. */
const most = 500
/** Time at work within this many milliseconds counts: a working day. */
const ahead = 12 * 3_600_000
const seconds = 10

/** Asks for the waiting work to be given out: a job, done aside. */
export const askPlan = (tx: Tx, clock: Clock): Promise<void> =>
  enqueueJobs(tx, clock, [{ kind, key: `${kind}/${newId(clock)}`, payload: {} }])

/**
 * Gives out what waits in the queues and is of a kind: the most urgent first, all at once at the least cost, to people who
 * may do it and are at work with time for it. What somebody has taken or changed meanwhile is left as it is.
 */
export function createPlanHandler(dependencies: PlanDependencies): JobHandler {
  const { database, clock, record, routing } = dependencies
  const contextOf = (tenant: TenantId): CallContext => ({
    tenant,
    actor: { ...systemActor, id: kind },
    clock,
    requestId: newId(clock),
    locale: 'en',
  })
  return {
    kind,
    tries: 3,
    atOnce: 1,
    async perform(tenant) {
      const asked = await database.reading(tenant, (tx) => gather(tx, dependencies))
      const plan = await planAside(asked.batch, seconds)
      const gifts = asked.tasks.flatMap((task, index): Handover[] => {
        const reference = asked.team[plan.person[index] ?? -1]?.reference
        const to = asked.choices[index]?.find(({ member }) => member.reference === reference)
        return to ? [{ task, to, unblock: undefined, able: asked.choices[index]?.filter(ready) ?? [] }] : []
      })
      return async (tx) => {
        const context = contextOf(tenant)
        const still = await unchanged(tx, record, gifts)
        if (still.length === 0) return
        await handOver(tx, context, record, still, 'Given out', 'planned')
        await dependencies.audit(
          tx,
          context,
          still.map(({ task }) => `Task/${task.id}`),
        )
      }
    },
    async givenUp() {},
  }

  async function gather(tx: Tx, { record: from }: PlanDependencies) {
    const now = clock.now()
    const rows = await tx.query<{ id: string }>({
      name: 'work-to-give-out',
      text: `select w.id from work_need n join work_item w on w.tenant_id = n.tenant_id and w.id = n.id
             where n.tenant_id = $1 and w.open and w.owner is null and (w.hidden_until is null or w.hidden_until <= $2)
             order by w.rank, w.due, w.id limit ${most}`,
      values: [tx.tenant, new Date(now)],
    })
    const tasks = await readTasks(
      tx,
      from,
      rows.map(({ id }) => id),
    )
    const patients = await from.readMany(tx, [...new Set(tasks.flatMap((task) => task.for?.reference ?? []))])
    const team = await routing.team(tx, now)
    const choices: Candidate[][] = []
    for (const task of tasks) choices.push(await routing.candidates(tx, task, patientOf(patients, task), team, now))
    const present = choices.map((list) => list.filter(({ atWork }) => atWork))
    return {
      tasks,
      team,
      choices,
      batch: batchOf({ routing, tasks, team, choices: present, now, until: now + ahead }),
    }
  }
}

/** Those of a plan that nobody has taken, ended or changed since, locked until the end of the transaction. */
async function unchanged(tx: Tx, record: FhirRecord, gifts: readonly Handover[]): Promise<Handover[]> {
  const ids = gifts.map(({ task }) => task.id)
  await tx.run({
    name: 'lock-work-to-give-out',
    text: 'select from work_item where tenant_id = $1 and id = any ($2) order by id for update',
    values: [tx.tenant, ids],
  })
  const found = new Map((await readTasks(tx, record, ids)).map((task) => [task.id, task]))
  return gifts.filter(({ task }) => {
    const stands = found.get(task.id)
    return stands?.meta?.versionId === task.meta?.versionId && stands !== undefined && isOpen(stands)
  })
}
