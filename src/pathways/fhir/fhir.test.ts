import { readdirSync, readFileSync } from 'node:fs'
import type { ActivityDefinition, Bundle, PlanDefinition } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { surroundings } from '../../../testkit/pathway.ts'
import { randomPathway } from '../../../testkit/random-pathway.ts'
import { checkSource, type Definition, fromFhir, parse, sourceOf, toFhir } from '../index.ts'

const library = new URL('../../../library/', import.meta.url).pathname
const files = readdirSync(library, { recursive: true, encoding: 'utf8' }).filter((path) =>
  /^(?:pathways|catalogue)\/.*\.yaml$/.test(path),
)
const defaults = { owner: 'lead', role: 'nurse' }
/** As it would come over the wire. */
const sent = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T
const definitionOf = (source: string): Definition => {
  const { definition, findings } = parse(source)
  if (!definition) throw new Error(JSON.stringify(findings))
  return definition
}
const thereAndBack = (definition: Definition) => fromFhir(sent(toFhir(definition, 3)), defaults)
const whole = (definition: Definition) => ({ definition, origin: 'own', report: [], forms: [] })

/** A word for everything that the language has and that neither the library nor the random pathways use. */
const everything = definitionOf(`
pathway: everything
title: {en: Everything, fr: Tout}
description: {en: All words, fr: Tous les mots}
owner: lead
enrolment: paused
again: after-end
zone: patient
starts: [{on: ServiceRequest, key: id, set: {urgent: "priority = 'urgent'"}}, {on: Condition, when: "code.exists()"}]
stops: [{on: ServiceRequest, when: "status = 'revoked'", outcome: gone, title: {en: Gone, fr: Retiré}}]
follows: [{on: Appointment, set: {visit: start}}]
pauses:
  - {on: Encounter, title: {en: In hospital, fr: À l’hôpital}, at-most: 2 weeks, resume: {on: Encounter, when: "status = 'finished'"}}
variables: {urgent: bool, visit: dateTime, score: double}
stages: [{id: one, title: {en: One, fr: Un}}]
tracks:
  main:
    title: {en: Main, fr: Principal}
    steps:
      look: {task: {role: nurse, title: {en: L, fr: R}, description: {en: D, fr: E}, due: {stat: 1 h, otherwise: 2 days}}}
      ask: {after: [look], form: {questionnaire: 'urn:form:check', title: {en: F, fr: F}, to: patient, template: open-form, channels: [sms], at-most: 3 days, set: {score: 'item.answer.value.ofType(decimal)'}}}
      tell: {after: {at-least: 1, of: [ask.late, ask.answered]}, message: {to: patient, template: hello, channels: [app, sms], fallback: [{phone: clerk, due: 1 days}, {letter: clerk}], budget: reminder}}
      visit: {title: {en: V, fr: V}, stage: one, after: {any: [tell]}, request: {resource: Appointment, title: {en: Visit, fr: Visite}}}
      test: {after: visit, order: {title: {en: Test, fr: Test}, code: {system: 'http://loinc.org', code: 4548-4, display: HbA1c}, category: {system: 'http://snomed.info/sct', code: '108252007'}, result: DiagnosticReport, at-most: 5 days, set: {urgent: "status = 'final'"}}}
      rest: {after: test.resulted, wait: {until: visit, less: 2 days, at: '09:00'}}
      push: {after: rest, call: {connector: ehr, operation: push, with: {score: score}, at-most: 1 h}}
      other: {after: push, start: {pathway: other, version: 2, with: {score: score}, wait: false}}
      weekly: {after: other, discretionary: skip, repeat: {every: 1 weeks, times: 6, for: 10 weeks, until: 'score > 2.0', on: business days, at: '09:00'}, task: {role: nurse, title: {en: W, fr: S}, due: 1 days}}
      done: {after: weekly, when: urgent, end: {outcome: done, title: {en: Done, fr: Fini}}}
  late: {starts: {missed: [look]}, again: true, stops: [{on: Flag}], steps: {chase: {discretionary: add, task: {role: lead, title: {en: C, fr: C}}}}}
  news: {starts: {on: Observation, when: "status = 'final'", set: {urgent: 'interpretation.exists()'}}, steps: {read: {task: {role: nurse, title: {en: R, fr: L}}}}}
`)

