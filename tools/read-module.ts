import { type ESTree, parseSync, Visitor } from 'vite'

/** What the room checker wants to know of one module, read from its syntax tree, so that prose is never taken for code. */
export interface ModuleFacts {
  imports: Import[]
  /** Every string and template in it; what a template puts in stands as `?`. */
  texts: string[]
  /** Where it asks for the current time or for randomness: `Date.now`, `new Date()`, … */
  clockwork: string[]
  /** What made it unreadable: a parser's error, an import whose target is computed. */
  unread: string[]
}

export interface Import {
  from: string
  typeOnly: boolean
}

const clocks: Readonly<Record<string, RegExp>> = {
  Date: /^now$/,
  Math: /^random$/,
  performance: /^(?:now|timeOrigin)$/,
  crypto: /^(?:random|getRandomValues|pseudoRandom)/,
  webcrypto: /^(?:random|getRandomValues)/,
  process: /^hrtime$/,
  Temporal: /^Now$/,
}

// The checker's tests hold the same tree against the plan many times, with one module changed: each text is read once.
const read = new Map<string, ModuleFacts>()

/** Reads one module: static, dynamic and type imports, re-exports, workers by `new URL(…, import.meta.url)`. */
export function readModule(file: string, source: string): ModuleFacts {
  const known = read.get(source)
  if (known) return known
  const facts = factsOf(file, source)
  read.set(source, facts)
  return facts
}

function factsOf(file: string, source: string): ModuleFacts {
  const facts: ModuleFacts = { imports: [], texts: [], clockwork: [], unread: [] }
  const parsed = parseSync(file, source, { lang: file.endsWith('x') ? 'tsx' : 'ts' })
  for (const error of parsed.errors) facts.unread.push(error.message)
  const add = (from: string, typeOnly: boolean) => facts.imports.push({ from, typeOnly })
  const addFrom = (node: ESTree.Node, typeOnly: boolean) => {
    const from = plainText(node)
    if (from === undefined) facts.unread.push('an import whose target is computed')
    else add(from, typeOnly)
  }
  new Visitor({
    ImportDeclaration(node) {
      add(node.source.value, node.importKind === 'type' || allTypes(node.specifiers))
      if (!/^(?:node:)?crypto$/.test(node.source.value)) return
      for (const one of node.specifiers) {
        const name = one.type === 'ImportSpecifier' && one.imported.type === 'Identifier' ? one.imported.name : ''
        if (clocks['crypto']?.test(name)) facts.clockwork.push(`crypto.${name}`)
      }
    },
    ExportAllDeclaration: (node) => {
      add(node.source.value, node.exportKind === 'type')
    },
    ExportNamedDeclaration(node) {
      const types = node.specifiers.length > 0 && node.specifiers.every((one) => one.exportKind === 'type')
      if (node.source) add(node.source.value, node.exportKind === 'type' || types)
    },
    ImportExpression: (node) => addFrom(node.source, false),
    TSImportType: (node) => addFrom(node.source, true),
    CallExpression(node) {
      const [first] = node.arguments
      if (first && nameOf(node.callee) === 'require') addFrom(first, false)
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date') facts.clockwork.push('Date()')
    },
    NewExpression(node) {
      const [first, second] = node.arguments
      if (nameOf(node.callee) === 'Date' && first === undefined) facts.clockwork.push('new Date()')
      if (nameOf(node.callee) !== 'URL' || !first || second?.type !== 'MemberExpression') return
      const target = plainText(first)
      if (target !== undefined && /^\.{1,2}\/.*\.tsx?$/.test(target)) add(target, false)
    },
    MemberExpression(node) {
      const owner = nameOf(node.object)
      const member = nameOf(node)
      if (owner !== undefined && member !== undefined && Object.hasOwn(clocks, owner) && clocks[owner]?.test(member))
        facts.clockwork.push(`${owner}.${member}`)
    },
    Literal(node) {
      if (typeof node.value === 'string') facts.texts.push(node.value)
    },
    TemplateLiteral(node) {
      facts.texts.push(node.quasis.map((part) => part.value.cooked ?? part.value.raw).join('?'))
    },
  }).visit(parsed.program)
  return facts
}

const allTypes = (specifiers: readonly ESTree.ImportDeclarationSpecifier[]): boolean =>
  specifiers.length > 0 && specifiers.every((one) => one.type === 'ImportSpecifier' && one.importKind === 'type')

/** The last name of `a.b.c`, `a['c']` or `c`. */
function nameOf(node: ESTree.Node): string | undefined {
  if (node.type === 'Identifier') return node.name
  if (node.type === 'MemberExpression') return node.computed ? plainText(node.property) : nameOf(node.property)
  return undefined
}

function plainText(node: ESTree.Node): string | undefined {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined
  if (node.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0]?.value.cooked ?? undefined
  return undefined
}
