import { z } from 'zod'
import { watching as shapes } from '../../contracts/index.ts'
import type { Database } from '../../db/index.ts'
import { type Route, route } from '../../kernel/index.ts'
import type { Acting } from '../acting.ts'
import { refuse } from '../errors.ts'
import { tellEvent } from '../ladder/events.ts'
import { lockHead } from '../ladder/standings.ts'
import { readWatch } from './read-watch.ts'

const one = z.object({ id: z.string().max(80) })

/** How automations do, and the share of patients for whom one only looks on to show how it goes without. */
export function watchRoutes({ database, acting }: { database: Database; acting: Acting }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/automations/:id/watching',
      summary: 'How an automation does: control charts, its inputs, groups of patients, and those held out',
      access: { permission: 'release.read' },
      style: 'api',
      audits: { nothing: 'numbers about no fewer than eleven people, and nobody’s data' },
      params: one,
      reply: shapes.automationWatch,
      handle: async (context, { params }) => ({
        body: await database.reading(context.tenant, async (tx) => {
          const [head] = await tx.query<{ holdout: number }>({
            text: 'select holdout from automation where tenant_id = $1 and id = $2',
            values: [tx.tenant, params.id],
          })
          if (!head) throw refuse('automation-not-found', { faults: [{ path: 'id', message: params.id }] })
          return readWatch(tx, params.id, context.clock.now(), head.holdout)
        }),
      }),
    }),
    route({
      method: 'POST',
      path: '/api/automations/:id/holdout',
      summary: 'For which share of patients, at random, it only looks on after it went live',
      access: { permission: 'release.manage' },
      style: 'api',
      audits: ['automation-holdout'],
      params: one,
      body: shapes.newHoldout,
      handle: (context, { params, body }) =>
        acting(context, { code: 'automation-holdout', automation: params.id }, async (tx) => {
          const { active } = await lockHead(tx, params.id, 'update')
          await tx.run({
            text: 'update automation set holdout = $3 where tenant_id = $1 and id = $2',
            values: [tx.tenant, params.id, body.share],
          })
          await tellEvent(tx, context, {
            automation: params.id,
            version: active,
            kind: 'holdout',
            data: { reason: `${Math.round(body.share * 1000) / 10} %: ${body.reason}` },
          })
          return { status: 204 }
        }),
    }),
  ]
}
