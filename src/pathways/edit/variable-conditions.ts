import { splitTop } from './record-conditions.ts'

export const comparisons = ['==', '!=', '>', '>=', '<', '<='] as const
export type VariableComparison = (typeof comparisons)[number]

/** One part of a condition on variables (CEL). `text`: what is none of the others. */
export type VariableClause =
  | { kind: 'holds'; variable: string; not: boolean }
  | { kind: 'compares'; variable: string; by: VariableComparison; value: string | number }
  | { kind: 'text'; text: string }

export interface VariableCondition {
  joined: 'all' | 'any'
  clauses: VariableClause[]
}

const holds = /^(!?)([a-z][A-Za-z0-9]*)$/
const compares = /^([a-z][A-Za-z0-9]*)\s*(==|!=|>=|<=|>|<)\s*(-?\d+(?:\.\d+)?|'[^'\\]*'|"[^"\\]*")$/

const clauseOf = (text: string): VariableClause => {
  const plain = holds.exec(text)
  if (plain) return { kind: 'holds', variable: plain[2] ?? '', not: plain[1] === '!' }
  const found = compares.exec(text)
  if (!found) return { kind: 'text', text }
  const [, variable = '', by = '==', value = ''] = found
  return {
    kind: 'compares',
    variable,
    by: by as VariableComparison,
    value: /^['"]/.test(value) ? value.slice(1, -1) : Number(value),
  }
}

/** A condition's parts, all or any of which must hold. */
export function readVariableCondition(condition: string): VariableCondition {
  const text = condition.trim()
  if (text === '') return { joined: 'all', clauses: [] }
  const any = splitTop(text, '||')
  if (any.length > 1)
    return any.some((part) => splitTop(part, '&&').length > 1)
      ? { joined: 'all', clauses: [{ kind: 'text', text }] }
      : { joined: 'any', clauses: any.map(clauseOf) }
  return { joined: 'all', clauses: splitTop(text, '&&').map(clauseOf) }
}

/** The condition in CEL; numbers are written as the variable's type wants them. */
export function writeVariableCondition(
  { joined, clauses }: VariableCondition,
  types: Readonly<Record<string, string>>,
): string {
  const texts = clauses.map((clause) => {
    if (clause.kind === 'text')
      return clauses.length > 1 && /\|\||&&/.test(clause.text) ? `(${clause.text})` : clause.text
    if (clause.kind === 'holds') return `${clause.not ? '!' : ''}${clause.variable}`
    const { variable, by, value } = clause
    const double = types[variable] === 'double'
    const said =
      typeof value === 'number'
        ? double && Number.isInteger(value)
          ? value.toFixed(1)
          : String(value)
        : `'${value.replaceAll(/['\\]/g, '')}'`
    return `${variable} ${by} ${said}`
  })
  return texts.join(joined === 'all' ? ' && ' : ' || ')
}
