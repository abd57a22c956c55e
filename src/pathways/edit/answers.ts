import { changed, type Design, findStep } from './design.ts'
import { type Added, addStep } from './step-edits.ts'
import { writeVariableCondition } from './variable-conditions.ts'

/** A question of a form, as far as a journey may keep its answer. `type`: FHIR's item type. */
export interface AskedQuestion {
  linkId: string
  /** FHIRPath from the QuestionnaireResponse to its items: `item`, `item.item` within a group. */
  path: string
  type: string
  text: { en: string; fr: string }
  /** What may be chosen, by code. */
  options: readonly { code: string }[]
}

type VariableType = NonNullable<Design['variables']>[string]

/** The variable's type, and the value of an answer, by the question's type; texts where it is none of these. */
const kept: Readonly<Record<string, readonly [VariableType, string]>> = {
  boolean: ['bool', 'ofType(boolean)'],
  integer: ['int', 'ofType(integer)'],
  decimal: ['double', 'ofType(decimal)'],
  date: ['date', 'ofType(date)'],
  dateTime: ['dateTime', 'ofType(dateTime)'],
  choice: ['string', 'ofType(Coding).code'],
}
const keptOf = ({ type }: AskedQuestion) => kept[type] ?? (['string', 'ofType(string)'] as const)

/** `pain-score` → `painScore` */
const variableName = (linkId: string): string => {
  const words = linkId.split(/[^A-Za-z0-9]+/).filter((one) => one !== '')
  const name = words
    .map((one, n) => (n === 0 ? one.toLowerCase() : one.charAt(0).toUpperCase() + one.slice(1)))
    .join('')
  return /^[a-z]/.test(name) ? name : `answer${name}`
}

const expressionOf = (question: AskedQuestion) =>
  `${question.path}.where(linkId = '${question.linkId.replaceAll("'", "\\'")}').answer.value.${keptOf(question)[1]}`

/** The question that an expression made here takes its value from. */
export const questionOf = (expression: string): string | undefined => /linkId = '([^']*)'/.exec(expression)?.[1]

/** The form's step keeps the answer to a question in a variable: the one that has it already, or a new one. */
export function keepAnswer(design: Design, step: string, question: AskedQuestion): { design: Design; name: string } {
  const sets = findStep(design, step)?.step.form?.set ?? {}
  const has = Object.entries(sets).find(([, expression]) => questionOf(expression) === question.linkId)?.[0]
  if (has !== undefined) return { design, name: has }
  const [type] = keptOf(question)
  const base = variableName(question.linkId)
  // A variable of the same name and another type is something else.
  const taken = (name: string) => name in sets || (design.variables?.[name] ?? type) !== type
  let name = base
  for (let n = 2; taken(name); n += 1) name = `${base}${n}`
  return {
    name,
    design: changed(design, (copy) => {
      const form = findStep(copy, step)?.step.form
      if (!form) return
      form.set = { ...form.set, [name]: expressionOf(question) }
      copy.variables = { ...copy.variables, [name]: type }
    }),
  }
}

/** A decision after a form by what was answered: one way for each choice, yes and no, or above nought; and one for all else. */
export function branchOnAnswer(design: Design, step: string, question: AskedQuestion): Added {
  const found = findStep(design, step)
  if (!found) return { design, id: step }
  const { design: keeping, name } = keepAnswer(design, step, question)
  const types = keeping.variables ?? {}
  const rule = (clause: Parameters<typeof writeVariableCondition>[0]['clauses'][number], gives: string) => ({
    when: writeVariableCondition({ joined: 'all', clauses: [clause] }, types),
    gives,
  })
  const type = types[name]
  const rules =
    type === 'bool'
      ? [rule({ kind: 'holds', variable: name, not: false }, 'yes')]
      : type === 'int' || type === 'double'
        ? [rule({ kind: 'compares', variable: name, by: '>', value: 0 }, 'above')]
        : question.options.length > 0
          ? question.options.map(({ code }) =>
              rule({ kind: 'compares', variable: name, by: '==', value: code }, outcomeName(code)),
            )
          : [rule({ kind: 'compares', variable: name, by: '!=', value: '' }, 'answered')]
  const { en, fr } = question.text
  return addStep(keeping, {
    track: found.track,
    step: { title: { en: en.slice(0, 200), fr: fr.slice(0, 200) }, decide: { rules, otherwise: 'otherwise' } },
    words: question.linkId,
    after: `${step}.answered`,
  })
}

/** A code as the name of an outcome: lower-case letters, digits and dashes, beginning with a letter. */
function outcomeName(code: string): string {
  const plain = code
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 50)
  return /^[a-z]/.test(plain) ? plain : `answer-${plain}`.replace(/-$/, '')
}
