import { readFileSync } from 'node:fs'
import type { Questionnaire, QuestionnaireItem, QuestionnaireResponse } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import {
  begin,
  checkQuestionnaire,
  checkResponse,
  fill,
  readForm,
  readSheet,
  readable,
  withAnswers,
  withoutRow,
  withRow,
} from './index.ts'

const context = { now: Date.UTC(2026, 2, 2, 14), zone: 'America/Toronto' }
const formOf = (item: QuestionnaireItem[], more: Partial<Questionnaire> = {}) =>
  readForm({ resourceType: 'Questionnaire', status: 'active', url: 'http://x.example/f', title: 'F', item, ...more })
    .form
const response = (item: QuestionnaireResponse['item'] = []): QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse',
  status: 'completed',
  item: item ?? [],
})
const after = (form: ReturnType<typeof formOf>, item: QuestionnaireResponse['item']) =>
  fill(form, readSheet(form, response(item)).sheet, context)
const library = (name: string) =>
  readForm(parse(readFileSync(new URL(`../../library/forms/${name}.yaml`, import.meta.url), 'utf8')) as Questionnaire)
    .form
const calculated = (expression: string) => ({
  url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression',
  valueExpression: { language: 'text/fhirpath' as const, expression },
})
const codesOf = (filled: ReturnType<typeof fill>) => filled.faults.map(({ code, linkId }) => `${linkId}: ${code}`)

const frequency = (...codes: string[]) =>
  codes.map((code, index) => ({
    linkId: String(index + 1),
    answer: [{ valueCoding: { system: 'urn:throughline:form:frequency', code } }],
  }))

test('nine answers give the score of a PHQ-9 and its band', () => {
  const form = library('phq-9')
  const filled = after(
    form,
    frequency(
      'nearly-daily',
      'nearly-daily',
      'over-half',
      'over-half',
      'several-days',
      'not-at-all',
      'not-at-all',
      'not-at-all',
      'several-days',
    ),
  )
  expect(filled.items.slice(-2)).toMatchObject([
    { linkId: 'total', answer: [{ valueInteger: 12 }] },
    { linkId: 'band', answer: [{ valueCoding: { code: 'moderate' } }] },
  ])
  expect(filled.scores).toEqual({ 1: 3, 2: 3, 3: 2, 4: 2, 5: 1, 6: 0, 7: 0, 8: 0, 9: 1 })
  expect(filled.faults).toEqual([])
  expect(JSON.stringify(filled.items)).not.toContain('itemWeight')
})

test('eight answers give no score, and the ninth is asked for', () => {
  const filled = after(
    library('phq-9'),
    frequency(
      'nearly-daily',
      'not-at-all',
      'not-at-all',
      'not-at-all',
      'not-at-all',
      'not-at-all',
      'not-at-all',
      'not-at-all',
    ),
  )
  expect(filled.items.map((item) => item.linkId)).not.toContain('total')
  expect(codesOf(filled)).toEqual(['9: required'])
})

test('a score that somebody else wrote down wrong is refused', () => {
  const form = library('gad-7')
  const answers = frequency('over-half', 'over-half', 'over-half', 'over-half', 'over-half', 'not-at-all', 'not-at-all')
  const said = checkResponse(form, response([...answers, { linkId: 'total', answer: [{ valueInteger: 3 }] }]), context)
  expect(codesOf(said)).toEqual(['total: computed-otherwise'])
  expect(
    codesOf(checkResponse(form, response([...answers, { linkId: 'total', answer: [{ valueInteger: 10 }] }]), context)),
  ).toEqual([])
})

test('a child under sixteen has a guardian named; the age comes from the date of birth that the record has', () => {
  const form = library('intake')
  const launch = {
    patient: {
      resourceType: 'Patient' as const,
      birthDate: '2010-03-03',
      telecom: [{ system: 'phone' as const, value: '416-555-0123' }],
    },
  }
  const filled = fill(form, begin(form, { ...context, launch }), { ...context, launch })
  const [who] = filled.items
  expect(who?.item).toMatchObject([
    { linkId: 'born', answer: [{ valueDate: '2010-03-03' }] },
    { linkId: 'age', answer: [{ valueInteger: 15 }] },
    { linkId: 'phone', answer: [{ valueString: '416-555-0123' }] },
  ])
  expect(codesOf(filled)).toContain('guardian: required')
  expect(codesOf(fill(form, begin(form, context), context))).not.toContain('guardian: required')
})

