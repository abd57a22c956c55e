import type { Resource } from '@medplum/fhirtypes'
import type { TypeTable } from '../../expressions/index.ts'

export interface Disguise {
  table: TypeTable
  /** A reference as it is to stand in the scenario. */
  reference(text: string): string
  /** A date or dateTime, moved in time; undefined: it says too little to be moved, and is left out. */
  moved(text: string): string | undefined
}

// What a pathway may go by and what says nothing of who the patient is: codes, flags, measures, times. Whatever is not
// named here is left out: names, addresses, numbers that identify, texts, pictures, extensions.
const plain = new Set(['code', 'boolean', 'integer', 'positiveInt', 'unsignedInt', 'decimal', 'time'])
const times = new Set(['date', 'dateTime', 'instant'])
const parts = new Set([
  'CodeableConcept',
  'Coding',
  'Quantity',
  'Age',
  'Count',
  'Distance',
  'Duration',
  'SimpleQuantity',
  'Range',
  'Ratio',
  'Period',
  'Timing',
  'Timing.repeat',
  'Reference',
])
/** Text elements that are names of places in a definition, not words about anybody. */
const names: Readonly<Record<string, RegExp>> = {
  linkId: /^[\w.-]{1,64}$/,
  system: /^(?:https?:\/\/|urn:)[\w.:/-]{1,200}$/,
  questionnaire: /^(?:https?:\/\/|urn:)[\w.:/|-]{1,200}$/,
}
/** Of the people themselves nothing is kept but that they are there. */
const people = new Set(['Patient', 'Practitioner', 'RelatedPerson', 'Person'])

/** A resource with nothing of the patient in it: an allow-list by FHIR type, every date moved, every reference renamed. */
export function withoutPerson(resource: Resource, disguise: Disguise): Record<string, unknown> {
  const { resourceType, id } = resource
  const own = { resourceType, id: disguise.reference(`${resourceType}/${id ?? ''}`).slice(resourceType.length + 1) }
  if (people.has(resourceType)) return own
  return { ...own, ...elementsOf(resource, resourceType, disguise) }
}

function elementsOf(value: object, type: string, disguise: Disguise): Record<string, unknown> {
  const known = disguise.table[type] ?? {}
  const kept: Record<string, unknown> = {}
  for (const [name, content] of Object.entries(value)) {
    const element = typeOf(known, name)
    if (element === undefined) continue
    const one = Array.isArray(content)
      ? content.flatMap((each: unknown) => keep(each, name, element, type, disguise) ?? [])
      : keep(content, name, element, type, disguise)
    if (one !== undefined && !(Array.isArray(one) && one.length === 0)) kept[name] = one
  }
  return kept
}

/** The FHIR type of an element: `value[x]` is looked up by the type that its name ends with. */
function typeOf(known: Readonly<Record<string, string>>, name: string): string | undefined {
  const own = known[name]
  if (own !== undefined) return own.replace('*', '')
  for (const [choice, types] of Object.entries(known)) {
    if (!choice.endsWith('[x]') || !name.startsWith(choice.slice(0, -3))) continue
    const ending = name.slice(choice.length - 3).toLowerCase()
    return types
      .split('|')
      .find((type) => type.replace('*', '').toLowerCase() === ending)
      ?.replace('*', '')
  }
  return undefined
}

function keep(value: unknown, name: string, type: string, parent: string, disguise: Disguise): unknown {
  if (plain.has(type)) return typeof value === 'object' ? undefined : value
  if (typeof value === 'string') {
    if (times.has(type)) return disguise.moved(value)
    if (name === 'reference' && parent === 'Reference') return disguise.reference(value)
    if (names[name]?.test(value)) return value
    // That there are words may be what a pathway goes by; which words they are is not told.
    return (type === 'string' || type === 'markdown') && name !== 'display' && !(name in names) ? 'left out' : undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  // Parts of the resource itself carry its name: `QuestionnaireResponse.item`.
  if (!parts.has(type) && !type.includes('.')) return undefined
  const inner = elementsOf(value, type, disguise)
  return Object.keys(inner).length === 0 ? undefined : inner
}
