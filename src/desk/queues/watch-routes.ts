import { z } from 'zod'
import { watches as shapes } from '../../contracts/index.ts'
import { mayUse } from '../../fhir/index.ts'
import { type CallContext, type Route, route } from '../../kernel/index.ts'
import type { Tx } from '../../db/index.ts'
import { listWatches, unwatch, watch } from '../../work/index.ts'
import type { DeskDependencies } from '../desk.ts'
import { refuse } from '../errors.ts'
import { seenOf, watchViews } from './watch-views.ts'

const params = z.object({
  type: z.enum(['Task', 'Patient', 'journey']),
  id: z.string().regex(/^[A-Za-z0-9.-]{1,64}$/),
})

/** Tasks, patients and journeys that somebody keeps an eye on, and what changed since they last looked. */
export function watchRoutes(dependencies: DeskDependencies): Route[] {
  const { database } = dependencies
  return [
    route({
      method: 'GET',
      path: '/api/watches',
      summary: 'What one watches, and what changed since one last looked',
      access: { permission: 'work.read' },
      style: 'api',
      audits: ['watch-list'],
      reply: shapes.watches,
      handle: (context) =>
        database.transaction(context.tenant, async (tx) => {
          const items = await watchViews(tx, dependencies, context, await listWatches(tx, context))
          await dependencies.audit(tx, context, [
            {
              action: 'R',
              code: 'watch-list',
              entities: items.flatMap(({ reference, patient }) => [
                ...(reference.startsWith('journey/') ? [] : [reference]),
                ...(patient === null ? [] : [`Patient/${patient.id}`]),
              ]),
            },
          ])
          return { body: { items } }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/watches/references',
      summary: 'What one watches, by reference alone',
      access: { permission: 'work.read' },
      style: 'api',
      audits: { nothing: 'ids that the caller chose' },
      reply: shapes.watchedReferences,
      handle: (context) =>
        database.reading(context.tenant, async (tx) => ({
          body: { items: (await listWatches(tx, context)).map(({ reference }) => reference) },
        })),
    }),
    route({
      method: 'PUT',
      path: '/api/watches/:type/:id',
      summary: 'Watches it from now on; what is watched already counts as looked at now',
      access: { permission: 'work.read' },
      style: 'api',
      audits: ['watch-kept'],
      params,
      reply: shapes.watched,
      handle: (context, { params: { type, id } }) =>
        database.transaction(context.tenant, async (tx) => {
          const reference = `${type}/${id}`
          if (!(await maySee(tx, context, type, id)))
            throw refuse('not-to-watch', { faults: [{ path: 'id', message: 'there is no such thing to watch' }] })
          await watch(tx, context, reference, await seenOf(tx, dependencies, reference))
          await dependencies.audit(tx, context, [
            { action: 'U', code: 'watch-kept', entities: type === 'journey' ? [] : [reference] },
          ])
          return { body: { reference, watching: true } }
        }),
    }),
    route({
      method: 'DELETE',
      path: '/api/watches/:type/:id',
      summary: 'Watches it no more',
      access: { permission: 'work.read' },
      style: 'api',
      audits: ['watch-ended'],
      params,
      reply: shapes.watched,
      handle: (context, { params: { type, id } }) =>
        database.transaction(context.tenant, async (tx) => {
          const reference = `${type}/${id}`
          await unwatch(tx, context, reference)
          await dependencies.audit(tx, context, [
            { action: 'D', code: 'watch-ended', entities: type === 'journey' ? [] : [reference] },
          ])
          return { body: { reference, watching: false } }
        }),
    }),
  ]

  async function maySee(tx: Tx, context: CallContext, type: string, id: string): Promise<boolean> {
    const sight = await dependencies.sight(tx, context)
    if (type !== 'journey') {
      const place = `${type}/${id}`
      return (await mayUse(tx, sight, 'read', place)) && (await dependencies.record.read(tx, place)) !== undefined
    }
    const [row] = await tx.query<{ subject: string }>({
      name: 'subject-of-journey',
      text: 'select subject from journey where tenant_id = $1 and id = $2',
      values: [tx.tenant, id],
    })
    return (
      row !== undefined && dependencies.permitted(context, 'journeys.read') && mayUse(tx, sight, 'read', row.subject)
    )
  }
}
