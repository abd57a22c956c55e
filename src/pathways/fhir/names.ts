import type { CodeableConcept } from '@medplum/fhirtypes'

/** Canonical addresses of what a pathway becomes in FHIR. `docs/fhir/generated/pathway-extensions.json` holds the StructureDefinitions. */
export const planUrl = (pathway: string): string => `urn:throughline:pathway:${pathway}`
export const activityUrl = (pathway: string, step: string): string => `urn:throughline:activity:${pathway}:${step}`
export const extensionUrl = (name: ExtensionName): string => `urn:throughline:structure:pathway-${name}`

/** Where each extension of ours may stand, and what it holds. Its parts are the pathway language's own fields. */
export const extensions = {
  owner: ['PlanDefinition', 'The role that answers for the pathway'],
  enrolment: ['PlanDefinition', 'Whether new journeys begin: open or paused'],
  again: ['PlanDefinition', 'Whether a key may have a journey again once the last one has ended'],
  zone: ['PlanDefinition', 'Whose clock days and times of day follow: the clinic’s or the patient’s'],
  variables: ['PlanDefinition', 'The variables of a journey, each with its type'],
  stages: ['PlanDefinition', 'The stages that people see a journey in, in order'],
  follows: ['PlanDefinition', 'Events that keep variables current wherever the journey stands'],
  pauses: ['PlanDefinition', 'Events during which the journey rests, and what ends the rest'],
  stops: ['PlanDefinition', 'Events that end the journey wherever it stands'],
  key: ['TriggerDefinition', 'FHIRPath: one journey for each value that it gives'],
  set: ['TriggerDefinition', 'Variables that the event sets, each by a FHIRPath on its resource'],
  track: ['PlanDefinition.action', 'What begins a track beside its trigger, what stops it, and whether it comes again'],
  kind: ['PlanDefinition.action', 'The kind of a step'],
  stage: ['PlanDefinition.action', 'The stage that a step brings the journey to'],
  join: ['PlanDefinition.action', 'How many of the related actions a step waits for'],
  outcome: ['PlanDefinition.action.relatedAction', 'The outcome of the other step by which this one follows'],
  repeat: ['PlanDefinition.action', 'How a step comes again'],
  wait: ['PlanDefinition.action', 'What a step waits for'],
  decide: ['PlanDefinition.action', 'The rules of a decision, or the automation that is asked'],
  call: ['PlanDefinition.action', 'The operation of a connector, and what it is given'],
  start: ['PlanDefinition.action', 'How another pathway is begun'],
  end: ['PlanDefinition.action', 'The outcome that a journey ends with'],
  task: ['ActivityDefinition', 'Due times by priority, outcomes and escalations of a task'],
  message: ['ActivityDefinition', 'To whom a message goes, by which channels, and what happens when none reaches them'],
  form: ['ActivityDefinition', 'Who fills a form in, by when, and what is taken out of the answers'],
  appointment: ['ActivityDefinition', 'How long a booking may take, and what is taken out of it'],
  order: ['ActivityDefinition', 'The category of an order, what counts as its result, and how long it may take'],
  request: ['ActivityDefinition', 'Marks a request that nothing waits for'],
} as const satisfies Record<string, readonly [context: string, description: string]>
export type ExtensionName = keyof typeof extensions

export const translationUrl = 'http://hl7.org/fhir/StructureDefinition/translation'
/** CPG on FHIR: the Questionnaire that an activity collects information with. */
export const collectWithUrl = 'http://hl7.org/fhir/uv/cpg/StructureDefinition/cpg-collectWith'
export const roleSystem = 'urn:throughline:role'
export const activityType = (code: 'send-message' | 'collect-information'): CodeableConcept => ({
  coding: [{ system: 'http://hl7.org/fhir/uv/cpg/CodeSystem/cpg-activity-type-cs', code }],
})
export const clinicalProtocol: CodeableConcept = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/plan-definition-type', code: 'clinical-protocol' }],
}

const longestId = 64

/** 64 bits of FNV-1a as 16 hexadecimal digits (http://www.isthe.com/chongo/tech/comp/fnv). */
function fingerprint(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text))
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn
  return hash.toString(16).padStart(16, '0')
}

/** A FHIR id of these names; one that would be longer than FHIR allows ends in a fingerprint of the whole. */
export function idOf(...names: readonly (string | number)[]): string {
  const whole = names.join('.')
  return whole.length <= longestId ? whole : `${whole.slice(0, longestId - 17)}.${fingerprint(whole)}`
}
