import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { hazardsOf, readHazards } from './hazards.ts'

const root = new URL('../../../', import.meta.url).pathname
const files = readdirSync(`${root}library/safety`).map((name) => ({
  name,
  ...readHazards(readFileSync(`${root}library/safety/${name}`, 'utf8')),
}))

test('every test that a hazard’s control names is there, under that name', () => {
  let named = 0
  for (const { hazards } of files)
    for (const { id, controls } of hazards)
      for (const { tests } of controls)
        for (const { file, test: name } of tests) {
          named += 1
          expect(existsSync(root + file), `${id}: ${file}`).toBe(true)
          const text = readFileSync(root + file, 'utf8')
          expect(text.includes(`test('${name}'`) || text.includes(`test("${name}"`), `${id}: ${file}: ${name}`).toBe(
            true,
          )
        }
  expect(named).toBeGreaterThan(12)
})

test('every automation of the library has hazards of its own, before those that all have', () => {
  for (const file of readdirSync(`${root}library/automations`)) {
    const automation = file.replace('.yaml', '')
    const own = files.find((one) => one.automation === automation)
    expect(own, automation).toBeDefined()
    const all = hazardsOf(files, automation)
    expect(all.slice(0, own?.hazards.length)).toEqual(own?.hazards)
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  }
})

test('a hazard without a control, or a control without a test, is refused', () => {
  const source = readFileSync(`${root}library/safety/no-show-risk.yaml`, 'utf8')
  expect(() => readHazards(source.replace(/tests:\n\s+- \{file.*\n/, 'tests: []\n'))).toThrow('tests')
  expect(() => readHazards(source.replace(/^ {4}residual:.*$/m, ''))).toThrow('residual')
})
