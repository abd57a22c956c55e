import type { Explaining } from './explain.ts'
import { titleOf } from './graph.ts'
import { duesOf, outcomesOf, predecessorsOf, type Step, stepsOf } from './model.ts'
import type { JourneyState, OpenStep } from './state.ts'
import { moment, outcomeTitle, quote } from './words.ts'

/** What would have to happen next: who or what must act, and what follows from each way it may go. */
export interface Next {
  step: string
  must: string
  follows: string[]
}

/** For each open step of a journey what would have to happen, in the asker's language; the soonest due first. */
export function nextOf(state: JourneyState, explaining: Explaining): Next[] {
  const { definition, locale } = explaining
  const french = locale === 'fr'
  if (state.status !== 'active') return []
  if (state.paused) {
    const resume = state.timers['rest#resume']
    const until = resume ? moment(resume.due, locale, explaining.zone) : undefined
    const must = french
      ? `Le parcours est suspendu : quelqu’un, ou l’événement attendu, doit le reprendre${until ? ` (au plus tard ${until})` : ''}.`
      : `The journey is paused: a person, or the event it waits for, must resume it${until ? ` (${until} at the latest)` : ''}.`
    return [{ step: '', must, follows: [] }]
  }
  const steps = new Map(stepsOf(definition).map((one) => [one.id, one.step]))
  const soonest = (open: OpenStep) => open.due ?? Number.POSITIVE_INFINITY
  const open = Object.entries(state.open)
    .toSorted(([, a], [, b]) => soonest(a) - soonest(b))
    .flatMap(([id, one]) => {
      const step = steps.get(id)
      return step
        ? [{ step: id, must: mustOf(id, step, one, explaining), follows: followsOf(id, step, state, explaining) }]
        : []
    })
  return [...open, ...againOf(state, explaining)]
}

function mustOf(id: string, step: Step, open: OpenStep, explaining: Explaining): string {
  const { locale, roles, zone } = explaining
  const french = locale === 'fr'
  const title = quote(titleOf(id, step)[locale], locale)
  const role = (name: string | undefined) => roles.find((one) => one.id === name)?.title[locale] ?? name ?? ''
  const by = open.due === undefined ? '' : moment(open.due, locale, zone)
  const before = by === '' ? '' : french ? `, avant ${by}` : `, by ${by}`
  const say = (en: string, fr: string) => (french ? fr : en).replace(/\.\.$/, '.')
  if (step.task)
    return say(
      `${role(step.task.role)} must do ${title}${before}.`,
      `${role(step.task.role)} doit faire ${title}${before}.`,
    )
  if (step.form) {
    const who = step.form.role === undefined ? say('The patient', 'La personne') : role(step.form.role)
    return say(`${who} must fill in ${title}${before}.`, `${who} doit remplir ${title}${before}.`)
  }
  if (step.message) {
    const fallback = open.fallback === undefined ? undefined : step.message.fallback?.[open.fallback]
    if (!fallback) return say(`The message ${title} must be delivered.`, `Le message ${title} doit être remis.`)
    return 'phone' in fallback
      ? say(
          `${role(fallback.phone)} must tell ${title} by telephone${before}: no channel delivered it.`,
          `${role(fallback.phone)} doit annoncer ${title} par téléphone${before} : aucun canal ne l’a remis.`,
        )
      : say(
          `${role(fallback.letter)} must send ${title} by letter${before}: nothing else reached them.`,
          `${role(fallback.letter)} doit envoyer ${title} par lettre${before} : rien d’autre n’a abouti.`,
        )
  }
  if (step.appointment) return say(`${title} must be booked${before}.`, `${title} doit être fixé${before}.`)
  if (step.order)
    return say(`The result of ${title} must come${before}.`, `Le résultat de ${title} doit arriver${before}.`)
  if (step.call)
    return say(
      `${step.call.connector} must answer ${title}${before}.`,
      `${step.call.connector} doit répondre à ${title}${before}.`,
    )
  if (step.decide && 'automation' in step.decide)
    return say(
      `The automation ${step.decide.automation} must answer ${title}${before}.`,
      `L’automatisme ${step.decide.automation} doit répondre à ${title}${before}.`,
    )
  if (step.start)
    return say(
      `The pathway ${step.start.pathway} must end${before}.`,
      `Le parcours ${step.start.pathway} doit se terminer${before}.`,
    )
  if (step.wait && 'events' in step.wait) {
    const events = Object.keys(step.wait.events).map((code) => outcomeTitle(code, step, locale))
    return say(
      `For ${title}, this must happen: ${events.join(' or ')}${before}.`,
      `Pour ${title}, on attend : ${events.join(' ou ')}${before}.`,
    )
  }
  if (step.wait && 'condition' in step.wait)
    return say(
      `For ${title}, this must come to hold: ${step.wait.condition}${before}.`,
      `Pour ${title}, ceci doit se réaliser : ${step.wait.condition}${before}.`,
    )
  return say(`The time of ${title} must come: ${by}.`, `Le moment de ${title} doit venir : ${by}.`)
}

