import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { libraryFolder } from './load-library.ts'
import { runScenariosOf } from './run-scenarios.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-scenarios-'))
  await cp(libraryFolder, folder, { recursive: true })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const run = async (...more: string[]) => {
  let said = ''
  const code = await runScenariosOf([folder, ...more], (text) => {
    said += text
  })
  return { code, said }
}
/** Changes a file of the folder for as long as `work` takes. */
const changed = async <T>(file: string, change: (text: string) => string, work: () => Promise<T>): Promise<T> => {
  const path = join(folder, file)
  const text = await readFile(path, 'utf8')
  await writeFile(path, change(text))
  try {
    return await work()
  } finally {
    await writeFile(path, text)
  }
}

test('the scenarios of a whole folder pass, and coverage may be asked for', async () => {
  const { code, said } = await run('--coverage', 'required')
  expect(said).toContain('✓ diabetes-recall: 6 of 6 scenarios pass')
  expect(code).toBe(0)
})

test('a scenario that expects something else fails the run with its name, its line and what was found', async () => {
  const { code, said } = await changed(
    'scenarios/diabetes-good.yaml',
    (text) => text.replace('in-control', 'forgotten'),
    () => run(),
  )
  expect(said).toContain('diabetes-good, entry 3: outcome should be "forgotten" and is "in-control"')
  expect(code).toBe(1)
})

test('a branch that no scenario goes through is told, and fails the run only when that is asked for', async () => {
  const leave = () => '{scenario: nothing, pathway: diabetes-recall, lines: [{at: 2026-03-02 09:00}]}'
  const [told, required] = await changed('scenarios/diabetes-declined.yaml', leave, async () => [
    await run(),
    await run('--coverage', 'required'),
  ])
  expect(told.said).toContain('left out: ')
  expect([told.code, required.code]).toEqual([0, 1])
})

test('a scenario about no pathway of the folder is not passed over in silence', async () => {
  const { code, said } = await changed(
    'scenarios/diabetes-good.yaml',
    (text) => text.replace('pathway: diabetes-recall', 'pathway: elsewhere'),
    () => run(),
  )
  expect(said).toContain('✗ scenarios/diabetes-good.yaml is about none of these pathways')
  expect(code).toBe(1)
})
