import type { FormFault } from './check-answers.ts'

const words: Readonly<Record<FormFault['code'], { en: string; fr: string }>> = {
  'item-unknown': { en: 'the form asks no such thing', fr: 'le formulaire ne demande pas cela' },
  'item-twice': { en: 'stands twice', fr: 'figure deux fois' },
  'group-answered': { en: 'is not something that is answered', fr: 'n’est pas une question' },
  'answer-type': { en: 'is an answer of another kind', fr: 'est une réponse d’un autre genre' },
  'answer-empty': { en: 'is an answer without a value', fr: 'est une réponse sans valeur' },
  required: { en: 'is not answered', fr: 'est sans réponse' },
  'too-few': { en: 'wants {{least}} answers at least', fr: 'demande au moins {{least}} réponses' },
  'too-many': { en: 'takes {{most}} at most', fr: 'en admet au plus {{most}}' },
  'answer-twice': { en: 'is said twice', fr: 'est dit deux fois' },
  'too-small': { en: 'is less than {{least}}', fr: 'est inférieur à {{least}}' },
  'too-large': { en: 'is more than {{most}}', fr: 'est supérieur à {{most}}' },
  'too-short': { en: 'is shorter than {{least}} characters', fr: 'compte moins de {{least}} caractères' },
  'too-long': { en: 'is longer than {{most}} characters', fr: 'compte plus de {{most}} caractères' },
  pattern: { en: 'does not have the form {{format}}', fr: 'n’a pas la forme {{format}}' },
  decimals: { en: 'has more than {{places}} decimal places', fr: 'a plus de {{places}} décimales' },
  'not-an-option': { en: 'is none of the choices', fr: 'n’est pas un des choix' },
  unit: { en: 'is not in {{units}}', fr: 'n’est pas en {{units}}' },
  alone: { en: 'cannot be chosen together with others', fr: 'ne peut être choisi avec d’autres' },
  'value-invalid': { en: 'cannot be read', fr: 'est illisible' },
  constraint: { en: 'breaks the rule {{rule}}', fr: 'enfreint la règle {{rule}}' },
  'not-asked': { en: 'is answered though it is not asked', fr: 'a une réponse sans être demandé' },
  'computed-otherwise': { en: 'is not what the form computes', fr: 'n’est pas ce que le formulaire calcule' },
  'expression-failed': { en: 'cannot be computed: {{message}}', fr: 'ne peut être calculé : {{message}}' },
  unsettled: { en: 'the form’s computations do not come to rest', fr: 'les calculs du formulaire n’aboutissent pas' },
}

/** A fault of an answer as a phrase, by the form's own words if it has some. */
export function saysFault({ code, detail, words: own }: FormFault, locale: 'en' | 'fr'): string {
  if (own && own[locale] !== '') return own[locale]
  return words[code][locale].replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => String(detail[name] ?? ''))
}
