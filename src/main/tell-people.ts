import { noticeTo } from '../engagement/index.ts'
import type { Tx } from '../db/index.ts'
import type { FhirRecord } from '../fhir/index.ts'
import { practitionersWith } from '../identity/index.ts'
import { enqueueJobs } from '../jobs/index.ts'
import { type CallContext, newId } from '../kernel/index.ts'
import type { ReleaseOptions } from '../release/index.ts'

/** Tells colleagues (`Practitioner/…`) something by a template; what it is about they read in the console. */
export const tellPeople =
  (record: FhirRecord, template: string) =>
  async (tx: Tx, context: CallContext, people: readonly string[]): Promise<void> => {
    const now = context.clock.now()
    const notices = people.map((practitioner) => noticeTo({ id: newId(context.clock), template, practitioner, now }))
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

/** Tells everybody of some roles that an automation was stopped. */
export const tellStopped =
  (record: FhirRecord): ReleaseOptions['tell'] =>
  async (tx, context, roles) => {
    const people = new Set<string>()
    for (const role of roles) for (const one of await practitionersWith(tx, role)) people.add(one)
    await tellPeople(record, 'automation-stopped')(tx, context, [...people])
  }

/** Tells whoever answers for operations, and the person, that a licence of theirs ends. */
export const tellLicence = (record: FhirRecord) => async (tx: Tx, context: CallContext, who: string) => {
  const leads = await practitionersWith(tx, 'operations-lead')
  await tellPeople(record, 'licence-ending')(tx, context, [...new Set([...leads, who])])
}