test('a body mass index is computed of height and weight', () => {
  const filled = after(library('intake'), [
    {
      linkId: 'health',
      item: [
        { linkId: 'height', answer: [{ valueQuantity: { value: 180, unit: 'cm', code: 'cm' } }] },
        { linkId: 'weight', answer: [{ valueQuantity: { value: 81, unit: 'lb', code: '[lb_av]' } }] },
      ],
    },
  ])
  expect(filled.items[0]?.item?.at(-1)).toMatchObject({ linkId: 'bmi', answer: [{ valueDecimal: 25 }] })
  expect(codesOf(filled)).toContain('weight: unit')
})

test('rows are added, answered, and taken away again', () => {
  const form = library('intake')
  const yes = [{ linkId: 'health', item: [{ linkId: 'has-medicines', answer: [{ valueBoolean: true }] }] }]
  let { sheet } = readSheet(form, response(yes))
  sheet = withRow(sheet, '1/0:5')
  sheet = withAnswers(sheet, '1/0:5/1:0', [{ valueString: 'Ramipril' }])
  expect(fill(form, sheet, context).items[0]?.item?.[1]).toMatchObject({
    linkId: 'medicines',
    item: [{ answer: [{ valueString: 'Ramipril' }] }],
  })
  expect(codesOf(fill(form, sheet, context)).filter((code) => code.startsWith('medicine'))).toEqual([
    'medicine: required',
  ])
  sheet = withoutRow(sheet, '1/0:5', 0)
  expect(codesOf(fill(form, sheet, context)).filter((code) => code.startsWith('medicine'))).toEqual([])
})

const question: QuestionnaireItem = { linkId: 'q', type: 'integer' }
const asked = (enableWhen: QuestionnaireItem['enableWhen'], enableBehavior?: 'all' | 'any'): QuestionnaireItem => ({
  linkId: 'x',
  type: 'string',
  enableWhen: enableWhen ?? [],
  ...(enableBehavior ? { enableBehavior } : {}),
})
const isAsked = (item: QuestionnaireItem, answers: number[]) =>
  after(formOf([question, item]), [{ linkId: 'q', answer: answers.map((valueInteger) => ({ valueInteger })) }]).nodes[1]
    ?.enabled

test.each([
  [
    'exists',
    { answerBoolean: true },
    [
      [5, true],
      [undefined, false],
    ],
  ],
  [
    'exists',
    { answerBoolean: false },
    [
      [5, false],
      [undefined, true],
    ],
  ],
  [
    '=',
    { answerInteger: 5 },
    [
      [5, true],
      [4, false],
      [undefined, false],
    ],
  ],
  [
    '!=',
    { answerInteger: 5 },
    [
      [5, false],
      [4, true],
      [undefined, true],
    ],
  ],
  [
    '>',
    { answerInteger: 5 },
    [
      [6, true],
      [5, false],
      [undefined, false],
    ],
  ],
  [
    '<',
    { answerInteger: 5 },
    [
      [4, true],
      [5, false],
      [undefined, false],
    ],
  ],
  [
    '>=',
    { answerInteger: 5 },
    [
      [5, true],
      [4, false],
      [undefined, false],
    ],
  ],
  [
    '<=',
    { answerInteger: 5 },
    [
      [5, true],
      [6, false],
      [undefined, false],
    ],
  ],
] as const)('a question is asked if the answer %s %j', (operator, answer, cases) => {
  for (const [given, expected] of cases)
    expect(
      isAsked(asked([{ question: 'q', operator, ...answer }]), given === undefined ? [] : [given]),
      String(given),
    ).toBe(expected)
})

test('several conditions hold together or each by itself, as the form says', () => {
  const both = [
    { question: 'q', operator: '>' as const, answerInteger: 3 },
    { question: 'q', operator: '<' as const, answerInteger: 1 },
  ]
  expect(isAsked(asked(both, 'all'), [5])).toBe(false)
  expect(isAsked(asked(both, 'any'), [5])).toBe(true)
})

