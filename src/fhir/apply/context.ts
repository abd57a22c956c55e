import type { ActivityDefinition, Expression, PlanDefinition, Questionnaire, Resource } from '@medplum/fhirtypes'
import { foreignPath, type Given } from '../../expressions/index.ts'
import type { Issues } from './issues.ts'

export type Applicable = PlanDefinition | ActivityDefinition | Questionnaire

/** What a definition is applied to. */
export interface ApplyContext {
  /** The resource that it is applied to, as the caller is shown it. */
  subject: Resource & { id: string }
  /** `Type/id` of what else was given. */
  encounter?: string | undefined
  practitioner?: string | undefined
  organization?: string | undefined
  /** `%name`s of expressions beside `%subject`: the resources above, and the caller's parameters. */
  variables: Readonly<Record<string, unknown>>
  /** Milliseconds. */
  now: number
  issues: Issues
  /** A PlanDefinition, an ActivityDefinition or a Questionnaire by its canonical; undefined when it is not here. */
  resolve(canonical: string): Promise<Applicable | undefined>
}

export const referenceTo = ({ resourceType, id }: { resourceType: string; id?: string }): string =>
  `${resourceType}/${id ?? ''}`

export const canonicalOf = ({ url, version }: { url?: string; version?: string }): string | undefined =>
  url === undefined ? undefined : version === undefined ? url : `${url}|${version}`

/**
 * What an expression of a definition gives: FHIRPath over the subject, `%subject` and (of a patient) `%patient`, and the names
 * of the context. Undefined when it cannot be told here, which is an issue of its own: CQL and ELM are not run.
 */
export function evaluate(
  expression: Expression | undefined,
  context: ApplyContext,
  path: string,
  more: Readonly<Record<string, unknown>> = {},
): readonly Given[] | undefined {
  const { language, expression: source } = expression ?? {}
  if (language !== 'text/fhirpath' || source === undefined) {
    const what =
      source === undefined ? `refers to ${expression?.reference ?? 'nothing'}` : `is ${language ?? 'of no language'}`
    context.issues.add('not-evaluated', path, `was not evaluated: it ${what}`)
    return undefined
  }
  const compiled = foreignPath(source)
  const { subject, variables, now } = context
  const named = { ...variables, ...more, subject, ...(subject.resourceType === 'Patient' ? { patient: subject } : {}) }
  const given = compiled.ok
    ? compiled.run({ focus: subject, variables: { ...named, context: subject }, now })
    : compiled
  if (!('ok' in given)) return given
  context.issues.add('not-evaluated', path, `was not evaluated: ${given.message}`)
  return undefined
}
