import i18next from 'i18next'
import { initReactI18next, useTranslation } from 'react-i18next'
import en from './words/en.json' with { type: 'json' }
import fr from './words/fr.json' with { type: 'json' }

export type Language = 'en' | 'fr'

export async function startWords(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    resources: { en: { translation: en }, fr: { translation: fr } },
    interpolation: { escapeValue: false },
  })
  document.documentElement.lang = language
}

export async function speak(language: Language): Promise<void> {
  await i18next.changeLanguage(language)
  document.documentElement.lang = language
}

/** The words, the language, and a way to choose from a text that the server gives in both. */
export function useWords() {
  const { t, i18n } = useTranslation()
  const language: Language = i18n.language === 'fr' ? 'fr' : 'en'
  const tag = language === 'fr' ? 'fr-CA' : 'en-CA'
  return {
    t,
    language,
    either: (text: { en: string; fr: string }) => text[language],
    moment: (iso: string) =>
      new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' }).format(
        new Date(iso),
      ),
    date: (iso: string) =>
      new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeZone: iso.length === 10 ? 'UTC' : undefined }).format(
        new Date(iso),
      ),
    /** "in 3 hours", "2 days ago". */
    fromNow(iso: string) {
      const minutes = (Date.parse(iso) - Date.now()) / 60_000
      const format = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' })
      if (Math.abs(minutes) < 60) return format.format(Math.round(minutes), 'minute')
      if (Math.abs(minutes) < 36 * 60) return format.format(Math.round(minutes / 60), 'hour')
      return format.format(Math.round(minutes / 1440), 'day')
    },
  }
}
