import { z } from 'zod'
import { api, type BulkDone, overrideReasons, queues } from '../contracts/index.ts'
import { type CallContext, CodedError, type Route, route } from '../kernel/index.ts'
import {
  actOnTask,
  countWork,
  listFiltered,
  listWork,
  type TaskAction,
  taskNotFound,
  type WorkList,
} from '../work/index.ts'
import { mayUse } from '../fhir/index.ts'
import type { DeskDependencies } from './desk.ts'
import { refuse } from './errors.ts'
import { listOf } from './queues/list-of.ts'
import { workDetail, workItems } from './work-views.ts'

const text = z.string().trim().min(1).max(2_000)
const id = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/)
const owner = z.object({
  reference: z.string().regex(/^Practitioner\/[A-Za-z0-9.-]{1,64}$/),
  name: z.string().max(200),
})
/** Why, as a code beside the words, and the minutes that it cost. */
const cause = { code: z.enum(overrideReasons).optional(), lost: z.number().int().min(0).max(1_440).optional() }
const version = z.number().int().positive().optional()
const bodies = {
  claim: z.object({ version }),
  release: z.object({ version }),
  start: z.object({ version }),
  complete: z.object({ version, outcome: z.string().max(60).optional(), note: text.optional() }),
  decline: z.object({ version, reason: text, ...cause }),
  'give-up': z.object({ version, reason: text, ...cause }),
  reassign: z.object({
    version,
    role: z.string().max(60).optional(),
    owner: owner.optional(),
    reason: text,
    ...cause,
  }),
  'off-system': z.object({ version, text, ...cause }),
  snooze: z.object({ version, until: z.iso.datetime(), reason: text, waiting: z.literal('patient').optional() }),
  acknowledge: z.object({ version }),
  comment: z.object({ version, text }),
  wake: z.object({ version }),
  'hand-off': z.object({
    version,
    role: z.string().max(60).optional(),
    owner: owner.optional(),
    situation: text,
    pending: text.optional(),
    watch: text.optional(),
  }),
  delegate: z.object({ version, owner, reason: text }),
  split: z.object({ version, parts: z.array(z.string().trim().min(1).max(200)).min(2).max(10) }),
  merge: z.object({ version, into: id }),
  'wait-for': z.object({ version, task: id, reason: text }),
  'stop-waiting': z.object({ version, task: id }),
  'ask-sign-off': z.object({ version, role: z.string().max(60).optional(), note: text }),
}

