import type { Appointment, ServiceRequest } from '@medplum/fhirtypes'
import type { FhirRecord, ResourceWrite } from '../fhir/index.ts'
import type { AskedEffect, Performer } from '../journeys/index.ts'

type AskedRequest = AskedEffect<Extract<AskedEffect['effect'], { kind: 'request' }>>

/** Performs a journey's requests for a visit or a service, and withdraws those that nobody has answered. */
export function createRequestPerformer(record: FhirRecord): Performer {
  return {
    kinds: ['request', 'cancel'],
    async perform(tx, context, asked) {
      const at = new Date(context.clock.now()).toISOString()
      const writes = asked.flatMap(({ effect, ...rest }): ResourceWrite[] =>
        effect.kind === 'request'
          ? [
              {
                interaction: 'create',
                resource:
                  effect.resource === 'Appointment'
                    ? appointment({ effect, ...rest }, at)
                    : service({ effect, ...rest }, at),
              },
            ]
          : [],
      )
      for (const { effect } of asked) {
        if (effect.kind !== 'cancel' || (effect.what !== 'Appointment' && effect.what !== 'ServiceRequest')) continue
        const known = await record.read(tx, `${effect.what}/${effect.resource}`)
        // One that somebody has booked or done meanwhile is theirs to undo.
        if (known?.resourceType === 'Appointment' && known.status === 'proposed')
          writes.push({ interaction: 'update', resource: { ...known, id: effect.resource, status: 'cancelled' } })
        if (known?.resourceType === 'ServiceRequest' && known.status === 'active')
          writes.push({ interaction: 'update', resource: { ...known, id: effect.resource, status: 'revoked' } })
      }
      return { writes, jobs: [] }
    },
  }
}

function appointment({ effect, state }: AskedRequest, at: string): Appointment {
  return {
    resourceType: 'Appointment',
    id: effect.key,
    status: 'proposed',
    description: effect.title.en,
    created: at,
    basedOn: [{ reference: state.trigger }],
    participant: [{ actor: { reference: state.subject }, status: 'needs-action' }],
  }
}

function service({ effect, state }: AskedRequest, at: string): ServiceRequest {
  return {
    resourceType: 'ServiceRequest',
    id: effect.key,
    status: 'active',
    intent: 'order',
    authoredOn: at,
    code: { text: effect.title.en },
    subject: { reference: state.subject },
    basedOn: [{ reference: state.trigger }],
  }
}
