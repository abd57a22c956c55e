import type { Tx } from '../../db/index.ts'
import { listPeople } from '../../identity/index.ts'
import { enqueueJobs, type JobHandler } from '../../jobs/index.ts'
import { type CallContext, type Clock, newId, systemActor } from '../../kernel/index.ts'

const kind = 'licence-ending'
const day = 86_400_000
/** Days before its end at which somebody is told. */
const stages = [60, 30, 7] as const

export interface LicenceWarningDependencies {
  clock: Clock
  database: { reading<T>(tenant: CallContext['tenant'], work: (tx: Tx) => Promise<T>): Promise<T> }
  /** Tells whoever answers for the roster, and the person (`Practitioner/…`), that a licence of theirs ends. */
  tell(tx: Tx, context: CallContext, who: string): Promise<void>
}

/**
 * Asks for the warnings of licences that end (milliseconds): a job at the moment of each that is still to come, and one at
 * once for the last of those passed. The key names the person, the end and the stage: each is told once, however often the
 * licence is written.
 */
export async function askWarnings(
  tx: Tx,
  clock: Clock,
  licences: readonly { id: string; until?: number; status: string }[],
): Promise<void> {
  const now = clock.now()
  const jobs = licences.flatMap(({ id, until, status }) => {
    if (until === undefined || until <= now || status !== 'active') return []
    const passed = stages.filter((days) => until - days * day <= now).at(-1)
    return stages
      .filter((days) => days === passed || until - days * day > now)
      .map((days) => ({
        kind,
        key: `${kind}/${id}/${until}/${days}`,
        payload: { practitioner: id, until },
        runAt: Math.max(now, until - days * day),
      }))
  })
  await enqueueJobs(tx, clock, [...new Map(jobs.map((job) => [job.key, job])).values()])
}

/** Tells of a licence that ends, unless it was renewed since, or its holder holds no tasks here. Nothing depends on it: routing asks the licence itself. */
export function createLicenceHandler({ clock, database, tell }: LicenceWarningDependencies): JobHandler {
  return {
    kind,
    tries: 5,
    async perform(tenant, job) {
      const practitioner = String(job.payload['practitioner'])
      const ends = await database.reading(tenant, (tx) => endsThen(tx, practitioner, Number(job.payload['until'])))
      return async (tx) => {
        if (!ends) return
        const context: CallContext = {
          tenant,
          actor: { ...systemActor, id: kind },
          clock,
          requestId: newId(clock),
          locale: 'en',
        }
        await tell(tx, context, `Practitioner/${practitioner}`)
      }
    },
    async givenUp() {},
  }
}

/** Whether a licence of somebody who holds tasks here still ends at that moment, with none in its place. */
async function endsThen(tx: Tx, practitioner: string, until: number): Promise<boolean> {
  const rows = await tx.query<{ id: string }>({
    name: 'licence-still-ends',
    text: `select l.practitioner as id from licence l where l.tenant_id = $1 and l.practitioner = $2 and l.until_at = $3 and l.status = 'active'
             and not exists (select from licence o where o.tenant_id = l.tenant_id and o.practitioner = l.practitioner
               and o.credential = l.credential and o.jurisdiction = l.jurisdiction and o.status = 'active'
               and o.from_at <= l.until_at and (o.until_at is null or o.until_at > l.until_at)) limit 1`,
    values: [tx.tenant, practitioner, new Date(until)],
  })
  return rows.length > 0 && (await listPeople(tx)).some(({ reference }) => reference === `Practitioner/${practitioner}`)
}
