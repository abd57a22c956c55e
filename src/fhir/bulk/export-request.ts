import { z } from 'zod'
import type { Fault } from '../../kernel/index.ts'
import { readDate } from '../date-range.ts'
import { refuse } from '../errors.ts'
import { isId } from '../interact.ts'
import { isObject } from '../search-rows.ts'
import { isResourceType } from '../structure.ts'
import { patientTypes } from './compartment.ts'
import { readTypeFilter } from './type-filter.ts'

/** What an export was asked for. Kept as JSON. */
export const exportRequest = z.object({
  level: z.enum(['system', 'patient', 'group']),
  /** Undefined: all that the level has. */
  types: z.array(z.string()).optional(),
  /** `Type` to its searches, any of which a resource must match. */
  filters: z.record(z.string(), z.array(z.string())),
  /** Milliseconds: only what was written after it. */
  since: z.number().optional(),
  elements: z.array(z.string()).optional(),
  /** Ids of the patients that the export is of; undefined: all. */
  patients: z.array(z.string()).optional(),
})
export type ExportRequest = z.infer<typeof exportRequest>

const formats = new Set(['application/fhir+ndjson', 'application/ndjson', 'ndjson'])

/** The parameters of a kick-off as pairs, from the query or from a Parameters resource. */
export function kickOffParameters(url: string, body: unknown): [string, string][] {
  const mark = url.indexOf('?')
  const pairs: [string, string][] = [...new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))]
  const list = isObject(body) ? body['parameter'] : undefined
  for (const one of Array.isArray(list) ? list : []) {
    if (!isObject(one) || typeof one['name'] !== 'string') continue
    const value = Object.entries(one).find(([name]) => name.startsWith('value'))?.[1]
    const text = isObject(value) ? value['reference'] : value
    if (typeof text === 'string' || typeof text === 'number' || typeof text === 'boolean')
      pairs.push([one['name'], String(text)])
  }
  return pairs
}

const list = (text: string): string[] => text.split(',').filter((part) => part !== '')

/**
 * Reads the parameters of a kick-off (Bulk Data Access 2.0). What cannot be done is refused with its place; under
 * `lenient` (Prefer: handling=lenient) what is not known is left out instead, and told in the answer's warnings.
 */
export function readExportRequest(
  level: ExportRequest['level'],
  pairs: readonly [string, string][],
  lenient: boolean,
): { request: ExportRequest; leftOut: Fault[] } {
  const faults: Fault[] = []
  const leftOut: Fault[] = []
  const request: ExportRequest = { level, filters: {} }
  const later = (path: string, message: string) =>
    void (lenient ? leftOut : faults).push({ path, message, code: 'not-supported' })
  for (const [name, value] of pairs) {
    switch (name) {
      case '_outputFormat':
        // A plus sign in a query is a space once decoded.
        if (!formats.has(value.replace(/;.*$/, '').replace(' ', '+')))
          faults.push({ path: name, message: 'is not NDJSON' })
        break
      case '_since': {
        const range = readDate(value.replace(/ (\d{2}:\d{2})$/, '+$1'))
        if (range) request.since = range.low
        else faults.push({ path: name, message: 'is not an instant' })
        break
      }
      case '_type':
        for (const type of list(value)) {
          if (!isResourceType(type))
            faults.push({ path: name, message: `names ${type.slice(0, 64)}, which is no resource type` })
          else if (level !== 'system' && !patientTypes.includes(type))
            later(name, `names ${type}, which is in no patient’s compartment`)
          else request.types = [...new Set([...(request.types ?? []), type])]
        }
        break
      case '_typeFilter':
        // Filters may be given one after the other with commas between; a comma inside one stands before no `Type?`.
        for (const filter of value.split(/,(?=[A-Z][A-Za-z]+\?)/)) {
          const [type = '', query = ''] = filter.split(/\?(.*)/s)
          if (!isResourceType(type)) faults.push({ path: name, message: 'is not Type?parameter=value' })
          else {
            const wrong = readTypeFilter(type, query)
            if ('faults' in wrong) for (const fault of wrong.faults) later(name, `${fault.path} ${fault.message}`)
            else request.filters[type] = [...(request.filters[type] ?? []), query]
          }
        }
        break
      case '_elements':
        request.elements = [...(request.elements ?? []), ...list(value)]
        break
      case 'patient': {
        const id = value.replace(/^Patient\//, '')
        if (level === 'system') faults.push({ path: name, message: 'has no place in an export of the whole system' })
        else if (isId(id)) request.patients = [...(request.patients ?? []), id]
        else faults.push({ path: name, message: 'is not a reference to a patient' })
        break
      }
      case '_format':
        break
      default:
        later(name.slice(0, 64), 'is not something that an export can be asked for here')
    }
  }
  if (request.types)
    for (const type of Object.keys(request.filters))
      if (!request.types.includes(type))
        faults.push({ path: '_typeFilter', message: `filters ${type}, which _type leaves out` })
  if (faults.length > 0) throw refuse('export-refused', { faults })
  return { request, leftOut }
}
