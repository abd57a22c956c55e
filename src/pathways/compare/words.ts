import { parseDuration } from '../calendar.ts'
import { titleOf } from '../graph.ts'
import {
  type Definition,
  type Locale,
  type Localized,
  predecessorsOf,
  type Role,
  type Step,
  stepsOf,
} from '../model.ts'
import { audience, outcomeTitle, quote } from '../words.ts'

/** A sentence in both languages, from what says it in one. */
export const both = (say: (locale: Locale) => string): Localized => ({ en: say('en'), fr: say('fr') })

const units = {
  min: { en: ['minute', 'minutes'], fr: ['minute', 'minutes'] },
  h: { en: ['hour', 'hours'], fr: ['heure', 'heures'] },
  days: { en: ['day', 'days'], fr: ['jour', 'jours'] },
  weeks: { en: ['week', 'weeks'], fr: ['semaine', 'semaines'] },
  'business days': { en: ['business day', 'business days'], fr: ['jour ouvrable', 'jours ouvrables'] },
  'business hours': { en: ['business hour', 'business hours'], fr: ['heure ouvrable', 'heures ouvrables'] },
} as const

/** `2 business days` as people say it. */
export function durationWords(text: string, locale: Locale): string {
  const duration = parseDuration(text)
  return duration ? `${duration.amount} ${units[duration.unit][locale][duration.amount === 1 ? 0 : 1]}` : text
}

const kinds: Readonly<Record<string, Localized>> = {
  task: { en: 'a task', fr: 'une tâche' },
  message: { en: 'a message', fr: 'un message' },
  form: { en: 'a form', fr: 'un formulaire' },
  appointment: { en: 'an appointment', fr: 'un rendez-vous' },
  order: { en: 'an order', fr: 'une prescription' },
  wait: { en: 'a wait', fr: 'une attente' },
  decide: { en: 'a decision', fr: 'une décision' },
  call: { en: 'a call to another system', fr: 'un appel à un autre système' },
  start: { en: 'the start of another pathway', fr: 'le début d’un autre parcours' },
  request: { en: 'a request', fr: 'une demande' },
  end: { en: 'an end', fr: 'une fin' },
}
export const kindWords = (kind: string, locale: Locale): string => kinds[kind]?.[locale] ?? kind

const channels: Readonly<Record<string, Localized>> = {
  sms: { en: 'SMS', fr: 'texto' },
  email: { en: 'e-mail', fr: 'courriel' },
  app: { en: 'the app', fr: 'l’application' },
}
export const channelWords = (list: readonly string[], locale: Locale): string =>
  list.map((one) => channels[one]?.[locale] ?? one).join(locale === 'fr' ? ', puis ' : ', then ')

export const nothingWords = (locale: Locale): string => (locale === 'fr' ? 'rien' : 'nothing')

/** What sentences about one version are made with. */
export class Speaker {
  readonly definition: Definition
  readonly #roles: readonly Role[]
  readonly #steps: ReadonlyMap<string, Step>

  constructor(definition: Definition, roles: readonly Role[]) {
    this.definition = definition
    this.#roles = roles
    this.#steps = new Map(stepsOf(definition).map(({ id, step }) => [id, step]))
  }

  role(id: string, locale: Locale): string {
    return this.#roles.find((one) => one.id === id)?.title[locale] ?? id
  }

  /** A step's title, quoted. */
  step(id: string, locale: Locale): string {
    const step = this.#steps.get(id)
    return quote(step ? titleOf(id, step)[locale] : id, locale)
  }

  stage(id: string | undefined, locale: Locale): string {
    if (id === undefined) return locale === 'fr' ? 'aucune étape' : 'no stage'
    return quote(this.definition.stages.find((one) => one.id === id)?.title[locale] ?? id, locale)
  }

  track(id: string, locale: Locale): string {
    return quote(this.definition.tracks[id]?.title?.[locale] ?? id, locale)
  }

  audience(to: string, locale: Locale): string {
    return audience(to, locale, (id) => this.role(id, locale))
  }

  /** What a step follows: `“Triage” (accepted) or “Chase”`. */
  after(step: Step, locale: Locale): string {
    const { needs, from } = predecessorsOf(step)
    if (from.length === 0) return locale === 'fr' ? 'le début de sa partie' : 'the beginning of its track'
    const names = from.map(({ step: id, outcome }) => {
      const words = outcome === undefined ? '' : ` (${this.outcome(id, outcome, locale)})`
      return `${this.step(id, locale)}${words}`
    })
    if (names.length === 1) return names.join('')
    const joined = needs === 1 ? (locale === 'fr' ? ' ou ' : ' or ') : locale === 'fr' ? ' et ' : ' and '
    if (needs === 1 || needs === names.length) return names.join(joined)
    return locale === 'fr' ? `au moins ${needs} de ${names.join(', ')}` : `at least ${needs} of ${names.join(', ')}`
  }

  outcome(step: string, code: string, locale: Locale): string {
    const common: Readonly<Record<string, Localized>> = { missed: { en: 'missed', fr: 'manqué' } }
    return common[code]?.[locale] ?? outcomeTitle(code, this.#steps.get(step), locale)
  }
}
