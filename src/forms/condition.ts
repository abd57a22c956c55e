import type { Coding, Quantity, QuestionnaireItemEnableWhen } from '@medplum/fhirtypes'
import { type Answer, compareValues, sameAnswer, valueOf } from './values.ts'

/** FHIR R4's questionnaire-enable-operator, to the letter: `!=` holds when no answer equals, so also when there is none. */
export function conditionHolds(condition: QuestionnaireItemEnableWhen, answers: readonly Answer[]): boolean {
  const entry = Object.entries(condition).find(([name]) => name.startsWith('answer'))
  const wanted: unknown = entry?.[1]
  const values = answers.map((answer) => valueOf(answer)?.value)
  const compared = values.map((value) => compareValues(value, wanted))
  switch (condition.operator) {
    case 'exists':
      return answers.length > 0 === wanted
    case '=':
      return values.some((value) => equal(value, wanted))
    case '!=':
      return !values.some((value) => equal(value, wanted))
    case '>':
      return compared.some((order) => order !== undefined && order > 0)
    case '<':
      return compared.some((order) => order !== undefined && order < 0)
    case '>=':
      return compared.some((order) => order !== undefined && order >= 0)
    case '<=':
      return compared.some((order) => order !== undefined && order <= 0)
  }
}

const equal = (value: unknown, wanted: unknown): boolean => {
  const isQuantity = typeof wanted === 'object' && wanted !== null && (wanted as Quantity).value !== undefined
  if (isQuantity || typeof wanted !== 'object') return compareValues(value, wanted) === 0 || value === wanted
  return sameAnswer({ valueCoding: value as Coding }, { valueCoding: wanted as Coding })
}
