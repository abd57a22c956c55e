import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sourceOf } from '../../../testkit/pathway.ts'
import { type Definition, definitionSchema, type Role } from '../model.ts'
import { parse } from '../parse.ts'
import { compareDefinitions } from './compare-definitions.ts'

const roles: Role[] = [
  { id: 'nurse', title: { en: 'Nurse', fr: 'Infirmière' } },
  { id: 'lead', title: { en: 'Lead', fr: 'Responsable' } },
]
const read = (source: string): Definition => {
  const { definition, findings } = parse(source)
  if (!definition) throw new Error(JSON.stringify(findings))
  return definition
}
const compare = (before: Definition, after: Definition) =>
  compareDefinitions({ definition: before, templates: [] }, { definition: after, templates: [] }, roles)
const base = `triage: {stage: one, task: {role: nurse, title: {en: Triage, fr: Triage}, due: 2 business days, outcomes: [{code: accept, title: {en: Accepted, fr: Acceptée}}]}}
tell: {after: triage.accept, message: {to: patient, template: hello, channels: [sms]}}
over: {after: [tell.sent], end: {outcome: seen, title: {en: Seen, fr: Vue}}}`
const from = (change: (steps: string) => string) => compare(read(sourceOf(base)), read(sourceOf(change(base))))
const sentences = (change: (steps: string) => string) =>
  from(change).changes.map(({ kind, path, sentence }) => [kind, path, sentence.en, sentence.fr])

test('a version is no different from itself', () => {
  expect(from((steps) => steps)).toMatchObject({ changes: [], picture: { nodes: [{ change: null }, {}, {}] } })
})

test('a due time that moved is told in words', () => {
  expect(sentences((steps) => steps.replace('due: 2 business days', 'due: {urgent: 4 h, otherwise: 1 days}'))).toEqual([
    [
      'changed',
      'tracks.main.steps.triage.task.due',
      '“Triage” is now due in 4 hours when it is urgent; it had no due time.',
      '« Triage » est maintenant à faire en 4 heures quand c’est urgent ; il n’y avait pas de délai.',
    ],
    [
      'changed',
      'tracks.main.steps.triage.task.due',
      '“Triage” is now due in 1 day instead of 2 business days.',
      '« Triage » est maintenant à faire en 1 jour au lieu de 2 jours ouvrables.',
    ],
  ])
})

test('another role, another channel and an escalation are told with their names', () => {
  const told = sentences((steps) =>
    steps
      .replace('role: nurse', 'role: lead')
      .replace('due: 2', 'escalate: [{at: 80 %, to: lead}], due: 2')
      .replace('[sms]', '[sms, email]'),
  )
  expect(told.map(([, , en]) => en)).toEqual([
    '“Triage” is now done by Lead; before: Nurse.',
    'Lateness of “Triage” is now told at 80 % to Lead; before: nobody.',
    '“Tell” is now sent by SMS, then e-mail; before: SMS.',
  ])
})

test('a step that came between two others is shown, and so are the lines that changed', () => {
  const { changes, picture } = from((steps) =>
    steps
      .replace('after: triage.accept,', 'after: rest,')
      .replace('over:', 'rest: {after: triage.accept, wait: {for: 3 days}}\nover:'),
  )
  expect(changes.map(({ kind, step, sentence }) => [kind, step, sentence.en])).toEqual([
    ['changed', 'tell', '“Tell” now follows “Rest”; before: “Triage” (Accepted).'],
    ['added', 'rest', '“Rest” is new: a wait, after “Triage” (Accepted).'],
  ])
  expect(picture.edges.map(({ from: a, to: b, change }) => `${a}>${b} ${change}`)).toEqual([
    'rest>tell added',
    'triage>rest added',
    'tell>over null',
    'triage>tell removed',
  ])
})

test('a step that is gone stays in the picture, marked', () => {
  const { changes, picture } = from((steps) => steps.replace(/tell:.*\n/, '').replace('[tell.sent]', 'triage'))
  expect(changes[0]).toMatchObject({ kind: 'removed', step: 'tell', sentence: { en: '“Tell” is no longer there.' } })
  expect(picture.nodes.map(({ id, change }) => [id, change])).toEqual([
    ['triage', null],
    ['over', 'changed'],
    ['tell', 'removed'],
  ])
})

test('a message’s text is told by language and part', () => {
  const definition = read(sourceOf(base))
  const said = (text: string) => ({ en: text, fr: text })
  const template = { template: 'hello', subject: said('Hi'), body: said('Hi'), sms: said('Hi') }
  const { changes } = compareDefinitions(
    { definition, templates: [template] },
    { definition, templates: [{ ...template, sms: { en: 'Hello', fr: 'Hi' } }] },
    roles,
  )
  expect(changes.map(({ sentence }) => sentence.en)).toEqual([
    'The message hello now says in English (SMS): “Hello” instead of “Hi”.',
  ])
})

const library = new URL('../../../library/', import.meta.url)
const files = ['pathways', 'catalogue'].flatMap((folder) =>
  readdirSync(new URL(folder, library)).map((file) => `${folder}/${file}`),
)

/** Every definition that differs from this one in one leaf, or lacks one element, and still has the shape of a pathway. */
function* altered(definition: Definition): Generator<{ at: string; altered: Definition }> {
  const places: (string | number)[][] = []
  const walk = (value: unknown, path: (string | number)[]): void => {
    if (path.length > 0) places.push(path)
    if (Array.isArray(value)) for (const [index, one] of value.entries()) walk(one, [...path, index])
    else if (typeof value === 'object' && value !== null)
      for (const [key, one] of Object.entries(value)) walk(one, [...path, key])
  }
  walk(definition, [])
  for (const path of places)
    for (const how of ['change', 'remove'] as const) {
      const copy = structuredClone(definition) as unknown as Record<string | number, unknown>
      let parent = copy
      for (const key of path.slice(0, -1)) parent = parent[key] as typeof parent
      const last = path.at(-1) ?? ''
      const value = parent[last]
      if (how === 'remove' && Array.isArray(parent)) parent.splice(Number(last), 1)
      else if (how === 'remove') delete parent[last]
      else if (typeof value === 'number') parent[last] = value + 1
      else if (typeof value === 'boolean') parent[last] = !value
      else if (typeof value === 'string') parent[last] = /^\d/.test(value) ? value.replace(/^\d+/, '7') : `${value}x`
      else continue
      const checked = definitionSchema.safeParse(copy)
      if (checked.success && JSON.stringify(checked.data) !== JSON.stringify(definition))
        yield { at: `${path.join('.')} ${how}`, altered: checked.data }
    }
}

test.each(files)('nothing in %s can be changed without a sentence that says so', (file) => {
  const definition = read(readFileSync(new URL(file, library), 'utf8'))
  const silent: string[] = []
  let tried = 0
  for (const { at, altered: other } of altered(definition)) {
    tried += 1
    // A draft keeps its pathway's name; and a title taken away is no change where the step's kind has the same one.
    if (other.pathway !== definition.pathway || at.endsWith('.title remove')) continue
    if (compare(definition, other).changes.length === 0) silent.push(at)
  }
  expect(silent).toEqual([])
  expect(tried).toBeGreaterThan(30)
})
