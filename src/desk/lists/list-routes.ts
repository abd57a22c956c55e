import { z } from 'zod'
import { lists } from '../../contracts/index.ts'
import { mayUse } from '../../fhir/index.ts'
import { type CallContext, newId, type Route, route } from '../../kernel/index.ts'
import { countMatters, listMatters, type MatterList, matterLists, readMatter, taskForMatter } from '../../work/index.ts'
import type { DeskDependencies } from '../desk.ts'
import { refuse } from '../errors.ts'
import { matterItems } from './matter-views.ts'

/** A journey that runs waits for something by itself, and says so when that does not come. */
const underWay = (patient: string): string =>
  `exists (select from journey j where j.tenant_id = $1 and j.subject = ${patient} and j.status = 'active')`

export function listRoutes(dependencies: DeskDependencies): Route[] {
  const { database, record } = dependencies
  const params = z.object({ list: z.enum(matterLists) })
  const notWaiting = () =>
    refuse('matter-not-found', { faults: [{ path: 'reference', message: 'does not stand on this list' }] })

  return [
    route({
      method: 'GET',
      path: '/api/lists',
      summary: 'How many stand on each list of what waits, counted up to 500',
      access: { permission: 'work.read' },
      style: 'api',
      audits: { nothing: 'a number for each list, over all patients' },
      reply: lists.listCounts,
      handle: (context) =>
        database.reading(context.tenant, async (tx) => {
          const visible = (await dependencies.sight(tx, context, 'recent'))?.visible('search')
          return { body: { items: await countMatters(tx, { now: context.clock.now(), visible, underWay }) } }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/lists/:list',
      summary: 'What waits for somebody, most urgent first, each with its why',
      access: { permission: 'work.read' },
      style: 'api',
      audits: ['waiting-list'],
      params,
      query: z.object({ after: z.string().max(400).optional() }),
      reply: lists.matterList,
      handle: (context, { params: { list }, query }) =>
        database.transaction(context.tenant, async (tx) => {
          const sight = await dependencies.sight(tx, context, 'recent')
          const visible = sight?.visible('search')
          const { rows, next } = await listMatters(
            tx,
            list,
            { now: context.clock.now(), visible, underWay },
            query.after,
          )
          const items = await matterItems(tx, dependencies, context, { list, rows, sight })
          await dependencies.audit(tx, context, [
            {
              action: 'R',
              code: 'waiting-list',
              entities: [...new Set(rows.flatMap(({ type, id, patient }) => [`${type}/${id}`, patient]))],
            },
          ])
          return { body: { items, next: next ?? null } }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/lists/:list/take',
      summary: 'Takes what waits as a task of one’s own; with a note it is dealt with at once',
      access: { permission: 'work.act' },
      style: 'api',
      audits: ['waiting-taken'],
      params,
      body: z.object({
        reference: z.string().regex(/^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/),
        note: z.string().trim().min(1).max(2_000).optional(),
      }),
      reply: lists.matterTaken,
      handle: (context, { params: { list }, body }) => take(context, list, body),
    }),
  ]

  function take(context: CallContext, list: MatterList, body: { reference: string; note?: string | undefined }) {
    return database.transaction(context.tenant, async (tx) => {
      const sight = await dependencies.sight(tx, context)
      if (!(await mayUse(tx, sight, 'read', body.reference))) throw notWaiting()
      // The row is locked: of two who take the same one the second finds the task of the first.
      const matter = await readMatter(tx, list, body.reference)
      if (!matter) throw notWaiting()
      const [held] =
        (await matterItems(tx, dependencies, context, { list, rows: [matter], sight }))[0]?.tasks.filter(
          ({ aboutThis, owner }) => aboutThis && owner !== null,
        ) ?? []
      if (held)
        throw refuse('matter-held', {
          detail: `${held.owner} is at it already.`,
          faults: [{ path: 'reference', message: `Task/${held.id} is about it` }],
        })
      const task = taskForMatter(context, { id: newId(context.clock), list, matter, note: body.note })
      await record.write(tx, context, [{ interaction: 'create', resource: task }])
      await dependencies.audit(tx, context, [
        { action: 'C', code: 'waiting-taken', entities: [`Task/${task.id}`, body.reference, matter.patient] },
      ])
      return { status: 201, body: { task: task.id } }
    })
  }
}
