import type { MoveChange, MoveReason } from '../../contracts/index.ts'
import type { CompiledPathway } from '../compile.ts'
import { titleOf } from '../graph.ts'
import type { Localized, Locale, Role } from '../model.ts'
import { moment, quote } from '../words.ts'

/** What the sentences of a move are made with. */
export interface SayingMove {
  from: CompiledPathway
  to: CompiledPathway
  roles: readonly Role[]
  locale: Locale
  zone: string
}

const named = ({ from, to, locale }: SayingMove, change: { step: string | null; to?: string | null }): string => {
  const old = change.step === null ? undefined : from.steps[change.step]
  const now = change.to ? to.steps[change.to] : undefined
  const step = old ?? now
  return quote(step ? titleOf(step.id, step.step)[locale] : (change.step ?? change.to ?? ''), locale)
}

const kinds: Readonly<Record<MoveChange['what'], Localized>> = {
  task: { en: 'Task', fr: 'Tâche' },
  message: { en: 'Message', fr: 'Message' },
  request: { en: 'Request', fr: 'Demande' },
  form: { en: 'Form', fr: 'Formulaire' },
  wait: { en: 'Wait', fr: 'Attente' },
  decision: { en: 'Decision', fr: 'Décision' },
  journey: { en: 'Other journey', fr: 'Autre parcours' },
  timer: { en: 'Timer', fr: 'Échéancier' },
  repeat: { en: 'Repetition', fr: 'Répétition' },
  stage: { en: 'Stage', fr: 'Phase' },
  variable: { en: 'Value', fr: 'Valeur' },
  track: { en: 'Track', fr: 'Volet' },
  step: { en: 'Step', fr: 'Étape' },
}

const whys: Readonly<Record<string, Localized>> = {
  'no-counterpart': { en: 'the new version has no such step', fr: 'la nouvelle version n’a pas cette étape' },
  'step-gone': { en: 'the new version has no such step', fr: 'la nouvelle version n’a pas cette étape' },
  'rung-gone': { en: 'the new version does not escalate here', fr: 'la nouvelle version ne signale rien à ce moment' },
  'no-limit': { en: 'the new version sets no limit', fr: 'la nouvelle version ne fixe pas de limite' },
  'no-due': { en: 'the new version sets no due time', fr: 'la nouvelle version ne fixe pas d’échéance' },
  'no-repeat': { en: 'the new version does not repeat it', fr: 'la nouvelle version ne le répète pas' },
  'repeat-over': {
    en: 'it has come as often as the new version wants',
    fr: 'il est venu aussi souvent que le veut la nouvelle version',
  },
  ended: { en: 'its step ends by the new version', fr: 'son étape se termine selon la nouvelle version' },
}

