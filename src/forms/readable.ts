import type { Quantity } from '@medplum/fhirtypes'
import type { Filled, FilledNode } from './fill.ts'
import { wordsOf } from './form.ts'
import { type Answer, sameAnswer, valueOf } from './values.ts'
import type { Localized } from './words.ts'

/** A line of the answers as people read them. */
export interface ReadableLine {
  linkId: string
  /** How deep it stands: 0 at the top. */
  depth: number
  heading: boolean
  label: Localized
  /** The answers in words; null for a question that was left open. */
  values: Localized[] | null
  score: number | undefined
}

/** Answers in order as they were asked, with what they count for. Questions that were not asked are left out. */
export function readable({ nodes, scores }: Filled): ReadableLine[] {
  const lines: ReadableLine[] = []
  const tell = (node: FilledNode, depth: number) => {
    const { item, enabled, answers } = node
    if (!enabled || item.hidden || item.type === 'display') return
    const label = { en: `${item.prefix} ${item.text.en}`.trim(), fr: `${item.prefix} ${item.text.fr}`.trim() }
    const heading = item.type === 'group'
    if (!heading || label.en !== '')
      lines.push({
        linkId: item.linkId,
        depth,
        heading,
        label,
        values: heading || answers.length === 0 ? null : answers.map((answer) => answerWords(node, answer)),
        score: scores[item.linkId],
      })
    for (const row of node.rows) for (const below of row) tell(below, depth + (label.en === '' ? 0 : 1))
  }
  for (const node of nodes) tell(node, 0)
  return lines
}

/** An answer in both languages: an option's words, a quantity with its unit, else as it stands. */
export function answerWords(node: Pick<FilledNode, 'options'>, answer: Answer): Localized {
  const option = node.options.find((one) => sameAnswer(one.answer, answer))
  if (option) return option.words
  const value = valueOf(answer)?.value
  if (typeof value === 'boolean') return value ? { en: 'Yes', fr: 'Oui' } : { en: 'No', fr: 'Non' }
  if (answer.valueQuantity) return quantityWords(answer.valueQuantity)
  if (typeof value === 'number') return numberWords(value)
  return wordsOf(value, undefined)
}

const numberWords = (value: number): Localized => ({
  en: new Intl.NumberFormat('en-CA', { maximumFractionDigits: 10 }).format(value),
  fr: new Intl.NumberFormat('fr-CA', { maximumFractionDigits: 10 }).format(value),
})

function quantityWords({ value, unit, code }: Quantity): Localized {
  const words = numberWords(value ?? 0)
  const of = unit ?? code ?? ''
  return { en: `${words.en} ${of}`.trim(), fr: `${words.fr} ${of}`.trim() }
}
