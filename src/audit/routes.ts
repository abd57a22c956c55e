import { z } from 'zod'
import type { AuditEvent } from '@medplum/fhirtypes'
import type { Database } from '../db/index.ts'
import { type Route, route } from '../kernel/index.ts'
import { verifyChain } from './chain.ts'
import { recordAccess } from './record-access.ts'

export function auditRoutes({ database }: { database: Database }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/audit',
      summary: 'Who did and saw what, newest first',
      access: { permission: 'audit.read' },
      style: 'api',
      query: z.object({ after: z.coerce.number().int().positive().optional() }),
      handle: (context, { query }) =>
        database.transaction(context.tenant, async (tx) => {
          const rows = await tx.query<{ seq: string; content: string }>({
            text: 'select seq, content from audit_event where tenant_id = $1 and ($2::bigint is null or seq < $2) order by seq desc limit 101',
            values: [tx.tenant, query.after ?? null],
          })
          const chain = await verifyChain(tx)
          // Reading the log is logged.
          await recordAccess(tx, context, [{ action: 'R', code: 'audit-read', entities: [] }])
          const page = rows.slice(0, 100)
          const items = page.map(({ seq, content }) => {
            const event: AuditEvent = JSON.parse(content)
            return {
              seq: Number(seq),
              at: event.recorded,
              actor: event.agent[0]?.name ?? '',
              kind: event.agent[0]?.type?.coding?.[0]?.code ?? '',
              action: event.action ?? '',
              code: event.subtype?.[0]?.code ?? '',
              entities: (event.entity ?? []).flatMap((entity) =>
                entity.what?.reference === undefined ? [] : [entity.what.reference],
              ),
              outcome: event.outcome === '0' ? 'success' : 'failure',
            }
          })
          return {
            body: {
              items,
              next: rows.length > 100 ? (page.at(-1)?.seq ?? null) : null,
              chain: {
                verified: chain.ok,
                length: chain.links,
                head: chain.head,
                firstBad: chain.firstBad?.link ?? null,
              },
            },
          }
        }),
    }),
  ]
}
