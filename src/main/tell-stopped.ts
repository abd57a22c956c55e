import { noticeTo } from '../engagement/index.ts'
import type { FhirRecord } from '../fhir/index.ts'
import { practitionersWith } from '../identity/index.ts'
import { enqueueJobs } from '../jobs/index.ts'
import { newId } from '../kernel/index.ts'
import type { ReleaseOptions } from '../release/index.ts'

/** Tells everybody of some roles that an automation was stopped; what and why they read in the console. */
export const tellStopped =
  (record: FhirRecord): ReleaseOptions['tell'] =>
  async (tx, context, roles) => {
    const now = context.clock.now()
    const people = new Set<string>()
    for (const role of roles) for (const one of await practitionersWith(tx, role)) people.add(one)
    const notices = [...people].map((practitioner) =>
      noticeTo({ id: newId(context.clock), template: 'automation-stopped', practitioner, now }),
    )
    if (notices.length === 0) return
    await record.write(
      tx,
      context,
      notices.map(({ message }) => ({ interaction: 'create', resource: message })),
      { validate: false },
    )
    await enqueueJobs(
      tx,
      context.clock,
      notices.map(({ job }) => job),
    )
  }
