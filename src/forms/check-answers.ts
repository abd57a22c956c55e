import type { Coding, Extension, Quantity } from '@medplum/fhirtypes'
import type { FillContext, FilledNode } from './fill.ts'
import type { FormItem } from './form.ts'
import type { ShapeFault } from './sheet.ts'
import { type Answer, compareValues, sameAnswer, valueOf } from './values.ts'
import { extensionOf, type Localized, urls } from './words.ts'

/** What is wrong with an answer or with the lack of one. `path` is FHIRPath from the QuestionnaireResponse. */
export interface FormFault {
  code:
    | ShapeFault['code']
    | 'required'
    | 'too-few'
    | 'too-many'
    | 'answer-twice'
    | 'too-small'
    | 'too-large'
    | 'too-short'
    | 'too-long'
    | 'pattern'
    | 'decimals'
    | 'not-an-option'
    | 'unit'
    | 'alone'
    | 'value-invalid'
    | 'constraint'
    | 'not-asked'
    | 'computed-otherwise'
    | 'expression-failed'
    | 'unsettled'
  path: string
  linkId: string
  /** What the words of the fault are made with. */
  detail: Readonly<Record<string, string | number>>
  /** The form's own words, when it has some. */
  words?: Localized
}

export const shapeFault = (fault: ShapeFault): FormFault => ({ ...fault, detail: {} })

/** What is wrong with the answers of a question that is asked. */
export function answerFaults(node: FilledNode, context: FillContext): FormFault[] {
  const { item, answers, path } = node
  if (item.type === 'group' || item.type === 'display') return []
  const faults: FormFault[] = []
  const add = (code: FormFault['code'], at: string, detail: FormFault['detail'] = {}) =>
    faults.push({ code, path: at, linkId: item.linkId, detail })
  // What nobody is shown or may answer, nobody can be asked to answer.
  const askable = !item.hidden && !item.readOnly
  if (answers.length < item.least && askable)
    add(answers.length === 0 && item.least === 1 ? 'required' : 'too-few', path, { least: item.least })
  if (item.most !== undefined && answers.length > item.most) add('too-many', path, { most: item.most })
  for (const [index, answer] of answers.entries()) {
    const at = `${path}.answer[${index}]`
    if (answers.findIndex((one) => sameAnswer(one, answer)) < index) add('answer-twice', at)
    checkAnswer(node, answer, context, (code, detail) => add(code, at, detail))
  }
  const chosen = node.options.filter((option) => answers.some((answer) => sameAnswer(answer, option.answer)))
  if (answers.length > 1 && chosen.some((option) => option.exclusive)) add('alone', path)
  return faults
}

/** What is wrong with the rows of a group: one that must be filled in and is not, or too many of them. */
export function rowFaults({ item, rows, path }: FilledNode): FormFault[] {
  if (item.type !== 'group' || item.hidden) return []
  const filled = rows.filter((row) => row.some(isFilled)).length
  const fault = (code: FormFault['code'], detail: FormFault['detail']): FormFault => ({
    code,
    path,
    linkId: item.linkId,
    detail,
  })
  if (filled < item.least && rows.some((row) => row.some(canBeFilled)))
    return [fault(item.least === 1 ? 'required' : 'too-few', { least: item.least })]
  return item.most !== undefined && rows.length > item.most ? [fault('too-many', { most: item.most })] : []
}

const isFilled = (node: FilledNode): boolean =>
  node.enabled && (node.answers.length > 0 || node.rows.some((row) => row.some(isFilled)))
const canBeFilled = (node: FilledNode): boolean =>
  node.enabled && !['group', 'display'].includes(node.item.type)
    ? !node.item.hidden && !node.item.readOnly
    : node.rows.some((row) => row.some(canBeFilled))

type Add = (code: FormFault['code'], detail?: FormFault['detail']) => void

function checkAnswer(node: FilledNode, answer: Answer, context: FillContext, add: Add): void {
  const { item } = node
  const value = valueOf(answer)?.value
  if (typeof value === 'string') checkText(item, value, add)
  if (typeof value === 'number') checkNumber(item, value, add)
  checkBounds(item, value, add)
  if (answer.valueQuantity) checkUnit(item, answer.valueQuantity, add)
  if (item.type === 'choice' || item.type === 'open-choice' || item.options.length > 0)
    checkOption(node, answer, context, add)
}

const shapes: Readonly<Record<string, RegExp | undefined>> = {
  date: /^\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?$/,
  dateTime:
    /^\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01])(?:T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d))?)?)?$/,
  time: /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?$/,
}

function checkText(item: FormItem, value: string, add: Add): void {
  const least = extensionOf(item.source, urls.minLength)?.valueInteger
  const most = item.source.maxLength
  if (value.trim() === '' || shapes[item.type]?.test(value) === false) add('value-invalid')
  else if (least !== undefined && value.length < least) add('too-short', { least })
  else if (most !== undefined && value.length > most) add('too-long', { most })
  else if (item.pattern?.test(value) === false)
    add('pattern', { format: extensionOf(item.source, urls.entryFormat)?.valueString ?? '' })
}

function checkNumber(item: FormItem, value: number, add: Add): void {
  const places = extensionOf(item.source, urls.maxDecimalPlaces)?.valueInteger
  if (!Number.isFinite(value) || (item.type === 'integer' && !Number.isInteger(value))) add('value-invalid')
  else if (places !== undefined && Number(value.toFixed(places)) !== value) add('decimals', { places })
}

function checkBounds(item: FormItem, value: unknown, add: Add): void {
  const least = bound(extensionOf(item.source, urls.minValue) ?? extensionOf(item.source, urls.minQuantity))
  const most = bound(extensionOf(item.source, urls.maxValue) ?? extensionOf(item.source, urls.maxQuantity))
  if (least !== undefined && (compareValues(value, least) ?? 0) < 0) add('too-small', { least: inWords(least) })
  if (most !== undefined && (compareValues(value, most) ?? 0) > 0) add('too-large', { most: inWords(most) })
}

function bound(extension: Extension | undefined): unknown {
  return (
    extension &&
    (extension.valueInteger ??
      extension.valueDecimal ??
      extension.valueDate ??
      extension.valueDateTime ??
      extension.valueTime ??
      extension.valueQuantity)
  )
}

const inWords = (value: unknown): string | number =>
  typeof value === 'object' && value !== null
    ? `${String((value as Quantity).value)} ${(value as Quantity).unit ?? ''}`.trim()
    : (value as string | number)

function checkUnit(item: FormItem, { value, unit, code }: Quantity, add: Add): void {
  if (value === undefined) add('value-invalid')
  else if (
    item.units.length > 0 &&
    !item.units.some((one) => (code === undefined ? one.unit === unit : one.code === code))
  )
    add('unit', { units: item.units.map((one) => one.unit ?? one.code ?? '').join(', ') })
}

function checkOption({ item, options }: FilledNode, answer: Answer, context: FillContext, add: Add): void {
  if (item.type === 'open-choice' && answer.valueString !== undefined) return
  if (options.length > 0) {
    const free = item.type === 'open-choice' && answer.valueCoding?.code === undefined
    if (!free && !options.some((option) => sameAnswer(option.answer, answer))) add('not-an-option')
    return
  }
  const { answerValueSet } = item.source
  if (
    answerValueSet !== undefined &&
    answer.valueCoding &&
    isMember(answerValueSet, answer.valueCoding, context) === false
  )
    add('not-an-option')
}

const isMember = (valueSet: string, coding: Coding, { isMember: ask }: FillContext): boolean | undefined =>
  coding.code === undefined ? false : ask?.(valueSet, coding)
