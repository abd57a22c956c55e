import type { Resource } from '@medplum/fhirtypes'
import type { Database, Tx } from '../db/index.ts'
import type { TenantId } from '../kernel/index.ts'
import { forgetCallerFacts } from './caller.ts'
import { type FactsDependencies, rebuildFacts } from './project-facts.ts'
import { factsForm } from './store-facts.ts'

export interface BuildDependencies extends FactsDependencies {
  /** The whole record in order, a page at a time. */
  readWhole(
    tx: Tx,
    after: { type: string; id: string } | undefined,
    limit: number,
  ): Promise<{ resource: Resource; deleted: boolean }[]>
}

export interface Place {
  type: string
  id: string
}

/** Makes the facts of one page of the record anew; the place to go on from, or undefined at the end. */
export async function buildPage(
  tx: Tx,
  dependencies: BuildDependencies,
  after: Place | undefined,
  limit = 500,
): Promise<Place | undefined> {
  const page = await dependencies.readWhole(tx, after, limit)
  await rebuildFacts(tx, dependencies, page)
  const last = page.at(-1)?.resource
  return last && page.length === limit ? { type: last.resourceType, id: last.id ?? '' } : undefined
}

export async function markBuilt(tx: Tx): Promise<void> {
  forgetCallerFacts(tx)
  await tx.run({
    text: 'insert into access_state (tenant_id, built) values ($1, $2) on conflict (tenant_id) do update set built = excluded.built',
    values: [tx.tenant, factsForm],
  })
}

/**
 * Makes a tenant's facts whole if this program's form of them is not: after an upgrade, before the doors open. Done again
 * from the beginning after a crash; until it is done, the guard refuses everything. Returns how many pages it went over.
 */
export async function buildFacts(
  database: Database,
  tenant: TenantId,
  dependencies: BuildDependencies,
): Promise<number> {
  const [state] = await database.transaction(tenant, (tx) =>
    tx.query<{ built: number }>({ text: 'select built from access_state where tenant_id = $1', values: [tenant] }),
  )
  if (state?.built === factsForm) return 0
  let after: Place | undefined
  for (let pages = 1; ; pages += 1) {
    after = await database.transaction(tenant, (tx) => buildPage(tx, dependencies, after))
    if (after) continue
    await database.transaction(tenant, markBuilt)
    return pages
  }
}
