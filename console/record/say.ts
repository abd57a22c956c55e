import type {
  Address,
  CodeableConcept,
  Coding,
  ContactPoint,
  HumanName,
  Identifier,
  Period,
  Quantity,
} from '@medplum/fhirtypes'
import type { useWords } from '../i18n.ts'

export type Words = ReturnType<typeof useWords>

const joined = (parts: readonly (string | undefined)[], by: string): string =>
  parts.filter((part) => part !== undefined && part !== '').join(by)

/** FHIR's data types in words. All of them answer '' for what holds nothing that can be said. */
export const sayName = (name: HumanName | undefined): string =>
  name?.text ??
  joined([name?.family?.toUpperCase(), joined([...(name?.prefix ?? []), ...(name?.given ?? [])], ' ')], ', ')

export const officialName = (names: readonly HumanName[] | undefined): string =>
  sayName(names?.find((one) => one.use === 'official') ?? names?.[0])

export const sayCoding = (coding: Coding | undefined): string => coding?.display ?? coding?.code ?? ''

export const sayConcept = (concept: CodeableConcept | undefined): string =>
  concept?.text ?? sayCoding(concept?.coding?.find((coding) => coding.display) ?? concept?.coding?.[0])

export const sayConcepts = (concepts: readonly CodeableConcept[] | undefined): string =>
  joined((concepts ?? []).map(sayConcept), ', ')

export const sayQuantity = (quantity: Quantity | undefined): string =>
  quantity?.value === undefined
    ? ''
    : `${quantity.comparator ?? ''}${quantity.value} ${quantity.unit ?? quantity.code ?? ''}`.trim()

export const sayIdentifier = (identifier: Identifier | undefined): string => identifier?.value ?? ''

export const sayContact = (contact: ContactPoint | undefined): string => contact?.value ?? ''

export const sayAddress = (address: Address | undefined): string =>
  address?.text ??
  joined([...(address?.line ?? []), address?.city, address?.state, address?.postalCode, address?.country], ', ')

/** A date as exact as it is given: a year, a month, a day or a moment. */
export function sayDate(words: Words, text: string | undefined): string {
  if (text === undefined) return ''
  if (text.length <= 7) return text
  return text.length === 10 ? words.date(text) : words.momentOfYear(text)
}

export const sayPeriod = (words: Words, period: Period | undefined): string => {
  if (!period || (period.start === undefined && period.end === undefined)) return ''
  return `${sayDate(words, period.start)} – ${sayDate(words, period.end)}`.trim()
}
