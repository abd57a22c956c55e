import { titleOf } from './graph.ts'
import { type Definition, type Localized, type Locale, type Role, stepsOf } from './model.ts'
import type { JourneyState, LogEntry } from './state.ts'
import { audience, moment, outcomeTitle, quote } from './words.ts'

/** What sentences are made with, besides the log itself. */
export interface Explaining {
  definition: Definition
  version: number
  roles: readonly Role[]
  locale: Locale
  zone: string
}

/** A line of the log as a sentence in the asker's language. */
export const explain = (entry: LogEntry, explaining: Explaining): string =>
  // A time such as 1:00 p.m. brings a full stop of its own.
  say(entry, explaining).replace(/\.\.$/, '.')

function say(entry: LogEntry, { definition, version, roles, locale, zone }: Explaining): string {
  const french = locale === 'fr'
  const step = entry.step === null ? undefined : stepsOf(definition).find((one) => one.id === entry.step)?.step
  const title = entry.step === null || !step ? (entry.step ?? '') : titleOf(entry.step, step)[locale]
  const quoted = quote(title, locale)
  const role = (id: unknown) => roles.find((one) => one.id === id)?.title[locale] ?? String(id)
  const day = (time: unknown) => (typeof time === 'number' ? moment(time, locale, zone) : '')
  const outcome = outcomeTitle(String(entry.data['outcome'] ?? ''), step, locale)
  const { data } = entry
  switch (entry.kind) {
    case 'started':
      return french
        ? `Parcours commencé par ${data['trigger']}, selon ${definition.title.fr} version ${version}.`
        : `Started by ${data['trigger']}, under ${definition.title.en} version ${version}.`
    case 'stage': {
      const stage = definition.stages.find((one) => one.id === data['stage'])?.title[locale] ?? String(data['stage'])
      return french ? `Entré dans l’étape ${stage}.` : `Entered the stage ${stage}.`
    }
    case 'opened':
      return french
        ? `Tâche ${quoted} confiée à ${role(data['role'])}${data['due'] ? `, à faire avant ${day(data['due'])}` : ''}.`
        : `Task ${quoted} given to ${role(data['role'])}${data['due'] ? `, due ${day(data['due'])}` : ''}.`
    case 'done':
      return french ? `${quoted} terminé : ${outcome}.` : `${quoted} ended: ${outcome}.`
    case 'skipped':
      if (data['reason'] !== undefined)
        return french
          ? `${quoted} sauté par ${data['by']} : ${data['reason']}.`
          : `${quoted} skipped by ${data['by']}: ${data['reason']}.`
      return french
        ? `${quoted} sauté : sa condition n’est pas remplie.`
        : `${quoted} skipped: its condition does not hold.`
    case 'waiting':
      return french
        ? `En attente : ${title}${data['due'] ? `, au plus tard ${day(data['due'])}` : ''}.`
        : `Waiting: ${title}${data['due'] ? `, until ${day(data['due'])} at most` : ''}.`
    case 'escalated': {
      const share = typeof data['share'] === 'number' ? Math.round(data['share'] * 100) : 0
      return french
        ? `${quoted} signalé à ${role(data['role'])} : ${share} % du délai est écoulé (échéance ${day(data['due'])}).`
        : `${quoted} escalated to ${role(data['role'])}: ${share} % of its time has passed (due ${day(data['due'])}).`
    }
    case 'missed':
      return french
        ? `${quoted} manqué : rien avant l’échéance du ${day(data['due'])}.`
        : `${quoted} missed: nothing by its due time, ${day(data['due'])}.`
    case 'asked':
      return asked(entry, quoted, locale, role)
    case 'withdrawn':
      return french
        ? `${quoted} retiré : ${withdrawal(data['why'], locale)}.`
        : `${quoted} withdrawn: ${withdrawal(data['why'], locale)}.`
    case 'moved':
      return french
        ? `Parcours passé de la version ${data['from']} à la version ${data['to']}.`
        : `Journey moved from version ${data['from']} to version ${data['to']}.`
    case 'moved-back':
      return french
        ? `Parcours remis à la version ${data['to']}, tel qu’il était.`
        : `Journey moved back to version ${data['to']}, as it stood.`
    case 'revised':
      return french
        ? `Tâche ${quoted} selon la nouvelle version : ${role(data['role'])}${data['due'] ? `, à faire avant ${day(data['due'])}` : ''}.`
        : `Task ${quoted} goes on by the new version: ${role(data['role'])}${data['due'] ? `, due ${day(data['due'])}` : ''}.`
    case 'passed':
      return french
        ? `${quoted} sauté : le parcours est déjà plus loin.`
        : `${quoted} passed over: the journey is past it already.`
    case 'added':
      return french
        ? `${quoted} ajouté par ${data['by']} : ${data['reason']}.`
        : `${quoted} added by ${data['by']}: ${data['reason']}.`
    case 'paused':
    case 'resumed':
      return rest(entry, definition, locale)
    case 'set':
      return french ? `${quoted} : ${outcome}.` : `${quoted}: ${outcome}.`
    case 'cancelled':
      if (data['reason'] !== undefined)
        return french
          ? `Parcours arrêté par ${data['by']} : ${data['reason']}.`
          : `Journey stopped by ${data['by']}: ${data['reason']}.`
      return french ? 'Parcours arrêté.' : 'Journey stopped.'
    case 'ended':
      return french
        ? `Parcours terminé${step?.end ? ` : ${title}` : ''}.`
        : `Journey ended${step?.end ? `: ${title}` : ''}.`
  }
}