test.each(files)('%s comes back from FHIR as it went', (file) => {
  const definition = definitionOf(readFileSync(library + file, 'utf8'))
  const back = thereAndBack(definition)
  expect(back).toEqual(whole(definition))
  const order = ({ tracks }: Definition) => Object.entries(tracks).map(([id, { steps }]) => [id, Object.keys(steps)])
  expect(back.definition && order(back.definition)).toEqual(order(definition))
})

test('a pathway that uses every word of the language comes back from FHIR, and from YAML, as it went', () => {
  expect(thereAndBack(everything)).toEqual(whole(everything))
  expect(definitionOf(sourceOf(everything))).toEqual(everything)
})

test('whatever pathway the checker passes comes back from FHIR as it went', () => {
  let passed = 0
  fc.assert(
    fc.property(fc.array(fc.nat(10_000), { minLength: 40, maxLength: 160 }), (plan) => {
      const { definition, findings } = checkSource(JSON.stringify(randomPathway(plan).definition), surroundings)
      fc.pre(definition !== undefined && findings.every(({ severity }) => severity !== 'error'))
      if (!definition) return
      passed += 1
      expect(thereAndBack(definition)).toEqual(whole(definition))
    }),
    { numRuns: Number(process.env['RUNS'] ?? 300), maxSkipsPerRun: 100 },
  )
  expect(passed).toBeGreaterThan(0)
})

const sentBundle = (): Bundle => sent(toFhir(everything, 3))
const planOf = (bundle: Bundle) => bundle.entry?.[0]?.resource as PlanDefinition
const activityOf = (bundle: Bundle, step: string) =>
  bundle.entry?.find(({ fullUrl }) => fullUrl?.endsWith(`:${step}`))?.resource as ActivityDefinition

test('what FHIR has an element for is read from that element: an edit elsewhere is an edit of the pathway', () => {
  const bundle = sentBundle()
  activityOf(bundle, 'look').title = 'Look again'
  const steps = planOf(bundle).action?.[0]?.action?.[0]?.action ?? []
  for (const step of steps) {
    if (step.id === 'done') delete step.condition
    if (step.id === 'tell') step.relatedAction = step.relatedAction?.slice(1)
  }
  const { definition, report } = fromFhir(bundle, defaults)
  expect(report).toEqual([])
  expect(definition?.tracks['main']?.steps['look']?.task?.title).toEqual({ en: 'Look again', fr: 'R' })
  expect(definition?.tracks['main']?.steps['done']?.when).toBe(undefined)
  expect(definition?.tracks['main']?.steps['tell']?.after).toEqual({ 'at-least': 1, of: ['ask.answered'] })
})

test('what somebody added that a pathway cannot say is named, with its place', () => {
  const bundle = sentBundle()
  planOf(bundle).goal = [{ description: { text: 'Better' } }]
  activityOf(bundle, 'test').bodySite = [{ text: 'Left arm' }]
  const { definition, report } = fromFhir(bundle, defaults)
  expect(definition).toEqual(everything)
  expect(report.map(({ kind, code, path }) => [kind, code, path])).toEqual([
    ['left-out', 'not-in-the-language', "PlanDefinition.where(url = 'urn:throughline:pathway:everything').goal"],
    [
      'left-out',
      'not-in-the-language',
      "ActivityDefinition.where(url = 'urn:throughline:activity:everything:test').bodySite",
    ],
  ])
})

test('a step whose activity did not come along is refused where it stands', () => {
  const bundle = sentBundle()
  bundle.entry = bundle.entry?.filter(({ fullUrl }) => fullUrl !== 'urn:throughline:activity:everything:look')
  expect(fromFhir(bundle, defaults)).toMatchObject({
    definition: undefined,
    report: [
      { kind: 'refused', code: 'activity-missing', path: 'PlanDefinition.action[0].action[0].action[0].definition' },
    ],
  })
})

