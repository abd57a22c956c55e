import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import type { Design } from './design.ts'

const style = { lineWidth: 0, flowCollectionPadding: false } as const
/** A new map or list that fits into a line of this many characters is written in one. */
const widest = 110

type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** A design as its content stands in a source; undefined when the source is no YAML, or holds no tracks. */
export function readDesign(source: string): Design | undefined {
  const document = parseDocument(source, { prettyErrors: false, uniqueKeys: true })
  if (document.errors.length > 0) return undefined
  let content: unknown
  try {
    // Each alias with a copy of its own: what is changed in one place is not meant in the other.
    content = plain(document.toJS({ maxAliasCount: 50 }))
  } catch {
    return undefined
  }
  return looksLikeDesign(content) ? content : undefined
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Enough of a pathway to be drawn and worked on. What else is wrong with it is the checker's to say. */
function looksLikeDesign(content: unknown): content is Design {
  if (!isRecord(content) || !isRecord(content['tracks'])) return false
  if (!Array.isArray(content['stages']) || !content['stages'].every(isRecord)) return false
  if (!Array.isArray(content['starts']) || !content['starts'].every(isRecord)) return false
  return Object.values(content['tracks']).every(
    (track) => isRecord(track) && isRecord(track['steps']) && Object.values(track['steps']).every(isRecord),
  )
}

/**
 * The source with the design's content. What did not change stays as it was written, with its comments, its order and its
 * anchors; an alias whose meaning would change is written out. A source that holds the same already is given back as it is.
 */
export function writeDesign(source: string, design: Design): string {
  const wanted = plain(design)
  const document = parseDocument(source, { prettyErrors: false })
  if (document.errors.length > 0) throw new SyntaxError('the source is no YAML: it cannot be written into')
  const before = document.toJS() as Json
  if (same(before, wanted)) return source
  document.contents = merged(document, document.contents, before, wanted) as typeof document.contents
  // An anchor was written to: what refers to it is meant as it was, so everything is written out first.
  if (!same(document.toJS() as Json, wanted)) {
    const spread = spreadOut(source)
    spread.contents = merged(spread, spread.contents, before, wanted) as typeof spread.contents
    return spread.toString(style)
  }
  return withoutLostAnchors(document).toString(style)
}

/** A new source for a design. */
export const newSource = (design: Design): string => writeDesign('{}', design)

const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

/** Equal as JSON, whatever the order of keys. */
function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, index) => same(one, b[index]))
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && same(a[key], b[key]))
}

function spreadOut(source: string): Document {
  const document = parseDocument(source, { prettyErrors: false })
  visit(document, {
    Alias: (_key, alias) => {
      const copy = alias.resolve(document)?.clone() as Node | undefined
      return copy
    },
  })
  visit(document, {
    Node: (_key, node) => {
      if (isScalar(node) || isCollection(node)) delete node.anchor
    },
  })
  return document
}

/** An alias that came to stand before its anchor, or without it, would not be read again. */
function withoutLostAnchors(document: Document): Document {
  const text = document.toString(style)
  return parseDocument(text, { prettyErrors: false }).errors.length === 0 ? document : spreadOut(text)
}

function merged(document: Document, node: unknown, before: Json | undefined, after: Json): unknown {
  if (before !== undefined && same(before, after)) {
    // The same set of keys in another order is a change too: people read steps in their order.
    if (isMap(node) && isRecord(before) && Object.keys(before).join() !== Object.keys(after as object).join())
      return mergedMap(document, node, before, after as { [key: string]: Json })
    return node
  }
  if (isMap(node) && isRecord(before) && isRecord(after)) return mergedMap(document, node, before, after)
  if (isSeq(node) && Array.isArray(before) && Array.isArray(after)) return mergedSeq(document, node, before, after)
  if (isScalar(node) && typeof node.value === typeof after && typeof after !== 'object') {
    node.value = after
    delete node.format
    delete node.minFractionDigits
    delete node.source
    return node
  }
  const fresh = created(document, after)
  if (isScalar(node) || isCollection(node)) {
    if (node.comment) fresh.comment = node.comment
    if (node.commentBefore) fresh.commentBefore = node.commentBefore
    if (node.spaceBefore) fresh.spaceBefore = node.spaceBefore
  }
  return fresh
}

