import type { Communication } from '@medplum/fhirtypes'
import type { Localized } from '../pathways/index.ts'

type Locale = keyof Localized

const holds: Readonly<Record<string, Localized>> = {
  quiet: { en: 'it is the patient’s quiet hours', fr: 'ce sont les heures de repos de la personne' },
  daily: {
    en: 'the patient has had as many messages today as they may',
    fr: 'la personne a déjà reçu aujourd’hui tous les messages permis',
  },
  weekly: {
    en: 'the patient has had as many messages this week as they may',
    fr: 'la personne a déjà reçu cette semaine tous les messages permis',
  },
  gathered: {
    en: 'reminders wait for each other, to leave as one',
    fr: 'les rappels s’attendent pour partir ensemble',
  },
}

const reasons: Readonly<Record<string, Localized>> = {
  'no channel reaches the recipient': {
    en: 'no channel reaches the recipient',
    fr: 'aucun canal ne joint la personne',
  },
  'the contact budget has no room for it': {
    en: 'the patient would have heard from us too often',
    fr: 'la personne aurait été contactée trop souvent',
  },
  'consent refuses it': {
    en: 'the patient’s consent does not allow it',
    fr: 'le consentement de la personne ne le permet pas',
  },
  'delivery failed': { en: 'the channel could not deliver it', fr: 'le canal n’a pas pu le remettre' },
  cancelled: { en: 'its journey was stopped', fr: 'son parcours a été arrêté' },
  completed: { en: 'its journey ended before', fr: 'son parcours s’est terminé avant' },
  again: { en: 'its part of the journey began once more', fr: 'cette partie du parcours a recommencé' },
  missed: { en: 'its next time came first', fr: 'l’occurrence suivante est arrivée avant' },
  skipped: { en: 'a person skipped it', fr: 'une personne l’a sauté' },
  stopped: { en: 'its part of the pathway was stopped', fr: 'cette partie du parcours a été arrêtée' },
  late: { en: 'its answer was waited for too long', fr: 'sa réponse a trop tardé' },
}

/** Why a message has not been sent, or not yet, in one sentence; null for one that was. */
export function silenceOf(message: Communication, locale: Locale, zone: string): string | null {
  const french = locale === 'fr'
  if (message.status === 'completed') return null
  const extension = (url: string) => message.extension?.find((one) => one.url === url)
  if (message.status === 'preparation') {
    const held = holds[extension('urn:throughline:held')?.valueCode ?? '']
    const until = extension('urn:throughline:not-before')?.valueDateTime
    if (!held || until === undefined)
      return french ? 'En file : il part dès que possible.' : 'Queued: it leaves as soon as it can.'
    const at = new Intl.DateTimeFormat(french ? 'fr-CA' : 'en-CA', {
      dateStyle: 'medium',
      timeStyle: 'short',
      timeZone: zone,
    }).format(new Date(until))
    return french ? `Retenu jusqu’au ${at} : ${held.fr}.` : `Held until ${at}: ${held.en}.`
  }
  const text = message.statusReason?.text ?? ''
  const reason = reasons[text]?.[locale] ?? text
  return french ? `Non envoyé : ${reason}.` : `Not sent: ${reason}.`
}
