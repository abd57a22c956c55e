import type { Appointment, Resource, ServiceRequest } from '@medplum/fhirtypes'
import type { FhirRecord, ResourceWrite } from '../fhir/index.ts'
import type { AskedEffect, Performer } from '../journeys/index.ts'

type AskedRequest = AskedEffect<Extract<AskedEffect['effect'], { kind: 'request' }>>

/** Performs a journey's requests for a visit or a service, and withdraws those that nobody has answered. */
export function createRequestPerformer(record: FhirRecord): Performer {
  return {
    kinds: ['request', 'cancel'],
    async perform(tx, context, asked) {
      const at = new Date(context.clock.now()).toISOString()
      const made = new Map<string, Appointment | ServiceRequest>()
      for (const { effect, ...rest } of asked) {
        if (effect.kind !== 'request') continue
        const make = effect.resource === 'Appointment' ? appointment : service
        made.set(effect.key, make({ effect, ...rest }, at))
      }
      const withdrawn = asked.flatMap(({ effect }) =>
        effect.kind === 'cancel' && (effect.what === 'Appointment' || effect.what === 'ServiceRequest')
          ? [{ id: effect.resource, reference: `${effect.what}/${effect.resource}` }]
          : [],
      )
      const known = await record.readMany(
        tx,
        withdrawn.filter(({ id }) => !made.has(id)).map(({ reference }) => reference),
      )
      const writes: ResourceWrite[] = []
      for (const { id, reference } of withdrawn) {
        // Asked for and withdrawn in one batch: it is made as withdrawn.
        const fresh = made.get(id)
        const next = withdraw(fresh ?? known.get(reference))
        if (next && fresh) made.set(id, next)
        else if (next) writes.push({ interaction: 'update', resource: { ...next, id } })
      }
      writes.push(...[...made.values()].map((resource): ResourceWrite => ({ interaction: 'create', resource })))
      return { writes, jobs: [] }
    },
  }
}

/** One that somebody has booked or done meanwhile is theirs to undo. */
function withdraw(known: Resource | undefined): Appointment | ServiceRequest | undefined {
  if (known?.resourceType === 'Appointment' && known.status === 'proposed') return { ...known, status: 'cancelled' }
  if (known?.resourceType === 'ServiceRequest' && known.status === 'active') return { ...known, status: 'revoked' }
  return undefined
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
    code: { ...(effect.order ? { coding: [effect.order.code] } : {}), text: effect.title.en },
    ...(effect.order?.category ? { category: [{ coding: [effect.order.category] }] } : {}),
    ...(effect.order ? { priority: requestPriority(state.priority) } : {}),
    subject: { reference: state.subject },
    basedOn: [{ reference: state.trigger }],
  }
}

const requestPriority = (priority: string): NonNullable<ServiceRequest['priority']> =>
  priority === 'stat' || priority === 'asap' || priority === 'urgent' ? priority : 'routine'