const keyOf = (pair: Pair): string => String(isScalar(pair.key) ? pair.key.value : pair.key)

function mergedMap(document: Document, map: YAMLMap, before: Record<string, Json>, after: Record<string, Json>): Node {
  if (map.items.length === 0) {
    const fresh = created(document, after)
    fresh.commentBefore = map.commentBefore ?? null
    return fresh
  }
  const pairs = new Map(map.items.map((pair) => [keyOf(pair), pair]))
  const gone = Object.keys(before).filter((key) => !(key in after))
  const come = Object.keys(after).filter((key) => !(key in before))
  // One key went and another came: it was renamed, if what it holds is alike, and keeps its comments.
  const [old, name] = [gone[0], come[0]]
  const pair = old === undefined ? undefined : pairs.get(old)
  if (gone.length === 1 && come.length === 1 && old !== undefined && name !== undefined && pair) {
    const inPlace = Object.keys(before).indexOf(old) === Object.keys(after).indexOf(name)
    if (inPlace && alike(before[old], after[name])) {
      if (isScalar(pair.key)) {
        pair.key.value = name
        delete pair.key.source
      }
      pairs.set(name, pair)
    }
  }
  map.items = Object.entries(after).map(([key, value]) => {
    const known = pairs.get(key)
    if (!known) return document.createPair(key, null) as Pair
    known.value = merged(document, known.value, before[key] ?? (key === name && old ? before[old] : undefined), value)
    return known
  })
  for (const [index, [key, value]] of Object.entries(after).entries()) {
    const item = map.items[index]
    if (item && !pairs.has(key)) item.value = created(document, value)
  }
  return map
}

/** Both maps, with at least one key in common. */
const alike = (a: Json | undefined, b: Json | undefined): boolean =>
  isRecord(a) && isRecord(b) ? Object.keys(a).some((key) => key in b) : same(a, b)

function mergedSeq(document: Document, seq: YAMLSeq, before: readonly Json[], after: readonly Json[]): YAMLSeq {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && same(before[start], after[start])) start += 1
  let end = 0
  while (end < shorter - start && same(before[before.length - 1 - end], after[after.length - 1 - end])) end += 1
  const middle = after
    .slice(start, after.length - end)
    .map((value, index) =>
      start + index < before.length - end
        ? merged(document, seq.items[start + index], before[start + index], value)
        : created(document, value),
    )
  seq.items = [...seq.items.slice(0, start), ...middle, ...seq.items.slice(before.length - end)]
  return seq
}

/** A new node in the style of the house: what is short stands in one line; a step never does. */
function created(document: Document, value: Json): Node {
  const node = document.createNode(value) as Node
  compact(node, value)
  return node
}

function compact(node: unknown, value: Json): void {
  if (!isCollection(node) || typeof value !== 'object' || value === null) return
  const text = JSON.stringify(value)
  const holdsKinds =
    isMap(node) && ['steps', 'tracks', 'task', 'message', 'form', 'wait', 'decide'].some((key) => node.has(key))
  if (text.length <= widest && !text.includes('\\n') && !holdsKinds) {
    node.flow = true
    return
  }
  for (const item of node.items) {
    if (isAlias(item)) continue
    if (isMap(node)) {
      const pair = item as Pair
      compact(pair.value, (value as Record<string, Json>)[keyOf(pair)] ?? null)
    }
  }
  if (isSeq(node)) for (const [index, item] of node.items.entries()) compact(item, (value as Json[])[index] ?? null)
}