/** What follows each way a step may end, and who is told if it does not in time. */
function followsOf(id: string, step: Step, state: JourneyState, explaining: Explaining): string[] {
  const { definition, locale, roles, zone } = explaining
  const french = locale === 'fr'
  const followers = stepsOf(definition).flatMap((one) =>
    predecessorsOf(one.step).from.flatMap((edge) => (edge.step === id ? [{ ...one, edge }] : [])),
  )
  const outcomes = step.start
    ? [...new Set(followers.map((one) => one.edge.outcome ?? 'done'))]
    : outcomesOf(step).filter((outcome) => outcome !== 'skipped')
  const sentences = outcomes.map((outcome) => {
    const after = followers.filter((one) => one.edge.outcome === undefined || one.edge.outcome === outcome)
    const names = after.map((one) => {
      const title = quote(titleOf(one.id, one.step)[locale], locale)
      const others = stillNeeded(one.id, one.step, id, state)
      if (others.length === 0) return title
      const titles = others.map((name) => quote(titleIn(name, explaining), locale)).join(', ')
      return french ? `${title} (une fois ${titles} aussi terminé)` : `${title} (once ${titles} has ended too)`
    })
    const then = names.length > 0 ? names.join(', ') : french ? 'rien de plus' : 'nothing more'
    return `${capital(outcomeTitle(outcome, step, locale))} → ${then}`
  })
  const told = (duesOf(step)?.escalate ?? []).flatMap((rung, index) => {
    const timer = Object.values(state.timers).find((one) => one.step === id && one.does === index)
    if (!timer) return []
    const role = roles.find((one) => one.id === rung.to)?.title[locale] ?? rung.to
    const at = moment(timer.due, locale, zone)
    return [french ? `Sinon, avis à ${role} : ${at}` : `If not, ${role} is told: ${at}`]
  })
  return [...sentences, ...told]
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

function titleIn(id: string, { definition, locale }: Explaining): string {
  const step = stepsOf(definition).find((one) => one.id === id)?.step
  return step ? titleOf(id, step)[locale] : id
}

/** Other predecessors that a join still wants before it opens. */
function stillNeeded(id: string, step: Step, coming: string, state: JourneyState): string[] {
  const { needs, from } = predecessorsOf(step)
  const met = (index: number) => state.edges[`${id}<${index}`] === true
  const there = from.filter((edge, index) => met(index) || edge.step === coming)
  if (there.length >= needs) return []
  return from.flatMap((edge, index) => (met(index) || edge.step === coming ? [] : [edge.step]))
}

/** Repeated steps between two occurrences. */
function againOf(state: JourneyState, explaining: Explaining): Next[] {
  const { locale, zone } = explaining
  return Object.values(state.timers).flatMap((timer) => {
    if (timer.does !== 'again' || state.open[timer.step]) return []
    const title = quote(titleIn(timer.step, explaining), locale)
    const at = moment(timer.due, locale, zone)
    const must = locale === 'fr' ? `${title} revient : ${at}` : `${title} comes again: ${at}`
    return [{ step: timer.step, must, follows: [] }]
  })
}
