import type {
  CapabilityStatement,
  CapabilityStatementRestResourceSearchParam,
  CapabilityStatementRestSecurity,
} from '@medplum/fhirtypes'
import { tableOf } from './parse-search.ts'
import { searchParameters } from './search-parameters.ts'
import { resourceTypes } from './structure.ts'

const interactions = [
  'read',
  'vread',
  'update',
  'delete',
  'history-instance',
  'history-type',
  'create',
  'search-type',
] as const

/** What this server does, made from the tables that it works by. */
export function capabilityStatement(
  base: string,
  now: number,
  security?: CapabilityStatementRestSecurity,
): CapabilityStatement {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: new Date(now).toISOString(),
    kind: 'instance',
    software: { name: 'Throughline' },
    implementation: { description: 'The record of this Throughline', url: base },
    fhirVersion: '4.0.1',
    format: ['json'],
    rest: [
      {
        mode: 'server',
        ...(security === undefined ? {} : { security }),
        interaction: [{ code: 'transaction' }, { code: 'batch' }, { code: 'history-system' }],
        resource: resourceTypes.map((type) => ({
          type: type as 'Patient',
          interaction: interactions.map((code) => ({ code })),
          versioning: 'versioned-update',
          readHistory: true,
          updateCreate: true,
          conditionalCreate: true,
          conditionalRead: 'not-match',
          conditionalUpdate: false,
          conditionalDelete: 'not-supported',
          referencePolicy: ['literal', 'logical'],
          searchParam: [
            { name: '_id', type: 'token' },
            { name: '_lastUpdated', type: 'date' },
            ...[...searchParameters(type).values()]
              .filter((parameter) => tableOf(parameter) !== undefined)
              .map(({ code, kind }): CapabilityStatementRestResourceSearchParam => ({ name: code, type: kind })),
          ],
        })),
      },
    ],
  }
}
