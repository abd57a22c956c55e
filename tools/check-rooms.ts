import {
  consoleMayImport,
  everybodys,
  floors,
  migrationOwners,
  narrow,
  packageOwners,
  readGrants,
  writeGrants,
} from './rooms.ts'

/** A breach of the plan. */
export interface Breach {
  file: string
  rule: 'face' | 'floor' | 'sibling' | 'browser' | 'package' | 'table' | 'clock' | 'console' | 'furniture' | 'unseen'
  what: string
}

interface Import {
  from: string
  typeOnly: boolean
}

const importPattern =
  /(?:^|\n)\s*(import|export)\s+(type\s+)?([^'"`;]*?from\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g

/** Every import of a module: static, re-exported, dynamic. Comments are taken out first, so that prose is not read as code. */
export function importsOf(source: string): Import[] {
  const bare = withoutComments(source)
  return [...bare.matchAll(importPattern)].flatMap(([, word, type, clause, from, dynamic]): Import[] => {
    if (dynamic !== undefined) return [{ from: dynamic, typeOnly: false }]
    if (from === undefined || (word === 'export' && clause === undefined)) return []
    const names = /\{([^}]*)\}/.exec(clause ?? '')?.[1]
    const allTypes =
      names !== undefined &&
      names.trim() !== '' &&
      names.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type '))
    const onlyNames = /^\s*\{/.test(clause ?? '')
    return [{ from, typeOnly: type !== undefined || (allTypes && onlyNames) }]
  })
}

const withoutComments = (source: string): string =>
  source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/[^\n]*/g, '$1')

const roomOf = (file: string): string | undefined => /^src\/([^/]+)\//.exec(file)?.[1]
const isTest = (file: string): boolean => /\.test\.tsx?$/.test(file)

function resolve(file: string, from: string): string {
  const parts = file.split('/').slice(0, -1)
  for (const part of from.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

/**
 * Holds a tree against the plan. `files`: every module's path from the root and its text, and the migrations and READMEs.
 * `expected`: how many modules the disk holds; seeing fewer is a breach of its own, so that the checker cannot go blind.
 */
export function checkRooms(files: Readonly<Record<string, string>>, expected: number): Breach[] {
  const breaches: Breach[] = []
  const modules = Object.keys(files).filter((file) => /\.tsx?$/.test(file))
  if (modules.length < expected)
    breaches.push({ file: '', rule: 'unseen', what: `${modules.length} modules seen of ${expected}` })
  const owners = tableOwners(files)
  for (const file of modules) {
    const source = files[file] ?? ''
    const room = roomOf(file)
    if (file.startsWith('console/')) checkConsole(file, source, breaches)
    if (room === undefined || isTest(file)) continue
    if (!(room in floors)) breaches.push({ file, rule: 'furniture', what: `the plan has no room ${room}` })
    for (const one of importsOf(source)) checkImport(file, room, one, breaches)
    checkTables(file, room, source, owners, breaches)
    checkClock(file, room, source, breaches)
  }
  checkFurniture(files, modules, breaches)
  return breaches
}

function checkImport(file: string, room: string, one: Import, breaches: Breach[]): void {
  const breach = (rule: Breach['rule'], what: string) => breaches.push({ file, rule, what })
  if (!one.from.startsWith('.')) {
    if (one.typeOnly || one.from.startsWith('node:') || everybodys.includes(one.from)) return
    const name = one.from
      .split('/')
      .slice(0, one.from.startsWith('@') ? 2 : 1)
      .join('/')
    const owner = packageOwners[name]
    if (owner !== room)
      breach('package', owner === undefined ? `${name} has no owner room` : `${name} belongs to ${owner}`)
    return
  }
  const target = resolve(file, one.from)
  const other = roomOf(target)
  if (other === undefined || other === room) return
  const data = /\/generated\/[^/]+\.json$/.test(target)
  if (!data && target !== `src/${other}/index.ts`) breach('face', `${target} is not the face of ${other}`)
  const [here, there] = [floors[room], floors[other]]
  if (here === undefined || there === undefined) return
  if (there > here) breach('floor', `${other} is above ${room}`)
  if (there === here) breach('sibling', `${other} is on the same floor as ${room}`)
  const allowed = narrow[room]
  if (allowed && !allowed.includes(other)) breach('browser', `${room} runs in a browser and may not import ${other}`)
  if (allowed && other === 'kernel' && !one.typeOnly)
    breach('browser', `${room} runs in a browser and may import types only from kernel`)
}

function checkConsole(file: string, source: string, breaches: Breach[]): void {
  for (const { from } of importsOf(source)) {
    if (!from.startsWith('.')) continue
    const target = resolve(file, from)
    const room = roomOf(target)
    if (room !== undefined && (!consoleMayImport.includes(room) || target !== `src/${room}/index.ts`))
      breaches.push({ file, rule: 'console', what: `${target} is not for the console` })
    if (room === undefined && !target.startsWith('console/'))
      breaches.push({ file, rule: 'console', what: `${target} is outside the console` })
  }
}

function tableOwners(files: Readonly<Record<string, string>>): Map<string, string> {
  const owners = new Map<string, string>()
  for (const [file, text] of Object.entries(files)) {
    const number = /^migrations\/(\d{4})_.*\.sql$/.exec(file)?.[1]
    if (number === undefined) continue
    for (const [, table] of text.matchAll(/^create table (?:if not exists )?(?:throughline\.)?(\w+)/gm))
      if (table) owners.set(table, migrationOwners[number] ?? `nobody (${file})`)
  }
  return owners
}

const statement = /\b(?:(from|join|using)|(insert into|update|delete from|truncate))\s+(?:throughline\.)?([a-z_]+)\b/g

function checkTables(
  file: string,
  room: string,
  source: string,
  owners: Map<string, string>,
  breaches: Breach[],
): void {
  for (const [, reading, writing, table = ''] of withoutComments(source).matchAll(statement)) {
    const owner = owners.get(table)
    if (owner === undefined || owner === room) continue
    const granted = (reading ? readGrants : writeGrants)[room]?.includes(table) === true
    if (!granted)
      breaches.push({
        file,
        rule: 'table',
        what: `${writing ? 'writes' : 'reads'} ${table}, which belongs to ${owner}`,
      })
  }
}

const clockwork = /\bDate\.now\(|\bnew Date\(\s*\)|\bMath\.random\(|\bperformance\.now\(|\brandom(?:Bytes|UUID|Int)\(/

function checkClock(file: string, room: string, source: string, breaches: Breach[]): void {
  const found = clockwork.exec(withoutComments(source))
  if (found && room !== 'kernel') breaches.push({ file, rule: 'clock', what: `${found[0]} belongs to the kernel` })
}

function checkFurniture(files: Readonly<Record<string, string>>, modules: readonly string[], breaches: Breach[]): void {
  for (const room of new Set(modules.flatMap((file) => roomOf(file) ?? []))) {
    for (const piece of ['index.ts', 'README.md']) {
      // The composition root has no face: nobody imports it.
      if (piece === 'index.ts' && room === 'main') continue
      if (!(`src/${room}/${piece}` in files))
        breaches.push({ file: `src/${room}`, rule: 'furniture', what: `has no ${piece}` })
    }
  }
}
