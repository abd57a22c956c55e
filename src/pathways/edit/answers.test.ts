import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { calendar, table } from '../../../testkit/pathway.ts'
import { compile, parse, runScenarios } from '../index.ts'
import { type AskedQuestion, branchOnAnswer, keepAnswer, questionOf } from './answers.ts'
import { findStep } from './design.ts'
import { addStep } from './step-edits.ts'
import { readDesign, writeDesign } from './write-design.ts'

const source = readFileSync(new URL('../../../library/catalogue/post-discharge.yaml', import.meta.url), 'utf8')
const design = () => {
  const read = readDesign(source)
  if (!read) throw new Error('no design')
  return read
}
const home: AskedQuestion = {
  linkId: 'at-home',
  path: 'item.item',
  type: 'choice',
  text: { en: 'Who is at home?', fr: 'Qui est à la maison ?' },
  options: [{ code: 'somebody' }, { code: '0 persons' }],
}

test('a journey parts by the answer to a question within a group, by the choices that the form offers', () => {
  const parted = branchOnAnswer(design(), 'first-check', home)
  expect(findStep(parted.design, parted.id)?.step).toMatchObject({
    after: 'first-check.answered',
    decide: {
      rules: [
        { when: "atHome == 'somebody'", gives: 'somebody' },
        { when: "atHome == '0 persons'", gives: 'answer-0-persons' },
      ],
      otherwise: 'otherwise',
    },
  })
  const { design: whole } = addStep(parted.design, {
    track: 'calls',
    step: { task: { role: 'care-coordinator', title: { en: 'Visit', fr: 'Visiter' }, due: '1 days' } },
    words: 'visit',
    after: `${parted.id}.answer-0-persons`,
  })
  const { definition, findings } = parse(writeDesign(source, whole))
  expect(findings).toEqual([])
  if (!definition) throw new Error('no definition')
  const scenario = (code: string, open: string) => ({
    name: code,
    source: `scenario: ${code}
pathway: post-discharge
lines:
  - at: 2026-03-02 09:00
    record: {resourceType: Encounter, id: e1, status: finished, class: {code: IMP}, subject: {reference: Patient/p1}}
  - complete: first-check
    saying: {item: [{linkId: medicines, answer: [{valueBoolean: true}]}, {linkId: home, item: [{linkId: at-home, answer: [{valueCoding: {code: ${code}}}]}]}]}
    expect: {open: [${open}], variables: {atHome: ${code}}}
`,
  })
  const { results } = runScenarios(
    compile(definition, 1, table).pathway,
    [scenario('0 persons', 'visit, weekly-check'), scenario('somebody', 'weekly-check')],
    calendar,
  )
  expect(results.map(({ failures }) => failures)).toEqual([[], []])
})

test('an answer that is kept already is not kept twice, and another kind of the same name gets a name of its own', () => {
  const worry: AskedQuestion = { ...home, linkId: 'worry', path: 'item', type: 'integer', options: [] }
  expect(keepAnswer(design(), 'first-check', worry)).toMatchObject({ name: 'worry' })
  const kept = keepAnswer(design(), 'first-check', { ...home, linkId: 'Worry', path: 'item' })
  expect(kept.name).toBe('worry2')
  expect(kept.design.variables).toMatchObject({ worry: 'int', worry2: 'string' })
  expect(questionOf(findStep(kept.design, 'first-check')?.step.form?.set?.['worry2'] ?? '')).toBe('Worry')
})
