import { z } from 'zod'
import { api, type Handovers, type TaskPeople, type Team } from '../contracts/index.ts'
import { mayUse } from '../fhir/index.ts'
import { type CallContext, newId, type Route, route } from '../kernel/index.ts'
import { leaveEnded, rosterWrites } from '../scheduling/index.ts'
import {
  askPlan,
  type Candidate,
  handOver,
  needOf,
  planAbsence,
  sayBar,
  takeBack,
  taskNotFound,
  type Unblock,
} from '../work/index.ts'
import { type DeskDependencies, iso } from './desk.ts'
import { refuse } from './errors.ts'
import { teamView } from './team-view.ts'
import { workItems } from './work-views.ts'

type Taker = Handovers['items'][number]['able'][number]

const unblockOf = (one: Unblock | undefined): TaskPeople['unblock'] =>
  one ? { code: one.code, at: one.at === undefined ? null : iso(one.at), sentence: one.sentence } : null

/** Longest absence that is planned at once; more is leave, and comes by the roster. */
const longest = 14 * 86_400_000

const personId = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/)
const absence = z.object({
  until: z.iso.datetime(),
  reason: z.string().trim().min(1).max(200),
  apply: z.boolean(),
  /** By task id, who gets it instead of whom the plan would give it to; null: its queue. */
  give: z.record(z.string().max(64), z.string().max(80).nullable()).optional(),
})

