import type { Output, Silence } from '../automation/compile.ts'
import type { AutomationDefinition } from '../automation/definition.ts'

export interface Words {
  en: string
  fr: string
}

/** Why a question went to a person without a proposal; each has its own words. */
export type Handed =
  | Silence
  | 'authority-off'
  | 'authority-shadow'
  | 'flag'
  | 'flag-unreachable'
  | 'stale-data'
  | 'consent'
  | 'health'
  | 'automation-failed'
  | 'answer-unknown-here'
  | 'control-arm'
  | 'drill'
  | 'stopped'

const handedWords: Readonly<Record<Handed, Words>> = {
  'input-missing': {
    en: 'The automation was not asked: something it goes by is not in the record.',
    fr: 'L’automatisme n’a pas répondu : une donnée dont il dépend manque au dossier.',
  },
  excluded: {
    en: 'The automation is not made for this case.',
    fr: 'L’automatisme n’est pas conçu pour ce cas.',
  },
  'no-rule-holds': {
    en: 'None of the automation’s rules holds here.',
    fr: 'Aucune règle de l’automatisme ne s’applique ici.',
  },
  'no-endpoint': {
    en: 'No text model is set up here.',
    fr: 'Aucun modèle de texte n’est installé ici.',
  },
  'authority-off': {
    en: 'The automation may not act here.',
    fr: 'L’automatisme n’a pas le droit d’agir ici.',
  },
  'authority-shadow': {
    en: 'The automation only looks on here.',
    fr: 'L’automatisme ne fait qu’observer ici.',
  },
  flag: { en: 'The automation’s flag holds it back.', fr: 'L’indicateur de l’automatisme le retient.' },
  'flag-unreachable': {
    en: 'The automation’s flags could not be read, so that it may not act.',
    fr: 'Les indicateurs de l’automatisme n’ont pu être lus : il n’a pas le droit d’agir.',
  },
  'stale-data': {
    en: 'What the automation went by is too old by now.',
    fr: 'Les données utilisées par l’automatisme sont maintenant trop anciennes.',
  },
  consent: {
    en: 'The patient does not want automatic decisions.',
    fr: 'La personne ne veut pas de décision automatisée.',
  },
  health: {
    en: 'The automation is held back because its results are in doubt.',
    fr: 'L’automatisme est retenu parce que ses résultats sont mis en doute.',
  },
  'automation-failed': { en: 'The automation failed.', fr: 'L’automatisme a échoué.' },
  'answer-unknown-here': {
    en: 'The automation’s answer is not one that this step knows.',
    fr: 'La réponse de l’automatisme n’est pas prévue à cette étape.',
  },
  'control-arm': {
    en: 'This patient is in the group that shows how it goes without.',
    fr: 'Cette personne fait partie du groupe témoin.',
  },
  drill: {
    en: 'This is a drill: the automation is switched off for a while, and you decide as you would if it had failed.',
    fr: 'Ceci est un exercice : l’automatisme est suspendu un moment et vous décidez comme s’il était en panne.',
  },
  stopped: { en: 'The automation was stopped.', fr: 'L’automatisme a été arrêté.' },
}

/** What the person is told who decides without a proposal. `why`: what a stopper wrote, in their own words. */
export const handedText = (handed: Handed, why?: string): Words => {
  const { en, fr } = handedWords[handed]
  return why === undefined ? { en, fr } : { en: `${en} ${why}`, fr: `${fr} ${why}` }
}

/** What the person is told who is shown a proposal. */
export function proposedText(definition: AutomationDefinition, output: Output): Words {
  const answer = definition.answers.find(({ code }) => code === output.gives)?.title
  const share = Math.round(output.confidence * 100)
  return {
    en: `${definition.title.en} proposes: ${answer?.en ?? output.gives} (confidence ${share} %, by ${output.rule}).`,
    fr: `${definition.title.fr} propose : ${answer?.fr ?? output.gives} (confiance ${share} %, selon ${output.rule}).`,
  }
}

export function actedText(definition: AutomationDefinition, output: Output): Words {
  const answer = definition.answers.find(({ code }) => code === output.gives)?.title
  return {
    en: `${definition.title.en} answered: ${answer?.en ?? output.gives} (by ${output.rule}).`,
    fr: `${definition.title.fr} a répondu : ${answer?.fr ?? output.gives} (selon ${output.rule}).`,
  }
}
