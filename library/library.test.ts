import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import elementTypes from '../src/expressions/generated/element-types.json' with { type: 'json' }
import { checkQuestionnaire } from '../src/forms/index.ts'
import { branchesOf, checkSource, checkTemplate, compile, outcomesOf, outcomeTitle, stepsOf, readLibrary, readScenario, runScenario } from '../src/pathways/index.ts'
import { readAutomation } from '../src/release/index.ts'

const folder = new URL('.', import.meta.url).pathname
const files = Object.fromEntries(
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.yaml')).map((path) => [path, readFileSync(folder + path, 'utf8')]),
)
const library = readLibrary(files)
const table = elementTypes.types as unknown as Record<string, Record<string, string>>
const kinds = [...(files['ontology/kinds.yaml'] ?? '').matchAll(/^- id: (.+)$/gm)].map(([, id = '']) => id)
const automations = library.automations.map(({ source }) => /^automation: (.+)$/m.exec(source)?.[1] ?? '')
const surroundings = { kinds, roles: library.roles.map((role) => role.id), templates: library.templates, channels: ['sms', 'email'], forms: library.forms.map((form) => form.url), automations, table }
const pathways = [...library.pathways, ...library.catalogue].map(({ file, source }) => ({ file, ...checkSource(source, surroundings) }))
const covered = new Set<string>()

test.each(pathways)('$file has nothing the checker objects to', ({ findings }) => {
  expect(findings).toEqual([])
})

test.each(library.automations)('the checker has nothing to say against $file', ({ source }) => {
  expect(readAutomation(source, 1, surroundings).findings).toEqual([])
})

test.each(library.forms)('the form $id is in order and speaks both languages', (form) => {
  expect(checkQuestionnaire(form)).toEqual([])
})

test.each(library.templates)('the message $template speaks both languages and names nobody in its subject', (template) => {
  expect(checkTemplate(template)).toEqual([])
})

test.each(library.scenarios.map(({ file, source }) => ({ file, scenario: readScenario(source) })))('$file: $scenario.scenario', ({ scenario }) => {
  const definition = pathways.find((one) => one.definition?.pathway === scenario.pathway)?.definition
  if (!definition) throw new Error(`no pathway ${scenario.pathway}`)
  const report = runScenario(compile(definition, 1, table).pathway, scenario, library.calendar)
  expect(report.failures).toEqual([])
  for (const branch of [...report.steps, ...report.outcomes]) covered.add(`${scenario.pathway}/${branch}`)
})

test.each(pathways)('the scenarios go through every step and every branch of $file', ({ definition }) => {
  if (!definition) throw new Error('it is in order')
  const { pathway } = compile(definition, 1, table)
  expect(branchesOf(pathway).filter((branch) => !covered.has(`${pathway.id}/${branch}`))).toEqual([])
})

test.each(pathways)('every way that a step of $file can end has words in French', ({ definition }) => {
  if (!definition) throw new Error('it is in order')
  const bare = stepsOf(definition).flatMap(({ id, step }) =>
    outcomesOf(step).flatMap((code) =>
      outcomeTitle(code, step, 'fr') === code.replaceAll('-', ' ') && !['normal'].includes(code) ? [`${id}.${code}`] : [],
    ),
  )
  expect(bare).toEqual([])
})
