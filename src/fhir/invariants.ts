import { type Constraint, fhirPathConstraint } from '../expressions/index.ts'
import generated from './generated/invariants.json' with { type: 'json' }

export interface Invariant {
  /** `obs-6` */
  key: string
  severity: 'error' | 'warning'
  met: Constraint
}

const tables: Record<string, Record<string, string[]> | undefined> = generated.types
const compiled = new Map<string, readonly Invariant[]>()

/** The base definitions' constraints on a type (`element` is empty) or on one element of it. */
export function invariantsOf(type: string, element: string): readonly Invariant[] {
  const name = `${type}.${element}`
  let list = compiled.get(name)
  if (!list) {
    list = (tables[type]?.[element] ?? []).flatMap((text) => {
      const [, key = '', severity, expression = ''] = /^(\S+) (\S+) (.*)$/s.exec(text) ?? []
      const met = fhirPathConstraint(expression)
      return met ? [{ key, severity: severity === 'warning' ? 'warning' : 'error', met }] : []
    })
    compiled.set(name, list)
  }
  return list
}

/** Every invariant there is, for the test that all of them can be told. */
export const allInvariants = (): { type: string; element: string; text: string }[] =>
  Object.entries(tables).flatMap(([type, elements]) =>
    Object.entries(elements ?? {}).flatMap(([element, texts]) => texts.map((text) => ({ type, element, text }))),
  )
