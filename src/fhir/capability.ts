import type {
  CapabilityStatement,
  CapabilityStatementRestResourceSearchParam,
  CapabilityStatementRestSecurity,
} from '@medplum/fhirtypes'
import type { ConditionalDelete } from './conditional-write.ts'
import { searchParameters } from './search-parameters.ts'
import { type ToldOperation, toldOperations } from './told-operations.ts'
import { resourceTypes } from './structure.ts'

const interactions = [
  'read',
  'vread',
  'update',
  'patch',
  'delete',
  'history-instance',
  'history-type',
  'create',
  'search-type',
] as const

const referencesOf = (type: string): string[] =>
  [...searchParameters(type).values()].filter(({ kind }) => kind === 'reference').map(({ code }) => `${type}:${code}`)

function revIncludesOf(): Map<string, string[]> {
  const found = new Map<string, string[]>()
  // A reference to any type at all would fill the statement with itself.
  for (const source of resourceTypes)
    for (const { code, kind, targets } of searchParameters(source).values())
      if (kind === 'reference' && targets.length < resourceTypes.length)
        for (const target of targets) found.set(target, [...(found.get(target) ?? []), `${source}:${code}`])
  return found
}

/** What this server does, made from the tables that it works by. */
export function capabilityStatement(
  base: string,
  now: number,
  conditionalDelete: ConditionalDelete,
  security?: CapabilityStatementRestSecurity,
  operations: readonly ToldOperation[] = toldOperations([]),
): CapabilityStatement {
  const revIncludes = revIncludesOf()
  const operationsOf = (type: string) =>
    operations
      .filter((one) => one.type === type || one.type === undefined)
      .map(({ name, definition }) => ({ name, definition }))
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: new Date(now).toISOString(),
    kind: 'instance',
    software: { name: 'Throughline' },
    implementation: { description: 'The record of this Throughline', url: base },
    fhirVersion: '4.0.1',
    format: ['json'],
    patchFormat: ['application/json-patch+json', 'application/fhir+json'],
    rest: [
      {
        mode: 'server',
        ...(security === undefined ? {} : { security }),
        interaction: [
          { code: 'transaction' },
          { code: 'batch' },
          { code: 'history-system' },
          { code: 'search-system' },
        ],
        resource: resourceTypes.map((type) => ({
          type: type as 'Patient',
          interaction: interactions.map((code) => ({ code })),
          versioning: 'versioned-update',
          readHistory: true,
          updateCreate: true,
          conditionalCreate: true,
          conditionalRead: 'full-support',
          conditionalUpdate: true,
          conditionalDelete,
          referencePolicy: ['literal', 'logical'],
          operation: operationsOf(type),
          searchParam: [
            { name: '_id', type: 'token' },
            { name: '_lastUpdated', type: 'date' },
            { name: '_list', type: 'special' },
            { name: '_has', type: 'special' },
            ...[...searchParameters(type).values()].map(
              ({ code, kind }): CapabilityStatementRestResourceSearchParam => ({ name: code, type: kind }),
            ),
          ],
          searchInclude: ['*', ...referencesOf(type)],
          searchRevInclude: revIncludes.get(type) ?? [],
        })),
      },
    ],
  }
}