test('a question that is no longer asked counts as not answered for the next', () => {
  const form = formOf([
    { linkId: 'a', type: 'boolean' },
    { linkId: 'b', type: 'boolean', enableWhen: [{ question: 'a', operator: '=', answerBoolean: true }] },
    { linkId: 'c', type: 'string', enableWhen: [{ question: 'b', operator: '=', answerBoolean: true }] },
  ])
  const given = (a: boolean) => [
    { linkId: 'a', answer: [{ valueBoolean: a }] },
    { linkId: 'b', answer: [{ valueBoolean: true }] },
    { linkId: 'c', answer: [{ valueString: 'kept' }] },
  ]
  expect(after(form, given(true)).items.map((item) => item.linkId)).toEqual(['a', 'b', 'c'])
  expect(after(form, given(false)).items.map((item) => item.linkId)).toEqual(['a'])
  expect(codesOf(checkResponse(form, response(given(false)), context))).toEqual(['b: not-asked', 'c: not-asked'])
})

test('in a row of a group a condition looks at its own row first', () => {
  const form = formOf([
    {
      linkId: 'row',
      type: 'group',
      repeats: true,
      item: [
        { linkId: 'kind', type: 'string' },
        { linkId: 'more', type: 'string', enableWhen: [{ question: 'kind', operator: '=', answerString: 'b' }] },
      ],
    },
  ])
  const row = (kind: string) => ({ linkId: 'row', item: [{ linkId: 'kind', answer: [{ valueString: kind }] }] })
  expect(after(form, [row('a'), row('b')]).nodes[0]?.rows.map(([, more]) => more?.enabled)).toEqual([false, true])
})

test('variables are seen by what is below them, and computations follow each other', () => {
  const variable = (name: string, expression: string) => ({
    url: 'http://hl7.org/fhir/StructureDefinition/variable',
    valueExpression: { name, language: 'text/fhirpath' as const, expression },
  })
  const form = formOf(
    [
      { linkId: 'a', type: 'integer' },
      { linkId: 'double', type: 'integer', extension: [calculated('%a * 2')] },
      {
        linkId: 'again',
        type: 'integer',
        extension: [calculated(`%resource.item.where(linkId = 'double').answer.value * 2`)],
      },
    ],
    { extension: [variable('a', `%resource.item.where(linkId = 'a').answer.value`)] },
  )
  expect(
    after(form, [{ linkId: 'a', answer: [{ valueInteger: 3 }] }]).items.map((item) => item.answer?.[0]?.valueInteger),
  ).toEqual([3, 6, 12])
})

test('computations that chase each other are given up and told', () => {
  const form = formOf([
    {
      linkId: 'a',
      type: 'integer',
      extension: [calculated(`%resource.item.where(linkId = 'b').answer.value.first() + 1`)],
    },
    {
      linkId: 'b',
      type: 'integer',
      extension: [
        calculated(
          `iif(%resource.item.where(linkId = 'a').answer.exists(), %resource.item.where(linkId = 'a').answer.value + 1, 1)`,
        ),
      ],
    },
  ])
  expect(codesOf(after(form, []))).toEqual([': unsettled'])
})

