import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Choices, randomPathway } from '../../../testkit/random-pathway.ts'
import { graphOf } from '../graph.ts'
import { parse } from '../index.ts'
import { allSteps, asDefinition, type Design } from './design.ts'
import {
  addStage,
  addTrack,
  copySteps,
  pasteSteps,
  removeStage,
  removeTrack,
  renameTrack,
  splitStage,
} from './part-edits.ts'
import { newStep } from './new-step.ts'
import {
  addStep,
  afterOf,
  connect,
  disconnect,
  insertStep,
  moveStep,
  removeOutcome,
  removeStep,
  renameOutcome,
  renameStep,
  secondApprover,
} from './step-edits.ts'
import { newSource, readDesign, writeDesign } from './write-design.ts'

const library = new URL('../../../library/', import.meta.url).pathname
const sources = ['pathways', 'catalogue'].flatMap((folder) =>
  readdirSync(`${library}${folder}`).map(
    (file) => [file, readFileSync(`${library}${folder}/${file}`, 'utf8')] as const,
  ),
)
const designOf = (source: string): Design => {
  const design = readDesign(source)
  if (!design) throw new Error('no design')
  return design
}
const referral = sources.find(([file]) => file === 'referral-intake.yaml')?.[1] ?? ''
const step = (design: Design, id: string) => allSteps(design).find((one) => one.id === id)?.step
const after = (design: Design, id: string) => step(design, id)?.after
const atHand = {
  role: 'nurse',
  template: 'hello',
  channels: ['sms'],
  form: 'urn:form:check',
  connector: 'ehr.push',
  pathway: { id: 'other', version: 2 },
}
const said = (text: string) => ({ en: text, fr: text })

/** One change of a design, as the choices say. */
function randomEdit(design: Design, choices: Choices): Design {
  const steps = allSteps(design).map(({ id }) => id)
  const tracks = Object.keys(design.tracks)
  const one = steps[choices.below(Math.max(1, steps.length))] ?? ''
  const other = steps[choices.below(Math.max(1, steps.length))] ?? ''
  const track = tracks[choices.below(Math.max(1, tracks.length))] ?? ''
  const line = graphOf(asDefinition(design)).edges[choices.below(20)]
  const kinds = ['task', 'message', 'form', 'order', 'wait', 'decide', 'call', 'start', 'end'] as const
  const fresh = newStep(choices.of(kinds), atHand)
  switch (choices.below(14)) {
    case 0:
      return addStep(design, { track, step: fresh, words: 'added step', after: one || undefined }).design
    case 1:
      return line
        ? insertStep(
            design,
            { from: line.from, outcomes: [line.outcome], to: line.to },
            { step: fresh, words: 'between' },
          ).design
        : design
    case 2:
      return removeStep(design, one)
    case 3:
      return renameStep(design, one, `${one}-new`)
    case 4:
      return connect(design, { from: one, outcome: null, to: other })
    case 5:
      return line ? disconnect(design, line) : design
    case 6:
      return moveStep(design, one, track)
    case 7:
      return addTrack(design, said('More care')).design
    case 8:
      return tracks.length > 1 ? removeTrack(design, track) : renameTrack(design, track, 'renamed')
    case 9:
      return splitStage(design, { stage: design.stages[0]?.id ?? '', title: said('Second half'), steps: [one] }).design
    case 10:
      return removeStage(addStage(design, said('For a moment')).design, 'for-a-moment')
    case 11:
      return renameOutcome(design, one, 'yes', 'yes-indeed')
    case 12:
      return secondApprover(design, { step: one, outcome: 'yes', role: 'lead', title: said('Second') }).design
    default:
      return pasteSteps(design, track, copySteps(design, [one, other]))?.design ?? design
  }
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

test('whatever pathway, whatever changes: the text holds what the design holds, and the other way round', {
  timeout: 240_000,
}, () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(10_000), { minLength: 40, maxLength: 160 }),
      fc.array(fc.nat(10_000), { minLength: 30, maxLength: 60 }),
      (plan, list) => {
        let design = plain(randomPathway(plan).definition) as Design
        let source = newSource(design)
        expect(readDesign(source)).toEqual(design)
        const choices = new Choices(list)
        for (let n = 0; n < 6; n += 1) {
          design = plain(randomEdit(design, choices))
          source = writeDesign(source, design)
          expect(readDesign(source)).toEqual(design)
          expect(writeDesign(source, design)).toBe(source)
        }
      },
    ),
    { numRuns: Number(process.env['RUNS'] ?? 60) },
  )
})

