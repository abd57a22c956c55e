import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Breach, checkRooms } from './check-rooms.ts'

const root = new URL('../', import.meta.url).pathname
const paths = globSync(['src/**/*.{ts,tsx,md}', 'console/**/*.{ts,tsx}', 'migrations/*.sql'], {
  cwd: root,
  exclude: (path) => path.includes('dist') || path.includes('node_modules'),
})
const tree = Object.fromEntries(paths.map((path) => [path, readFileSync(root + path, 'utf8')]))
const modules = paths.filter((path) => /\.tsx?$/.test(path)).length

test('the house stands as planned', () => {
  expect(modules).toBeGreaterThan(100)
  expect(checkRooms(tree, modules)).toEqual([])
})

/** Plants a line in a module of the real tree, and gives what the checker finds. */
const planted = (file: string, line: string): Breach['rule'][] =>
  checkRooms({ ...tree, [file]: `${line}\n${tree[file] ?? ''}` }, modules).map((breach) => breach.rule)

test.each<[Breach['rule'], string, string]>([
  ['face', 'src/work/list-work.ts', `import { writeBatch } from '../fhir/write-batch.ts'`],
  ['face', 'src/work/list-work.ts', `const x = await import('../fhir/write-batch.ts')`],
  ['floor', 'src/fhir/record.ts', `import { readLog } from '../journeys/index.ts'`],
  ['floor', 'src/fhir/record.ts', `export type { Runtime } from '../journeys/index.ts'`],
  ['sibling', 'src/work/list-work.ts', `import { messageProjection } from '../engagement/index.ts'`],
  ['browser', 'src/pathways/engine.ts', `import { newId } from '../kernel/index.ts'`],
  ['browser', 'src/pathways/engine.ts', `import type { Tx } from '../db/index.ts'`],
  ['package', 'src/work/list-work.ts', `import pg from 'pg'`],
  ['package', 'src/work/list-work.ts', `import leftPad from 'left-pad'`],
  ['table', 'src/work/list-work.ts', 'const text = `select id from fhir_resource where tenant_id = $1`'],
  ['table', 'src/desk/board.ts', 'const text = `update journey set stage = $2 where tenant_id = $1`'],
  ['clock', 'src/work/list-work.ts', 'const now = Date.now()'],
  ['clock', 'src/pathways/move.ts', 'const now = new Date()'],
  ['clock', 'src/journeys/runtime.ts', 'const dice = Math.random()'],
  ['console', 'console/api.ts', `import { compose } from '../src/main/compose.ts'`],
  ['console', 'console/api.ts', `import { advance } from '../src/pathways/engine.ts'`],
])('a breach of the rule "%s" planted in %s is found: %s', (rule, file, line) => {
  expect(planted(file, line)).toEqual([rule])
})

test('a room without its README or its face is found', () => {
  const { 'src/work/README.md': _readme, 'src/work/index.ts': _face, ...rest } = tree
  expect(checkRooms(rest, modules - 1).map((breach) => breach.rule)).toEqual(['furniture', 'furniture'])
})

test('a checker that sees fewer modules than there are says so', () => {
  const { 'src/work/list-work.ts': _unseen, ...rest } = tree
  expect(checkRooms(rest, modules).map((breach) => breach.rule)).toEqual(['unseen'])
})

test('what only stands in a comment is no import', () => {
  expect(planted('src/work/list-work.ts', `// import pg from 'pg'`)).toEqual([])
})
