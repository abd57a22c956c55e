import type {
  Address,
  Annotation,
  Attachment,
  CodeableConcept,
  Coding,
  ContactPoint,
  HumanName,
  Identifier,
  Period,
  Quantity,
  Reference,
} from '@medplum/fhirtypes'

/** A value of a resource by the data type that it has the shape of. `parts`: it has none that is said in one line. */
export type Shape =
  | { kind: 'text'; value: string | number | boolean }
  | { kind: 'date'; value: string }
  | { kind: 'reference'; value: Reference }
  | { kind: 'concept'; value: CodeableConcept }
  | { kind: 'coding'; value: Coding }
  | { kind: 'name'; value: HumanName }
  | { kind: 'contact'; value: ContactPoint }
  | { kind: 'identifier'; value: Identifier }
  | { kind: 'quantity'; value: Quantity }
  | { kind: 'period'; value: Period }
  | { kind: 'address'; value: Address }
  | { kind: 'note'; value: Annotation }
  | { kind: 'attachment'; value: Attachment }
  | { kind: 'parts'; value: Readonly<Record<string, unknown>> }

/** A day or a moment: what else holds digits and dashes is a number of some file. */
const day = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/

/** A data type, by the elements that only it has, and those that it may have beside them. */
const types: readonly { kind: Exclude<Shape['kind'], 'text' | 'date' | 'parts'>; one: string[]; may: string[] }[] = [
  { kind: 'concept', one: ['coding'], may: ['text'] },
  { kind: 'concept', one: ['text'], may: [] },
  { kind: 'reference', one: ['reference'], may: ['display', 'type', 'identifier'] },
  { kind: 'reference', one: ['display'], may: ['type', 'identifier'] },
  { kind: 'name', one: ['family'], may: ['given', 'prefix', 'suffix', 'use', 'text', 'period'] },
  { kind: 'name', one: ['given'], may: ['family', 'prefix', 'suffix', 'use', 'text', 'period'] },
  { kind: 'note', one: ['text', 'time'], may: ['authorReference', 'authorString'] },
  { kind: 'note', one: ['text', 'authorReference'], may: ['time'] },
  { kind: 'note', one: ['text', 'authorString'], may: ['time'] },
  {
    kind: 'attachment',
    one: ['contentType'],
    may: ['title', 'url', 'data', 'size', 'hash', 'language', 'creation'],
  },
  { kind: 'period', one: ['start'], may: ['end'] },
  { kind: 'period', one: ['end'], may: [] },
  { kind: 'coding', one: ['code', 'system'], may: ['display', 'version', 'userSelected'] },
  { kind: 'coding', one: ['code', 'display'], may: ['version', 'userSelected'] },
  { kind: 'quantity', one: ['value', 'unit'], may: ['system', 'code', 'comparator'] },
  { kind: 'quantity', one: ['value', 'code'], may: ['system', 'comparator'] },
  { kind: 'identifier', one: ['system', 'value'], may: ['use', 'type', 'period', 'assigner'] },
  {
    kind: 'address',
    one: ['city'],
    may: ['line', 'state', 'postalCode', 'country', 'district', 'use', 'type', 'text', 'period'],
  },
  {
    kind: 'address',
    one: ['line'],
    may: ['state', 'postalCode', 'country', 'district', 'use', 'type', 'text', 'period'],
  },
]
const contactSystems: readonly unknown[] = ['phone', 'fax', 'email', 'pager', 'url', 'sms', 'other']

/** What a value of a resource is, told by its elements: the console carries no definitions of FHIR. */
export function shapeOf(value: unknown): Shape {
  if (typeof value === 'string') return day.test(value) ? { kind: 'date', value } : { kind: 'text', value }
  if (typeof value !== 'object' || value === null)
    return { kind: 'text', value: typeof value === 'number' || typeof value === 'boolean' ? value : '' }
  const parts = value as Readonly<Record<string, unknown>>
  const names = Object.keys(parts).filter((name) => name !== 'id')
  if (contactSystems.includes(parts['system']) && typeof parts['value'] === 'string') return { kind: 'contact', value }
  const type = types.find(
    ({ one, may }) =>
      one.every((name) => names.includes(name)) && names.every((name) => one.includes(name) || may.includes(name)),
  )
  return type ? ({ kind: type.kind, value } as Shape) : { kind: 'parts', value: parts }
}

/** `birthDate` as `birth date`; the code of an extension from its address. */
export const plainName = (element: string): string => element.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
