import { z } from 'zod'
import { recordAccess } from '../../audit/index.ts'
import { judgements as shapes } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { type CallContext, type Route, route } from '../../kernel/index.ts'
import { keepFeedback } from '../decisions/feedback.ts'
import { type Sees, readDecisionPage } from '../queries/decisions.ts'
import type { ReleaseRoutesDependencies } from '../routes.ts'
import { adjudicate } from './adjudicate.ts'
import { readComparison } from './pairs.ts'

const one = z.object({ id: z.string().max(80) })

/** What people and other systems say of an automation's answers. */
export function judgementRoutes({ database, release, patients }: ReleaseRoutesDependencies): Route[] {
  const inTx = <T>(context: CallContext, work: (tx: Tx) => Promise<T>) => database.transaction(context.tenant, work)
  const sees =
    (tx: Tx, context: CallContext): Sees =>
    (references) =>
      patients(tx, context, references)
  return [
    route({
      method: 'GET',
      path: '/api/automations/:id/comparison',
      summary:
        'What a version said while it only looked on, against what counted; the differences that wait for a judge',
      access: { permission: 'release.read' },
      style: 'api',
      audits: ['comparison-read'],
      params: one,
      query: z.object({ version: z.coerce.number().int().min(1).optional() }),
      reply: shapes.comparison,
      handle: (context, { params, query }) =>
        inTx(context, async (tx) => {
          const asked = { automation: params.id, version: query.version }
          const body = await readComparison(tx, context, release.automations, asked, sees(tx, context))
          await recordAccess(tx, context, [
            {
              action: 'R',
              code: 'comparison-read',
              entities: [],
              patients: [...new Set(body.queue.map(({ patient }) => patient))],
              about: [{ kind: 'automation', id: `${params.id}/${body.version}` }],
            },
          ])
          return { body }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/decisions/:id/adjudicate',
      summary: 'Say which of two answers was the better one, without knowing whose is which',
      access: { permission: 'work.act' },
      style: 'api',
      audits: ['decision-judged'],
      params: one,
      body: shapes.adjudication,
      handle: (context, { params, body }) =>
        inTx(context, async (tx) => {
          const { patient } = await readDecisionPage(tx, params.id, sees(tx, context))
          await adjudicate(tx, context, params.id, body)
          await recordAccess(tx, context, [
            {
              action: 'C',
              code: 'decision-judged',
              entities: [],
              patients: [patient],
              about: [{ kind: 'decision', id: params.id }],
            },
          ])
          return { status: 204 }
        }),
    }),
    route({
      method: 'POST',
      path: '/cds-services/:id/feedback',
      summary: 'CDS Hooks feedback: what became of an automation’s answers where they were shown as cards',
      access: { permission: 'work.act' },
      style: 'api',
      audits: ['decision-feedback'],
      params: one,
      body: shapes.cdsFeedback,
      handle: (context, { params, body }) =>
        inTx(context, async (tx) => {
          const asked = { automation: params.id, feedback: body.feedback }
          const told = await keepFeedback(tx, context, asked, sees(tx, context))
          await recordAccess(tx, context, [
            {
              action: 'C',
              code: 'decision-feedback',
              entities: [],
              patients: told.patients,
              about: [{ kind: 'automation', id: params.id }],
            },
          ])
          return { status: 204 }
        }),
    }),
  ]
}
