import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkRooms, type Rule } from './check-rooms.ts'
import { readModule } from './read-module.ts'
import { everybodys, packageOwners } from './rooms.ts'

const root = new URL('../', import.meta.url).pathname
const paths = globSync(
  ['{src,console,testkit,bench,e2e,library,tools}/**/*.{ts,tsx}', 'src/**/*.md', 'migrations/*.sql'],
  { cwd: root, exclude: (path) => /(?:^|\/)(?:dist[^/]*|node_modules)(?:\/|$)/.test(path) },
)
const tree = Object.fromEntries(paths.map((path) => [path, readFileSync(root + path, 'utf8')]))
const modules = paths.filter((path) => /\.tsx?$/.test(path)).length

test('the house stands as planned', () => {
  expect(modules).toBeGreaterThan(200)
  expect(checkRooms(tree, modules)).toEqual([])
})

/** Plants a line in a module of the real tree, and gives what the checker finds, and where. */
const planted = (file: string, line: string): string[] =>
  checkRooms({ ...tree, [file]: `${line}\n${tree[file] ?? ''}` }, modules).map((one) => `${one.rule} ${one.file}`)

test.each<[Rule, string, string]>([
  ['face', 'src/work/list-work.ts', `import { writeBatch } from '../fhir/write-batch.ts'`],
  ['face', 'src/work/list-work.ts', `import type { Write } from '../fhir/write-batch.ts'`],
  ['face', 'src/work/list-work.ts', `const x = await import('../fhir/write-batch.ts')`],
  ['face', 'src/work/list-work.ts', 'const x = await import(`../fhir/write-batch.ts`)'],
  ['face', 'src/work/list-work.ts', `type X = import('../fhir/write-batch.ts').Write`],
  ['face', 'src/work/list-work.ts', `export * from '../fhir/write-batch.ts'`],
  ['face', 'src/work/list-work.ts', `const x = new Worker(new URL('../fhir/write-batch.ts', import.meta.url))`],
  ['face', 'src/main/spine.db.test.ts', `import { writeBatch } from '../fhir/write-batch.ts'`],
  ['face', 'testkit/house.ts', `import { writeBatch } from '../src/fhir/write-batch.ts'`],
  ['floor', 'src/fhir/record.ts', `import { readLog } from '../journeys/index.ts'`],
  ['floor', 'src/fhir/record.ts', `export type { Runtime } from '../journeys/index.ts'`],
  ['floor', 'src/http/server.ts', `import { compose } from '../main/compose.ts'`],
  ['floor', 'src/fhir/record.ts', `import { createHouse } from '../../testkit/house.ts'`],
  ['sibling', 'src/work/list-work.ts', `import { messageProjection } from '../engagement/index.ts'`],
  ['sibling', 'src/jobs/jobs.ts', `import { writeAudit } from '../audit/index.ts'`],
  ['browser', 'src/pathways/engine.ts', `import { newId } from '../kernel/index.ts'`],
  ['browser', 'src/pathways/engine.ts', `import type { Tx } from '../db/index.ts'`],
  ['browser', 'src/pathways/engine.ts', `import { readFileSync } from 'node:fs'`],
  ['package', 'src/work/list-work.ts', `import pg from 'pg'`],
  ['package', 'src/work/list-work.ts', `import type { Pool } from 'pg'`],
  ['package', 'src/work/list-work.ts', `const x = require('pg')`],
  ['package', 'src/work/list-work.ts', `import leftPad from 'left-pad'`],
  ['package', 'src/work/list-work.ts', `import { anything } from '@medplum/fhirtypes'`],
  ['package', 'console/main.tsx', `import { parse } from 'yaml'`],
  ['package', 'src/http/server.ts', `import { useState } from 'react'`],
  ['table', 'src/work/list-work.ts', 'const text = `select id from fhir_resource where tenant_id = $1`'],
  ['table', 'src/work/list-work.ts', 'const text = `SELECT 1 FROM work_item w, fhir_token t`'],
  ['table', 'src/work/list-work.ts', `const text = 'delete from throughline.audit_event'`],
  ['table', 'src/work/list-work.ts', `const text = 'insert into job (id) values ($1)'`],
  ['table', 'src/desk/board.ts', 'const text = `update journey set stage = $2 where tenant_id = $1`'],
  ['table', 'src/desk/board.ts', 'const text = `select 1 from journey join fhir_resource r on true`'],
  ['clock', 'src/work/list-work.ts', 'const now = Date.now()'],
  ['clock', 'src/work/list-work.ts', 'const read = Date.now'],
  ['clock', 'src/pathways/move.ts', 'const now = new Date()'],
  ['clock', 'src/pathways/move.ts', 'const began = performance.now()'],
  ['clock', 'src/journeys/runtime.ts', 'const dice = Math.random()'],
  ['clock', 'src/journeys/runtime.ts', 'const id = globalThis.crypto.randomUUID()'],
  ['clock', 'src/journeys/runtime.ts', `import { randomUUID as next } from 'node:crypto'`],
  ['clock', 'console/main.tsx', 'const now = Date.now()'],
  ['console', 'console/main.tsx', `import { compose } from '../src/main/compose.ts'`],
  ['console', 'console/main.tsx', `import type { Tx } from '../src/db/index.ts'`],
  ['console', 'console/main.tsx', `import { advance } from '../src/pathways/engine.ts'`],
  ['console', 'console/main.tsx', `import { createHouse } from '../testkit/house.ts'`],
  ['furniture', 'src/work/list-work.ts', `import { x } from '../attic/index.ts'`],
  ['unseen', 'src/work/list-work.ts', 'const x = await import(somewhere)'],
  ['unseen', 'src/work/list-work.ts', 'const = 1'],
])('a breach of the rule "%s" planted in %s is found: %s', (rule, file, line) => {
  expect(planted(file, line)).toEqual([`${rule} ${file}`])
})

