import { refuse } from './errors.ts'
import type { Members } from './members.ts'

// The part of SNOMED CT's Expression Constraint Language that names sets of concepts: < << > >> <! >! ^ * and, or, minus,
// parentheses, and refinements `attribute = concept` (or `*`) joined by commas.
// Groups, cardinalities, dots and concrete values are not read.

const token =
  /\s*(?:\/\*[\s\S]*?\*\/\s*)*(<<|<!|>>|>!|<|>|\^|\*|\(|\)|,|:|=|AND\b|OR\b|MINUS\b|(\d{6,18})(?:\s*\|[^|]*\|)?)/iy

/** An expression as members of SNOMED CT. */
export function parseEcl(text: string): Members {
  const tokens: string[] = []
  token.lastIndex = 0
  for (let at = 0; at < text.trimEnd().length; at = token.lastIndex) {
    const match = token.exec(text)
    if (!match) throw refuse('ecl-invalid', { faults: [{ path: `ecl:${at + 1}`, message: 'is not understood' }] })
    tokens.push((match[2] ?? match[1] ?? '').toUpperCase())
  }
  let at = 0
  const wrong = (message: string) => refuse('ecl-invalid', { faults: [{ path: `ecl token ${at + 1}`, message }] })
  const take = (...words: string[]): string | undefined => {
    const next = tokens[at]
    if (next === undefined || !words.includes(next)) return undefined
    at += 1
    return next
  }
  const concept = (): string => {
    const next = tokens[at]
    if (next === undefined || !/^\d+$/.test(next)) throw wrong('should be a concept')
    at += 1
    return next
  }
  const simple = (): Members => {
    if (take('(')) {
      const inner = compound()
      if (!take(')')) throw wrong('should be )')
      return inner
    }
    if (take('*')) return { kind: 'all' }
    if (take('^')) return { kind: 'property', property: 'refset', values: [concept()] }
    const operator = take('<<', '<!', '>>', '>!', '<', '>')
    if (operator === undefined) return { kind: 'codes', codes: [concept()] }
    if (take('*')) return { kind: 'all' }
    return {
      kind: 'reach',
      code: concept(),
      down: operator.startsWith('<'),
      self: operator === '<<' || operator === '>>',
      direct: operator.endsWith('!'),
    }
  }
  const refined = (): Members => {
    const base = simple()
    if (!take(':')) return base
    const parts: Members[] = [base]
    do {
      const property = concept()
      if (!take('=')) throw wrong('should be =')
      const value = simple()
      if (value.kind === 'codes') parts.push({ kind: 'property', property, values: value.codes })
      else if (value.kind === 'all') parts.push({ kind: 'exists', property })
      else throw wrong('only a concept or * can be the value of an attribute')
    } while (take(','))
    return { kind: 'and', parts }
  }
  const compound = (): Members => {
    let left = refined()
    for (;;) {
      const operator = take('AND', 'OR', 'MINUS')
      if (operator === undefined) return left
      const right = refined()
      left =
        operator === 'MINUS'
          ? { kind: 'and', parts: [left, { kind: 'not', part: right }] }
          : { kind: operator === 'AND' ? 'and' : 'or', parts: [left, right] }
    }
  }
  const members = compound()
  if (at < tokens.length) throw wrong('should be the end')
  return members
}
