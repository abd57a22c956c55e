import type { Database } from '../db/index.ts'
import type { Logger } from '../kernel/index.ts'
import { extendChain } from './chain.ts'
import { indexAudit } from './index-audit.ts'
import type { Seals } from './seals.ts'

/**
 * Links and indexes new events four times a second, and seals them every `interval` milliseconds. At its start it holds the
 * whole log of each tenant against what was sealed before.
 */
export function startAuditWorker(
  { database, log, seals }: { database: Database; log: Logger; seals: Seals },
  interval: number,
): { stop(): Promise<void> } {
  const rounds = [
    every(250, async () => {
      for (const tenant of await database.tenants()) {
        await extendChain(database, tenant)
        await indexAudit(database, tenant)
      }
    }),
    every(interval, async () => {
      for (const tenant of await database.tenants()) await seals.seal(tenant)
    }),
  ]
  const first = (async () => {
    for (const tenant of await database.tenants()) await seals.verify(tenant)
  })()
  first.catch((error: unknown) => log.error({ err: error }, 'audit-not-verified'))

  /** A slow round is not overtaken by the next; what failed is tried again by it, and told once until it goes well. */
  function every(milliseconds: number, work: () => Promise<void>) {
    let running: Promise<void> | undefined
    let failing = false
    const timer = setInterval(() => {
      running ??= work()
        .then(
          () => {
            failing = false
          },
          (error: unknown) => {
            if (!failing) log.error({ err: error }, 'audit-worker-failed')
            failing = true
          },
        )
        .finally(() => {
          running = undefined
        })
    }, milliseconds)
    return async () => {
      clearInterval(timer)
      await running
    }
  }
  return {
    async stop() {
      await Promise.all([...rounds.map((end) => end()), first.catch(() => {})])
    },
  }
}
