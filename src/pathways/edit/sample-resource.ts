import type { TypeTable } from '../../expressions/index.ts'
import { readRecordCondition, type RecordClause, splitTop } from './record-conditions.ts'

export interface SampleFor {
  /** `Patient/…` */
  subject: string
  /** What started the journey: `ServiceRequest/…`. */
  trigger: string
  key: string
  /** Id of the resource itself. */
  id: string
}

type Json = Record<string, unknown>

/**
 * A resource that a trigger would take, as far as its condition is made of parts that say what must be there; made up, about
 * nobody. What a part in FHIRPath wants besides is for a person to fill in.
 */
export function sampleResource(
  trigger: { on: string; when?: string | undefined },
  table: TypeTable,
  about: SampleFor,
): Json {
  const resource: Json = { resourceType: trigger.on, id: about.id }
  const elements = table[trigger.on] ?? {}
  if (trigger.on !== 'Patient' && 'subject' in elements) resource['subject'] = { reference: about.subject }
  else if ('for' in elements) resource['for'] = { reference: about.subject }
  else if ('patient' in elements) resource['patient'] = { reference: about.subject }
  if ('intent' in elements) resource['intent'] = 'order'
  for (const clause of readRecordCondition(trigger.when)) put(resource, clause, elements, about)
  return resource
}

function put(resource: Json, clause: RecordClause, elements: Readonly<Record<string, string>>, about: SampleFor): void {
  const typeOf = (path: string) => elements[path] ?? ''
  const as = (path: string, value: unknown) => {
    resource[path] = typeOf(path).endsWith('*') ? [value] : value
  }
  switch (clause.kind) {
    case 'value':
      if (!clause.not) within(resource, clause.path.split('.'), clause.values[0] ?? '')
      return
    case 'coded': {
      if (clause.not || clause.path.includes('.')) return
      const system = clause.system === undefined ? {} : { system: clause.system }
      return as(clause.path, { coding: [{ ...system, code: clause.codes[0] ?? '' }] })
    }
    case 'present':
      if (clause.not || clause.path.includes('.') || clause.path in resource) return
      return as(
        clause.path,
        typeOf(clause.path).startsWith('Reference') ? { reference: 'Basic/sample' } : { text: 'sample' },
      )
    case 'about': {
      const reference = { reference: clause.whom === 'trigger' ? about.trigger : about.subject }
      const [first = '', second] = clause.path.split('.')
      if (second === undefined) return as(first, reference)
      resource[first] = { [second]: [reference] }
      return
    }
    case 'own-key':
      resource['id'] = about.key
      return
    case 'text': {
      // Of several ways the first will do.
      const inner = /^\((.*)\)$/s.exec(clause.text)?.[1] ?? clause.text
      const [first = ''] = splitTop(inner, ' or ')
      if (first !== clause.text) for (const one of readRecordCondition(first)) put(resource, one, elements, about)
    }
  }
}

/** Sets what lies at a path of single elements. */
function within(resource: Json, [first = '', ...rest]: readonly string[], value: string): void {
  if (rest.length === 0) {
    resource[first] = value
    return
  }
  const inner = (resource[first] ??= {}) as Json
  within(inner, rest, value)
}
