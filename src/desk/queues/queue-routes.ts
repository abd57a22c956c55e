import type { Task } from '@medplum/fhirtypes'
import { z } from 'zod'
import { api, queues } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { mayUse, readOpen } from '../../fhir/index.ts'
import { type CallContext, type Route, route } from '../../kernel/index.ts'
import { ableFor, countPlaces, countQueues, openTasksOf, taskNotFound, unblocksOf } from '../../work/index.ts'
import { type DeskDependencies, iso } from '../desk.ts'
import { workItems } from '../work-views.ts'

const ids = z.object({
  ids: z
    .array(z.string().regex(/^[A-Za-z0-9.-]{1,64}$/))
    .min(1)
    .max(100),
})

/** Queues of teams as a lead sees them, and what an act on several tasks must know first. */
export function queueRoutes(dependencies: DeskDependencies): Route[] {
  const { database, library, routing } = dependencies
  return [
    route({
      method: 'GET',
      path: '/api/work/queues',
      summary:
        'The queue of each role and place: how many tasks are open, unowned, at risk and breached, counted up to 500',
      access: { permission: 'work.read' },
      style: 'api',
      audits: { nothing: 'numbers over all patients' },
      reply: queues.teamQueues,
      handle: (context) =>
        database.reading(context.tenant, async (tx) => {
          const now = context.clock.now()
          const { places } = routing.ontology
          const byRole = await countQueues(
            tx,
            library.roles.map(({ id }) => id),
            now,
          )
          const byPlace = await countPlaces(
            tx,
            places.map(({ id }) => id),
            now,
          )
          return {
            body: {
              roles: library.roles.flatMap(({ id, title }) => {
                const counts = byRole.get(id)
                return counts ? [{ role: id, title, mine: context.actor.roles.includes(id), ...counts }] : []
              }),
              places: places.flatMap(({ id, title }) => {
                const counts = byPlace.get(id)
                return counts ? [{ place: id, title, ...counts }] : []
              }),
            },
          }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/work/unblocks',
      summary: 'Which of these tasks nobody at work may do, and what would unblock each',
      access: { permission: 'work.read' },
      style: 'api',
      audits: ['work-people'],
      body: ids,
      reply: queues.unblocks,
      handle: (context, { body }) =>
        database.transaction(context.tenant, async (tx) => {
          const tasks = await tasksOf(tx, context, body.ids)
          const items = (await unblocksOf(tx, context, routing, tasks)).map(({ id, unblock }) => ({
            id,
            code: unblock.code,
            at: unblock.at === undefined ? null : iso(unblock.at),
            sentence: unblock.sentence,
          }))
          await tell(tx, context, tasks)
          return { body: { items } }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/work/able',
      summary: 'Who may do these tasks, how many of them, and why not the others',
      access: { permission: 'work.read' },
      style: 'api',
      audits: ['work-people'],
      body: ids,
      reply: queues.ablePeople,
      handle: (context, { body }) =>
        database.transaction(context.tenant, async (tx) => {
          const tasks = await tasksOf(tx, context, body.ids)
          const people = await ableFor(tx, context, routing, tasks)
          await tell(tx, context, tasks)
          return {
            body: {
              of: tasks.length,
              items: people.map(({ member, next, reasons, ...rest }) => ({
                reference: member.reference,
                name: member.name,
                held: member.held,
                next: next === undefined ? null : iso(next),
                reasons: [...reasons],
                ...rest,
              })),
            },
          }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/work/:id/others',
      summary: 'The other open tasks of the same patient: what it may be merged with or wait for',
      access: { permission: 'work.read' },
      style: 'api',
      audits: ['work-list'],
      params: z.object({ id: z.string() }),
      reply: api.workList,
      handle: (context, { params }) =>
        database.transaction(context.tenant, async (tx) => {
          const sight = await dependencies.sight(tx, context)
          const place = `Task/${params.id}`
          const open = await mayUse(tx, sight, 'read', place)
          const task = open ? await dependencies.record.read(tx, place) : undefined
          if (task?.resourceType !== 'Task') throw taskNotFound()
          const patient = task.for?.reference
          const rows = patient === undefined ? [] : await openTasksOf(tx, patient)
          const items = await workItems(
            tx,
            dependencies,
            context,
            rows.filter(({ id }) => id !== params.id),
            sight,
          )
          await dependencies.audit(tx, context, [
            { action: 'R', code: 'work-list', entities: [place, ...items.map(({ id }) => `Task/${id}`)] },
          ])
          return { body: { items, next: null } }
        }),
    }),
  ]

  /** Those of the tasks that there are, and that the caller may see. */
  async function tasksOf(tx: Tx, context: CallContext, asked: readonly string[]): Promise<Task[]> {
    const sight = await dependencies.sight(tx, context)
    const found = await readOpen(
      tx,
      sight,
      'read',
      asked.map((id) => `Task/${id}`),
    )
    return [...found.values()].flatMap((one) => (one.resourceType === 'Task' ? [one] : []))
  }

  function tell(tx: Tx, context: CallContext, tasks: readonly Task[]): Promise<void> {
    return dependencies.audit(tx, context, [
      { action: 'R', code: 'work-people', entities: tasks.map(({ id }) => `Task/${id}`) },
    ])
  }
}
