import { createCel, type ExpressionFault } from '../../expressions/index.ts'

const types = { age: 'int', sex: 'string', jurisdiction: 'string', payer: 'string', language: 'string' } as const

/** What is known of a patient; undefined is not known. `age` in full years, `sex` as FHIR's administrative gender. */
export type Applicant = {
  [name in keyof typeof types]: (typeof types)[name] extends 'int' ? number | undefined : string | undefined
}
type Name = keyof Applicant
const names = Object.keys(types) as Name[]

const cel = createCel(types)

/** What is wrong with a rule of eligibility; undefined when nothing is. */
export function eligibilityFault(source: string): ExpressionFault | undefined {
  const compiled = cel.condition(source)
  return compiled.ok ? undefined : compiled
}

export interface Eligibility {
  /** undefined: something that the rule asks about is not known. */
  eligible: boolean | undefined
  unknown: readonly Name[]
}

/** Whether somebody may have a service. A fact that is missing is never taken for nought: the answer is that it is not known. */
export function eligibleFor(source: string | undefined, applicant: Applicant): Eligibility {
  if (source === undefined) return { eligible: true, unknown: [] }
  const compiled = cel.condition(source)
  if (!compiled.ok) return { eligible: undefined, unknown: [] }
  // Texts in quotes name nothing.
  const bare = source.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, "''")
  const unknown = names.filter((name) => applicant[name] === undefined && new RegExp(`\\b${name}\\b`).test(bare))
  if (unknown.length > 0) return { eligible: undefined, unknown }
  return {
    eligible: compiled.run(Object.fromEntries(names.map((name) => [name, applicant[name] ?? null]))),
    unknown: [],
  }
}
