import type { Questionnaire, QuestionnaireItemEnableWhen } from '@medplum/fhirtypes'
import { type Form, type FormFinding, type FormItem, readForm } from './form.ts'
import { fitsType, questionTypes, valueOf } from './values.ts'
import { extensionOf, inBoth, urls } from './words.ts'

type Report = (severity: FormFinding['severity'], code: string, path: string, message: string) => void

/**
 * What is wrong with a Questionnaire: errors make it unfit to be published, warnings say what people will notice. Rules:
 * FHIR R4's invariants of Questionnaire, Structured Data Capture, and that each text is said in English and French.
 */
export function checkQuestionnaire(questionnaire: Questionnaire): FormFinding[] {
  const { form, findings } = readForm(questionnaire)
  const report: Report = (severity, code, path, message) => findings.push({ severity, code, path, message })
  if (!questionnaire.url) report('error', 'url-missing', 'Questionnaire.url', 'is what pathways name the form by')
  if (form.title.en === '') report('error', 'title-missing', 'Questionnaire.title', 'is missing')
  else if (!inBoth(questionnaire, 'title', questionnaire.language)) untold(report, 'Questionnaire.title')
  if (form.items.length === 0) report('error', 'form-empty', 'Questionnaire.item', 'asks nothing')
  for (const item of form.items) checkItem(item, form, report)
  return findings
}

const untold = (report: Report, path: string) => report('warning', 'one-language', path, 'is said in one language only')

/** Numbers and signs need no translation. */
const isWord = (text = ''): boolean => /\p{L}{3}/u.test(text)

const ordered = new Set(['integer', 'decimal', 'date', 'dateTime', 'time', 'quantity', 'string'])

function checkItem(item: FormItem, form: Form, report: Report): void {
  const { source, path } = item
  if (!source.linkId) report('error', 'link-id-missing', `${path}.linkId`, 'is missing')
  if (item.type !== 'group' && item.type !== 'display' && !questionTypes.includes(item.type))
    report('error', 'type-unknown', `${path}.type`, `${item.type} is no type of item`)
  if (item.text.en === '' && item.text.fr === '' && !item.hidden && item.type !== 'group')
    report('warning', 'text-missing', `${path}.text`, 'nobody can see what is asked')
  else if (isWord(item.text.en) && !inBoth(source, 'text', form.questionnaire.language)) untold(report, `${path}.text`)
  if (item.type === 'group' || item.type === 'display') checkUnasked(item, report)
  else checkQuestion(item, form, report)
  if ((source.enableWhen?.length ?? 0) > 1 && source.enableBehavior === undefined)
    report('error', 'behaviour-missing', `${path}.enableBehavior`, 'several conditions: all of them, or any?')
  for (const [index, one] of (source.enableWhen ?? []).entries())
    checkCondition(one, `${path}.enableWhen[${index}]`, item, form, report)
  for (const inner of item.items) checkItem(inner, form, report)
}

/** Groups and displays are not answered (que-1, que-3, que-6, que-8, que-9 of FHIR R4). */
function checkUnasked({ source, path, type }: FormItem, report: Report): void {
  if (type === 'group' && (source.item ?? []).length === 0) report('warning', 'group-empty', path, 'holds nothing')
  if (type === 'display' && (source.item ?? []).length > 0)
    report('error', 'display-holds-items', `${path}.item`, 'a display holds no items')
  const never =
    type === 'display'
      ? (['required', 'repeats', 'readOnly', 'initial', 'answerOption', 'answerValueSet'] as const)
      : (['initial', 'answerOption', 'answerValueSet'] as const)
  for (const name of never)
    if (source[name] !== undefined && source[name] !== false)
      report('error', 'not-answered', `${path}.${name}`, `a ${type} is not answered`)
}

