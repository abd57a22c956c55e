import { z } from 'zod'
import { api, type Workload as WorkloadView } from '../contracts/index.ts'
import { type Route, route } from '../kernel/index.ts'
import { readWorkload, type Workload } from '../work/index.ts'
import { type DeskDependencies, iso } from './desk.ts'

const day = 86_400_000

export function workloadRoutes({ database, routing, library, permitted }: DeskDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/team/workload',
      summary:
        'Hours, tasks and the share of unsocial hours and of work above what it needs: one’s own, and for leads everybody’s',
      access: { permission: 'work.read' },
      style: 'api',
      audits: { nothing: 'the house’s own people, no patient' },
      query: z.object({ days: z.coerce.number().int().min(1).max(92).default(28) }),
      reply: api.workload,
      handle: (context, { query }) =>
        database.reading(context.tenant, async (tx) => {
          const until = context.clock.now()
          const from = until - query.days * day
          const all = (await readWorkload(tx, routing, library.calendar, { from, until })).map(viewOf)
          const body: WorkloadView = {
            from: iso(from),
            until: iso(until),
            mine: all.find(({ reference }) => reference === context.actor.reference) ?? null,
            items: permitted(context, 'work.manage') ? all : [],
          }
          return { body }
        }),
    }),
  ]
}

const viewOf = ({ member, ...load }: Workload): WorkloadView['items'][number] => ({
  reference: member.reference,
  name: member.name,
  held: member.held,
  ...load,
})
