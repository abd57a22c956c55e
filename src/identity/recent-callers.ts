import type { Tx } from '../db/index.ts'
import { createRecent } from '../kernel/index.ts'
import type { Caller } from './sessions.ts'

/**
 * Whom bearer tokens speak for, at most a second old. Whatever ends a token, or changes who it speaks for, forgets them
 * with its commit; another node goes on for the rest of its second. See docs/decisions/0019-a-second-old.md.
 */
export const recentCallers = createRecent<Caller>(1_000)

export const forgetCallers = (tx: Tx): void => tx.afterCommit(recentCallers.forget)
