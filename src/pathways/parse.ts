import { LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { type Definition, definitionSchema } from './model.ts'

/** Something wrong or doubtful in a definition. `code` is stable; line and column are 1-based. */
export interface Finding {
  code: string
  severity: 'error' | 'warning'
  /** Dotted path in the definition: `tracks.intake.steps.triage.after`. */
  path: string
  line: number | undefined
  column: number | undefined
  message: string
}

/** Where a path stands in the source. */
export type Locate = (path: readonly (string | number)[]) => { line: number; column: number } | undefined

export interface Parsed {
  definition: Definition | undefined
  findings: Finding[]
  locate: Locate
}

const longest = 400_000

/** Reads a pathway's YAML (or JSON, which is YAML too) and checks its shape; the checker does the rest. */
export function parse(source: string): Parsed {
  const finding = (code: string, message: string, where?: { line: number; column: number }, path = ''): Finding => ({
    code,
    severity: 'error',
    path,
    line: where?.line,
    column: where?.column,
    message,
  })
  if (source.length > longest)
    return {
      definition: undefined,
      findings: [finding('too-long', `longer than ${longest} characters`)],
      locate: () => undefined,
    }
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const locate: Locate = (path) => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
      if (
        typeof node === 'object' &&
        node !== null &&
        'range' in node &&
        Array.isArray(node.range) &&
        typeof node.range[0] === 'number'
      )
        return at(node.range[0])
    }
    return undefined
  }
  if (document.errors.length > 0)
    return {
      definition: undefined,
      findings: document.errors.map((error) => finding('yaml-syntax', error.message, at(error.pos[0]))),
      locate,
    }
  let content: unknown
  try {
    content = document.toJS({ maxAliasCount: 50 })
  } catch {
    return { definition: undefined, findings: [finding('yaml-syntax', 'too many aliases')], locate }
  }
  const checked = definitionSchema.safeParse(content)
  if (checked.success) return { definition: checked.data, findings: [], locate }
  return { definition: undefined, findings: checked.error.issues.flatMap((issue) => fromIssue(issue, locate)), locate }
}

const languages: Readonly<Record<string, string>> = { en: 'English', fr: 'French' }

export function fromIssue(issue: z.core.$ZodIssue, locate: Locate): Finding[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
  const make = (code: string, message: string, at: readonly (string | number)[]): Finding => {
    const where = locate(at)
    return { code, severity: 'error', path: at.join('.'), line: where?.line, column: where?.column, message }
  }
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => make('unknown-key', `there is no ${key} here`, [...path, key]))
  // Of a union, the branch that came furthest says best what is wrong.
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.filter((errors) => errors.length > 0)
    const best = branches.toSorted((a, b) => depth(b) - depth(a))[0]
    if (best && depth(best) > 0)
      return best.flatMap((inner) => fromIssue({ ...inner, path: [...issue.path, ...inner.path] }, locate))
  }
  const language = languages[String(path.at(-1))]
  if (language !== undefined && path.length > 1) {
    const what = `${String(path.at(-2))} is not said in ${language}`
    if (issue.code === 'invalid_type' || issue.code === 'too_small') return [make('missing-language', what, path)]
  }
  return [make('wrong-shape', issue.message, path)]
}

const depth = (issues: readonly z.core.$ZodIssue[]): number =>
  Math.max(0, ...issues.map((issue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0)))