const extension = (url: string, value: object) => ({ url: `http://hl7.org/fhir/StructureDefinition/${url}`, ...value })
test.each<[code: string, item: Omit<QuestionnaireItem, 'linkId'>, answers: object[]]>([
  ['required', { type: 'string', required: true }, []],
  ['too-many', { type: 'string' }, [{ valueString: 'a' }, { valueString: 'b' }]],
  [
    'too-few',
    { type: 'string', repeats: true, extension: [extension('questionnaire-minOccurs', { valueInteger: 2 })] },
    [{ valueString: 'a' }],
  ],
  ['answer-twice', { type: 'string', repeats: true }, [{ valueString: 'a' }, { valueString: 'a' }]],
  ['too-small', { type: 'integer', extension: [extension('minValue', { valueInteger: 3 })] }, [{ valueInteger: 2 }]],
  [
    'too-large',
    { type: 'date', extension: [extension('maxValue', { valueDate: '2026-01-01' })] },
    [{ valueDate: '2026-01-02' }],
  ],
  ['too-short', { type: 'string', extension: [extension('minLength', { valueInteger: 3 })] }, [{ valueString: 'ab' }]],
  ['too-long', { type: 'string', maxLength: 3 }, [{ valueString: 'abcd' }]],
  [
    'pattern',
    { type: 'string', extension: [extension('regex', { valueString: '[A-Z]{2}' })] },
    [{ valueString: 'ABC' }],
  ],
  [
    'decimals',
    { type: 'decimal', extension: [extension('maxDecimalPlaces', { valueInteger: 1 })] },
    [{ valueDecimal: 1.25 }],
  ],
  ['value-invalid', { type: 'date' }, [{ valueDate: '2026-13-01' }]],
  ['value-invalid', { type: 'integer' }, [{ valueInteger: 1.5 }]],
  [
    'not-an-option',
    { type: 'choice', answerOption: [{ valueCoding: { code: 'a' } }] },
    [{ valueCoding: { code: 'b' } }],
  ],
  ['answer-type', { type: 'integer' }, [{ valueString: '3' }]],
  ['answer-empty', { type: 'integer' }, [{}]],
])('%s: %j', (code, item, answer) => {
  const form = formOf([{ linkId: 'x', ...item }])
  const found = checkResponse(form, response([{ linkId: 'x', answer }]), context)
  expect(codesOf(found)).toEqual([`x: ${code}`])
})

test('what a form does not ask is refused, with its place', () => {
  const form = formOf([question])
  expect(checkResponse(form, response([{ linkId: 'other' }]), context).faults).toEqual([
    { code: 'item-unknown', path: `QuestionnaireResponse.item.where(linkId='other')`, linkId: 'other', detail: {} },
  ])
})

test('answers are read back in both languages, with what they count for', () => {
  const lines = readable(after(library('phq-9'), frequency('several-days')))
  expect(lines[0]).toEqual({
    linkId: '1',
    depth: 0,
    heading: false,
    label: {
      en: '1. Little interest or pleasure in doing things',
      fr: '1. Peu d’intérêt ou de plaisir à faire des choses',
    },
    values: [{ en: 'Several days', fr: 'Plusieurs jours' }],
    score: 1,
  })
})

test.each<[code: string, item: QuestionnaireItem[]]>([
  ['link-id-twice', [question, question]],
  ['options-missing', [{ linkId: 'x', text: '1', type: 'choice' }]],
  [
    'question-unknown',
    [
      {
        linkId: 'x',
        text: '1',
        type: 'string',
        enableWhen: [{ question: 'y', operator: 'exists', answerBoolean: true }],
      },
    ],
  ],
  [
    'question-below',
    [
      {
        linkId: 'x',
        text: '1',
        type: 'string',
        enableWhen: [{ question: 'x', operator: 'exists', answerBoolean: true }],
      },
    ],
  ],
  [
    'answer-type',
    [
      { ...question, text: '1' },
      { linkId: 'x', text: '1', type: 'string', enableWhen: [{ question: 'q', operator: '=', answerString: 'y' }] },
    ],
  ],
  ['expression-unreadable', [{ linkId: 'x', text: '1', type: 'string', extension: [calculated('1 +')] }]],
  ['name-unknown', [{ linkId: 'x', text: '1', type: 'string', extension: [calculated('%nobody.id')] }]],
  [
    'pattern-unreadable',
    [{ linkId: 'x', text: '1', type: 'string', extension: [extension('regex', { valueString: '(?=a)' })] }],
  ],
  ['never-answered', [{ linkId: 'x', text: '1', type: 'string', readOnly: true, required: true }]],
  [
    'behaviour-missing',
    [
      { ...question, text: '1' },
      {
        linkId: 'x',
        text: '1',
        type: 'string',
        enableWhen: [1, 2].map((answerInteger) => ({ question: 'q', operator: '=' as const, answerInteger })),
      },
    ],
  ],
])('a form with a fault is not fit to be published: %s', (code, item) => {
  const found = checkQuestionnaire({
    resourceType: 'Questionnaire',
    status: 'draft',
    url: 'http://x.example/f',
    title: 'F',
    item,
  })
  expect(found.filter(({ severity }) => severity === 'error').map((finding) => finding.code)).toEqual([code])
})
