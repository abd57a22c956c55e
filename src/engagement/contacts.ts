import type { Tx } from '../db/index.ts'
import type { FhirRecord } from '../fhir/index.ts'
import type { JobRequest } from '../jobs/index.ts'
import type { AskedEffect } from '../journeys/index.ts'
import { type Calendar, type ContactBudget, zoneOf } from '../pathways/index.ts'
import { type Contact, type ContactPlan, planContact } from './contact-budget.ts'
import { sendJobFor } from './send-job.ts'

interface Row {
  message: string
  patient: string
  at: Date
  reminder: boolean
}

/**
 * Plans when the messages to patients leave, and keeps the plan, so that the next message counts these. The caller holds
 * the lock of these patients' buckets.
 */
export async function planContacts(
  tx: Tx,
  { record, budget, calendar, now }: { record: FhirRecord; budget: ContactBudget; calendar: Calendar; now: number },
  asked: readonly AskedEffect<Extract<AskedEffect['effect'], { kind: 'message' }>>[],
): Promise<Map<string, ContactPlan>> {
  const told = asked.filter((one) => one.effect.to === 'patient')
  const plans = new Map<string, ContactPlan>()
  if (told.length === 0) return plans
  const patients = [...new Set(told.map((one) => one.state.subject))]
  const known = await tx.query<Row>({
    name: 'contacts-of-patients',
    text: `select message, patient, at, reminder from contact
           where tenant_id = $1 and patient = any($2) and at > $3 and merged_into is null order by at, message`,
    // Two weeks: a message may be counted with those of the seven days before it, and is itself looked for that long after.
    values: [tx.tenant, patients, new Date(now - 14 * 86_400_000)],
  })
  const people = await record.readMany(tx, patients)
  const zones = new Map(
    [...people].map(([subject, one]) => [subject, one.resourceType === 'Patient' ? zoneOf(one) : undefined]),
  )
  const contacts = new Map<string, Contact[]>()
  for (const { patient, message, at, reminder } of known)
    contacts.set(patient, [...(contacts.get(patient) ?? []), { message, at: at.getTime(), reminder }])
  for (const { effect, state } of told) {
    const others = contacts.get(state.subject) ?? []
    const zone = zones.get(state.subject) ?? calendar.zone
    const plan = planContact(budget, others, { now, zone, budget: effect.budget })
    plans.set(effect.key, plan)
    if (plan.at === undefined || plan.mergeInto !== undefined) continue
    const own: Contact = { message: effect.key, at: plan.at, reminder: effect.budget === 'reminder' }
    contacts.set(state.subject, [...others, own])
  }
  await tx.run({
    name: 'insert-contacts',
    text: `insert into contact (tenant_id, message, patient, at, held, reminder, channels, merged_into)
           select $1, * from unnest($2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::boolean[], $7::text[], $8::text[])`,
    values: [
      tx.tenant,
      told.map((one) => one.effect.key),
      told.map((one) => one.state.subject),
      told.map((one) => {
        const at = plans.get(one.effect.key)?.at
        return at === undefined ? null : new Date(at).toISOString()
      }),
      told.map((one) => plans.get(one.effect.key)?.held ?? null),
      told.map((one) => one.effect.budget === 'reminder'),
      told.map((one) => one.effect.channels.join(' ')),
      told.map((one) => plans.get(one.effect.key)?.mergeInto ?? null),
    ],
  })
  return plans
}

/**
 * Gives back the places of messages that will not leave. What was to leave with one of them leaves by itself: the jobs
 * that send it.
 */
export async function dropContacts(tx: Tx, messages: readonly string[]): Promise<JobRequest[]> {
  if (messages.length === 0) return []
  await tx.run({
    name: 'drop-contacts',
    text: `delete from contact c using message m
           where c.tenant_id = $1 and c.message = any($2) and m.tenant_id = $1 and m.id = c.message and m.status = 'preparation'`,
    values: [tx.tenant, messages],
  })
  const orphans = await tx.query<{ message: string; channels: string; at: Date }>({
    name: 'free-merged-contacts',
    text: `update contact set merged_into = null where tenant_id = $1 and merged_into = any($2)
             and not exists (select from contact h where h.tenant_id = $1 and h.message = contact.merged_into)
           returning message, channels, at`,
    values: [tx.tenant, messages],
  })
  return orphans.map(({ message, channels, at }) => sendJobFor(message, channels, at.getTime()))
}

/** The messages that leave with this one. */
export async function mergedWith(tx: Tx, message: string): Promise<string[]> {
  const rows = await tx.query<{ message: string }>({
    name: 'merged-contacts',
    text: 'select message from contact where tenant_id = $1 and merged_into = $2 order by message',
    values: [tx.tenant, message],
  })
  return rows.map((row) => row.message)
}

/** Whether the budget has no room for a message at all. */
export async function hasNoRoom(tx: Tx, message: string): Promise<boolean> {
  const rows = await tx.query({
    name: 'contact-without-room',
    text: 'select from contact where tenant_id = $1 and message = $2 and at is null',
    values: [tx.tenant, message],
  })
  return rows.length > 0
}
