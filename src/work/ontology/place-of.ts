import type { Address, Patient } from '@medplum/fhirtypes'
import { momentOf } from '../../pathways/index.ts'
import type { HouseOntology } from './house-ontology.ts'
import { spanOf } from './span-of.ts'

const countries: Readonly<Record<string, string>> = {
  us: 'US',
  usa: 'US',
  'united states': 'US',
  'united states of america': 'US',
  ca: 'CA',
  can: 'CA',
  canada: 'CA',
}

type Places = Pick<HouseOntology, 'places' | 'zone'>

/** The code of a state or province (`US-NY`) from how people write it: a code, with or without the country's, or a name. */
export function placeOf({ places }: Places, state: string | undefined, country?: string): string | undefined {
  const written = state?.trim().toLowerCase() ?? ''
  if (written === '') return undefined
  const land = country === undefined || country.trim() === '' ? undefined : countries[country.trim().toLowerCase()]
  // Of another country than the ontology knows: its `CA` is not California.
  if (country !== undefined && country.trim() !== '' && land === undefined) return undefined
  return places.find(
    ({ id, title }) =>
      (land === undefined || id.startsWith(`${land}-`)) &&
      [id, id.slice(3), title.en, title.fr].some((name) => name.toLowerCase() === written),
  )?.id
}

const standing = ['temp', 'home', undefined, 'work', 'billing', 'old'] as const

/** Where a patient is at a moment, by their addresses: a temporary one that holds then, else their home. */
export function placeOfPatient(ontology: Places, patient: Patient | undefined, at: number): string | undefined {
  const holds = (address: Address) => {
    const { from, until } = spanOf(address.period, (text) => momentOf(text, ontology.zone))
    return from <= at && (until === undefined || at < until)
  }
  // Without a period nothing says that a temporary stay is now.
  const usable = (address: Address) =>
    address.use !== 'old' &&
    address.use !== 'billing' &&
    holds(address) &&
    (address.use !== 'temp' || address.period !== undefined)
  const current = (patient?.address ?? [])
    .filter(usable)
    .toSorted((a, b) => standing.indexOf(a.use) - standing.indexOf(b.use))
  for (const address of current) {
    const place = placeOf(ontology, address.state, address.country)
    if (place !== undefined) return place
  }
  return undefined
}