test.each([
  ['src/work/list-work.ts', `// import pg from 'pg', and ask Date.now()`],
  ['src/work/list-work.ts', `const words = "import pg from 'pg'"`],
  ['src/work/list-work.ts', `import type { Task } from '@medplum/fhirtypes'`],
  ['src/work/list-work.ts', `import { type Task, type Patient } from '@medplum/fhirtypes'`],
  ['src/work/list-work.ts', `import { z } from 'zod'`],
  ['src/work/list-work.ts', 'const then = new Date(0)'],
  ['src/work/list-work.ts', 'const text = `select 1 -- from fhir_resource`'],
  ['src/work/work.test.ts', 'const now = Date.now()'],
  ['src/kernel/clock.ts', 'const now = Date.now()'],
])('what is no breach is let be: in %s, %s', (file, line) => {
  const found = checkRooms({ ...tree, [file]: `${line}\n${tree[file] ?? ''}` }, modules)
  expect(found).toEqual([])
})

const without = (...gone: string[]) => Object.fromEntries(Object.entries(tree).filter(([file]) => !gone.includes(file)))

test('a room without its README or its face is found', () => {
  const found = checkRooms(without('src/work/README.md', 'src/work/index.ts'), modules - 1)
  expect(found).toEqual([
    { file: 'src/work', rule: 'furniture', what: 'has no index.ts' },
    { file: 'src/work', rule: 'furniture', what: 'has no README.md' },
  ])
})

test('a room that the plan does not know, and a migration that no room owns, are found', () => {
  const found = checkRooms(
    { ...tree, 'src/attic/index.ts': '', 'src/attic/README.md': '', 'migrations/0999_attic.sql': '' },
    modules,
  )
  expect(found).toEqual([
    { file: 'migrations/0999_attic.sql', rule: 'furniture', what: 'no room owns this migration' },
    { file: 'src/attic/index.ts', rule: 'furniture', what: 'the plan has no room attic' },
  ])
})

test('a grant that nobody uses any more is found', () => {
  const { 'src/identity/set-up.ts': setUp = '' } = tree
  const found = checkRooms(
    { ...tree, 'src/identity/set-up.ts': setUp.replaceAll(/into tenant/g, 'into account') },
    modules,
  )
  expect(found).toEqual([{ file: 'tools/rooms.ts', rule: 'grant', what: 'identity does not write tenant any more' }])
})

test('a checker that sees fewer modules than there are says so', () => {
  expect(checkRooms(without('src/work/list-work.ts'), modules)).toEqual([
    { file: '', rule: 'unseen', what: `${modules - 1} modules seen of ${modules}` },
  ])
})

test('every package that the program needs has an owner', () => {
  const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(`${root}package.json`, 'utf8'),
  )
  expect(Object.keys(dependencies).sort()).toEqual([...Object.keys(packageOwners), ...everybodys].sort())
})

test('a module is read as its syntax says', () => {
  const source = "import a, { type B } from 'a'\nimport { type C } from 'c'\nimport 'd'\nconst e = `from ${a} x`\n"
  expect(readModule('x.ts', source)).toEqual({
    imports: [
      { from: 'a', typeOnly: false },
      { from: 'c', typeOnly: true },
      { from: 'd', typeOnly: false },
    ],
    texts: ['a', 'c', 'd', 'from ? x'],
    clockwork: [],
    unread: [],
  })
})
