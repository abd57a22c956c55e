import { type AuditEntry, recordAccess } from '../audit/index.ts'
import type { Database } from '../db/index.ts'
import type { AuditedAct } from '../fhir/index.ts'
import type { RefusedCall } from '../http/index.ts'
import type { CallContext, Route } from '../kernel/index.ts'

/** An act on the record as the audit keeps it. */
export const auditEntry = ({ interaction, ...act }: AuditedAct): AuditEntry => ({ ...act, code: interaction })

const actions = { GET: 'R', POST: 'C', PUT: 'U', PATCH: 'U', DELETE: 'D' } as const satisfies Record<
  Route['method'],
  AuditEntry['action']
>

/** Writes what was refused into the audit, in a transaction of its own. */
export const keepRefusals =
  (database: Database) =>
  (context: CallContext, { route, entity, code }: RefusedCall): Promise<void> =>
    database.transaction(context.tenant, (tx) =>
      recordAccess(tx, context, [
        {
          action: actions[route.method],
          code: 'refused',
          entities: entity === undefined ? [] : [entity],
          about: [{ kind: 'route', id: `${route.method} ${route.path}` }],
          outcome: 'failure',
          reason: code,
        },
      ]),
    )
