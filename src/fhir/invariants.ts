import { isDeepStrictEqual } from 'node:util'
import { type Constraint, fhirPathConstraint } from '../expressions/index.ts'
import { readDate } from './date-range.ts'
import generated from './generated/invariants.json' with { type: 'json' }
import { isObject } from './search-rows.ts'

export interface Invariant {
  /** `obs-6` */
  key: string
  severity: 'error' | 'warning'
  met: Constraint
}

const tables: Record<string, Record<string, string[]> | undefined> = generated.types
const compiled = new Map<string, readonly Invariant[]>()

const codings = (concept: unknown): unknown[] =>
  isObject(concept) && Array.isArray(concept['coding']) ? (concept['coding'] as unknown[]) : []

/** Two that the library tells wrongly: it compares moments of different offsets as texts, and finds no equal codings. */
const own: Readonly<Record<string, Constraint | undefined>> = {
  'per-1': ({ value }) => {
    const [start, end] = isObject(value) ? [value['start'], value['end']] : []
    if (typeof start !== 'string' || typeof end !== 'string') return true
    const [from, to] = [readDate(start), readDate(end)]
    return !from || !to || from.low < to.high
  },
  'obs-7': ({ value }) => {
    if (!isObject(value) || !Array.isArray(value['component'])) return true
    if (!Object.keys(value).some((name) => /^value[A-Z]/.test(name))) return true
    const whole = codings(value['code'])
    return !value['component'].some((part: unknown) =>
      codings(isObject(part) ? part['code'] : undefined).some((one) =>
        whole.some((other) => isDeepStrictEqual(one, other)),
      ),
    )
  },
}

/** The base definitions' constraints on a type (`element` is empty) or on one element of it. */
export function invariantsOf(type: string, element: string): readonly Invariant[] {
  const name = `${type}.${element}`
  let list = compiled.get(name)
  if (!list) {
    list = (tables[type]?.[element] ?? []).flatMap((text) => {
      const [, key = '', severity, expression = ''] = /^(\S+) (\S+) (.*)$/s.exec(text) ?? []
      const met = own[key] ?? fhirPathConstraint(expression)
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
