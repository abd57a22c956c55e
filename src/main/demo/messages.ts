import type { Communication, Resource } from '@medplum/fhirtypes'

const hour = 3_600_000

/** What patients wrote in the last days, and the one reply that was sent: age in hours, priority, text. */
const written: readonly [
  patient: number,
  hoursAgo: number,
  priority: 'routine' | 'urgent',
  text: string,
  reply?: string,
][] = [
  [
    12,
    50,
    'routine',
    'Can my appointment be moved to the morning?',
    'It can: we have moved it to 9:30 on the same day.',
  ],
  [31, 46, 'routine', 'I have not heard back about my knee. Is the referral still open?'],
  [57, 27, 'routine', 'Should I go on with the tablets until the visit?'],
  [73, 6, 'urgent', 'The new tablets make me dizzy when I stand up. What should I do?'],
  [104, 3, 'routine', 'Où puis-je envoyer la lettre de mon médecin ?'],
]

/** Messages from patients as a portal or a mailbox would hand them in, as of `until` (milliseconds). */
export function patientMessages(until: number): (Resource & { id: string })[] {
  return written.flatMap(([patient, hoursAgo, priority, text, reply], n) => {
    const who = { reference: `Patient/demo-patient-${patient}` }
    const id = `demo-asked-${n + 1}`
    const asked: Communication & { id: string } = {
      resourceType: 'Communication',
      id,
      status: 'completed',
      priority,
      subject: who,
      sender: who,
      sent: new Date(until - hoursAgo * hour).toISOString(),
      payload: [{ contentString: text }],
    }
    if (reply === undefined) return [asked]
    const answer: Communication & { id: string } = {
      resourceType: 'Communication',
      id: `${id}-reply`,
      status: 'completed',
      inResponseTo: [{ reference: `Communication/${id}` }],
      subject: who,
      sender: { reference: 'Practitioner/demo-sophie', display: 'Sophie Roy' },
      recipient: [who],
      sent: new Date(until - (hoursAgo - 4) * hour).toISOString(),
      payload: [{ contentString: reply }],
    }
    return [asked, answer]
  })
}
