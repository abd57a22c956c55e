import type { AuditEvent } from '@medplum/fhirtypes'
import { actSystem, requestSystem } from './balp.ts'

/** What was done, by our own code. */
export const codeOf = (event: AuditEvent): string =>
  event.subtype?.find(({ system }) => system === actSystem)?.code ?? event.subtype?.[0]?.code ?? ''

/** References of what was touched and whose it is, each once; what is no resource as `kind/id`. */
export const entitiesOf = (event: AuditEvent): string[] => [
  ...new Set(
    (event.entity ?? []).flatMap(({ what }) => {
      if (what?.reference !== undefined) return [what.reference]
      const { system, value } = what?.identifier ?? {}
      return system === undefined || system === requestSystem ? [] : [`${system.split(':').at(-1)}/${value}`]
    }),
  ),
]
