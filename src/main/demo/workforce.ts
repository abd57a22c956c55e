import type { MedicationRequest, Practitioner, PractitionerRole, Resource } from '@medplum/fhirtypes'
import { onClock } from '../../pathways/index.ts'
import { type RosterEntry, rosterWrites } from '../../scheduling/index.ts'
import { makePractitioner, places, staff } from './people.ts'

const day = 86_400_000
export const zone = 'America/Toronto'

type Held = readonly [credential: string, places: readonly string[], lastsDays?: number, compact?: string]

/** Licences by person; `lastsDays` from the day on which the demonstration ends. */
const licences: Readonly<Record<string, readonly Held[]>> = {
  'demo-nadia': [
    ['rn', ['CA-ON']],
    ['rn', ['US-OH'], 27, 'NLC'],
    ['rn', ['US-NY'], 5],
  ],
  'demo-luc': [
    ['rn', ['CA-QC', 'CA-NB']],
    ['rn', ['CA-ON'], 52],
  ],
  'demo-charlotte': [['rn', ['CA-ON', 'US-NY', 'US-MA', 'US-CA']]],
  'demo-mei': [
    ['md', ['CA-ON', 'CA-QC', 'US-NY', 'US-MA', 'US-VT']],
    // It has ended: nobody renews for Ohio any more.
    ['md', ['US-OH'], -2],
  ],
  'demo-david': [
    ['md', ['CA-ON', 'CA-NB', 'US-PA', 'US-NH', 'US-TX', 'US-CA']],
    ['md', ['US-WA'], 6],
    ['md', ['US-FL'], -2],
  ],
}
const skills: Readonly<Record<string, readonly string[]>> = {
  'demo-nadia': ['triage'],
  'demo-luc': ['triage'],
  'demo-charlotte': ['triage', 'wound-care'],
}
/** Trained as, where no licence is needed. */
const credentials: Readonly<Record<string, string>> = {
  'demo-amir': 'clerk',
  'demo-sophie': 'ma',
  'demo-olga': 'clerk',
}

const qualification = (credential: string) => ({
  code: { coding: [{ system: 'urn:throughline:credential', code: credential }] },
})
/** Whether a physician's licence there still holds a day later, in a demonstration that ends at `until`. */
export const prescribesIn = (id: string, place: string, at: number, until: number): boolean =>
  (licences[id] ?? []).some(
    ([credential, where, lasts]) =>
      credential === 'md' && where.includes(place) && (lasts === undefined || at < until + (lasts - 1) * day),
  )

const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

/** The clinic's people with licences, skills, languages, and their shifts from a moment until two weeks after the demonstration's end. */
export function workforce(
  start: number,
  until: number,
): { resources: Resource[]; roster: ReturnType<typeof rosterWrites> } {
  const practitioners = staff.map(
    (member): Practitioner => ({
      ...makePractitioner(member),
      communication: (member.locale === 'fr' ? ['fr', 'en'] : ['en']).map((code) => ({
        coding: [{ system: 'urn:ietf:bcp:47', code }],
      })),
      ...(credentials[member.id] === undefined && licences[member.id] === undefined
        ? {}
        : {
            qualification: [
              ...(credentials[member.id] === undefined ? [] : [qualification(credentials[member.id] ?? '')]),
              ...(licences[member.id] ?? []).flatMap(([credential, where, lasts, compact], n) =>
                where.map((place) => ({
                  ...qualification(credential),
                  identifier: [{ value: `${place.slice(3)}-${member.id.length}${n}04${place.charCodeAt(4)}` }],
                  ...(lasts === undefined ? {} : { period: { end: dateOf(until + lasts * day) } }),
                  extension: [
                    {
                      url: 'http://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition/practitioner-qualification',
                      extension: [
                        { url: 'status', valueCode: 'active' },
                        {
                          url: 'whereValid',
                          valueCodeableConcept: { coding: [{ system: 'urn:iso:std:iso:3166:-2', code: place }] },
                        },
                        ...(compact === undefined ? [] : [{ url: 'urn:throughline:compact', valueCode: compact }]),
                      ],
                    },
                  ],
                })),
              ),
            ],
          }),
    }),
  )
  const posts = Object.entries(skills).map(
    ([id, held]): PractitionerRole => ({
      resourceType: 'PractitionerRole',
      id: `${id}-post`,
      practitioner: { reference: `Practitioner/${id}` },
      specialty: held.map((code) => ({ coding: [{ system: 'urn:throughline:skill', code }] })),
    }),
  )
  return { resources: [...practitioners, ...posts], roster: rosterWrites(shiftsOf(start, until)) }
}

/**
 * Working days, a late Thursday and Saturday mornings; Dr. Okafor is on call at all times from the day before the end, and
 * Dr. Tanaka away for three days from the first working day that is four days ahead or more.
 */
function shiftsOf(start: number, until: number): RosterEntry[] {
  const entries: RosterEntry[] = []
  const last = onClock(zone, until, '00:00', 14)
  for (let n = 0; onClock(zone, start, '00:00', n) < last; n += 1) {
    const from = onClock(zone, start, '08:00', n)
    const weekday = new Date(from).getUTCDay()
    for (const { id } of staff) {
      const hours = hoursOf(id, weekday)
      if (hours)
        entries.push({
          id: `${id}-shift-${dateOf(from)}`,
          practitioner: id,
          kind: 'shift',
          from: onClock(zone, from, hours[0]),
          until: onClock(zone, from, hours[1]),
        })
    }
  }
  const ends = onClock(zone, until, '08:00', 14)
  entries.push({
    id: 'demo-david-on-call',
    practitioner: 'demo-david',
    kind: 'on-call',
    from: until - day,
    until: ends,
  })
  const first = [4, 5, 6].find((n) => ![0, 6].includes(new Date(onClock(zone, until, '12:00', n)).getUTCDay())) ?? 4
  entries.push({
    id: 'demo-mei-leave',
    practitioner: 'demo-mei',
    kind: 'leave',
    from: onClock(zone, until, '08:00', first),
    until: onClock(zone, until, '17:00', first + 2),
    comment: 'Congress',
  })
  return entries
}

function hoursOf(id: string, weekday: number): readonly [string, string] | undefined {
  if (weekday === 6) return id === 'demo-charlotte' ? ['09:00', '13:00'] : undefined
  if (weekday === 0 || (id === 'demo-sophie' && weekday === 5)) return undefined
  return id === 'demo-luc' && weekday === 4 ? ['12:00', '21:00'] : ['08:00', '17:00']
}

export const medicines = [
  'Metformin 500 mg',
  'Levothyroxine 75 mcg',
  'Amlodipine 5 mg',
  'Sertraline 50 mg',
  'Apixaban 5 mg',
]

/** What pharmacies asked for in the last hour: a renewal from each place, so that some wait for somebody licensed there. */
export const renewals = (patients: readonly string[]): (MedicationRequest & { id: string })[] =>
  places.flatMap((_place, n) => {
    const patient = patients[n]
    return patient === undefined
      ? []
      : [
          {
            resourceType: 'MedicationRequest',
            id: `demo-renewal-${n + 1}`,
            status: 'draft',
            intent: 'proposal',
            priority: n % 5 === 2 ? 'urgent' : 'routine',
            medicationCodeableConcept: { text: medicines[n % medicines.length] ?? '' },
            subject: { reference: `Patient/${patient}` },
          },
        ]
  })
