import type { Locale, LogEntry, Reason } from '../pathways/index.ts'

const parts: Readonly<Record<string, { en: string; fr: string }>> = {
  title: { en: 'its title', fr: 'son titre' },
  stage: { en: 'its stage', fr: 'son stade' },
  after: { en: 'what it follows', fr: 'ce qui la précède' },
  when: { en: 'its condition', fr: 'sa condition' },
  discretionary: { en: 'what people may do with it', fr: 'ce qu’on peut en faire' },
  repeat: { en: 'its repetition', fr: 'sa répétition' },
}

/** Why a line of a replay differs, in a sentence. */
export function reasonSentence(reason: Reason, locale: Locale): string {
  const say = (en: string, fr: string) => (locale === 'fr' ? fr : en)
  switch (reason.because) {
    case 'step-added':
      return say('This step is new in the draft.', 'Cette étape est nouvelle dans le brouillon.')
    case 'step-removed':
      return say('The draft does not have this step.', 'Le brouillon n’a plus cette étape.')
    case 'step-changed': {
      const list = reason.parts
        .map((part) => parts[part]?.[locale] ?? say(`its ${part}`, `sa partie ${part}`))
        .join(', ')
      return say(
        `The draft writes this step otherwise: ${list}.`,
        `Le brouillon écrit cette étape autrement : ${list}.`,
      )
    }
    case 'not-begun':
      return say('The draft would not have begun this journey.', 'Le brouillon n’aurait pas commencé ce parcours.')
    case 'begun-only-here':
      return say('Only the draft would have begun this journey.', 'Seul le brouillon aurait commencé ce parcours.')
    case 'assumed':
      return say(
        'Nobody was asked this in the past: the answer is assumed.',
        'Personne n’a été sollicité par le passé : la réponse est supposée.',
      )
    case 'follows':
      return say('It follows from an earlier difference.', 'Cela découle d’une différence précédente.')
  }
}

/** How a journey begins on a draft, which has no number yet. */
export const startedSentence = ({ data }: LogEntry, locale: Locale): string =>
  locale === 'fr'
    ? `Parcours commencé par ${data['trigger']}, selon le brouillon.`
    : `Started by ${data['trigger']}, under the draft.`
