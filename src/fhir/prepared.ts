import { createHash } from 'node:crypto'
import type { Statement } from '../db/index.ts'

// Plans are kept per connection for the shapes met first; a caller who varies shapes without end must not fill the
// server's memory with prepared statements.
const mostShapes = 400
// What the caller may see is a part of the text: planning that anew for each call would cost more than asking it.
const longest = 20_000
const shapes = new Map<string, string>()

/** Gives a statement made at run time a name of its shape, so that PostgreSQL keeps its plan. */
export function prepared(statement: { text: string; values: readonly unknown[] }): Statement {
  let name = shapes.get(statement.text)
  if (name === undefined && shapes.size < mostShapes && statement.text.length < longest) {
    name = `fhir-shape-${createHash('sha1').update(statement.text).digest('hex').slice(0, 16)}`
    shapes.set(statement.text, name)
  }
  return name === undefined ? statement : { ...statement, name }
}
