import generated from './generated/search-parameters.json' with { type: 'json' }

export type SearchKind = 'token' | 'reference' | 'date' | 'string' | 'uri' | 'quantity' | 'number'

/** One way from a resource to a searched value: concrete element names, a filter on some, the FHIR type at the end. */
export interface SearchPath {
  steps: readonly { name: string; filter?: { element: string; value: string } | { target: string } }[]
  type: string
}

export interface SearchParameter {
  code: string
  kind: SearchKind
  paths: readonly SearchPath[]
}

const tables: Record<string, Record<string, string> | undefined> = generated.types
const patientPaths: Record<string, string | undefined> = generated.patient
const compiled = new Map<string, ReadonlyMap<string, SearchParameter>>()

function readPath(text: string): SearchPath {
  const colon = text.lastIndexOf(':')
  const steps = text
    .slice(0, colon)
    .split('.')
    .map((part) => {
      const match = /^(\w+)\{(?:(\w+)=)?(.+)\}$/.exec(part)
      const [, name, element, value] = match ?? []
      if (name === undefined || value === undefined) return { name: part }
      return { name, filter: element === undefined ? { target: value } : { element, value } }
    })
  return { steps, type: text.slice(colon + 1) }
}

/** The search parameters of a type beside `_id` and `_lastUpdated`, which the resource's own row answers. */
export function searchParameters(type: string): ReadonlyMap<string, SearchParameter> {
  let table = compiled.get(type)
  if (!table) {
    table = new Map(
      Object.entries(tables[type] ?? {}).map(([code, text]) => {
        const [kind = '', ...paths] = text.split(' ')
        return [code, { code, kind: kind as SearchKind, paths: paths.map(readPath) }]
      }),
    )
    compiled.set(type, table)
  }
  return table
}

/** Element paths that may hold the patient whose record a resource of this type is in, best first. */
export const patientElements = (type: string): readonly string[] => patientPaths[type]?.split(' ') ?? []