export function workRoutes(dependencies: DeskDependencies): Route[] {
  const { database, record, library } = dependencies
  const roles = library.roles.map((role) => role.id)
  const clinicalRoles = (context: CallContext) => context.actor.roles.filter((role) => roles.includes(role))

  const wanted = (context: CallContext, asked: { list: WorkList['list']; role?: string | undefined }): WorkList =>
    asked.list === 'done'
      ? { list: 'done', owner: context.actor.reference }
      : listOf(context, library.roles, { ...asked, list: asked.list })

  return [
    route({
      method: 'GET',
      path: '/api/work',
      summary: 'A list of tasks, most urgent first',
      access: { permission: 'work.read' },
      style: 'api',
      audits: ['work-list'],
      query: z.object({
        list: z.enum(['mine', 'queue', 'all', 'unowned', 'done']).default('queue'),
        after: z.string().max(400).optional(),
        ...queues.workConditions.shape,
      }),
      reply: api.workList,
      handle: (context, { query }) =>
        database.transaction(context.tenant, async (tx) => {
          const sight = await dependencies.sight(tx, context, 'recent')
          const { list: _list, after, ...filter } = query
          const list = wanted(context, query)
          const visible = sight?.visible('search')
          const now = context.clock.now()
          // A role alone chooses a queue, which is no filter.
          const plain = Object.entries(filter).every(([name, value]) => value === undefined || name === 'role')
          const { rows, next } =
            list.list === 'done' || (plain && (list.list === 'queue' || filter.role === undefined))
              ? await listWork(tx, list, now, after, visible)
              : await listFiltered(tx, { list, filter, now, visible }, after)
          const items = await workItems(tx, dependencies, context, rows, sight)
          await dependencies.audit(tx, context, [
            { action: 'R', code: 'work-list', entities: rows.map(({ id }) => `Task/${id}`) },
          ])
          return { body: { items, next: next ?? null } }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/work/counts',
      summary: 'How many tasks are mine, wait in my queues, and are late',
      access: { permission: 'work.read' },
      style: 'api',
      audits: { nothing: 'three numbers over all patients' },
      reply: api.workCounts,
      handle: (context) =>
        database.reading(context.tenant, async (tx) => {
          const visible = (await dependencies.sight(tx, context, 'recent'))?.visible('search')
          const { reference } = context.actor
          return { body: await countWork(tx, reference, clinicalRoles(context), context.clock.now(), visible) }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/work/:id',
      summary: 'A task with everything needed to finish it',
      access: { permission: 'work.read' },
      style: 'api',
      audits: ['work-read'],
      params: z.object({ id: z.string() }),
      reply: api.workDetail,
      handle: (context, { params }) =>
        database.transaction(context.tenant, async (tx) => {
          const open = await mayUse(tx, await dependencies.sight(tx, context), 'read', `Task/${params.id}`)
          const task = open ? await record.read(tx, `Task/${params.id}`) : undefined
          if (task?.resourceType !== 'Task') throw taskNotFound()
          await dependencies.audit(tx, context, [
            {
              action: 'R',
              code: 'work-read',
              entities: [`Task/${params.id}`, ...(task.for?.reference ? [task.for.reference] : [])],
            },
          ])
          return { body: await workDetail(tx, dependencies, context, task) }
        }),
    }),
    ...Object.entries(bodies).map(([name, body]) =>
      route({
        method: 'POST',
        path: `/api/work/:id/${name}`,
        summary: `A task: ${name}`,
        access: { permission: 'work.act' },
        style: 'api',
        audits: [`work-${name}`],
        params: z.object({ id: z.string() }),
        body: body,
        reply: api.workDetail,
        handle: async (context, request) => {
          const { version: seen, ...rest } = request.body
          return { body: await act(context, request.params.id, { do: name, ...rest } as TaskAction, seen) }
        },
      }),
    ),
    route({
      method: 'POST',
      path: '/api/work/bulk',
      summary: 'One act on many tasks, each by itself: what is refused stays, the others are done',
      access: { permission: 'work.act' },
      style: 'api',
      audits: ['work-bulk'],
      body: z.object({
        items: z.array(z.object({ id, version })).min(1).max(100),
        act: z.discriminatedUnion('do', [
          z.object({ do: z.literal('claim') }),
          z.object({ do: z.literal('release') }),
          z.object({ do: z.literal('wake') }),
          z.object({ do: z.literal('decline'), reason: text }),
          z.object({ do: z.literal('complete'), outcome: z.string().max(60).optional(), note: text }),
          bodies.snooze.omit({ version: true }).extend({ do: z.literal('snooze') }),
          bodies.reassign.omit({ version: true }).extend({ do: z.literal('reassign') }),
          bodies['hand-off'].omit({ version: true }).extend({ do: z.literal('hand-off') }),
        ]),
      }),
      reply: api.bulkDone,
      handle: async (context, { body }): Promise<{ body: BulkDone }> => {
        const items: BulkDone['items'] = []
        for (const one of body.items) items.push(await actApart(context, one, body.act))
        await database.transaction(context.tenant, (tx) =>
          dependencies.audit(tx, context, [
            { action: 'E', code: 'work-bulk', entities: body.items.map((one) => `Task/${one.id}`) },
          ]),
        )
        return { body: { items } }
      },
    }),
  ]

  function act(context: CallContext, task: string, action: TaskAction, seen: number | undefined) {
    return database.transaction(context.tenant, async (tx) => {
      const sight = await dependencies.sight(tx, context)
      const place = `Task/${task}`
      if (!(await mayUse(tx, sight, 'read', place))) throw taskNotFound()
      const also = action.do === 'merge' ? action.into : action.do === 'wait-for' ? action.task : undefined
      for (const touched of [place, ...(also === undefined ? [] : [`Task/${also}`])])
        if (!(await mayUse(tx, sight, 'update', touched)))
          throw refuse('access-denied', { faults: [{ path: touched, message: 'may not be changed by you' }] })
      const done = await actOnTask(tx, context, record, task, action, {
        version: seen,
        mayManage: dependencies.permitted(context, 'work.manage'),
        roles,
        routing: dependencies.routing,
      })
      await dependencies.audit(tx, context, [
        {
          action: 'U',
          code: `work-${action.do}`,
          entities: [place, ...(done.for?.reference ? [done.for.reference] : [])],
        },
      ])
      return workDetail(tx, dependencies, context, done)
    })
  }

  /** In a transaction of its own: nothing of a task that is refused is done, and nothing of the others is lost. */
  async function actApart(
    context: CallContext,
    one: { id: string; version?: number | undefined },
    action: TaskAction,
  ): Promise<BulkDone['items'][number]> {
    try {
      const { version: now, title } = await act(context, one.id, action, one.version)
      return { id: one.id, done: true, version: now, title, error: null }
    } catch (error) {
      if (!(error instanceof CodedError) || error.status >= 500) throw error
      return {
        id: one.id,
        done: false,
        version: null,
        title: null,
        error: { code: error.code, message: error.message },
      }
    }
  }
}
