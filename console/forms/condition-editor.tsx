import { Button, NativeSelect, TextInput } from '@mantine/core'
import type { Questionnaire, QuestionnaireItem, QuestionnaireItemEnableWhen } from '@medplum/fhirtypes'
import { useWords } from '../i18n.ts'
import { outlineOf, textsOf } from './editing.ts'

const operators = ['exists', '=', '!=', '>', '<', '>=', '<='] as const

/** When an item is asked: conditions on answers to other questions, all of them or any. */
export function ConditionEditor({
  form,
  item,
  put,
}: {
  form: Questionnaire
  item: QuestionnaireItem
  put: (next: QuestionnaireItem) => void
}) {
  const { t, either } = useWords()
  const conditions = item.enableWhen ?? []
  const questions = outlineOf(form)
    .map((one) => one.item)
    .filter((one) => one.type !== 'group' && one.type !== 'display' && one.linkId !== item.linkId)
  const set = (next: QuestionnaireItemEnableWhen[]) => {
    const { enableWhen: _before, enableBehavior, ...rest } = item
    if (next.length === 0) return put(rest)
    put({ ...rest, enableWhen: next, ...(next.length > 1 ? { enableBehavior: enableBehavior ?? 'all' } : {}) })
  }
  const replace = (index: number, next: QuestionnaireItemEnableWhen) =>
    set(conditions.map((one, at) => (at === index ? next : one)))
  const first = questions[0]
  return (
    <fieldset className="part">
      <legend>{t('askedWhen')}</legend>
      {conditions.length === 0 && <p className="quiet">{t('askedAlways')}</p>}
      {conditions.length > 1 && (
        <NativeSelect
          aria-label={t('askedWhen')}
          value={item.enableBehavior ?? 'all'}
          data={[
            { value: 'all', label: t('allHold') },
            { value: 'any', label: t('anyHolds') },
          ]}
          onChange={(event) => put({ ...item, enableBehavior: event.currentTarget.value === 'any' ? 'any' : 'all' })}
        />
      )}
      {conditions.map((condition, index) => {
        const question = questions.find((one) => one.linkId === condition.question)
        return (
          <div key={index} className="condition-line">
            <NativeSelect
              aria-label={`${t('question')} ${index + 1}`}
              value={condition.question}
              data={questions.map((one) => ({ value: one.linkId, label: either(textsOf(one, 'text')) || one.linkId }))}
              onChange={(event) => {
                const next = questions.find((one) => one.linkId === event.currentTarget.value)
                if (next) replace(index, fresh(next))
              }}
            />
            <NativeSelect
              aria-label={`${t('operator')} ${index + 1}`}
              value={condition.operator}
              data={operators.map((one) => ({ value: one, label: t(`operator_${one}`) }))}
              onChange={(event) => {
                const operator = operators.find((one) => one === event.currentTarget.value) ?? '='
                const { question: name } = condition
                if (operator === 'exists') replace(index, { question: name, operator, answerBoolean: true })
                else if (condition.operator === 'exists' && question) replace(index, { ...fresh(question), operator })
                else replace(index, { ...condition, operator })
              }}
            />
            {question && (
              <ValueField
                question={question}
                condition={condition}
                label={`${t('answer')} ${index + 1}`}
                put={(next) => replace(index, next)}
              />
            )}
            <Button
              variant="subtle"
              aria-label={t('removeRow', { n: index + 1 })}
              onClick={() => set(conditions.filter((_one, at) => at !== index))}
            >
              ×
            </Button>
          </div>
        )
      })}
      {first && <Button onClick={() => set([...conditions, fresh(first)])}>{t('addCondition')}</Button>}
    </fieldset>
  )
}

/** A condition on a question, with a value that its answers can have. */
function fresh(question: QuestionnaireItem): QuestionnaireItemEnableWhen {
  const base = { question: question.linkId, operator: '=' as const }
  switch (question.type) {
    case 'boolean':
      return { ...base, answerBoolean: true }
    case 'choice':
    case 'open-choice': {
      const coding = question.answerOption?.find((one) => one.valueCoding)?.valueCoding
      if (!coding) return { question: question.linkId, operator: 'exists', answerBoolean: true }
      const { extension: _weight, ...plain } = coding
      return { ...base, answerCoding: plain }
    }
    case 'integer':
      return { ...base, answerInteger: 1 }
    case 'decimal':
      return { ...base, answerDecimal: 1 }
    case 'string':
    case 'text':
    case 'url':
      return { ...base, answerString: '' }
    default:
      return { question: question.linkId, operator: 'exists', answerBoolean: true }
  }
}

function ValueField({
  question,
  condition,
  label,
  put,
}: {
  question: QuestionnaireItem
  condition: QuestionnaireItemEnableWhen
  label: string
  put: (next: QuestionnaireItemEnableWhen) => void
}) {
  const { t, either } = useWords()
  const { question: name, operator } = condition
  const base = { question: name, operator }
  if (operator === 'exists' || question.type === 'boolean')
    return (
      <NativeSelect
        aria-label={label}
        value={String(condition.answerBoolean ?? true)}
        data={[
          { value: 'true', label: t('yes') },
          { value: 'false', label: t('no') },
        ]}
        onChange={(event) => put({ ...base, answerBoolean: event.currentTarget.value === 'true' })}
      />
    )
  if (question.type === 'choice' || question.type === 'open-choice') {
    const codings = (question.answerOption ?? []).flatMap((one) => (one.valueCoding ? [one.valueCoding] : []))
    return (
      <NativeSelect
        aria-label={label}
        value={condition.answerCoding?.code ?? ''}
        data={codings.map((one) => ({
          value: one.code ?? '',
          label: either(textsOf(one, 'display')) || (one.code ?? ''),
        }))}
        onChange={(event) => {
          const found = codings.find((one) => one.code === event.currentTarget.value)
          if (!found) return
          const { extension: _weight, ...plain } = found
          put({ ...base, answerCoding: plain })
        }}
      />
    )
  }
  const kind =
    question.type === 'integer' ? 'answerInteger' : question.type === 'decimal' ? 'answerDecimal' : 'answerString'
  return (
    <TextInput
      aria-label={label}
      type={kind === 'answerString' ? 'text' : 'number'}
      value={String(condition[kind] ?? '')}
      onChange={(event) =>
        put({
          ...base,
          [kind]: kind === 'answerString' ? event.currentTarget.value : Number(event.currentTarget.value),
        })
      }
    />
  )
}
