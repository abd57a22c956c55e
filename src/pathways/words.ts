import type { Localized, Locale, Step } from './model.ts'

/** An outcome in words: a task's own title for it, the language's, or its code. */
export function outcomeTitle(code: string, step: Step | undefined, locale: Locale): string {
  const own = step?.task?.outcomes?.find((one) => one.code === code)?.title[locale]
  return own ?? common[code]?.[locale] ?? code.replaceAll('-', ' ')
}

/** Outcomes that the language itself names, and names that pathways commonly give to events and answers. */
const common: Readonly<Record<string, Localized>> = {
  done: { en: 'done', fr: 'fait' },
  late: { en: 'did not come in time', fr: 'pas arrivé à temps' },
  sent: { en: 'sent', fr: 'envoyé' },
  failed: { en: 'could not be delivered', fr: 'n’a pas pu être remis' },
  cancelled: { en: 'cancelled', fr: 'annulé' },
  skipped: { en: 'skipped', fr: 'sauté' },
  met: { en: 'came about', fr: 'réalisé' },
  answered: { en: 'answered', fr: 'rempli' },
  booked: { en: 'booked', fr: 'fixé' },
  declined: { en: 'not possible', fr: 'pas possible' },
  resulted: { en: 'the result is there', fr: 'le résultat est arrivé' },
  complete: { en: 'complete', fr: 'terminé' },
  abandoned: { en: 'abandoned', fr: 'abandonné' },
  came: { en: 'came', fr: 'arrivé' },
  arrived: { en: 'arrived', fr: 'arrivé' },
  there: { en: 'is there', fr: 'présent' },
  over: { en: 'is over', fr: 'fini' },
  attended: { en: 'attended', fr: 'venu' },
  'no-show': { en: 'did not come', fr: 'pas venu' },
  'cancelled-visit': { en: 'the visit was cancelled', fr: 'visite annulée' },
  incomplete: { en: 'incomplete', fr: 'incomplet' },
  normal: { en: 'normal', fr: 'normal' },
  abnormal: { en: 'abnormal', fr: 'anormal' },
  critical: { en: 'critical', fr: 'critique' },
  good: { en: 'good', fr: 'bon' },
  high: { en: 'high', fr: 'élevé' },
  poor: { en: 'poor', fr: 'mauvais' },
  well: { en: 'well', fr: 'bien' },
  worse: { en: 'worse', fr: 'pire' },
  better: { en: 'better', fr: 'mieux' },
  'not-yet': { en: 'not yet', fr: 'pas encore' },
  severe: { en: 'severe', fr: 'grave' },
  medicines: { en: 'the medicines', fr: 'les médicaments' },
  remission: { en: 'remission', fr: 'rémission' },
  'no-remission': { en: 'no remission', fr: 'pas de rémission' },
  soon: { en: 'soon', fr: 'bientôt' },
  'in-turn': { en: 'in its turn', fr: 'à son tour' },
  usual: { en: 'as usual', fr: 'comme d’habitude' },
  'by-hand': { en: 'by hand', fr: 'à la main' },
}

export function audience(to: unknown, locale: Locale, role: (id: string) => string): string {
  if (to === 'patient') return locale === 'fr' ? 'la patiente ou au patient' : 'the patient'
  if (to === 'referrer') return locale === 'fr' ? 'la personne qui a fait la demande' : 'the referrer'
  return role(String(to).replace('role:', ''))
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** A moment in words, in the clinic's zone. */
export function moment(time: number, locale: Locale, zone: string): string {
  const key = `${locale} ${zone}`
  let format = formats.get(key)
  if (!format) {
    format = new Intl.DateTimeFormat(locale === 'fr' ? 'fr-CA' : 'en-CA', {
      timeZone: zone,
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      hour: 'numeric',
      minute: '2-digit',
    })
    formats.set(key, format)
  }
  return format.format(time)
}

/** A title as it is quoted in the language. */
export const quote = (title: string, locale: Locale): string => (locale === 'fr' ? `« ${title} »` : `“${title}”`)
