import { evalFhirPathTyped, parseFhirPath, toTypedValue, type TypedValue } from '@medplum/core'
import { runsPatterns } from './expression.ts'
import { compileFast } from './fhirpath-fast.ts'

/** Does an element keep to a constraint? Undefined when the library cannot tell. */
export type Constraint = (
  element: { value: unknown; type: string },
  around: { resource: object; rootResource: object },
) => boolean | undefined

const ucum: TypedValue = { type: 'string', value: 'http://unitsofmeasure.org' }

/** As `fhirPathConstraint`, of a source that anybody may have brought: one with regular expressions is not read. */
export const foreignConstraint = (source: string): Constraint | undefined =>
  runsPatterns(source) ? undefined : fhirPathConstraint(source)

/**
 * A FHIRPath constraint of a StructureDefinition (FHIR R4, ElementDefinition.constraint): met when it gives true and nothing
 * else. Undefined when it is not FHIRPath that the library reads. Which expressions can be told is held by a test.
 */
export function fhirPathConstraint(source: string): Constraint | undefined {
  let atom: ReturnType<typeof parseFhirPath>
  try {
    atom = parseFhirPath(source)
  } catch {
    return undefined
  }
  const fast = source.includes('%') ? undefined : compileFast(atom)
  return ({ value, type }, { resource, rootResource }) => {
    if (fast) {
      try {
        const answer = fast([value], {})
        return answer.length === 1 && answer[0] === true
      } catch {
        // This element needs the whole language.
      }
    }
    try {
      const variables = {
        '%resource': toTypedValue(resource),
        '%rootResource': toTypedValue(rootResource),
        '%context': { type, value },
        '%ucum': ucum,
      }
      const answer = evalFhirPathTyped(atom, [{ type, value }], variables)
      return answer.length === 1 && answer[0]?.value === true
    } catch {
      return undefined
    }
  }
}
