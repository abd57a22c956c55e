import { explain, type Explaining } from './explain.ts'
import { titleOf } from './graph.ts'
import { predecessorsOf, stepsOf } from './model.ts'
import { nextOf } from './next.ts'
import type { JourneyState, LogEntry } from './state.ts'
import { moment, outcomeTitle, quote } from './words.ts'

/**
 * Why a step has not (yet) happened, or no more: one sentence in the asker's language. Undefined when the pathway has no
 * such step. Follows the chain of predecessors back to what really stands in the way.
 */
export function whyNot(
  id: string,
  state: JourneyState,
  log: readonly LogEntry[],
  explaining: Explaining,
): string | undefined {
  return standsInTheWay(id, state, log, explaining, new Set())
}

function standsInTheWay(
  id: string,
  state: JourneyState,
  log: readonly LogEntry[],
  explaining: Explaining,
  asked: Set<string>,
): string | undefined {
  const { definition, locale, zone } = explaining
  const say = (en: string, fr: string) => (locale === 'fr' ? fr : en).replace(/\.\.$/, '.')
  const found = stepsOf(definition).find((one) => one.id === id)
  if (!found) return undefined
  asked.add(id)
  const title = quote(titleOf(id, found.step)[locale], locale)
  const must = nextOf(state, explaining).find((one) => one.step === id)?.must
  if (must !== undefined) return say(`${title} is under way. ${must}`, `${title} est en cours. ${must}`)
  const last = log.findLast(
    (entry) => entry.step === id && ['done', 'skipped', 'withdrawn', 'ended'].includes(entry.kind),
  )
  if (last) {
    const at = moment(last.at, locale, zone)
    return say(
      `${title} has been and gone (${at}): ${explain(last, explaining)}`,
      `${title} est passé (${at}) : ${explain(last, explaining)}`,
    )
  }
  if (state.status !== 'active')
    return say(
      `${title} never came about: the journey ended before.`,
      `${title} n’a jamais eu lieu : le parcours s’est terminé avant.`,
    )
  if (state.paused)
    return say(
      `${title} cannot begin: the journey is paused.`,
      `${title} ne peut commencer : le parcours est suspendu.`,
    )
  if (found.step.discretionary === 'add')
    return say(`${title} happens only if a person adds it.`, `${title} n’a lieu que si une personne l’ajoute.`)
  const track = definition.tracks[found.track]
  if (!state.tracks.includes(found.track)) {
    const name = quote(track?.title?.[locale] ?? found.track, locale)
    const begins = beginning(track?.starts, explaining)
    return say(
      `${title} belongs to ${name}, which begins ${begins}; that has not happened.`,
      `${title} fait partie de ${name}, qui commence ${begins} ; cela n’est pas arrivé.`,
    )
  }
  const reasons = predecessorsOf(found.step).from.flatMap(({ step, outcome }, index) =>
    state.edges[`${id}<${index}`] === true ? [] : [unmet(step, outcome, state, log, explaining, asked)],
  )
  const { needs } = predecessorsOf(found.step)
  const joined = reasons.join(needs > 1 ? say(' and ', ' et ') : say(' or ', ' ou '))
  return say(`${title} has not begun: it waits for ${joined}.`, `${title} n’a pas commencé : il faut ${joined}.`)
}

/** One predecessor that has not happened: itself, the other way it went, or what it waits for in turn. */
function unmet(
  id: string,
  outcome: string | undefined,
  state: JourneyState,
  log: readonly LogEntry[],
  explaining: Explaining,
  asked: Set<string>,
): string {
  const { definition, locale } = explaining
  const french = locale === 'fr'
  const step = stepsOf(definition).find((one) => one.id === id)?.step
  const title = quote(step ? titleOf(id, step)[locale] : id, locale)
  const wanted =
    outcome === undefined
      ? french
        ? `que ${title} se termine`
        : `${title} to end`
      : french
        ? `que ${title} se termine par : ${outcomeTitle(outcome, step, locale)}`
        : `${title} to end with ${quote(outcomeTitle(outcome, step, locale), locale)}`
  const ended = state.past[id]?.outcome
  if (state.open[id]) return `${wanted} (${french ? 'en cours' : 'under way'})`
  if (ended !== undefined && ended !== null) {
    const how = outcomeTitle(ended, step, locale)
    return `${wanted} (${french ? `terminé par : ${how}` : `it ended with ${quote(how, locale)}`})`
  }
  if (state.past[id]) return `${wanted} (${french ? 'sauté ou retiré' : 'it was skipped or withdrawn'})`
  const before = asked.has(id) ? undefined : standsInTheWay(id, state, log, explaining, asked)
  return before === undefined ? wanted : `${wanted} (${before.replace(/\.$/, '')})`
}

function beginning(
  starts: NonNullable<Explaining['definition']['tracks'][string]['starts']> | undefined,
  explaining: Explaining,
): string {
  const french = explaining.locale === 'fr'
  if (!starts) return french ? 'avec le parcours' : 'with the journey'
  if ('on' in starts) return french ? `avec une ressource ${starts.on} qui convient` : `with a matching ${starts.on}`
  const steps = stepsOf(explaining.definition)
  const titles = starts.missed.map((id) => {
    const step = steps.find((one) => one.id === id)?.step
    return quote(step ? titleOf(id, step)[explaining.locale] : id, explaining.locale)
  })
  return french ? `quand ${titles.join(' ou ')} est manqué` : `when ${titles.join(' or ')} is missed`
}
