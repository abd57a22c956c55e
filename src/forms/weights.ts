import type { Coding, QuestionnaireResponseItem } from '@medplum/fhirtypes'
import type { FormItem } from './form.ts'
import { type Answer, sameAnswer } from './values.ts'
import { urls } from './words.ts'

const weightUrl: string = urls.itemWeight
const optionFor = (item: FormItem, answer: Answer) => item.options.find((option) => sameAnswer(option.answer, answer))

/** The answer with what it counts for on its coding, where expressions look for it. */
export function weighted(item: FormItem, answer: Answer): Answer {
  const weight = optionFor(item, answer)?.weight
  if (weight === undefined || !answer.valueCoding || answer.valueCoding.extension?.some(({ url }) => url === weightUrl))
    return answer
  const extension = [...(answer.valueCoding.extension ?? []), { url: weightUrl, valueDecimal: weight }]
  return { valueCoding: { ...answer.valueCoding, extension } }
}

/** What was put in for the expressions is not part of what somebody answered. */
export const withoutWeights = (items: readonly QuestionnaireResponseItem[]): QuestionnaireResponseItem[] =>
  items.map((item) => ({
    ...item,
    ...(item.item ? { item: withoutWeights(item.item) } : {}),
    ...(item.answer
      ? {
          answer: item.answer.map((answer) => ({
            ...answer,
            ...(answer.valueCoding ? { valueCoding: plainCoding(answer.valueCoding) } : {}),
            ...(answer.item ? { item: withoutWeights(answer.item) } : {}),
          })),
        }
      : {}),
  }))

function plainCoding({ extension, ...coding }: Coding): Coding {
  const kept = (extension ?? []).filter(({ url }) => url !== weightUrl)
  return kept.length === 0 ? coding : { ...coding, extension: kept }
}

/** What the answers of a question count for together; undefined when none of its options counts. */
export function scoreOf(item: FormItem, answers: readonly Answer[]): number | undefined {
  if (!item.options.some((option) => option.weight !== undefined) || answers.length === 0) return undefined
  return answers.reduce((sum, answer) => sum + (optionFor(item, answer)?.weight ?? 0), 0)
}
