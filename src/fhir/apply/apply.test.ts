import type { ActivityDefinition, Patient, PlanDefinition, RequestGroup, Resource } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { findFaults } from '../validate.ts'
import { requestOf } from './apply-activity.ts'
import { applyPlan } from './apply-plan.ts'
import type { Applicable, ApplyContext } from './context.ts'
import { Issues } from './issues.ts'

const patient: Patient & { id: string } = {
  resourceType: 'Patient',
  id: 'p1',
  birthDate: '2020-02-29',
  gender: 'female',
}
const now = Date.UTC(2026, 0, 15)

const contextWith = (known: readonly Applicable[] = [], more: Partial<ApplyContext> = {}): ApplyContext => ({
  subject: patient,
  variables: {},
  now,
  issues: new Issues(),
  resolve: async (canonical) => known.find(({ url }) => url === canonical.split('|')[0]),
  ...more,
})
const activity = (name: string, more: Partial<ActivityDefinition>): ActivityDefinition => ({
  resourceType: 'ActivityDefinition',
  url: `http://x/${name}`,
  status: 'active',
  ...more,
})
const planWith = (action: PlanDefinition['action'], more: Partial<PlanDefinition> = {}): PlanDefinition => ({
  resourceType: 'PlanDefinition',
  url: 'http://x/plan',
  version: '2',
  status: 'active',
  action,
  ...more,
})
const when = (expression: string, language = 'text/fhirpath') =>
  [{ kind: 'applicability', expression: { language, expression } }] as NonNullable<
    PlanDefinition['action']
  >[number]['condition']
const apply = async (plan: PlanDefinition, known: readonly Applicable[] = [], more: Partial<ApplyContext> = {}) => {
  const context = contextWith(known, more)
  const carePlan = await applyPlan(plan, context)
  expect(findFaults(carePlan)).toEqual([])
  const contained = new Map((carePlan.contained ?? []).map((one) => [one.id, one] as [string | undefined, Resource]))
  const group = contained.get('requests-1') as RequestGroup
  const codes = context.issues.list.map(({ details, expression }) => `${details?.coding?.[0]?.code} ${expression?.[0]}`)
  const of = (title: string) => {
    const found = group.action?.find((one) => one.title === title)
    return contained.get(found?.resource?.reference?.slice(1))
  }
  return { carePlan, contained, group, codes, of }
}

const hba1c = activity('hba1c', {
  kind: 'ServiceRequest',
  code: { coding: [{ system: 'http://loinc.org', code: '4548-4' }] },
  priority: 'urgent',
  timingPeriod: { start: '2026-02-01' },
})

test('what applies to the patient becomes a request, what does not is left out, in a CarePlan that FHIR allows', async () => {
  const plan = planWith(
    [
      { id: 'a', title: 'Test', condition: when("gender = 'female'"), definitionCanonical: 'http://x/hba1c|1' },
      {
        id: 'b',
        title: 'Not hers',
        condition: when("%patient.gender = 'male'"),
        definitionCanonical: 'http://x/hba1c',
      },
      { id: 'c', title: 'Never told', condition: when('maritalStatus'), definitionCanonical: 'http://x/hba1c' },
    ],
    { title: 'Diabetes', goal: [{ description: { text: 'HbA1c under 7' } }] },
  )
  const { carePlan, group, of, codes } = await apply(plan, [hba1c], {
    encounter: 'Encounter/e1',
    practitioner: 'Practitioner/d1',
  })
  expect(group.action?.map(({ title }) => title)).toEqual(['Test'])
  expect(codes).toEqual([])
  expect(of('Test')).toEqual({
    resourceType: 'ServiceRequest',
    id: 'request-1',
    instantiatesCanonical: ['http://x/hba1c'],
    status: 'draft',
    intent: 'option',
    priority: 'urgent',
    code: hba1c.code,
    subject: { reference: 'Patient/p1' },
    encounter: { reference: 'Encounter/e1' },
    authoredOn: '2026-01-15T00:00:00.000Z',
    requester: { reference: 'Practitioner/d1' },
    occurrencePeriod: { start: '2026-02-01' },
  })
  expect(carePlan).toMatchObject({
    status: 'draft',
    intent: 'proposal',
    title: 'Diabetes',
    instantiatesCanonical: ['http://x/plan|2'],
    goal: [{ reference: '#goal-1' }],
    activity: [{ reference: { reference: '#requests-1' } }],
  })
})

