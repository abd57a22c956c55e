import type { Tx } from '../../db/index.ts'
import type { Clock } from '../../kernel/index.ts'
import { type Level, lower } from '../authority.ts'
import type { ReadFlag } from '../decisions/effective-authority.ts'
import { readLevel, readScope } from '../ladder/standings.ts'
import { type Case, matches, type Scope } from '../scope.ts'

/** A flag that holds an automation down. Times in milliseconds. */
export interface Flag {
  key: string
  automation: string
  /** The most that it allows in its scope. */
  allows: Level
  scope: Scope
  expiresAt: number
}

/** Where flags are kept. Another system's may be put in its place. */
export interface FlagStore {
  read(tx: Tx): Promise<readonly Flag[]>
}

/** The flags of this database. A failure leaves the transaction as it was, so that whoever asked can go on without them. */
export const storedFlags: FlagStore = {
  async read(tx) {
    await tx.run({ text: 'savepoint flags' })
    try {
      const rows = await tx.query<{ key: string; automation: string; allows: string; scope: string; expires_at: Date }>(
        {
          name: 'read-flags',
          text: 'select key, automation, allows, scope, expires_at from automation_flag where tenant_id = $1',
          values: [tx.tenant],
        },
      )
      await tx.run({ text: 'release savepoint flags' })
      return rows.map((row) => ({
        key: row.key,
        automation: row.automation,
        allows: readLevel(row.allows),
        scope: readScope(row.scope),
        expiresAt: row.expires_at.getTime(),
      }))
    } catch (error) {
      await tx.run({ text: 'rollback to savepoint flags' })
      throw error
    }
  },
}

/** What an expired flag still allows: to look on. Nobody has to remember it for that. */
export const expired: Level = 'shadow'

/** What the flags of an automation allow in a case: the least of those that hold there. Without one, nothing is held down. */
export function allowedBy(flags: readonly Flag[], automation: string, given: Case, now: number): Level {
  return flags
    .filter((flag) => flag.automation === automation && matches(flag.scope, given))
    .map((flag) => (flag.expiresAt <= now ? lower(flag.allows, expired) : flag.allows))
    .reduce<Level>(lower, 'autonomous')
}

/** How long what was last read still counts when the store cannot be reached. */
const remembers = 60_000

/**
 * Reads flags for whoever lets an answer take effect. When the store cannot be reached, what it last said counts for 60
 * seconds; after that every case goes to people, until it answers again.
 */
export function createFlags({ store, clock }: { store: FlagStore; clock: Clock }): ReadFlag {
  const last = new Map<string, { at: number; flags: readonly Flag[] }>()
  return async (tx, automation, given) => {
    const now = clock.now()
    try {
      last.set(tx.tenant, { at: now, flags: await store.read(tx) })
    } catch {
      const known = last.get(tx.tenant)
      if (!known || now - known.at > remembers) return { level: 'off', because: 'flag-unreachable' }
    }
    return { level: allowedBy(last.get(tx.tenant)?.flags ?? [], automation, given, now), because: 'flag' }
  }
}
