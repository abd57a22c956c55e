import { z } from 'zod'
import { queues, workFilter } from '../../contracts/index.ts'
import { type CallContext, newId, type Route, route } from '../../kernel/index.ts'
import { countFiltered, listFilters, removeFilter, type SavedFilter, saveFilter } from '../../work/index.ts'
import type { DeskDependencies } from '../desk.ts'
import { refuse } from '../errors.ts'
import { listOf } from './list-of.ts'

const kept = z.object({
  name: z.string().trim().min(1).max(60),
  filter: workFilter,
  shared: z.string().max(60).nullable(),
})
const params = z.object({ id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/) })

/** Filters of lists of tasks, kept by whoever made them and shared when they say so. */
export function filterRoutes(dependencies: DeskDependencies): Route[] {
  const { database, library } = dependencies
  const viewOf = ({ owner, ...rest }: SavedFilter, context: CallContext) => ({
    ...rest,
    mine: owner === context.actor.id,
  })
  const keep = (context: CallContext, id: string, body: z.infer<typeof kept>) =>
    database.transaction(context.tenant, async (tx) => {
      const { shared } = body
      const lead = dependencies.permitted(context, 'work.manage')
      if (shared !== null && !lead && !context.actor.roles.includes(shared))
        throw refuse('not-shared-so', { faults: [{ path: 'shared', message: 'is no role of yours' }] })
      const saved = await saveFilter(tx, context, { id, ...body })
      await dependencies.audit(tx, context, [{ action: 'U', code: 'filter-kept', entities: [] }])
      return viewOf(saved, context)
    })
  return [
    route({
      method: 'POST',
      path: '/api/work/filters',
      summary: 'Keeps a filter, for oneself or shared with a role of one’s own',
      access: { permission: 'work.read' },
      style: 'api',
      audits: ['filter-kept'],
      body: kept,
      reply: queues.filterSaved,
      handle: async (context, { body }) => ({ status: 201, body: await keep(context, newId(context.clock), body) }),
    }),
    route({
      method: 'GET',
      path: '/api/work/filters',
      summary: 'The filters one keeps, and those shared with one’s roles, each with how many tasks it finds',
      access: { permission: 'work.read' },
      style: 'api',
      audits: { nothing: 'names of filters, and a number for each over all patients' },
      reply: queues.savedFilters,
      handle: (context) =>
        database.reading(context.tenant, async (tx) => {
          const visible = (await dependencies.sight(tx, context, 'recent'))?.visible('search')
          const items = []
          for (const one of await listFilters(tx, context)) {
            const list = listOf(context, library.roles, one.filter)
            const found = await countFiltered(tx, { list, filter: one.filter, now: context.clock.now(), visible })
            items.push({ ...viewOf(one, context), found })
          }
          return { body: { items } }
        }),
    }),
    route({
      method: 'PUT',
      path: '/api/work/filters/:id',
      summary: 'Changes a filter of one’s own; one that was removed comes back so',
      access: { permission: 'work.read' },
      style: 'api',
      audits: ['filter-kept'],
      params,
      body: kept,
      reply: queues.filterSaved,
      handle: async (context, { params: { id }, body }) => ({ body: await keep(context, id, body) }),
    }),
    route({
      method: 'DELETE',
      path: '/api/work/filters/:id',
      summary: 'Removes a filter of one’s own, and answers what it was, by which it can be kept again',
      access: { permission: 'work.read' },
      style: 'api',
      audits: ['filter-removed'],
      params,
      reply: queues.filterSaved,
      handle: (context, { params: { id } }) =>
        database.transaction(context.tenant, async (tx) => {
          const gone = await removeFilter(tx, context, id)
          await dependencies.audit(tx, context, [{ action: 'D', code: 'filter-removed', entities: [] }])
          return { body: viewOf(gone, context) }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/work/filter-choices',
      summary: 'Kinds of task and places that a filter may name',
      access: { permission: 'work.read' },
      style: 'api',
      audits: { nothing: 'the ontology, no patient' },
      reply: queues.filterChoices,
      handle: async () => {
        const { kinds, places } = dependencies.routing.ontology
        const titled = ({ id, title }: { id: string; title: { en: string; fr: string } }) => ({ id, title })
        return { body: { kinds: kinds.map(titled), places: places.map(titled) } }
      },
    }),
  ]
}
