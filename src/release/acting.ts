import { recordAccess } from '../audit/index.ts'
import type { Database, Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'

export interface Act {
  code: string
  automation: string
  action?: 'C' | 'R' | 'U'
  /** Whatever else it is about, by kind. */
  about?: readonly { kind: string; id: string }[]
}

/** An act on an automation in one transaction, kept in the audit under its code. */
export type Acting = <T>(context: CallContext, act: Act, work: (tx: Tx) => Promise<T>) => Promise<T>

export const createActing =
  (database: Database): Acting =>
  (context, { code, automation, action = 'U', about = [] }, work) =>
    database.transaction(context.tenant, async (tx) => {
      const result = await work(tx)
      await recordAccess(tx, context, [
        { action, code, entities: [], about: [{ kind: 'automation', id: automation }, ...about] },
      ])
      return result
    })
