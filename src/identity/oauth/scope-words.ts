import { parseScope, type SmartScope } from '../../kernel/index.ts'

type Locale = 'en' | 'fr'

// What people call the types that apps ask for most; any other is called by its FHIR name.
const types: Readonly<Record<string, readonly [string, string]>> = {
  '*': ['everything in the record', 'tout le dossier'],
  AllergyIntolerance: ['allergies', 'les allergies'],
  Appointment: ['appointments', 'les rendez-vous'],
  CarePlan: ['care plans', 'les plans de soins'],
  CareTeam: ['care teams', 'les équipes de soins'],
  Communication: ['messages', 'les messages'],
  Condition: ['problems and diagnoses', 'les problèmes et diagnostics'],
  Coverage: ['insurance', 'les assurances'],
  DiagnosticReport: ['reports of tests', 'les comptes rendus d’examens'],
  DocumentReference: ['documents', 'les documents'],
  Encounter: ['visits', 'les consultations'],
  Goal: ['goals', 'les objectifs'],
  Immunization: ['vaccinations', 'les vaccins'],
  MedicationRequest: ['prescriptions', 'les ordonnances'],
  Observation: ['measurements and results', 'les mesures et résultats'],
  Organization: ['organisations', 'les organisations'],
  Patient: ['who the patient is and how to reach them', 'l’identité du patient et ses coordonnées'],
  Practitioner: ['clinicians', 'les soignants'],
  Procedure: ['procedures', 'les interventions'],
  Questionnaire: ['forms', 'les questionnaires'],
  QuestionnaireResponse: ['answers to forms', 'les réponses aux questionnaires'],
  ServiceRequest: ['referrals and orders', 'les demandes et prescriptions d’examens'],
  Task: ['tasks', 'les tâches'],
}

const verbs = {
  en: { see: 'see', c: 'add', u: 'change', d: 'delete', and: ' and ' },
  fr: { see: 'voir', c: 'ajouter', u: 'modifier', d: 'supprimer', and: ' et ' },
} as const

const whose = {
  en: { patient: 'of the chosen patient', user: 'of every patient whom you may see', system: '' },
  fr: { patient: 'du patient choisi', user: 'de tous les patients que vous pouvez voir', system: '' },
} as const

function actsOf({ may }: SmartScope, locale: Locale): string {
  const words = verbs[locale]
  const all = [
    ...(may.r || may.s ? [words.see] : []),
    ...(['c', 'u', 'd'] as const).filter((act) => may[act]).map((act) => words[act]),
  ]
  const last = all.pop() ?? ''
  const text = all.length === 0 ? last : `${all.join(', ')}${words.and}${last}`
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function filterOf(query: string | undefined, locale: Locale): string {
  if (query === undefined) return ''
  const parts = [...new URLSearchParams(query)].map(([name, value]) => `${name} ${value.replace(/^.*\|/, '')}`)
  return ` (${locale === 'en' ? 'only' : 'seulement'} ${parts.join(', ')})`
}

const others = {
  en: {
    identity: 'Know who you are: your name and your professional identity',
    online_access: 'Keep this access for as long as you stay signed in',
    offline_access: 'Keep this access when you are away, until you take it back',
  },
  fr: {
    identity: 'Savoir qui vous êtes : votre nom et votre identité professionnelle',
    online_access: 'Garder cet accès tant que votre session est ouverte',
    offline_access: 'Garder cet accès en votre absence, jusqu’à ce que vous le retiriez',
  },
} as const

const identityWords = ['openid', 'fhirUser', 'profile']

/** One line of what an application asks, in plain words, and the words of `scope` that it stands for. */
export interface AskedLine {
  words: string[]
  text: string
  /** Changes or deletes something: shown as the weightier kind. */
  writes: boolean
}

/** What an application asks, for a person to read. Words about the launch itself are not asked: they follow from the rest. */
export function askedLines(scope: readonly string[], locale: Locale): AskedLine[] {
  const lines: AskedLine[] = []
  const identity = scope.filter((word) => identityWords.includes(word))
  if (identity.length > 0) lines.push({ words: identity, text: others[locale].identity, writes: false })
  for (const word of scope) {
    const one = parseScope(word)
    if (one) {
      const [en, fr] = types[one.type] ?? [one.type, one.type]
      lines.push({
        words: [word],
        text: `${actsOf(one, locale)} ${locale === 'en' ? en : fr} ${whose[locale][one.level]}${filterOf(one.query, locale)}`,
        writes: one.may.c || one.may.u || one.may.d,
      })
    } else if (word === 'online_access' || word === 'offline_access')
      lines.push({ words: [word], text: others[locale][word], writes: false })
  }
  return lines
}
