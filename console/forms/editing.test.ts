import type { Questionnaire } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import {
  addItem,
  codeFor,
  itemAt,
  moveItem,
  outlineOf,
  removeItem,
  renameItem,
  scoreOf,
  setScore,
  setTexts,
  textsOf,
} from './editing.ts'

const form: Questionnaire = {
  resourceType: 'Questionnaire',
  status: 'draft',
  item: [
    { linkId: 'a', type: 'boolean' },
    {
      linkId: 'g',
      type: 'group',
      item: [{ linkId: 'b', type: 'string', enableWhen: [{ question: 'a', operator: '=', answerBoolean: true }] }],
    },
    { linkId: 'c', type: 'string' },
  ],
}
const order = (one: Questionnaire) => outlineOf(one).map(({ item, spot }) => `${item.linkId} ${spot.join('.')}`)

test('a question moves among its neighbours, into the group before it, and out again', () => {
  expect(order(moveItem(form, [2], 'up')?.form ?? form)).toEqual(['a 0', 'c 1', 'g 2', 'b 2.0'])
  const inside = moveItem(form, [2], 'in')
  expect(inside?.spot).toEqual([1, 1])
  expect(order(inside?.form ?? form)).toEqual(['a 0', 'g 1', 'b 1.0', 'c 1.1'])
  expect(order(moveItem(inside?.form ?? form, [1, 1], 'out')?.form ?? form)).toEqual(order(form))
})

test('a question stays where there is nowhere to go', () => {
  expect(moveItem(form, [0], 'up')).toBeUndefined()
  expect(moveItem(form, [2], 'down')).toBeUndefined()
  expect(moveItem(form, [1], 'in')).toBeUndefined()
  expect(moveItem(form, [0], 'out')).toBeUndefined()
})

test('a new question comes after the chosen one, or last in the chosen group, under a name that is free', () => {
  expect(order(addItem(form, [0]).form)).toEqual(['a 0', 'q5 1', 'g 2', 'b 2.0', 'c 3'])
  expect(addItem(form, [1]).spot).toEqual([1, 1])
})

test('a group that loses its last question holds nothing, and not an empty list', () => {
  expect(itemAt(removeItem(form, [1, 0]), [1])).toEqual({ linkId: 'g', type: 'group' })
})

test('a question that gets another name is still what others ask about', () => {
  expect(itemAt(renameItem(form, [0], 'first'), [1, 0])?.enableWhen).toEqual([
    { question: 'first', operator: '=', answerBoolean: true },
  ])
})

test('both languages and the score stand where FHIR wants them', () => {
  const coding = setTexts({ code: 'x' }, 'display', { en: 'Often', fr: 'Souvent' })
  expect(textsOf(coding, 'display')).toEqual({ en: 'Often', fr: 'Souvent' })
  expect(setTexts(coding, 'display', { en: 'Often', fr: '' })).toEqual({ code: 'x', display: 'Often' })
  const option = setScore({ valueCoding: { code: 'x' } }, 2)
  expect(scoreOf(option)).toBe(2)
  expect(setScore(option, undefined)).toEqual({ valueCoding: { code: 'x' } })
})

test('a code is made of the words', () => {
  expect(codeFor('Déjà vu, several days!')).toBe('deja-vu-several-days')
})
