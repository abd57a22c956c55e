import type { Resource } from '@medplum/fhirtypes'
import { useQuery } from '@tanstack/react-query'
import { createContext, useMemo } from 'react'
import { manyQuery } from '../api/record-queries.ts'
import { officialName } from './say.ts'

/** Names of what is referred to, by `Type/id`. */
export const NamesContext = createContext<ReadonlyMap<string, string>>(new Map())

const person = /^(Patient|Practitioner)\/([A-Za-z0-9\-.]{1,64})$/
const most = 200

function referencesIn(value: unknown, found: Set<string>): Set<string> {
  if (typeof value !== 'object' || value === null) return found
  for (const [name, part] of Object.entries(value))
    if (name === 'reference' && typeof part === 'string') found.add(part)
    else referencesIn(part, found)
  return found
}

/** The names of the people that resources refer to without saying them: a list of bare ids helps nobody. */
export function useNames(resources: readonly Resource[]): ReadonlyMap<string, string> {
  const { Patient, Practitioner } = useMemo(() => {
    const people = [...referencesIn(resources, new Set())].flatMap((reference) => {
      const [, type, id] = person.exec(reference) ?? []
      return type === undefined || id === undefined ? [] : [{ type, id }]
    })
    const ids = (type: string) =>
      people
        .flatMap((one) => (one.type === type ? [one.id] : []))
        .toSorted()
        .slice(0, most)
    return { Patient: ids('Patient'), Practitioner: ids('Practitioner') }
  }, [resources])
  const patients = useQuery(manyQuery('Patient', Patient)).data
  const practitioners = useQuery(manyQuery('Practitioner', Practitioner)).data
  return useMemo(
    () =>
      new Map(
        [...(patients?.entry ?? []), ...(practitioners?.entry ?? [])].flatMap(({ resource }) =>
          resource?.resourceType === 'Patient' || resource?.resourceType === 'Practitioner'
            ? [[`${resource.resourceType}/${resource.id}`, officialName(resource.name)]]
            : [],
        ),
      ),
    [patients, practitioners],
  )
}
