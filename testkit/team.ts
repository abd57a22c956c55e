import type { Patient, Practitioner, PractitionerRole } from '@medplum/fhirtypes'
import { createAccount } from '../src/identity/index.ts'
import type { CallContext } from '../src/kernel/index.ts'
import { type RosterEntry, rosterWrites } from '../src/scheduling/index.ts'
import type { TestHouse } from './house.ts'

export interface Hired {
  id: string
  roles: string[]
  /** `[credential, place, last day?, compact?]` */
  licences?: readonly [credential: string, place: string, end?: string, compact?: string][]
  /** Trained as, without a licence. */
  credential?: string
  skills?: readonly string[]
  languages?: readonly string[]
  shifts?: readonly Pick<RosterEntry, 'from' | 'until'>[]
}

const qualificationUrl = 'http://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition/practitioner-qualification'

export const practitionerOf = ({
  id,
  licences = [],
  credential,
  languages = ['en'],
}: Hired): Practitioner & { id: string } => {
  const qualification = [
    ...(credential === undefined
      ? []
      : [{ code: { coding: [{ system: 'urn:throughline:credential', code: credential }] } }]),
    ...licences.map(([code, place, end, compact], n) => ({
      code: { coding: [{ system: 'urn:throughline:credential', code }] },
      identifier: [{ value: `L${n}` }],
      ...(end === undefined ? {} : { period: { end } }),
      extension: [
        {
          url: qualificationUrl,
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
  ]
  return {
    resourceType: 'Practitioner',
    id,
    name: [{ text: `Name of ${id}` }],
    communication: languages.map((code) => ({ coding: [{ system: 'urn:ietf:bcp:47', code }] })),
    ...(qualification.length > 0 ? { qualification } : {}),
  }
}

/** People with accounts, licences, skills and shifts, in the house's first tenant; answers a context for each. */
export async function hire(house: TestHouse, people: readonly Hired[]): Promise<Record<string, CallContext>> {
  const roles = people.flatMap(({ id, skills = [] }): (PractitionerRole & { id: string })[] =>
    skills.length === 0
      ? []
      : [
          {
            resourceType: 'PractitionerRole',
            id: `role-${id}`,
            practitioner: { reference: `Practitioner/${id}` },
            specialty: skills.map((code) => ({ coding: [{ system: 'urn:throughline:skill', code }] })),
          },
        ],
  )
  const entries = people.flatMap(({ id, shifts = [] }) =>
    shifts.map((shift, n): RosterEntry => ({ id: `${id}-shift-${n}`, practitioner: id, kind: 'shift', ...shift })),
  )
  await house.database.transaction(house.alpha, async (tx) => {
    await house.record.write(tx, house.context, [
      ...[...people.map(practitionerOf), ...roles].map((resource) => ({ interaction: 'update' as const, resource })),
      ...rosterWrites(entries),
    ])
    for (const { id, roles: held } of people)
      await createAccount(tx, house.context, {
        name: `Name of ${id}`,
        email: `${id}@alpha.example`,
        roles: held,
        locale: 'en',
        practitioner: `Practitioner/${id}`,
      })
  })
  return Object.fromEntries(
    people.map(({ id, roles: held }) => [
      id,
      house.as({ kind: 'account', id, name: `Name of ${id}`, reference: `Practitioner/${id}`, roles: held }),
    ]),
  )
}

export const patientIn = (
  id: string,
  state: string | undefined,
  more: Partial<Patient> = {},
): Patient & { id: string } => ({
  resourceType: 'Patient',
  id,
  ...(state === undefined ? {} : { address: [{ use: 'home', state }] }),
  ...more,
})
