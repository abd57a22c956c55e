import { type Import, type ModuleFacts, readModule } from './read-module.ts'
import {
  clockHomes,
  consoleMayImport,
  everybodys,
  faceless,
  floors,
  grants,
  migrationOwners,
  narrow,
  packageOwners,
  typesForAll,
} from './rooms.ts'

/** A breach of the plan. */
export interface Breach {
  file: string
  rule: Rule
  what: string
}

export type Rule =
  | 'face'
  | 'floor'
  | 'sibling'
  | 'browser'
  | 'package'
  | 'table'
  | 'grant'
  | 'clock'
  | 'console'
  | 'furniture'
  | 'unseen'

const roomOf = (file: string): string | undefined => /^src\/([^/]+)\//.exec(file)?.[1]
const isTest = (file: string): boolean => /\.test\.tsx?$/.test(file)
const isModule = (file: string): boolean => /\.tsx?$/.test(file)
const isGeneratedData = (file: string): boolean => /\/generated\/[^/]+\.json$/.test(file)

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
  const modules = Object.keys(files).filter(isModule)
  if (modules.length < expected)
    breaches.push({ file: '', rule: 'unseen', what: `${modules.length} modules seen of ${expected}` })
  const owners = tableOwners(files, breaches)
  const used = new Set<string>()
  for (const file of modules) {
    const room = roomOf(file)
    const facts = readModule(file, files[file] ?? '')
    for (const what of facts.unread) breaches.push({ file, rule: 'unseen', what })
    if (room !== undefined && !(room in floors))
      breaches.push({ file, rule: 'furniture', what: `the plan has no room ${room}` })
    else if (file.startsWith('console/')) checkConsole(file, facts, breaches)
    else if (room === undefined || isTest(file)) checkGuest(file, facts, breaches)
    else {
      for (const one of facts.imports) checkImport(file, room, one, breaches)
      checkTables(file, room, facts.texts, { owners, used }, breaches)
      checkClock(file, facts, breaches)
    }
  }
  checkGrants(used, breaches)
  checkFurniture(files, modules, breaches)
  return breaches
}

const isFace = (target: string): boolean => {
  const room = roomOf(target)
  return room === undefined || faceless.includes(room) || target === `src/${room}/index.ts` || isGeneratedData(target)
}

function checkImport(file: string, room: string, one: Import, breaches: Breach[]): void {
  const breach = (rule: Rule, what: string) => breaches.push({ file, rule, what })
  if (!one.from.startsWith('.')) {
    checkPackage(file, room, one, breaches)
    return
  }
  const target = resolve(file, one.from)
  const other = roomOf(target)
  if (other === room) return
  if (other === undefined) {
    if (isModule(target)) breach('floor', `${target} stands outside the house`)
    return
  }
  const [here, there] = [floors[room], floors[other]]
  if (there === undefined) breach('furniture', `the plan has no room ${other}`)
  if (here === undefined || there === undefined) return
  if (there > here) breach('floor', `${other} is above ${room}`)
  else if (there === here) breach('sibling', `${other} is on the same floor as ${room}`)
  else if (!isFace(target)) breach('face', `${target} is not the face of ${other}`)
  const allowed = narrow[room]
  if (allowed === undefined || there >= here) return
  if (!allowed.includes(other)) breach('browser', `${room} runs in a browser and may not import ${other}`)
  else if (other === 'kernel' && !one.typeOnly)
    breach('browser', `${room} runs in a browser and may import types only from kernel`)
}

function checkPackage(file: string, room: string, one: Import, breaches: Breach[]): void {
  if (one.from.startsWith('node:')) {
    if (room === 'console' || room in narrow)
      breaches.push({ file, rule: 'browser', what: `${room} runs in a browser, which has no ${one.from}` })
    return
  }
  const name = one.from
    .split('/')
    .slice(0, one.from.startsWith('@') ? 2 : 1)
    .join('/')
  if (everybodys.includes(name) || (one.typeOnly && typesForAll.includes(name))) return
  const owner = packageOwners[name]
  if (owner === undefined) breaches.push({ file, rule: 'package', what: `${name} has no owner` })
  else if (owner !== room) breaches.push({ file, rule: 'package', what: `${name} belongs to ${owner}` })
}

