import type { Communication, Observation, Resource } from '@medplum/fhirtypes'

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

/** Results that nobody here ordered: a hospital and a pharmacy sent them, so that no pathway waits for them. */
const sent: readonly [patient: number, code: 'HH' | 'H', test: string, value: number, unit: string][] = [
  [88, 'HH', 'Potassium', 6.4, 'mmol/L'],
  [45, 'H', 'Ferritin', 512, 'µg/L'],
]

const foreignResult = ([patient, code, test, value, unit]: (typeof sent)[number], n: number) =>
  ({
    resourceType: 'Observation' as const,
    id: `demo-foreign-${n + 1}`,
    status: 'final' as const,
    code: { text: test },
    subject: { reference: `Patient/demo-patient-${patient}` },
    valueQuantity: { value, unit },
    interpretation: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code }] },
    ],
  }) satisfies Observation

/** What came in that no pathway asked for: results, and messages as a portal would hand them in, as of `until` (milliseconds). */
export function fromOutside(until: number): (Resource & { id: string })[] {
  const messages = written.flatMap(([patient, hoursAgo, priority, text, reply], n) => {
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
  return [...sent.map(foreignResult), ...messages]
}