function checkQuestion(item: FormItem, form: Form, report: Report): void {
  const { source, path, type } = item
  const choice = type === 'choice' || type === 'open-choice'
  if (choice && item.options.length === 0 && source.answerValueSet === undefined && !item.offers)
    report('error', 'options-missing', path, 'offers nothing to choose')
  if (source.answerOption && source.answerValueSet)
    report('error', 'options-twice', `${path}.answerValueSet`, 'stands beside answerOption: one of the two')
  if (source.answerValueSet?.startsWith('#') && item.options.length === 0)
    report('error', 'value-set-missing', `${path}.answerValueSet`, 'no value set of the form has codes by this id')
  if (source.answerOption && !choice && !['integer', 'date', 'time', 'string', 'text', 'reference'].includes(type))
    report('error', 'options-misplaced', `${path}.answerOption`, `a question of type ${type} has no options`)
  for (const [index, option] of (source.answerOption ?? []).entries()) {
    const value = valueOf(option)
    if (!value) report('error', 'option-empty', `${path}.answerOption[${index}]`, 'has no value')
    const coding = option.valueCoding
    if (coding && isWord(coding.display) && !inBoth(coding, 'display', form.questionnaire.language))
      untold(report, `${path}.answerOption[${index}].valueCoding.display`)
  }
  const initial = source.initial ?? []
  if (initial.length > 1 && !item.repeats)
    report('error', 'initial-twice', `${path}.initial`, 'one answer only: the question does not repeat')
  if (initial.length > 0 && item.options.some((option) => option.initial))
    report('error', 'initial-twice', `${path}.initial`, 'an option is chosen beforehand already')
  for (const [index, one] of initial.entries())
    if (!fitsType(source, one))
      report('error', 'initial-type', `${path}.initial[${index}]`, `is no answer to a question of type ${type}`)
  if (source.maxLength !== undefined && !['string', 'text', 'url', 'open-choice', 'integer', 'decimal'].includes(type))
    report('error', 'length-misplaced', `${path}.maxLength`, `a question of type ${type} has no length`)
  for (const url of [urls.minValue, urls.maxValue])
    if (extensionOf(source, url) && !ordered.has(type))
      report('error', 'bound-misplaced', `${path}.extension`, `a question of type ${type} has no least or greatest`)
  if (item.readOnly && item.required && !item.calculated && !item.initial && initial.length === 0)
    report('error', 'never-answered', `${path}.required`, 'nobody may answer it and nothing computes it')
  if (item.most !== undefined && item.least > item.most)
    report('error', 'occurs', `${path}.extension`, `wants ${item.least} answers at least and ${item.most} at most`)
  for (const url of [urls.answerOptionsToggle, urls.candidateExpression])
    if (extensionOf(source, url))
      report('warning', 'not-read', `${path}.extension`, `${url.split('/').at(-1)} is not read here`)
}

const withOrder = new Set(['>', '<', '>=', '<='])

function checkCondition(
  condition: QuestionnaireItemEnableWhen,
  path: string,
  item: FormItem,
  form: Form,
  report: Report,
): void {
  const asked = form.byLinkId.get(condition.question)
  if (!asked) {
    report('error', 'question-unknown', `${path}.question`, `there is no item ${condition.question}`)
    return
  }
  if (isBelow(asked, item))
    report('error', 'question-below', `${path}.question`, `${condition.question} is only asked if this is`)
  const entries = Object.entries(condition).find(([name]) => name.startsWith('answer'))
  const answer = entries && { [entries[0].replace('answer', 'value')]: entries[1] }
  if (!answer) report('error', 'answer-missing', path, 'is compared with nothing')
  else if (condition.operator === 'exists') {
    if (condition.answerBoolean === undefined)
      report('error', 'answer-type', path, 'exists is compared with true or false')
  } else if (!fitsType(asked.source, answer))
    report('error', 'answer-type', path, `is compared with what no answer to ${condition.question} can be`)
  if (withOrder.has(condition.operator) && !ordered.has(asked.type))
    report('error', 'operator-misplaced', `${path}.operator`, `answers to ${condition.question} have no order`)
}

const isBelow = (one: FormItem, root: FormItem): boolean =>
  one === root || root.items.some((inner) => isBelow(one, inner))