test('a condition in CQL makes no order: the action stays with its condition, as a task for a person', async () => {
  const { group, of, codes, carePlan } = await apply(
    planWith([{ title: 'Test', condition: when('"Needs test"', 'text/cql'), definitionCanonical: 'http://x/hba1c' }]),
    [hba1c],
  )
  expect(of('Test')).toMatchObject({ resourceType: 'Task', status: 'draft', intent: 'option', description: 'Test' })
  expect(group.action?.[0]?.condition).toEqual(when('"Needs test"', 'text/cql'))
  expect(codes).toEqual(['not-evaluated PlanDefinition.action[0].condition[0].expression'])
  expect(carePlan.extension).toEqual([
    { url: 'http://hl7.org/fhir/StructureDefinition/cqf-messages', valueReference: { reference: '#outcome' } },
  ])
})

test('nothing under a group whose condition cannot be told becomes an order', async () => {
  const { contained } = await apply(
    planWith([
      {
        condition: when('x', 'text/cql'),
        action: [{ definitionCanonical: 'http://x/hba1c' }, { definitionCanonical: 'http://x/inner' }],
      },
    ]),
    [hba1c, planWith([{ definitionCanonical: 'http://x/hba1c' }], { url: 'http://x/inner' })],
  )
  expect([...contained.values()].map(({ resourceType }) => resourceType).toSorted()).toEqual([
    'OperationOutcome',
    'RequestGroup',
    'RequestGroup',
    'Task',
    'Task',
  ])
})