/** One thing that a move changes, as a sentence. */
export function sayChange(change: MoveChange, saying: SayingMove): string {
  const { locale, roles, zone } = saying
  const french = locale === 'fr'
  const subject = `${kinds[change.what][locale]} ${named(saying, change)}`
  const at = (time: MoveChange['before']) =>
    typeof time === 'number' ? moment(time, locale, zone) : french ? 'sans échéance' : 'no due time'
  const role = (id: MoveChange['before']) => roles.find((one) => one.id === id)?.title[locale] ?? String(id)
  const because = change.why === null ? '' : (whys[change.why]?.[locale] ?? '')
  const say = (en: string, fr: string) => (french ? fr : en).replace(/\.\.$/, '.')
  const colon = french ? ' : ' : ': '
  const reason = because === '' ? '' : `${colon}${because}`
  switch (change.what) {
    case 'stage':
      return say(
        `Stage: ${stageTitle(saying.from, change.before, locale)} becomes ${stageTitle(saying.to, change.after, locale)}.`,
        `Phase : ${stageTitle(saying.from, change.before, locale)} devient ${stageTitle(saying.to, change.after, locale)}.`,
      )
    case 'variable':
      return say(`The value ${change.before} is not carried over.`, `La valeur ${change.before} n’est pas reprise.`)
    case 'track':
      return change.change === 'created'
        ? say(`The track ${change.after} begins.`, `Le volet ${change.after} commence.`)
        : say(`The track ${change.before} is not carried over.`, `Le volet ${change.before} n’est pas repris.`)
    default:
  }
  switch (change.change) {
    case 'kept':
      return change.what === 'timer'
        ? say(`${subject} stays at ${at(change.before)}.`, `${subject} : reste à ${at(change.before)}.`)
        : say(`${subject} stays as it is.`, `${subject} : inchangé.`)
    case 'withdrawn':
      return say(`${subject} is withdrawn${reason}.`, `${subject} : retiré${reason && `, car ${because}`}.`)
    case 'retitled':
      return say(
        `${subject} gets the words of the new version: ${titleAfter(saying, change)}.`,
        `${subject} : prend les mots de la nouvelle version, ${titleAfter(saying, change)}.`,
      )
    case 'rerouted':
      return say(
        `${subject} goes from ${role(change.before)} to ${role(change.after)}.`,
        `${subject} : passe de ${role(change.before)} à ${role(change.after)}.`,
      )
    case 'due-moved':
      return say(
        `${subject} moves from ${at(change.before)} to ${at(change.after)}.`,
        `${subject} : passe de ${at(change.before)} à ${at(change.after)}.`,
      )
    case 'created':
      return change.after === null
        ? say(`${subject} is new.`, `${subject} : nouveau.`)
        : say(`${subject} is new, for ${at(change.after)}.`, `${subject} : nouveau, pour ${at(change.after)}.`)
    case 'passed':
      return say(
        `${subject} is passed over: the journey is past it already.`,
        `${subject} : sauté, car le parcours est déjà plus loin.`,
      )
    case 'lost':
      return say(`${subject} is not carried over.`, `${subject} : non repris.`)
  }
}

function titleAfter({ to, locale }: SayingMove, change: MoveChange): string {
  const step = change.to === null ? undefined : to.steps[change.to]
  return quote(step ? titleOf(step.id, step.step)[locale] : '', locale)
}

const stageTitle = (pathway: CompiledPathway, id: MoveChange['before'], locale: Locale): string =>
  pathway.definition.stages.find((stage) => stage.id === id)?.title[locale] ?? (locale === 'fr' ? 'aucune' : 'none')

/** Why a journey is not moved now, as a sentence. */
export function sayReason(reason: MoveReason, saying: SayingMove): string {
  const step = named(saying, { step: reason.step })
  const say = (en: string, fr: string) => (saying.locale === 'fr' ? fr : en)
  switch (reason.code) {
    case 'no-counterpart-kept':
      return say(
        `${step} has no counterpart and is to be done first.`,
        `${step} n’a pas d’équivalent et doit d’abord être fait.`,
      )
    case 'no-counterpart-asked':
      return say(`${step} has no counterpart: a person decides.`, `${step} n’a pas d’équivalent : une personne décide.`)
    case 'would-end':
      return say(
        'The move would end the journey: nothing would be left to do.',
        'Le changement terminerait le parcours : il ne resterait rien à faire.',
      )
    case 'would-repeat':
      return say(`The move would open ${step} again.`, `Le changement rouvrirait ${step}.`)
    case 'stranded':
      return say(
        `Nothing that follows ${step} could still be reached.`,
        `Rien de ce qui suit ${step} ne pourrait plus être atteint.`,
      )
    case 'resting-rule-gone':
      return say(
        'The journey rests by a rule that the new version does not have.',
        'Le parcours est suspendu par une règle que la nouvelle version n’a pas.',
      )
    case 'ended':
      return say('The journey has ended.', 'Le parcours est terminé.')
    case 'kept-by-person':
      return say('A person keeps it on its version.', 'Une personne le garde sur sa version.')
  }
}
