import { operations } from './operations.ts'

export interface ToldOperation {
  /** Undefined: of every type. */
  type: string | undefined
  name: string
  definition: string
}

const hl7 = (name: string) => `http://hl7.org/fhir/OperationDefinition/${name}`

/** Operations of the terminology room, as HL7 has defined them. */
const definitions: Readonly<Record<string, string>> = {
  'CodeSystem $lookup': hl7('CodeSystem-lookup'),
  'CodeSystem $validate-code': hl7('CodeSystem-validate-code'),
  'CodeSystem $subsumes': hl7('CodeSystem-subsumes'),
  'ValueSet $expand': hl7('ValueSet-expand'),
  'ValueSet $validate-code': hl7('ValueSet-validate-code'),
  'ConceptMap $translate': hl7('ConceptMap-translate'),
}

/** The operations of the record, and those that the given routes serve beside it; each once. */
export function toldOperations(beside: readonly { path: string }[]): ToldOperation[] {
  const told = new Map<string, ToldOperation>()
  for (const { name, types, definition } of operations)
    for (const type of types ?? [undefined]) told.set(`${type} ${name}`, { type, name: name.slice(1), definition })
  for (const { path } of beside) {
    const [, type = '', name] = /^\/fhir\/([A-Z]\w+)\/(?::id\/)?\$([\w-]+)$/.exec(path) ?? []
    const definition = definitions[`${type} $${name}`]
    if (name !== undefined && definition !== undefined) told.set(`${type} $${name}`, { type, name, definition })
  }
  return [...told.values()]
}