function checkConsole(file: string, facts: ModuleFacts, breaches: Breach[]): void {
  // How it is built and how it is tested is not what runs in the browser.
  if (isTest(file) || file === 'console/vite.config.ts') return
  for (const one of facts.imports) {
    if (!one.from.startsWith('.')) {
      checkPackage(file, 'console', one, breaches)
      continue
    }
    const target = resolve(file, one.from)
    const room = roomOf(target)
    if (room !== undefined && (!consoleMayImport.includes(room) || target !== `src/${room}/index.ts`))
      breaches.push({ file, rule: 'console', what: `${target} is not for the console` })
    if (room === undefined && !target.startsWith('console/'))
      breaches.push({ file, rule: 'console', what: `${target} is outside the console` })
  }
  checkClock(file, facts, breaches)
}

/** Tests, benches and tools come as guests: they may enter every room, by its face. */
function checkGuest(file: string, facts: ModuleFacts, breaches: Breach[]): void {
  for (const one of facts.imports) {
    if (!one.from.startsWith('.')) continue
    const target = resolve(file, one.from)
    if (roomOf(target) !== roomOf(file) && !isFace(target))
      breaches.push({ file, rule: 'face', what: `${target} is not the face of ${roomOf(target)}` })
  }
}

function checkClock(file: string, facts: ModuleFacts, breaches: Breach[]): void {
  if (clockHomes.some((home) => home.test(file))) return
  for (const found of new Set(facts.clockwork))
    breaches.push({ file, rule: 'clock', what: `${found} belongs to the clock` })
}

function tableOwners(files: Readonly<Record<string, string>>, breaches: Breach[]): Map<string, string> {
  const owners = new Map<string, string>()
  for (const [file, text] of Object.entries(files)) {
    const number = /^migrations\/(\d{4})_.*\.sql$/.exec(file)?.[1]
    if (number === undefined) continue
    const owner = migrationOwners[number]
    if (owner === undefined) breaches.push({ file, rule: 'furniture', what: 'no room owns this migration' })
    for (const [, table] of text.matchAll(
      /^\s*create (?:unlogged )?table (?:if not exists )?(?:throughline\.)?(\w+)/gim,
    ))
      if (table !== undefined) owners.set(table, owner ?? 'nobody')
  }
  return owners
}

// The tables after from, join or using, also several after one comma each; and after each verb that writes.
const statement =
  /\b(?:(insert\s+into|merge\s+into|update(?:\s+only)?|delete\s+from|truncate(?:\s+table)?|lock\s+table|copy)|from|join|using)\s+(?:only\s+|lateral\s+)?("?[\w.]+"?(?:(?:\s+(?:as\s+)?\w+)?\s*,\s*"?[\w.]+"?)*)/gi

interface Tables {
  owners: ReadonlyMap<string, string>
  used: Set<string>
}

function checkTables(file: string, room: string, texts: readonly string[], tables: Tables, breaches: Breach[]): void {
  const found = new Set<string>()
  for (const text of texts) {
    const bare = text.replace(/--[^\n]*/g, '')
    for (const [, writing, names = ''] of bare.matchAll(statement)) {
      for (const name of names.split(',')) {
        const table = /^"?(?:throughline\.)?"?(\w+)/.exec(name.trim())?.[1]?.toLowerCase() ?? ''
        const owner = tables.owners.get(table)
        if (owner === undefined || owner === room) continue
        const may = writing === undefined ? 'read' : 'write'
        const grant = grants.find((one) => one.room === room && one.may === may && one.tables.includes(table))
        if (grant) tables.used.add(`${room} ${may} ${table}`)
        else found.add(`${may}s ${table}, which belongs to ${owner}`)
      }
    }
  }
  for (const what of found) breaches.push({ file, rule: 'table', what })
}

function checkGrants(used: ReadonlySet<string>, breaches: Breach[]): void {
  for (const { room, may, tables } of grants)
    for (const table of tables)
      if (!used.has(`${room} ${may} ${table}`))
        breaches.push({ file: 'tools/rooms.ts', rule: 'grant', what: `${room} does not ${may} ${table} any more` })
}

function checkFurniture(files: Readonly<Record<string, string>>, modules: readonly string[], breaches: Breach[]): void {
  for (const room of new Set(modules.flatMap((file) => roomOf(file) ?? []))) {
    for (const piece of ['index.ts', 'README.md']) {
      if (piece === 'index.ts' && faceless.includes(room)) continue
      if (!(`src/${room}/${piece}` in files))
        breaches.push({ file: `src/${room}`, rule: 'furniture', what: `has no ${piece}` })
    }
  }
}
