import type { Locale, Step } from './model.ts'

/** An outcome in words: a task's own title for it, the language's, or its code. */
export function outcomeTitle(code: string, step: Step | undefined, locale: Locale): string {
  const own = step?.task?.outcomes?.find((one) => one.code === code)?.title[locale]
  const common: Record<string, { en: string; fr: string }> = {
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
  }
  return own ?? common[code]?.[locale] ?? code.replaceAll('-', ' ')
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
