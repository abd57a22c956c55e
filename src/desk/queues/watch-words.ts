import type { SeenTask } from '../../work/index.ts'

type Locale = 'en' | 'fr'

const statuses: Readonly<Record<string, { en: string; fr: string }>> = {
  requested: { en: 'waiting for somebody', fr: 'attend quelqu’un' },
  accepted: { en: 'taken', fr: 'prise' },
  'in-progress': { en: 'under way', fr: 'en cours' },
  'on-hold': { en: 'put off', fr: 'remise à plus tard' },
  completed: { en: 'done', fr: 'faite' },
  cancelled: { en: 'cancelled', fr: 'annulée' },
  failed: { en: 'given up', fr: 'abandonnée' },
  rejected: { en: 'refused', fr: 'refusée' },
}
export const statusWord = (status: string, locale: Locale): string => statuses[status]?.[locale] ?? status

const french: Readonly<Record<string, string>> = { routine: 'ordinaire', asap: 'au plus tôt', stat: 'immédiate' }
const priorityWord = ({ priority }: SeenTask, locale: Locale): string =>
  locale === 'fr' ? (french[priority] ?? priority) : priority

/** How a task stands: "Taken · Amir Haddad". */
export function taskStands({ status, owner }: SeenTask, locale: Locale): string {
  const word = statusWord(status, locale)
  const first = `${word.charAt(0).toLocaleUpperCase(locale)}${word.slice(1)}`
  return owner === null ? first : `${first} · ${owner}`
}

/** What is otherwise with a task than when it was last looked at, a sentence each; none when it was only written again. */
export function changesOfTask(before: SeenTask, now: SeenTask, locale: Locale, zone: string): string[] {
  const fr = locale === 'fr'
  const day = (iso: string | null) =>
    iso === null
      ? fr
        ? 'sans échéance'
        : 'no due time'
      : new Intl.DateTimeFormat(fr ? 'fr-CA' : 'en-CA', {
          timeZone: zone,
          day: 'numeric',
          month: 'short',
          hour: 'numeric',
          minute: '2-digit',
        }).format(new Date(iso))
  const nobody = fr ? 'personne' : 'nobody'
  const notes = now.notes - before.notes
  return [
    ...(before.status === now.status
      ? []
      : [`${statusWord(before.status, locale)} → ${statusWord(now.status, locale)}`]),
    ...(before.owner === now.owner ? [] : [`${before.owner ?? nobody} → ${now.owner ?? nobody}`]),
    ...(before.due === now.due
      ? []
      : [fr ? `Échéance : ${day(before.due)} → ${day(now.due)}` : `Due: ${day(before.due)} → ${day(now.due)}`]),
    ...(before.priority === now.priority
      ? []
      : [`${fr ? 'Priorité : ' : 'Priority: '}${priorityWord(before, locale)} → ${priorityWord(now, locale)}`]),
    ...(now.escalated > before.escalated ? [fr ? 'Signalée plus haut' : 'Escalated'] : []),
    ...(notes > 0
      ? [
          fr
            ? `${notes} ${notes === 1 ? 'note nouvelle' : 'notes nouvelles'}`
            : `${notes} new ${notes === 1 ? 'note' : 'notes'}`,
        ]
      : []),
  ]
}
