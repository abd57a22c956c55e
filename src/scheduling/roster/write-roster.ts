import type { Schedule, Slot } from '@medplum/fhirtypes'
import type { ResourceWrite } from '../../fhir/index.ts'
import { rosterWords } from './project-roster.ts'

/** A time at work or away, in milliseconds. `id` names it for good: the same one again replaces it. */
export interface RosterEntry {
  id: string
  /** Id of the Practitioner. */
  practitioner: string
  kind: 'shift' | 'on-call' | 'leave'
  from: number
  until: number
  comment?: string
}

/** What to write into the record so that people are at work or away then: a Schedule for each person, a Slot for each time. */
export function rosterWrites(entries: readonly RosterEntry[]): ResourceWrite[] {
  const people = [...new Set(entries.map(({ practitioner }) => practitioner))]
  const update = (resource: (Schedule | Slot) & { id: string }): ResourceWrite => ({ interaction: 'update', resource })
  return [...people.map((id) => update(scheduleOf(id))), ...entries.map((entry) => update(slotOf(entry)))]
}

/** What to write so that a time away (a Slot of a roster) never was; undefined when it is none of this person's (by id). */
export function leaveEnded(slot: Slot, practitioner: string): ResourceWrite[] | undefined {
  const leave = slot.serviceType?.some((concept) =>
    concept.coding?.some(({ system, code }) => system === rosterWords.kind && code === 'leave'),
  )
  if (leave !== true || slot.schedule.reference !== `Schedule/${scheduleId(practitioner)}` || slot.id === undefined)
    return undefined
  return [{ interaction: 'update', resource: { ...slot, id: slot.id, status: 'entered-in-error' } }]
}

// An id has 64 characters at most.
const scheduleId = (practitioner: string) => (practitioner.length > 57 ? practitioner : `roster-${practitioner}`)

const scheduleOf = (practitioner: string): Schedule & { id: string } => ({
  resourceType: 'Schedule',
  id: scheduleId(practitioner),
  active: true,
  serviceCategory: [{ coding: [{ system: rosterWords.category, code: 'roster' }] }],
  actor: [{ reference: `Practitioner/${practitioner}` }],
})

const slotOf = ({ id, practitioner, kind, from, until, comment }: RosterEntry): Slot & { id: string } => ({
  resourceType: 'Slot',
  id,
  serviceType: [{ coding: [{ system: rosterWords.kind, code: kind }] }],
  schedule: { reference: `Schedule/${scheduleId(practitioner)}` },
  status: kind === 'leave' ? 'busy-unavailable' : 'free',
  start: new Date(from).toISOString(),
  end: new Date(until).toISOString(),
  ...(comment === undefined ? {} : { comment }),
})
