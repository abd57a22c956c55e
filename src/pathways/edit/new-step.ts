import type { StepKind } from '../model.ts'
import type { DesignStep } from './design.ts'

const titles: Readonly<Record<StepKind, { en: string; fr: string }>> = {
  task: { en: 'New task', fr: 'Nouvelle tâche' },
  message: { en: 'New message', fr: 'Nouveau message' },
  form: { en: 'New form', fr: 'Nouveau formulaire' },
  appointment: { en: 'New appointment', fr: 'Nouveau rendez-vous' },
  order: { en: 'New order', fr: 'Nouvelle prescription' },
  wait: { en: 'Wait', fr: 'Attente' },
  decide: { en: 'Decide', fr: 'Décision' },
  call: { en: 'New call', fr: 'Nouvel appel' },
  start: { en: 'Another pathway', fr: 'Autre parcours' },
  request: { en: 'New request', fr: 'Nouvelle demande' },
  end: { en: 'The end', fr: 'La fin' },
}

/** What is at hand for a new step: names that exist here. */
export interface AtHand {
  role: string
  template: string
  channels: readonly string[]
  form: string
  connector: string
  pathway: { id: string; version: number } | undefined
}

/** The title and the first content of a new step of a kind: whole as far as what is at hand allows, so that it can be drawn and checked at once. */
export function newStep(kind: StepKind, atHand: AtHand): DesignStep {
  const title = titles[kind]
  switch (kind) {
    case 'task':
      return { task: { role: atHand.role, title, due: '2 business days' } }
    case 'message':
      return {
        title,
        message: { to: 'patient', template: atHand.template, channels: [...atHand.channels] as ('sms' | 'email')[] },
      }
    case 'form':
      return { form: { questionnaire: atHand.form, title, role: atHand.role, due: '2 business days' } }
    case 'appointment':
      return { appointment: { title, 'at-most': '4 weeks' } }
    case 'order':
      return {
        order: {
          title,
          code: { system: 'http://loinc.org', code: '4548-4', display: 'Hemoglobin A1c' },
          result: 'Observation',
          'at-most': '2 weeks',
        },
      }
    case 'wait':
      return { title, wait: { for: '1 days' } }
    case 'decide':
      return { title, decide: { rules: [{ when: "priority == 'urgent'", gives: 'yes' }], otherwise: 'no' } }
    case 'call': {
      const [connector = 'connector', operation = 'operation'] = atHand.connector.split('.')
      return { title, call: { connector, operation, 'at-most': '1 days' } }
    }
    case 'start':
      return {
        title,
        start: {
          pathway: atHand.pathway?.id ?? 'other-pathway',
          version: atHand.pathway?.version ?? 1,
          'at-most': '90 days',
        },
      }
    case 'request':
      return { title, request: { resource: 'Appointment', title } }
    case 'end':
      return { end: { outcome: 'done', title } }
  }
}
