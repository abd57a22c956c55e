import type { CapabilityStatement, CapabilityStatementRestResourceOperation } from '@medplum/fhirtypes'
import { socketUrl } from './subscriptions/operations.ts'
import { shippedTopics } from './subscriptions/shipped-topics.ts'

const backport = 'http://hl7.org/fhir/uv/subscriptions-backport'
const bulk = 'http://hl7.org/fhir/uv/bulkdata'

const subscription = (name: string): CapabilityStatementRestResourceOperation => ({
  name,
  definition: `${backport}/OperationDefinition/backport-subscription-${name}`,
})

/** Operations by the type that they are of; `system`: of the whole server. */
const operations: Readonly<Record<string, readonly CapabilityStatementRestResourceOperation[]>> = {
  system: [
    { name: 'export', definition: `${bulk}/OperationDefinition/export` },
    { name: 'import', definition: 'urn:throughline:operation:import' },
  ],
  Patient: [{ name: 'export', definition: `${bulk}/OperationDefinition/patient-export` }],
  Group: [{ name: 'export', definition: `${bulk}/OperationDefinition/group-export` }],
  Subscription: [
    subscription('status'),
    subscription('events'),
    subscription('get-ws-binding-token'),
    { name: 'topic-list', definition: 'urn:throughline:operation:topic-list' },
  ],
}

/** Adds to the statement what subscriptions and bulk transfers serve. `base`: absolute address of /fhir. */
export function tellFlows(statement: CapabilityStatement, base: string): CapabilityStatement {
  return {
    ...statement,
    instantiates: [
      ...(statement.instantiates ?? []),
      `${bulk}/CapabilityStatement/bulk-data`,
      `${backport}/CapabilityStatement/backport-subscription-server-r4`,
    ],
    rest: statement.rest?.map((rest) => ({
      ...rest,
      extension: [
        ...(rest.extension ?? []),
        {
          url: 'http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket',
          valueUri: socketUrl(base),
        },
      ],
      operation: [...(rest.operation ?? []), ...(operations['system'] ?? [])],
      resource: rest.resource?.map((resource) => ({
        ...resource,
        ...(resource.type === 'Subscription'
          ? {
              supportedProfile: [`${backport}/StructureDefinition/backport-subscription`],
              extension: shippedTopics.map(({ url }) => ({
                url: `${backport}/StructureDefinition/capabilitystatement-subscriptiontopic-canonical`,
                valueCanonical: url,
              })),
            }
          : {}),
        operation: [...(resource.operation ?? []), ...(operations[resource.type ?? ''] ?? [])],
      })),
    })),
  }
}
