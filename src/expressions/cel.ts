import { Environment } from '@marcbachmann/cel-js'
import { type Compiled, type ExpressionFault, longestSource } from './expression.ts'

/** The types a pathway's variable may have. */
export type VariableType = 'bool' | 'int' | 'double' | 'string'
export type VariableValue = boolean | number | string | null

export interface CelCompiler {
  /** Compiles a condition: it must type-check to bool over the declared variables. */
  condition(source: string): Compiled<(variables: Readonly<Record<string, VariableValue>>) => boolean> | ExpressionFault
}

const valueWhenUnset: Record<VariableType, boolean | bigint | number | string> = {
  bool: false,
  int: 0n,
  double: 0,
  string: '',
}

/**
 * CEL over declared variables (https://github.com/google/cel-spec). A variable without a value reads as false, 0 or ''.
 * Pure: no clock, no lookups, no functions with effects.
 */
export function createCel(types: Readonly<Record<string, VariableType>>): CelCompiler {
  const environment = new Environment({ limits: { maxAstNodes: 500, maxDepth: 40 } })
  for (const [name, type] of Object.entries(types)) environment.registerVariable(name, type)
  const names = Object.entries(types)
  return {
    condition(source) {
      if (source.length > longestSource)
        return { ok: false, message: `longer than ${longestSource} characters`, offset: undefined }
      let checked: ReturnType<Environment['check']>
      try {
        checked = environment.check(source)
      } catch (error) {
        return { ok: false, message: firstLine(error), offset: undefined }
      }
      if (!checked.valid) return { ok: false, message: firstLine(checked.error), offset: undefined }
      if (checked.type !== 'bool')
        return { ok: false, message: `gives ${checked.type}; a condition must give true or false`, offset: undefined }
      const simple = simpleCondition(source, types)
      if (simple) return { ok: true, source, run: simple }
      const program = environment.parse(source)
      return {
        ok: true,
        source,
        run(variables) {
          const context: Record<string, unknown> = {}
          for (const [name, type] of names) {
            const value = variables[name]
            context[name] =
              value === undefined || value === null
                ? valueWhenUnset[type]
                : type === 'int'
                  ? BigInt(Math.trunc(Number(value)))
                  : value
          }
          return program(context) === true
        },
      }
    },
  }
}

/** The commonest conditions, `flag` and `!flag`, need no interpreter. */
function simpleCondition(source: string, types: Readonly<Record<string, VariableType>>) {
  const [, not, name] = /^\s*(!?)\s*([A-Za-z_]\w*)\s*$/.exec(source) ?? []
  if (name === undefined || types[name] !== 'bool') return undefined
  return not === '!'
    ? (variables: Readonly<Record<string, VariableValue>>) => variables[name] !== true
    : (variables: Readonly<Record<string, VariableValue>>) => variables[name] === true
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
