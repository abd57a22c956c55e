import type { Resource } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { storeConsents } from './consent-store.ts'
import { factsOf, labelTable, type LabelTable } from './facts-of.ts'
import type { Policies } from './policies.ts'
import type { Policy } from './policy.ts'
import { type Owned, storeFacts } from './store-facts.ts'

/** A write as the record tells its projections of it. */
interface Written {
  resourceType: Resource['resourceType']
  id: string
  version: number
  resource: Resource | undefined
  former: Resource | undefined
}

export interface FactsDependencies {
  policies: Policies
  /** Every patient, as `Patient/…`, whose record a resource is in. */
  patientsOf(resource: Resource): readonly string[]
}

// One table a policy: made once a version.
const tables = new WeakMap<Policy, LabelTable>()
const noLabels: LabelTable = new Map()

function tableOf(policy: Policy | undefined): LabelTable {
  if (!policy) return noLabels
  const made = tables.get(policy) ?? labelTable(policy)
  tables.set(policy, made)
  return made
}

/** Keeps subjects, labels, relationships and consents true with every write of the record, in its transaction. */
export function createFactsProjection(dependencies: FactsDependencies) {
  const { policies, patientsOf } = dependencies
  return {
    types: 'all' as const,
    async apply(tx: Tx, _context: CallContext, written: readonly Written[]): Promise<void> {
      const table = tableOf((await policies.recent(tx))?.policy)
      const facts = (resource: Resource) => factsOf(resource, patientsOf(resource), table)
      const first = new Map<string, Written>()
      const last = new Map<string, Written>()
      for (const one of written) {
        const key = `${one.resourceType}/${one.id}`
        if (!first.has(key)) first.set(key, one)
        last.set(key, one)
      }
      const changed: Owned[] = []
      for (const [key, one] of last) {
        const before = first.get(key)
        const fresh = before?.version === 1
        // Made and deleted in one batch: it keeps whose it was.
        const gone =
          fresh && !one.resource && one.former ? { ...facts(one.former), relations: [], members: [] } : undefined
        const now = one.resource ? facts(one.resource) : gone
        // Most updates change nothing that a rule goes by: then nothing is written.
        const former = before?.former
        if (now && former && JSON.stringify(facts(former)) === JSON.stringify(now)) continue
        changed.push({ type: one.resourceType, id: one.id, facts: now, fresh })
      }
      await storeFacts(tx, changed)
      const consents = [...last.values()].filter((one) => one.resourceType === 'Consent')
      if (consents.length > 0)
        await storeConsents(
          tx,
          consents.map(({ id, resource }) => ({
            id,
            consent: resource?.resourceType === 'Consent' ? resource : undefined,
          })),
        )
    },
  }
}

/** Makes the facts of some resources anew, whatever stands of them. What is deleted tells whose it was, and nothing else. */
export async function rebuildFacts(
  tx: Tx,
  { policies, patientsOf }: FactsDependencies,
  standing: readonly { resource: Resource; deleted: boolean }[],
): Promise<void> {
  const table = tableOf((await policies.active(tx))?.policy)
  await storeFacts(
    tx,
    standing.map(({ resource, deleted }) => {
      const facts = factsOf(resource, patientsOf(resource), table)
      return {
        type: resource.resourceType,
        id: resource.id ?? '',
        facts: deleted ? { ...facts, relations: [], members: [] } : facts,
        fresh: false,
      }
    }),
  )
  const consents = standing.flatMap(({ resource, deleted }) =>
    resource.resourceType === 'Consent' ? [{ id: resource.id ?? '', consent: deleted ? undefined : resource }] : [],
  )
  if (consents.length > 0) await storeConsents(tx, consents)
}
