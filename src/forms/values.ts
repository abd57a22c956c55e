import type {
  Coding,
  Quantity,
  QuestionnaireItem,
  QuestionnaireResponseItemAnswer,
  Reference,
} from '@medplum/fhirtypes'

/** One answer without what is asked below it. */
export type Answer = Omit<QuestionnaireResponseItemAnswer, 'item'>

const elementOf: Readonly<Record<string, keyof Answer | undefined>> = {
  boolean: 'valueBoolean',
  decimal: 'valueDecimal',
  integer: 'valueInteger',
  date: 'valueDate',
  dateTime: 'valueDateTime',
  time: 'valueTime',
  string: 'valueString',
  text: 'valueString',
  url: 'valueUri',
  choice: 'valueCoding',
  'open-choice': 'valueCoding',
  attachment: 'valueAttachment',
  reference: 'valueReference',
  quantity: 'valueQuantity',
}

export const questionTypes = Object.keys(elementOf)

const elements = [...new Set(Object.values(elementOf))].filter((name) => name !== undefined)

/** The `value[x]` of an answer, by its name; undefined when it has none. */
export function valueOf(answer: object): { name: keyof Answer; value: unknown } | undefined {
  for (const name of elements) {
    const value = (answer as Answer)[name]
    if (value !== undefined) return { name, value }
  }
  return undefined
}

/**
 * Whether an answer is of the kind its question wants. An open choice takes text too; a choice may offer what is no
 * coding (integers, dates, texts).
 */
export function fitsType(item: QuestionnaireItem, answer: object): boolean {
  const name = valueOf(answer)?.name
  if (name === elementOf[item.type]) return true
  if (item.type === 'open-choice' && name === 'valueString') return true
  const choice = item.type === 'choice' || item.type === 'open-choice'
  return choice && name !== undefined && (item.answerOption ?? []).some((option) => valueOf(option)?.name === name)
}

const sameCoding = (a: Coding, b: Coding): boolean =>
  a.code === b.code &&
  (a.system === undefined || b.system === undefined || a.system === b.system) &&
  (a.code !== undefined || a.display === b.display)

/** Whether two values of answers say the same: codings by system and code, quantities by value and unit. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if ('reference' in a || 'reference' in b) return (a as Reference).reference === (b as Reference).reference
  if ('value' in a || 'value' in b) return compareValues(a, b) === 0
  return sameCoding(a, b)
}

export const sameAnswer = (a: object, b: object): boolean => sameValue(valueOf(a)?.value, valueOf(b)?.value)

const unitOf = ({ code, unit }: Quantity): string => code ?? unit ?? ''

/** Below 0, 0, above 0; undefined when the two cannot be put in order. Partial dates compare to the precision both have. */
export function compareValues(a: unknown, b: unknown): number | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b)
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return undefined
  const [left, right] = [a as Quantity, b as Quantity]
  if (left.value === undefined || right.value === undefined) return undefined
  if (unitOf(left) !== unitOf(right) && unitOf(left) !== '' && unitOf(right) !== '') return undefined
  return left.value - right.value
}

const isDate = (text: string): boolean => /^\d{4}(?:-\d\d(?:-\d\d(?:T.*)?)?)?$/.test(text)

function compareTexts(a: string, b: string): number {
  if (!isDate(a) || !isDate(b)) return a < b ? -1 : a > b ? 1 : 0
  if (a.includes('T') && b.includes('T')) return Date.parse(a) - Date.parse(b)
  const length = Math.min(a.length, b.length, 10)
  const [left, right] = [a.slice(0, length), b.slice(0, length)]
  return left < right ? -1 : left > right ? 1 : 0
}

/** A computed value as an answer to a question; undefined when it can be none. */
export function answerFrom(item: QuestionnaireItem, value: unknown): Answer | undefined {
  switch (item.type) {
    case 'boolean':
      return typeof value === 'boolean' ? { valueBoolean: value } : undefined
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value) ? { valueInteger: value } : undefined
    case 'decimal':
      return typeof value === 'number' ? { valueDecimal: value } : undefined
    case 'quantity':
      if (typeof value === 'number') return { valueQuantity: { value, ...unitsOf(item)[0] } }
      return isObject(value) ? { valueQuantity: value } : undefined
    case 'date':
      return typeof value === 'string' && isDate(value) ? { valueDate: value.slice(0, 10) } : undefined
    case 'dateTime':
      return typeof value === 'string' && isDate(value) ? { valueDateTime: value } : undefined
    case 'time':
      return typeof value === 'string' ? { valueTime: value } : undefined
    case 'url':
      return typeof value === 'string' ? { valueUri: value } : undefined
    case 'string':
    case 'text':
      return typeof value === 'object' ? undefined : { valueString: String(value) }
    case 'choice':
    case 'open-choice':
      return choiceFrom(item, value)
    case 'reference':
      return isObject(value) ? { valueReference: value } : undefined
    default:
      return undefined
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

function choiceFrom(item: QuestionnaireItem, value: unknown): Answer | undefined {
  const coding: Coding | undefined = isObject(value) ? value : undefined
  const option = (item.answerOption ?? []).find((one) => {
    const known = valueOf(one)?.value
    return coding ? sameValue(known, coding) : isObject(known) ? (known as Coding).code === value : known === value
  })
  if (option) {
    const known = valueOf(option)
    return known ? { [known.name]: known.value } : undefined
  }
  if (coding?.code !== undefined || coding?.display !== undefined) return { valueCoding: coding }
  return item.type === 'open-choice' && typeof value === 'string' ? { valueString: value } : undefined
}

const unit = 'http://hl7.org/fhir/StructureDefinition/questionnaire-unit'
const unitOption = 'http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption'

/** The units that a quantity or a number may be given in, the usual one first. */
export function unitsOf(item: QuestionnaireItem): Pick<Quantity, 'unit' | 'system' | 'code'>[] {
  return (item.extension ?? []).flatMap(({ url, valueCoding }) =>
    (url === unit || url === unitOption) && valueCoding
      ? [
          {
            unit: valueCoding.display ?? valueCoding.code ?? '',
            ...(valueCoding.system === undefined ? {} : { system: valueCoding.system }),
            ...(valueCoding.code === undefined ? {} : { code: valueCoding.code }),
          },
        ]
      : [],
  )
}
