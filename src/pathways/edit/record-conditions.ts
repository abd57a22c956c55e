/**
 * One part of a condition on a resource, as people say it. `text`: FHIRPath that is none of the others.
 * `path` is an element's name, with dots for what is inside: `status`, `category`, `subject.identifier`.
 */
export type RecordClause =
  | { kind: 'value'; path: string; values: string[]; not: boolean }
  | { kind: 'coded'; path: string; system: string | undefined; codes: string[]; not: boolean }
  | { kind: 'present'; path: string; not: boolean }
  | { kind: 'about'; path: string; whom: 'trigger' | 'subject' }
  | { kind: 'own-key' }
  | { kind: 'text'; text: string }

const path = String.raw`([a-z][A-Za-z]*(?:\.[a-z][A-Za-z]*)*)`
const word = String.raw`'((?:[^'\\]|\\.)*)'`
const oneWord = new RegExp(`^${word}$`)
const list = String.raw`\(\s*(${word.replaceAll('(', '(?:').replaceAll('(?:?:', '(?:')}(?:\s*\|\s*${word.replaceAll('(', '(?:').replaceAll('(?:?:', '(?:')})*)\s*\)`

/** Parts of a text joined by a word, looking at no brackets and no quotes. */
export function splitTop(text: string, joint: ' and ' | ' or ' | '&&' | '||' | '|'): string[] {
  const parts: string[] = []
  let depth = 0
  let quoted = false
  let from = 0
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]
    if (sign === '\\' && quoted) at += 1
    else if (sign === "'") quoted = !quoted
    else if (quoted) continue
    else if (sign === '(' || sign === '[') depth += 1
    else if (sign === ')' || sign === ']') depth -= 1
    else if (depth === 0 && text.startsWith(joint, at)) {
      parts.push(text.slice(from, at).trim())
      from = at + joint.length
      at = from - 1
    }
  }
  parts.push(text.slice(from).trim())
  return parts
}

const unquoted = (text: string): string => (oneWord.exec(text.trim())?.[1] ?? '').replaceAll(/\\(.)/g, '$1')
const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`
const words = (text: string): string[] => splitTop(text, '|').map(unquoted)

const patterns: readonly [RegExp, (found: string[]) => RecordClause][] = [
  [
    new RegExp(`^${path} = ${word}$`),
    ([, at = '', value = '']) => ({ kind: 'value', path: at, values: [unquoted(`'${value}'`)], not: false }),
  ],
  [
    new RegExp(`^${path} != ${word}$`),
    ([, at = '', value = '']) => ({ kind: 'value', path: at, values: [unquoted(`'${value}'`)], not: true }),
  ],
  [
    new RegExp(`^${path} in ${list}$`),
    ([, at = '', values = '']) => ({ kind: 'value', path: at, values: words(values), not: false }),
  ],
  [
    new RegExp(`^\\(${path} in ${list}\\)\\.not\\(\\)$`),
    ([, at = '', values = '']) => ({ kind: 'value', path: at, values: words(values), not: true }),
  ],
  [/^id = %key$/, () => ({ kind: 'own-key' })],
  [
    new RegExp(`^${path}\\.where\\(reference = %(trigger|subject)\\)\\.exists\\(\\)$`),
    ([, at = '', whom = '']) => ({ kind: 'about', path: at, whom: whom === 'subject' ? 'subject' : 'trigger' }),
  ],
  [
    new RegExp(`^${path}\\.reference = %(trigger|subject)$`),
    ([, at = '', whom = '']) => ({ kind: 'about', path: at, whom: whom === 'subject' ? 'subject' : 'trigger' }),
  ],
  [
    new RegExp(
      `^${path}\\.coding\\.where\\((?:system = ${word} and )?code (?:= ${word}|in ${list})\\)\\.(exists\\(\\)|exists\\(\\)\\.not\\(\\)|empty\\(\\))$`,
    ),
    ([, at = '', system, one, many, end]) => ({
      kind: 'coded',
      path: at,
      system: system === undefined ? undefined : unquoted(`'${system}'`),
      codes: one === undefined ? words(many ?? '') : [unquoted(`'${one}'`)],
      not: end !== 'exists()',
    }),
  ],
  [
    new RegExp(`^${path}\\.coding\\.code = ${word}$`),
    ([, at = '', code = '']) => ({
      kind: 'coded',
      path: at,
      system: undefined,
      codes: [unquoted(`'${code}'`)],
      not: false,
    }),
  ],
  [new RegExp(`^${path}\\.exists\\(\\)$`), ([, at = '']) => ({ kind: 'present', path: at, not: false })],
  [new RegExp(`^${path}\\.empty\\(\\)$`), ([, at = '']) => ({ kind: 'present', path: at, not: true })],
]

/** The parts of a condition (FHIRPath) that must all hold; an empty list for no condition. */
export function readRecordCondition(condition: string | undefined): RecordClause[] {
  if (condition === undefined || condition.trim() === '') return []
  return splitTop(condition.trim(), ' and ').map((text): RecordClause => {
    for (const [pattern, clause] of patterns) {
      const found = pattern.exec(text)
      if (found) return clause(found)
    }
    return { kind: 'text', text }
  })
}

const several = (values: readonly string[]): string => `(${values.map(quoted).join(' | ')})`

function clauseText(clause: RecordClause): string {
  switch (clause.kind) {
    case 'value': {
      const [first = ''] = clause.values
      if (clause.values.length < 2) return `${clause.path} ${clause.not ? '!=' : '='} ${quoted(first)}`
      const within = `${clause.path} in ${several(clause.values)}`
      return clause.not ? `(${within}).not()` : within
    }
    case 'coded': {
      const [first = ''] = clause.codes
      const code = clause.codes.length < 2 ? `= ${quoted(first)}` : `in ${several(clause.codes)}`
      const system = clause.system === undefined ? '' : `system = ${quoted(clause.system)} and `
      return `${clause.path}.coding.where(${system}code ${code}).exists()${clause.not ? '.not()' : ''}`
    }
    case 'present':
      return `${clause.path}.${clause.not ? 'empty' : 'exists'}()`
    case 'about':
      return `${clause.path}.where(reference = %${clause.whom}).exists()`
    case 'own-key':
      return 'id = %key'
    case 'text': {
      // What joins by "or" would swallow its neighbours.
      const parts = splitTop(clause.text, ' or ')
      return parts.length > 1 ? `(${clause.text})` : clause.text
    }
  }
}

/** The condition (FHIRPath) of its parts; undefined for none. */
export const writeRecordCondition = (clauses: readonly RecordClause[]): string | undefined =>
  clauses.length === 0
    ? undefined
    : clauses.length === 1 && clauses[0]?.kind === 'text'
      ? clauses[0].text
      : clauses.map(clauseText).join(' and ')
