import { evalFhirPathTyped, type FhirPathAtom, parseFhirPath, toTypedValue, type TypedValue } from '@medplum/core'
import type { Resource } from '@medplum/fhirtypes'
import type { VariableValue } from './cel.ts'
import { type Compiled, type ExpressionFault, longestSource } from './expression.ts'
import { compileFast } from './fhirpath-fast.ts'
import { checkTypes, type Types, type TypeTable } from './fhirpath-types.ts'

/** Values of `%key`, `%subject` … in a FHIRPath expression. */
export type Environment = Readonly<Record<string, string>>

export type FhirPathCondition = Compiled<(resource: Resource, environment: Environment) => boolean>
/** `types`: what the expression may give, by R4's names of types. */
export type FhirPathValue = Compiled<(resource: Resource, environment: Environment) => VariableValue> & { types: Types }

/**
 * Parses a FHIRPath expression over one resource type and checks it against R4's element names and, for conditions,
 * that it gives true or false. Source of the names: the R4 StructureDefinitions.
 */
function compile(
  source: string,
  options: { type: string; names: readonly string[]; table: TypeTable; wants: 'condition' | 'value' },
): { ok: true; atom: FhirPathAtom; types: Types } | ExpressionFault {
  if (source.length > longestSource)
    return { ok: false, message: `longer than ${longestSource} characters`, offset: undefined }
  let atom: FhirPathAtom
  try {
    atom = parseFhirPath(source)
  } catch (error) {
    return {
      ok: false,
      message: `is not FHIRPath: ${error instanceof Error ? error.message.split('\n')[0] : 'unreadable'}`,
      offset: undefined,
    }
  }
  const checked = checkTypes(atom, options)
  if ('fault' in checked) {
    const { fault: message, ...code } = checked
    return { ok: false, message, offset: undefined, ...code }
  }
  return { ok: true, atom, types: checked.types }
}

function evaluate(atom: FhirPathAtom, resource: Resource, environment: Environment): TypedValue[] {
  const variables: Record<string, TypedValue> = {}
  for (const name in environment) variables[`%${name}`] = { type: 'string', value: environment[name] }
  return evalFhirPathTyped(atom, [toTypedValue(resource)], variables)
}

/** A condition over a resource. An empty answer is false; an evaluation that fails is false. */
export function fhirPathCondition(
  source: string,
  type: string,
  names: readonly string[],
  table: TypeTable,
): FhirPathCondition | ExpressionFault {
  const compiled = compile(source, { type, names, table, wants: 'condition' })
  if (!compiled.ok) return compiled
  const { atom } = compiled
  const fast = compileFast(atom)
  return {
    ok: true,
    source,
    run(resource, environment) {
      if (fast) {
        try {
          return fast([resource], environment)[0] === true
        } catch {
          // This resource needs the whole language.
        }
      }
      try {
        return evaluate(atom, resource, environment)[0]?.value === true
      } catch {
        return false
      }
    },
  }
}

/** A single value out of a resource: the first of the answer, null when there is none. */
export function fhirPathValue(
  source: string,
  type: string,
  names: readonly string[],
  table: TypeTable,
): FhirPathValue | ExpressionFault {
  const compiled = compile(source, { type, names, table, wants: 'value' })
  if (!compiled.ok) return compiled
  const { atom, types } = compiled
  const fast = compileFast(atom)
  return {
    ok: true,
    source,
    types,
    run(resource, environment) {
      if (fast) {
        try {
          return simple(fast([resource], environment)[0])
        } catch {
          // This resource needs the whole language.
        }
      }
      try {
        return simple(evaluate(atom, resource, environment)[0]?.value)
      } catch {
        return null
      }
    },
  }
}

const simple = (value: unknown): VariableValue =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