const foreign: PlanDefinition = {
  resourceType: 'PlanDefinition',
  status: 'active',
  name: 'ChestPain',
  title: 'Chest pain',
  goal: [{ description: { text: 'No pain' } }],
  action: [
    {
      id: 'arrive',
      title: 'Assess',
      trigger: [
        { type: 'data-added', data: [{ type: 'Encounter' }] },
        { type: 'named-event', name: 'patient-view' },
      ],
      timingDuration: { value: 30, code: 'min' },
    },
    {
      title: 'Treat',
      action: [
        {
          id: 'ecg',
          title: 'ECG',
          definitionCanonical: '#ecg',
          relatedAction: [{ actionId: 'arrive', relationship: 'after-end', offsetDuration: { value: 2, code: 'h' } }],
        },
        {
          id: 'aspirin',
          title: 'Aspirin',
          condition: [{ kind: 'applicability', expression: { language: 'text/cql', expression: 'No allergy' } }],
          relatedAction: [
            { actionId: 'ecg', relationship: 'after' },
            { actionId: 'nowhere', relationship: 'after' },
          ],
        },
      ],
    },
  ],
  contained: [
    {
      resourceType: 'ActivityDefinition',
      id: 'ecg',
      status: 'active',
      kind: 'ServiceRequest',
      code: { coding: [{ system: 'http://loinc.org', code: '11524-6' }] },
    },
  ],
}

test('somebody else’s plan becomes a draft that the checker reads, with a word on all that is not in it', () => {
  const { definition, origin, report } = fromFhir(foreign, defaults)
  expect(origin).toBe('foreign')
  expect(definition?.starts).toEqual([{ on: 'Encounter', key: 'id' }])
  expect(definition?.tracks['care']?.steps).toEqual({
    arrive: { task: { role: 'nurse', title: { en: 'Assess', fr: 'Assess' }, due: '30 min' } },
    ecg: {
      order: { title: { en: 'ECG', fr: 'ECG' }, code: { system: 'http://loinc.org', code: '11524-6' }, result: 'none' },
      after: ['wait-before-ecg'],
    },
    aspirin: {
      task: { role: 'nurse', title: { en: 'Aspirin', fr: 'Aspirin' } },
      discretionary: 'skip',
      after: ['ecg'],
    },
    'wait-before-ecg': { title: { en: 'Wait', fr: 'Attente' }, after: ['arrive'], wait: { for: '2 h' } },
  })
  expect(report.filter(({ kind }) => kind === 'left-out').map(({ code, path }) => `${code} ${path}`)).toEqual([
    'trigger PlanDefinition.action[0].trigger[1]',
    'no-place PlanDefinition.goal',
    'no-place PlanDefinition.contained',
    'condition PlanDefinition.action[1].action[1].condition[0]',
    'related-action-missing PlanDefinition.action[1].action[1].relatedAction[1]',
  ])
  const { findings } = checkSource(sourceOf(definition ?? everything), surroundings)
  // How long an order may stay open is for a person to say.
  expect(findings.filter(({ severity }) => severity === 'error').map(({ code, path }) => [code, path])).toEqual([
    ['timer-without-end', 'tracks.care.steps.ecg.order'],
  ])
})

test('a plan that names itself, and one without end, end', () => {
  const action = [{ title: 'Again', definitionCanonical: 'http://x/PlanDefinition/loop' }]
  const loop: PlanDefinition = {
    resourceType: 'PlanDefinition',
    status: 'active',
    url: 'http://x/PlanDefinition/loop',
    action: [{ title: 'Once' }, ...action],
  }
  expect(fromFhir(loop, defaults).report).toContainEqual(
    expect.objectContaining({ code: 'plan-in-itself', path: 'PlanDefinition.action[1].definition' }),
  )
})

/** Puts junk in place of what stands anywhere in a value. */
function spoil(value: unknown, choices: number[], junk: unknown): unknown {
  const [choice = 0, ...rest] = choices
  if (typeof value !== 'object' || value === null || choices.length === 0) return junk
  const names = Object.keys(value)
  const name = names[choice % Math.max(1, names.length)]
  if (name === undefined) return junk
  const copy: Record<string, unknown> = Array.isArray(value) ? ([...value] as never) : { ...value }
  copy[name] = spoil(copy[name], rest, junk)
  return copy
}

test.each([
  ['one of our own', () => sentBundle()],
  ['somebody else’s', () => foreign],
])('whatever is spoilt in %s, what comes is a definition or a refusal, never a crash', (_name, make) => {
  const junk = fc.oneof(
    fc.constant(null),
    fc.string(),
    fc.integer(),
    fc.constant([]),
    fc.constant({}),
    fc.constant([null]),
    fc.boolean(),
  )
  fc.assert(
    fc.property(fc.array(fc.nat(200), { minLength: 1, maxLength: 14 }), junk, (choices, one) => {
      const { definition, report } = fromFhir(spoil(make(), choices, one), defaults)
      expect(definition !== undefined || report.some(({ kind }) => kind === 'refused')).toBe(true)
    }),
    { numRuns: 1_000 },
  )
})
