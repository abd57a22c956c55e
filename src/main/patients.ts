import type { Patient } from '@medplum/fhirtypes'
import type { House } from './compose.ts'
import type { Patients } from '../identity/index.ts'
import type { CallContext } from '../kernel/index.ts'

const nameOf = ({ name }: Patient): string => {
  const [first] = name ?? []
  return first?.text ?? [...(first?.given ?? []), first?.family].filter((part) => part !== undefined).join(' ')
}

const person = (patient: Patient) => ({
  id: patient.id ?? '',
  name: nameOf(patient) === '' ? (patient.id ?? '') : nameOf(patient),
  birthDate: patient.birthDate ?? null,
})

/** How a person who lets an application in chooses a patient: by name, or by an identifier written in full. */
export function patientsOf({ database, guard, record }: Pick<House, 'database' | 'guard' | 'record'>): Patients {
  const find = (context: CallContext, query: Readonly<Record<string, string>>) =>
    database.transaction(context.tenant, async (tx) => {
      const sight = await guard.sight(tx, context)
      const { resources } = await record.search(tx, 'Patient', new URLSearchParams(query), {
        visible: sight?.visible('search'),
      })
      return resources.filter((one): one is Patient => one.resourceType === 'Patient')
    })
  return {
    async search(context, text, limit) {
      const sought = text.trim()
      const page = { _count: String(limit), _sort: '-_lastUpdated' }
      if (sought === '') return (await find(context, page)).map(person)
      const byName = await find(context, { ...page, name: sought })
      // A name has no digits, an identifier mostly has: only then is it worth a second look.
      const byIdentifier = /\d/.test(sought) ? await find(context, { ...page, identifier: sought }) : []
      const all = new Map([...byIdentifier, ...byName].map((one) => [one.id, one]))
      return [...all.values()].slice(0, limit).map(person)
    },
    async read(context, reference) {
      if (!/^Patient\/[A-Za-z0-9.-]{1,64}$/.test(reference)) return undefined
      const [found] = await find(context, { _id: reference.slice('Patient/'.length) })
      return found && person(found)
    },
  }
}