test('behaviours, timings and relations are carried; a relation to what does not apply is dropped and told', async () => {
  const related = {
    actionId: 'a',
    relationship: 'after-end',
    offsetDuration: { value: 2, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' },
  } as const
  const { group, codes } = await apply(
    planWith([
      {
        id: 'g',
        groupingBehavior: 'logical-group',
        selectionBehavior: 'exactly-one',
        action: [
          { id: 'a', title: 'A', requiredBehavior: 'could', cardinalityBehavior: 'multiple', precheckBehavior: 'yes' },
          { id: 'b', title: 'B', relatedAction: [related, { actionId: 'gone', relationship: 'before' }] },
        ],
      },
      { id: 'gone', title: 'Gone', condition: when('false') },
      { id: 'empty', action: [{ title: 'Not', condition: when('false') }] },
      { title: 'Once a year old', timingAge: { value: 1, unit: 'a', code: 'a', system: 'http://unitsofmeasure.org' } },
    ]),
  )
  expect(group.action).toMatchObject([
    {
      id: 'g',
      groupingBehavior: 'logical-group',
      selectionBehavior: 'exactly-one',
      action: [
        { requiredBehavior: 'could', cardinalityBehavior: 'multiple', precheckBehavior: 'yes' },
        { relatedAction: [related] },
      ],
    },
    { title: 'Once a year old', timingPeriod: { start: '2021-02-28' } },
  ])
  expect(codes).toEqual(['related-action-missing PlanDefinition.action[0].action[1].relatedAction'])
})

test('a plan within a plan is a group of its own; one that leads back to itself ends', async () => {
  const inner = planWith(
    [
      { title: 'Inner', definitionCanonical: 'http://x/hba1c' },
      { title: 'Round', definitionCanonical: 'http://x/plan' },
    ],
    { url: 'http://x/inner' },
  )
  const { group, contained, codes } = await apply(planWith([{ title: 'All', definitionCanonical: 'http://x/inner' }]), [
    hba1c,
    inner,
    planWith([]),
  ])
  expect(group.action?.[0]?.resource).toEqual({ reference: '#requests-2' })
  expect((contained.get('requests-2') as RequestGroup).action?.map(({ title }) => title)).toEqual(['Inner', 'Round'])
  expect(codes).toEqual(['definition-in-itself PlanDefinition.action[0].definition.resolve().action[1].definition'])
})

test('what is left to the moment is evaluated by the caller’s clock and parameters, and set where it belongs', async () => {
  const medication = activity('aspirin', {
    kind: 'MedicationRequest',
    productCodeableConcept: { text: 'Aspirin' },
    dosage: [{ text: 'daily' }],
    dynamicValue: [
      {
        path: 'dosageInstruction[0].text',
        expression: { language: 'text/fhirpath', expression: "'once, ' + %amount" },
      },
      { path: 'note.text', expression: { language: 'text/fhirpath', expression: "'For ' + %subject.gender" } },
    ],
  })
  const { of, group, codes } = await apply(
    planWith([
      {
        title: 'Give',
        definitionCanonical: 'http://x/aspirin',
        dynamicValue: [
          { path: 'authoredOn', expression: { language: 'text/fhirpath', expression: 'today()' } },
          {
            path: 'action.description',
            expression: { language: 'text/fhirpath', expression: "'Born ' + %patient.birthDate" },
          },
          { path: 'reasonCode', expression: { language: 'text/fhirpath', expression: "'pain'" } },
          { path: 'nothing.here', expression: { language: 'text/fhirpath', expression: "'x'" } },
          { path: 'constructor.name', expression: { language: 'text/fhirpath', expression: "'x'" } },
          { path: 'status', expression: { language: 'text/cql', expression: 'x' } },
        ],
      },
    ]),
    [medication],
    { variables: { amount: '75 mg' } },
  )
  expect(of('Give')).toMatchObject({
    medicationCodeableConcept: { text: 'Aspirin' },
    dosageInstruction: [{ text: 'once, 75 mg' }],
    note: [{ text: 'For female' }],
    authoredOn: '2026-01-15',
    reasonCode: [{ text: 'pain' }],
  })
  expect(group.action?.[0]?.description).toBe('Born 2020-02-29')
  expect(codes).toEqual([
    'path-unsupported PlanDefinition.action[0].dynamicValue[3].path',
    'path-unsupported PlanDefinition.action[0].dynamicValue[4].path',
    'not-evaluated PlanDefinition.action[0].dynamicValue[5].expression',
  ])
})

test.each([
  ['matches()', "name.given.matches('(a+)+$')"],
  ['criteria within criteria', 'name.where(given.where($this.where(name.where(true).exists()).exists()).exists())'],
  ['what is no FHIRPath', 'name ='],
  ['what the library does not know', "code.memberOf('http://x')"],
])('%s is not run, and told', async (_name, expression) => {
  const { codes } = await apply(planWith([{ title: 'Maybe', condition: when(expression) }]))
  expect(codes).toEqual(['not-evaluated PlanDefinition.action[0].condition[0].expression'])
})

const kinds: [ActivityDefinition['kind'], Partial<ActivityDefinition>][] = [
  ['Appointment', { timingPeriod: { start: '2026-02-01' } }],
  ['CarePlan', { title: 'Care' }],
  ['CommunicationRequest', { participant: [{ type: 'patient' }] }],
  ['DeviceRequest', {}],
  ['MedicationRequest', {}],
  ['ServiceRequest', { doNotPerform: true, bodySite: [{ text: 'arm' }] }],
  ['SupplyRequest', { quantity: { value: 1 } }],
  ['Task', { participant: [{ type: 'practitioner', role: { text: 'nurse' } }] }],
]
test.each(kinds)('a %s that is applied is one that FHIR allows', (kind, more) => {
  const context = contextWith()
  const request = requestOf(activity('one', { kind, code: { text: 'this' }, ...more }), context, 'ActivityDefinition', {
    id: 'r',
    intent: 'proposal',
  })
  expect(findFaults(request)).toEqual([])
  expect(context.issues.list).toEqual([])
})

test('a kind that is not made here, and a request that FHIR does not allow, leave a task and a word', async () => {
  const { of, codes } = await apply(
    planWith([
      { title: 'Claim', definitionCanonical: 'http://x/claim' },
      { title: 'Pills', definitionCanonical: 'http://x/pills' },
      { title: 'Lost', definitionCanonical: 'http://x/lost' },
    ]),
    [activity('claim', { kind: 'Claim' }), activity('pills', { kind: 'MedicationRequest' })],
  )
  expect(['Claim', 'Pills', 'Lost'].map((title) => of(title)?.resourceType)).toEqual(['Task', 'Task', 'Task'])
  expect(codes).toEqual([
    'kind-unsupported PlanDefinition.action[0].definition.resolve().kind',
    'request-invalid PlanDefinition.action[1].definition',
    'definition-missing PlanDefinition.action[2].definition',
  ])
})

test('a plan with more actions than anybody reads is cut, and told', async () => {
  const { group, codes } = await apply(planWith(Array.from({ length: 1_200 }, (_none, n) => ({ title: `${n}` }))))
  expect(group.action?.length).toBe(1_000)
  expect(codes).toEqual(['too-many-actions PlanDefinition.action'])
})
