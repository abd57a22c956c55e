import { expect, test } from 'vitest'
import { table } from '../../../testkit/pathway.ts'
import { readAutomation } from '../index.ts'

const head = `automation: probe
title: {en: Probe, fr: Sonde}
intended-use: {en: For tests, fr: Pour les essais}
owner: lead
clinical-owner: nurse
answers: [{code: low, title: {en: Low, fr: Faible}}, {code: high, title: {en: High, fr: Élevé}}]
fallback: {role: nurse, title: {en: Decide, fr: Décider}, due: 60}
`
const read = (rest: string) => readAutomation(head + rest, 1, { table, roles: ['lead', 'nurse'] })
const answer = (rest: string, values: Record<string, boolean | number | string | null>) => {
  const { automation, findings } = read(rest)
  expect(findings).toEqual([])
  return automation?.answer(values)
}

test('rules answer from the top, and a case that is excluded or lacks an input goes to people', () => {
  const rules = `inputs: {age: {type: int, on: Patient, path: birthDate, as: years}, urgent: {type: bool, variable: urgent, required: false}}
exclusions: [{when: age < 18, because: {en: Children, fr: Enfants}}]
rules:
  rules: [{when: urgent, gives: high, confidence: 0.9}, {when: age >= 75, gives: high, confidence: 0.7}]
  otherwise: {gives: low, confidence: 0.6}`
  expect(answer(rules, { age: 40, urgent: true })).toEqual({ gives: 'high', confidence: 0.9, rule: 'rules.0' })
  expect(answer(rules, { age: 80, urgent: false })).toEqual({ gives: 'high', confidence: 0.7, rule: 'rules.1' })
  expect(answer(rules, { age: 40, urgent: null })).toEqual({ gives: 'low', confidence: 0.6, rule: 'otherwise' })
  expect(answer(rules, { age: 12, urgent: true })).toEqual({ silence: 'excluded' })
  expect(answer(rules, { age: null, urgent: true })).toEqual({ silence: 'input-missing' })
})

test('a table is read row by row; a cell is a value, a comparison or anything', () => {
  const rows = `inputs: {visits: {type: int, count: Appointment, where: status = 'noshow'}, far: {type: bool, variable: far}}
table:
  columns: [visits, far]
  rows:
    - {if: ['>= 2', null], gives: high}
    - {if: [1, true], gives: high, confidence: 0.7}
    - {if: [0, null], gives: low}`
  expect(answer(rows, { visits: 3, far: false })).toMatchObject({ gives: 'high', rule: 'table.0' })
  expect(answer(rows, { visits: 1, far: true })).toMatchObject({ gives: 'high', rule: 'table.1' })
  expect(answer(rows, { visits: 1, far: false })).toEqual({ silence: 'no-rule-holds' })
})

test('a logistic model gives the chance that its weights say, by hand', () => {
  const model = `inputs: {visits: {type: int, count: Appointment, where: status = 'noshow'}}
model: {intercept: -1, weights: {visits: {weight: 2, mean: 1, scale: 0.5}}, bands: [{from: 0, gives: low}, {from: 0.5, gives: high}]}`
  // −1 + 2·(1 − 1)/0.5 = −1; −1 + 2·(2 − 1)/0.5 = 3.
  const low = 1 / (1 + Math.exp(1))
  const high = 1 / (1 + Math.exp(-3))
  expect(answer(model, { visits: 1 })).toEqual({ gives: 'low', confidence: 1 - low, rule: 'model.low', score: low })
  expect(answer(model, { visits: 2 })).toEqual({ gives: 'high', confidence: high, rule: 'model.high', score: high })
})

test('what cannot work is found, with its place', () => {
  const paths = (rest: string) => read(rest).findings.map(({ path, line }) => [path, line])
  const inputs = 'inputs: {age: {type: int, on: Patient, path: birthdate, as: years}}\n'
  expect(paths(`${inputs}rules: {rules: [{when: age, gives: higher}]}`)).toEqual([
    ['inputs.age.path', 8],
    ['rules.rules.0.gives', 9],
    ['rules.rules.0.when', 9],
  ])
  const fine = 'inputs: {n: {type: int, variable: n}}\n'
  expect(paths(`${fine}table: {columns: [m], rows: [{if: [1, 2], gives: low}]}`)).toEqual([
    ['table.columns.0', 9],
    ['table.rows.0.if', 9],
    ['table.rows.0.if', 9],
  ])
  expect(paths(`${fine}model: {intercept: 0, weights: {}, bands: [{from: 0.2, gives: low}]}`)).toEqual([
    ['model.bands', 9],
  ])
  expect(paths(fine).map(([path]) => path)).toEqual([''])
  expect(
    readAutomation(`${head}${fine}rules: {rules: [{when: n > 0, gives: low}]}`, 1, { table, roles: ['lead'] }).findings,
  ).toMatchObject([{ path: 'clinical-owner' }, { path: 'fallback.role' }])
})