export function teamRoutes(dependencies: DeskDependencies): Route[] {
  const { database, record, routing } = dependencies
  const { ontology } = routing
  return [
    route({
      method: 'GET',
      path: '/api/team',
      summary: 'People with their licences, hours and load',
      access: { permission: 'work.read' },
      style: 'api',
      audits: { nothing: 'the house’s own people, no patient' },
      reply: api.team,
      handle: (context) =>
        database.reading(context.tenant, async (tx): Promise<{ body: Team }> => {
          const now = context.clock.now()
          return { body: { items: (await routing.team(tx, now)).map((member) => teamView(ontology, member, now)) } }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/work/:id/people',
      summary: 'Who may do a task, why each other may not, and what would unblock it',
      access: { permission: 'work.read' },
      style: 'api',
      audits: ['work-people'],
      params: z.object({ id: z.string() }),
      reply: api.taskPeople,
      handle: (context, { params }) =>
        database.transaction(context.tenant, async (tx): Promise<{ body: TaskPeople }> => {
          const place = `Task/${params.id}`
          if (!(await mayUse(tx, await dependencies.sight(tx, context), 'read', place))) throw taskNotFound()
          const { task, candidates, unblock } = await routing.whoMay(tx, context, params.id)
          const need = needOf(task)
          await dependencies.audit(tx, context, [{ action: 'R', code: 'work-people', entities: [place] }])
          return {
            body: {
              kind: ontology.kinds.find(({ id }) => id === need?.kind)?.title ?? null,
              place: ontology.places.find(({ id }) => id === need?.jurisdiction)?.title ?? null,
              unblock: unblockOf(unblock),
              items: candidates.map(({ member, permit, atWork, next }) => ({
                reference: member.reference,
                name: member.name,
                may: permit.credential !== undefined,
                atWork,
                next: next === undefined ? null : iso(next),
                credential: ontology.credentials.find(({ id }) => id === permit.credential)?.title ?? null,
                supervisor: permit.supervisor ?? null,
                held: member.held,
                reasons: permit.bars.map((bar) => ({
                  code: bar.code,
                  sentence: sayBar(ontology, bar, context.locale),
                })),
              })),
            },
          }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/work/plan',
      summary: 'Gives out what waits in the queues to people who may do it and have time; a job does it',
      access: { permission: 'work.manage' },
      style: 'api',
      audits: ['work-plan'],
      reply: api.planAsked,
      handle: (context) =>
        database.transaction(context.tenant, async (tx) => {
          await askPlan(tx, context.clock)
          await dependencies.audit(tx, context, [{ action: 'E', code: 'work-plan', entities: [] }])
          return { status: 202, body: { asked: true } }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/team/:id/away',
      summary: 'Somebody is away: what becomes of their work, and on `apply` it does',
      access: { permission: 'work.manage' },
      style: 'api',
      audits: ['team-away'],
      params: z.object({ id: personId }),
      body: absence,
      reply: api.handovers,
      handle: (context, { params, body }) =>
        database.transaction(context.tenant, (tx) => away(tx, context, params.id, body)),
    }),
    route({
      method: 'POST',
      path: '/api/team/:id/away/undo',
      summary: 'Somebody is there after all: the absence ends, and what nobody has touched since comes back to them',
      access: { permission: 'work.manage' },
      style: 'api',
      audits: ['team-back'],
      params: z.object({ id: personId }),
      body: z.object({
        leave: z.string().max(64),
        tasks: z.array(z.object({ id: z.string().max(64), version: z.number().int().positive() })).max(500),
      }),
      reply: api.takenBack,
      handle: (context, { params, body }) =>
        database.transaction(context.tenant, async (tx) => {
          const who = `Practitioner/${params.id}`
          const slot = await record.read(tx, `Slot/${body.leave}`)
          const writes = slot?.resourceType === 'Slot' ? leaveEnded(slot, params.id) : undefined
          if (!writes)
            throw refuse('unknown-absence', { faults: [{ path: 'leave', message: `is no absence of ${who}` }] })
          await record.write(tx, context, writes)
          const back = await takeBack(tx, context, { record, routing }, who, body.tasks)
          const entities = [who, ...back.map((task) => `Task/${task}`)]
          await dependencies.audit(tx, context, [{ action: 'U', code: 'team-back', entities }])
          return { body: { back: back.length, stay: body.tasks.length - back.length } }
        }),
    }),
  ]

  async function away(
    tx: Parameters<Parameters<typeof database.transaction>[1]>[0],
    context: CallContext,
    id: string,
    { until, reason, apply, give = {} }: z.infer<typeof absence>,
  ): Promise<{ body: Handovers }> {
    const who = `Practitioner/${id}`
    const from = context.clock.now()
    const window = { from, until: Date.parse(until) }
    if (window.until <= from || window.until - from > longest)
      throw refuse('absence-window', { faults: [{ path: 'until', message: 'lies after now, and within two weeks' }] })
    if (!(await routing.team(tx, from)).some(({ reference }) => reference === who))
      throw refuse('unknown-person', { faults: [{ path: 'id', message: `nobody holds tasks as ${who}` }] })
    const chosen = new Map(Object.entries(give).map(([task, to]) => [task, to ?? undefined]))
    const plan = await planAbsence(tx, context, { record, routing }, who, window, chosen)
    let undo: Handovers['undo'] = null
    if (apply) {
      const entry = { id: newId(context.clock), practitioner: id, kind: 'leave' as const, ...window, comment: reason }
      await record.write(tx, context, rosterWrites([entry]))
      undo = { leave: entry.id, tasks: await handOver(tx, context, record, plan, reason) }
    }
    await dependencies.audit(tx, context, [
      {
        action: apply ? 'U' : 'R',
        code: 'team-away',
        entities: [who, ...plan.map(({ task }) => `Task/${task.id}`)],
      },
    ])
    const shown = await workItems(
      tx,
      dependencies,
      context,
      plan.map(({ task }) => ({ id: task.id, patient: task.for?.reference ?? null })),
      await dependencies.sight(tx, context),
    )
    return {
      body: {
        done: apply,
        undo,
        items: plan.flatMap(({ task, to, unblock, able }) => {
          const item = shown.find((one) => one.id === task.id)
          return item
            ? [{ task: item, to: to ? takerOf(to) : null, able: able.map(takerOf), unblock: unblockOf(unblock) }]
            : []
        }),
      },
    }
  }

  function takerOf({ member, permit, atWork, next, knows, wished, speaks }: Candidate): Taker {
    return {
      reference: member.reference,
      name: member.name,
      credential: ontology.credentials.find(({ id }) => id === permit.credential)?.title ?? null,
      atWork,
      next: next === undefined ? null : iso(next),
      knows,
      wished: wished ?? null,
      speaks: speaks ?? null,
      held: member.held,
    }
  }
}
