import elementTypes from '../src/expressions/generated/element-types.json' with { type: 'json' }
import {
  type Calendar,
  checkSource,
  type CompiledPathway,
  compile,
  type Finding,
  type JourneyEvent,
  readScenario,
  runScenario,
  type ScenarioReport,
  type Surroundings,
} from '../src/pathways/index.ts'

export const table = elementTypes.types as unknown as Record<string, Record<string, string>>

/** Weekdays from 8 to 17 in Toronto. */
export const calendar: Calendar = {
  zone: 'America/Toronto',
  hours: Object.fromEntries([1, 2, 3, 4, 5].map((day) => [day, [480, 1020] as const])),
  holidays: [],
}

const said = (text: string) => ({ en: text, fr: text })

/** Surroundings in which everything that the language knows is offered. */
export const surroundings: Surroundings = {
  roles: ['nurse', 'lead', 'clerk'],
  templates: [
    { template: 'hello', subject: said('From {{clinic.name}}'), body: said('Hello'), sms: said('Hello') },
    { template: 'open-form', subject: said('A form'), body: said('{{form.link}}'), sms: said('{{form.link}}') },
  ],
  table,
  kinds: ['triage', 'licensed-work'],
  channels: ['app', 'sms', 'email'],
  forms: ['urn:form:check'],
  formLinks: true,
  connectors: ['ehr.push'],
  automations: ['urgency'],
  pathways: [{ pathway: 'other', version: 2, variables: { score: 'int' }, outcomes: ['well', 'unwell'] }],
}

/** A pathway that an Observation or a ServiceRequest starts, with the steps of its track `main`, and more lines at its top. */
export const sourceOf = (steps: string, top = '', tracks = ''): string => `pathway: probe
title: {en: Probe, fr: Sonde}
owner: lead
starts: [{on: ServiceRequest}]
stages: [{id: one, title: {en: One, fr: Un}}]
${top}
tracks:
  main:
    steps:
${indent(steps, 6)}
${indent(tracks, 2)}`

const indent = (text: string, by: number): string =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ' '.repeat(by) + line)
    .join('\n')

export const findingsOf = (source: string): Finding[] => checkSource(source, surroundings).findings

/** Runs scenario lines against a pathway in which the checker finds no error; begins on Monday 2 March 2026, 9:00. */
export function play(source: string, lines: string, around = surroundings): ScenarioReport {
  const { definition, findings } = checkSource(source, around)
  const errors = findings.filter((finding) => finding.severity === 'error')
  if (!definition || errors.length > 0) throw new Error(JSON.stringify(errors))
  const scenario = `scenario: probe
pathway: probe
lines:
  - at: 2026-03-02 09:00
    record: {resourceType: ServiceRequest, id: r1, status: active, intent: order, subject: {reference: Patient/p1}}
${indent(lines, 2)}`
  return runScenario(compile(definition, 1, table).pathway, readScenario(scenario), calendar)
}

/** A Friday in autumn, 11:00 in Toronto. */
export const begin = Date.UTC(2026, 9, 30, 15)

/** A referral begins journey `j` by a pathway's first start. */
export const starting: JourneyEvent = {
  id: 'start',
  at: begin,
  kind: 'start',
  journey: 'j',
  key: 'r1',
  subject: 'Patient/p1',
  start: 0,
  change: {
    interaction: 'create',
    resource: { resourceType: 'ServiceRequest', id: 'r1', status: 'active', intent: 'order', subject: {} },
  },
}

/** The pathway of a source, if the checker finds no error in it. */
export function accepted(source: string, version = 1): CompiledPathway | undefined {
  const { definition, findings } = checkSource(source, surroundings)
  if (!definition || findings.some((finding) => finding.severity === 'error')) return undefined
  return compile(definition, version, table).pathway
}
