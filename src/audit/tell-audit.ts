import type { CapabilityStatement } from '@medplum/fhirtypes'

const searchParam = (
  [
    ['_id', 'token'],
    ['date', 'date'],
    ['patient', 'reference'],
    ['entity', 'reference'],
    ['agent', 'reference'],
    ['altid', 'token'],
    ['agent-name', 'string'],
    ['address', 'string'],
    ['action', 'token'],
    ['outcome', 'token'],
    ['type', 'token'],
    ['subtype', 'token'],
  ] as const
).map(([name, type]) => ({ name, type }))

/** Says of AuditEvent what this room serves, instead of what the record does for its types. */
export const tellAudit = (statement: CapabilityStatement): CapabilityStatement => ({
  ...statement,
  rest: statement.rest?.map((rest) => ({
    ...rest,
    resource: rest.resource?.map((resource) =>
      resource.type === 'AuditEvent'
        ? {
            type: 'AuditEvent' as const,
            documentation: 'Written by the server alone; the newest come first',
            interaction: [{ code: 'read' as const }, { code: 'search-type' as const }],
            versioning: 'no-version' as const,
            searchParam,
          }
        : resource,
    ),
  })),
})
