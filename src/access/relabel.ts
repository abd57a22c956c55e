import type { Database, Tx } from '../db/index.ts'
import { enqueueJobs, type Job, type JobHandler } from '../jobs/index.ts'
import type { CallContext, Clock } from '../kernel/index.ts'
import { type BuildDependencies, buildPage, type Place } from './build.ts'

const kind = 'access-relabel'
/** Longer than any process keeps the former policy, so that no write after the pass still follows it. */
const settling = 5_000
/** A job's lease is half a minute: a chunk is far smaller. */
const pages = 10

/** Asks for the labels of the whole record to be set anew, when this transaction has committed. */
export async function askRelabel(tx: Tx, context: CallContext, version: number): Promise<void> {
  await enqueueJobs(tx, context.clock, [
    {
      kind,
      key: `${kind} ${version}`,
      payload: { version, type: '', id: '' },
      runAt: context.clock.now() + settling,
    },
  ])
}

/** Sets labels anew chunk by chunk; a chunk that is done asks for the next, so that a crash repeats one chunk at most. */
export function createRelabelHandler(
  dependencies: BuildDependencies & { database: Database; clock: Clock },
): JobHandler {
  const { database, clock } = dependencies
  return {
    kind,
    tries: 8,
    async perform(tenant, job: Job) {
      const { type, id } = job.payload
      let after: Place | undefined = type === '' ? undefined : { type: String(type), id: String(id) }
      for (let page = 0; page < pages; page += 1) {
        const from = after
        after = await database.transaction(tenant, (tx) => buildPage(tx, dependencies, from))
        if (!after) return async () => {}
      }
      const next = after
      return (tx) =>
        enqueueJobs(tx, clock, [
          {
            kind,
            key: `${kind} ${job.payload['version']} ${next?.type}/${next?.id}`,
            payload: { version: job.payload['version'] ?? 0, type: next?.type ?? '', id: next?.id ?? '' },
          },
        ])
    },
    async givenUp() {
      // It lies among the dead letters, where it is seen and sent again.
    },
  }
}
