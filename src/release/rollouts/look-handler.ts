import type { JobHandler } from '../../jobs/index.ts'
import { type Clock, newId } from '../../kernel/index.ts'
import { type Acting, endRollout, lockRollout, look, lookJob } from './rollouts.ts'

/** How often a release is looked at when nobody tells of anything: silence is noticed too. */
const every = 15_000

/** Looks at each running release again and again. If that itself cannot be done, nobody watches: then it steps down. */
export function createLookHandler({ clock, acting }: { clock: Clock; acting: Acting }): JobHandler {
  const context = (tenant: Parameters<JobHandler['perform']>[0]) => ({
    tenant,
    actor: { kind: 'system' as const, id: 'release', name: 'Throughline', roles: [] },
    clock,
    requestId: newId(clock),
    locale: 'en' as const,
  })
  return {
    kind: lookJob,
    tries: 5,
    async perform(tenant, job) {
      return async (tx) => {
        const verdict = await look(tx, context(tenant), acting, String(job.payload['rollout']))
        const runs = verdict?.does === 'hold' || verdict?.does === 'promotable'
        return runs ? { again: clock.now() + every } : undefined
      }
    },
    async givenUp(tx, job) {
      const rollout = await lockRollout(tx, String(job.payload['rollout']))
      if (rollout.status !== 'running') return
      const incident = await acting.stop(tx, context(tx.tenant), {
        rollout,
        cause: 'feed',
        reason: 'The release could not be looked at any more.',
      })
      await endRollout(tx, context(tx.tenant), rollout, { status: 'stepped-down', incident })
    },
  }
}