test('a line taken away and drawn again gives the same picture', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(10_000), { minLength: 40, maxLength: 160 }), (plan) => {
      const design = plain(randomPathway(plan).definition) as Design
      const lines = (one: Design) =>
        graphOf(asDefinition(one))
          .edges.map((edge) => `${edge.from}.${edge.outcome ?? ''}>${edge.to}`)
          .toSorted()
      for (const line of graphOf(asDefinition(design)).edges)
        expect(lines(connect(disconnect(design, line), line))).toEqual([...new Set(lines(design))])
    }),
    { numRuns: 100 },
  )
})

describe.each(sources)('the library’s %s', (_file, source) => {
  test('is written back as it was, to the letter', () => {
    expect(writeDesign(source, designOf(source))).toBe(source)
  })
  test('keeps every comment and every other line when one thing changes', () => {
    const design = designOf(source)
    const title = { en: 'Another title', fr: 'Un autre titre' }
    const lines = writeDesign(source, { ...design, title }).split('\n')
    const before = source.split('\n')
    expect(lines.length).toBe(before.length)
    expect(lines.filter((line, index) => line !== before[index])).toEqual([
      'title: {en: Another title, fr: Un autre titre}',
    ])
  })
  test('stays readable, and each step can be renamed with all that refers to it', () => {
    const design = designOf(source)
    for (const { id } of allSteps(design)) {
      const text = writeDesign(source, renameStep(design, id, 'quite-another'))
      const { definition } = parse(text)
      expect(definition).toBeDefined()
      expect(designOf(writeDesign(text, renameStep(designOf(text), 'quite-another', id)))).toEqual(design)
    }
  })
})

test('what an alias meant stays what it means when its anchor is changed', () => {
  const lab = sources.find(([file]) => file === 'lab-follow-up.yaml')?.[1] ?? ''
  const design = designOf(lab)
  const changed = renameOutcome(design, 'result', 'arrived', 'came')
  const again = designOf(writeDesign(lab, changed))
  expect(again).toEqual(changed)
  expect(step(again, 'late-result')?.wait).toEqual(step(design, 'late-result')?.wait)
})

test('a step put on a line takes its place in it', () => {
  const { design, id } = insertStep(
    designOf(referral),
    { from: 'triage', outcomes: ['accept'], to: 'ask-for-visit' },
    { step: newStep('message', atHand), words: 'tell the referrer first' },
  )
  expect(id).toBe('tell-the-referrer-first')
  expect(after(design, id)).toBe('triage.accept')
  expect(after(design, 'ask-for-visit')).toBe(id)
  expect(Object.keys(design.tracks['intake']?.steps ?? {}).indexOf(id)).toBe(5)
})

test('a step taken away is closed over: what followed it follows what it followed', () => {
  const design = removeStep(designOf(referral), 'chase-referrer')
  expect(after(design, 'triage')).toEqual({ any: ['completeness.complete', 'documents.arrived', 'documents.late'] })
})

test('a second approver has the same choice, and either may turn the referral away', () => {
  const { design, id } = secondApprover(designOf(referral), {
    step: 'triage',
    outcome: 'accept',
    role: 'clinical-director',
    title: { en: 'Approve', fr: 'Approuver' },
  })
  expect(after(design, id)).toBe('triage.accept')
  expect(after(design, 'ask-for-visit')).toBe(`${id}.accept`)
  expect(after(design, 'tell-referrer')).toEqual({
    any: ['triage.redirect', 'book.unreachable', 'outreach-call.close', `${id}.redirect`],
  })
})

test('steps are carried to another pathway with the lines between them, under names that are free', () => {
  const design = designOf(referral)
  const text = copySteps(design, ['completeness', 'ask-referrer'])
  const pasted = pasteSteps(design, 'intake', text)
  expect(pasted?.ids).toEqual(['completeness-2', 'ask-referrer-2'])
  expect(after(pasted?.design ?? design, 'ask-referrer-2')).toBe('completeness-2.incomplete')
  expect(pasteSteps(design, 'intake', 'no steps at all')).toBeUndefined()
  expect(text).toContain('hasReason: bool')
})

test('an outcome that goes takes its lines along; one renamed is followed by its new name', () => {
  const design = designOf(referral)
  expect(after(renameOutcome(design, 'triage', 'accept', 'yes'), 'ask-for-visit')).toBe('triage.yes')
  const without = removeOutcome(design, 'triage', 'redirect')
  expect(afterOf(step(without, 'tell-referrer') ?? {}).from).toEqual(['book.unreachable', 'outreach-call.close'])
})
