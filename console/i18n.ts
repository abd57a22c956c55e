import i18next, { type TFunction } from 'i18next'
import { useMemo } from 'react'
import { initReactI18next, useTranslation } from 'react-i18next'
import { useClock } from './parts/clock.ts'
import { spanOf } from './parts/spans.ts'

export type Language = 'en' | 'fr'

// One language is loaded, not both.
const load = async (language: Language) =>
  (language === 'fr' ? await import('./words/fr.json') : await import('./words/en.json')).default

export async function startWords(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { translation: await load(language) } },
    interpolation: { escapeValue: false },
  })
  document.documentElement.lang = language
}

export async function speak(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation'))
    i18next.addResourceBundle(language, 'translation', await load(language))
  await i18next.changeLanguage(language)
  document.documentElement.lang = language
}

/** The words, the language, times in the clinic's zone, and a way to choose from a text that the server gives in both. */
export function useWords() {
  const { t, i18n } = useTranslation()
  const { zone, now } = useClock()
  const language: Language = i18n.language === 'fr' ? 'fr' : 'en'
  // The same functions as long as they would say the same: what is made with them need not be made again.
  return useMemo(() => wordsOf(t, language, zone, now), [t, language, zone, now])
}

function wordsOf(t: TFunction, language: Language, zone: string, now: number) {
  const tag = language === 'fr' ? 'fr-CA' : 'en-CA'
  const timeZone = zone === '' ? undefined : zone
  const span = (minutes: number, unitDisplay?: 'narrow') => {
    const { count, unit } = spanOf(minutes)
    return new Intl.NumberFormat(tag, {
      style: 'unit',
      unit,
      unitDisplay: unitDisplay ?? (unit === 'minute' ? 'short' : 'long'),
    }).format(count)
  }
  const minutesUntil = (iso: string) => (Date.parse(iso) - now) / 60_000
  return {
    t,
    language,
    /** A length of time: "12 min". */
    span: (minutes: number) => span(minutes),
    either: (text: { en: string; fr: string }) => text[language],
    moment: (iso: string) =>
      new Intl.DateTimeFormat(tag, {
        day: 'numeric',
        month: 'short',
        hour: 'numeric',
        minute: '2-digit',
        timeZone,
      }).format(new Date(iso)),
    /** To the second and with the year: for what serves as evidence. */
    exact: (iso: string) =>
      new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'medium', timeZone }).format(new Date(iso)),
    /** To the minute, with the year. */
    momentOfYear: (iso: string) =>
      new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(new Date(iso)),
    number: (value: number) => new Intl.NumberFormat(tag).format(value),
    /** A size in the unit that fits: "3.2 MB". */
    bytes: (count: number) => {
      const power = count < 1 ? 0 : Math.min(3, Math.floor(Math.log10(count) / 3))
      return new Intl.NumberFormat(tag, {
        style: 'unit',
        unit: (['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const)[power] ?? 'byte',
        maximumFractionDigits: 1,
      }).format(count / 1000 ** power)
    },
    /** A day. A date without a time has no zone. */
    date: (iso: string) =>
      new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeZone: iso.length <= 10 ? 'UTC' : timeZone }).format(
        new Date(iso),
      ),
    /** How long ago: "3 days". */
    age: (iso: string) => span(-minutesUntil(iso)),
    /** The same where there is little room: "3d". */
    shortAge: (iso: string) => span(-minutesUntil(iso), 'narrow'),
    /** "due in 3 hours", "2 days late". */
    due: (iso: string) => {
      const minutes = minutesUntil(iso)
      if (Math.abs(minutes) < 1) return t('dueNow')
      return minutes < 0 ? t('lateBy', { span: span(-minutes) }) : t('dueIn', { span: span(minutes) })
    },
    /** A code of the server's in words: its own entry if there is one, else the code without hyphens. */
    code: (family: string, code: string) => t(`${family}_${code}`, { defaultValue: code.replaceAll('-', ' ') }),
  }
}
