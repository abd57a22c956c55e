import { z } from 'zod'
import { api } from '../contracts/index.ts'
import type { Database } from '../db/index.ts'
import { type Route, route } from '../kernel/index.ts'
import { verifyChain } from './chain.ts'
import { recordAccess } from './record-access.ts'
import { searchAudit } from './search-audit.ts'

const word = z.string().min(1).max(200)

export function auditRoutes({ database }: { database: Database }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/audit',
      summary: 'Who did and saw what, newest first',
      access: { permission: 'audit.read' },
      style: 'api',
      audits: ['audit-read'],
      query: z.object({
        after: z.coerce.number().int().positive().optional(),
        entity: word.optional(),
        actor: word.optional(),
        code: word.optional(),
      }),
      reply: api.audit,
      handle: (context, { query }) =>
        database.transaction(context.tenant, async (tx) => {
          const { after, ...search } = query
          const found = await searchAudit(tx, { ...search, before: after })
          // The whole chain is computed anew, so only once for a person who looks, and not for each further page.
          const chain = after === undefined ? await verifyChain(tx) : undefined
          // Reading the log is logged, with the patient it was asked about.
          await recordAccess(tx, context, [
            { action: 'R', code: 'audit-read', entities: query.entity === undefined ? [] : [query.entity] },
          ])
          return {
            body: {
              ...found,
              chain: chain
                ? {
                    verified: chain.ok,
                    length: chain.links,
                    head: chain.head,
                    firstBad: chain.firstBad?.link ?? null,
                  }
                : null,
            },
          }
        }),
    }),
  ]
}