/** Why an open step was taken back. */
function withdrawal(why: unknown, locale: Locale): string {
  const words: Record<string, Localized> = {
    again: { en: 'its circle began once more', fr: 'la boucle a recommencé' },
    stopped: { en: 'its part of the pathway was stopped', fr: 'cette partie du parcours a été arrêtée' },
    missed: { en: 'its next time came first', fr: 'l’occurrence suivante est arrivée avant' },
    moved: {
      en: 'the journey’s new version has no such step',
      fr: 'la nouvelle version du parcours n’a pas cette étape',
    },
  }
  return words[String(why)]?.[locale] ?? String(why)
}

/** A rest by the pathway's own rule has that rule's title; by a person, their name and reason. */
function rest({ kind, rule, data }: LogEntry, definition: Definition, locale: Locale): string {
  const index = /^pauses\.(\d+)/.exec(rule)?.[1]
  const why =
    index === undefined
      ? `${data['by'] ?? ''}${data['reason'] ? `, ${data['reason']}` : ''}`
      : (definition.pauses?.[Number(index)]?.title[locale] ?? '')
  if (kind === 'paused') return locale === 'fr' ? `Parcours suspendu : ${why}.` : `Journey paused: ${why}.`
  return locale === 'fr' ? `Parcours repris : ${why}.` : `Journey resumed: ${why}.`
}

/** What a journey waits for now, a sentence each; one sentence that says so when it waits for nothing. */
export function waitingFor(state: JourneyState, explaining: Explaining): string[] {
  const { definition, locale, roles, zone } = explaining
  const french = locale === 'fr'
  if (state.status !== 'active') return [french ? 'Rien : le parcours est terminé.' : 'Nothing: the journey has ended.']
  return Object.entries(state.open).flatMap(([id, open]) => {
    const step = stepsOf(definition).find((one) => one.id === id)?.step
    if (!step) return []
    const title = titleOf(id, step)[locale]
    const due = open.due === undefined ? '' : moment(open.due, locale, zone)
    if (step.task) {
      const role = roles.find((one) => one.id === step.task?.role)?.title[locale] ?? step.task.role
      return [
        french
          ? `${role} : ${title}${due ? ` (échéance ${due})` : ''}`
          : `${role}: ${title}${due ? ` (due ${due})` : ''}`,
      ]
    }
    if (step.message) return [french ? `Remise du message : ${title}` : `Delivery of the message: ${title}`]
    return [due ? (french ? `${title}, au plus tard ${due}` : `${title}, until ${due} at most`) : title]
  })
}

export interface Why {
  sentence: string
  chain: { at: number; sentence: string; rule: string; event: string }[]
}

/**
 * Why a journey's effect (a task, a message) exists, or why the journey stands where it stands when no key is given: one
 * sentence that names the rule, the version and the event, and the lines of the log that led there, the newest last.
 */
export function why(log: readonly LogEntry[], effect: string | undefined, explaining: Explaining): Why | undefined {
  const index = effect === undefined ? log.length - 1 : log.findIndex((entry) => entry.data['effect'] === effect)
  const last = log[index]
  if (!last) return undefined
  // Escalations of the same task belong to its story too.
  const story = log.filter((entry, at) => at <= index || (effect !== undefined && entry.data['effect'] === effect))
  const chain = story.map((entry) => ({
    at: entry.at,
    sentence: explain(entry, explaining),
    rule: entry.rule,
    event: entry.event,
  }))
  const latest = story.at(-1) ?? last
  const { definition, version, locale } = explaining
  const told = explain(latest, explaining)
  const sentence =
    locale === 'fr'
      ? `${told} Règle ${latest.rule} de ${definition.title.fr}, version ${version}, à la suite de ${latest.event}.`
      : `${told} Rule ${latest.rule} of ${definition.title.en}, version ${version}, after ${latest.event}.`
  return { sentence, chain }
}

/** What was asked of the world: a message, a booking, an order, or something else. */
function asked({ data }: LogEntry, quoted: string, locale: Locale, role: (id: string) => string): string {
  const french = locale === 'fr'
  if (data['to'] !== undefined) {
    const whom = audience(data['to'], locale, role)
    return french ? `Message ${quoted} adressé à ${whom}.` : `Message ${quoted} addressed to ${whom}.`
  }
  if (data['resource'] === 'Appointment')
    return french ? `Rendez-vous à fixer : ${quoted}.` : `${quoted} is to be booked.`
  if (data['resource'] === 'ServiceRequest') return french ? `${quoted} : prescrit.` : `${quoted} was ordered.`
  return french ? `Demandé : ${quoted}.` : `Asked for ${quoted}.`
}
