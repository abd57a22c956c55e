import type { Tx } from '../db/index.ts'
import type { CallContext, TenantId } from '../kernel/index.ts'
import {
  checkSource,
  type CompiledPathway,
  compile,
  type Definition,
  type Finding,
  outlineOf,
  type PublishedOutline,
  type Surroundings,
} from '../pathways/index.ts'
import { refuse } from './errors.ts'

/** The pathways of each tenant, compiled once. */
export interface PublishedPathways {
  /** Active versions, which new journeys start under. */
  active(tx: Tx): Promise<CompiledPathway[]>
  /** Resource types that some version, active or retired, starts or waits by; `active` is what `active` gave in this transaction. */
  heard(tx: Tx, active: readonly CompiledPathway[]): Promise<ReadonlySet<string>>
  /** One version, which running journeys stay on. */
  version(tx: Tx, pathway: string, version: number): Promise<CompiledPathway>
  /** Publishes a source as the next active version; refuses with the findings when the checker finds an error. A source equal to the active one changes nothing. */
  publish(
    tx: Tx,
    context: CallContext,
    source: string,
    note: string,
  ): Promise<{ pathway: string; version: number; findings: Finding[]; changed: boolean }>
  /** What the checker says of a source, given what this tenant has published. */
  check(tx: Tx, source: string): Promise<Finding[]>
  surroundings: Surroundings
}

/** `forms`: canonicals of the forms that a tenant has published, besides those of the library. */
export function createPublishedPathways(
  surroundings: Surroundings,
  forms?: (tx: Tx) => Promise<readonly string[]>,
): PublishedPathways {
  // A version is frozen, so what was compiled once stays right; which are active is asked of the database each time.
  const compiled = new Map<string, CompiledPathway>()
  const keep = (tenant: TenantId, version: number, definition: Definition): CompiledPathway => {
    const key = `${tenant} ${definition.pathway} ${version}`
    let pathway = compiled.get(key)
    if (!pathway) {
      pathway = compile(definition, version, surroundings.table).pathway
      compiled.set(key, pathway)
    }
    return pathway
  }

  const versionOf = async (tx: Tx, id: string, version: number): Promise<CompiledPathway> => {
    const known = compiled.get(`${tx.tenant} ${id} ${version}`)
    if (known) return known
    const [row] = await tx.query<{ definition: Definition }>({
      text: 'select definition from pathway_version where tenant_id = $1 and pathway = $2 and version = $3',
      values: [tx.tenant, id, version],
    })
    if (!row)
      throw refuse('pathway-not-found', { faults: [{ path: 'version', message: `${id} has no version ${version}` }] })
    return keep(tx.tenant, version, row.definition)
  }

  /** What a `start` step may name is what this tenant has published. */
  const around = async (tx: Tx): Promise<Surroundings> => {
    const rows = await tx.query<{ pathway: string; version: number }>({
      text: 'select pathway, version from pathway_version where tenant_id = $1 order by pathway, version',
      values: [tx.tenant],
    })
    const pathways: PublishedOutline[] = []
    for (const { pathway, version } of rows) pathways.push(outlineOf(await versionOf(tx, pathway, version)))
    return { ...surroundings, pathways, forms: [...(surroundings.forms ?? []), ...((await forms?.(tx)) ?? [])] }
  }

  // Every publication changes the active versions, so what was gathered under the same ones is still all there is.
  const gathered = new Map<TenantId, { under: string; types: ReadonlySet<string> }>()
  return {
    surroundings,
    check: async (tx, source) => checkSource(source, await around(tx)).findings,
    async active(tx) {
      const heads = await tx.query<{ id: string; version: number }>({
        name: 'active-pathways',
        text: 'select id, active_version as version from pathway where tenant_id = $1',
        values: [tx.tenant],
      })
      return Promise.all(heads.map(({ id, version }) => versionOf(tx, id, version)))
    },
    async heard(tx, active) {
      const under = active
        .map((pathway) => `${pathway.id} ${pathway.version}`)
        .toSorted()
        .join()
      const known = gathered.get(tx.tenant)
      if (known?.under === under) return known.types
      const rows = await tx.query<{ pathway: string; version: number }>({
        text: 'select pathway, version from pathway_version where tenant_id = $1',
        values: [tx.tenant],
      })
      const types = new Set<string>()
      for (const { pathway, version } of rows) {
        const { startTypes, waitTypes } = await versionOf(tx, pathway, version)
        for (const type of [...startTypes, ...waitTypes]) types.add(type)
      }
      gathered.set(tx.tenant, { under, types })
      return types
    },
    version: versionOf,
    async publish(tx, context, source, note) {
      const { definition, findings } = checkSource(source, await around(tx))
      const errors = findings.filter((finding) => finding.severity === 'error')
      if (!definition || errors.length > 0)
        throw refuse('pathway-refused', {
          faults: errors.map(({ code, path, line, column, message }) => ({
            code,
            path,
            message: line === undefined ? message : `${message} (line ${line}, column ${column})`,
          })),
        })
      const id = definition.pathway
      await tx.run({
        text: 'insert into pathway (tenant_id, id, active_version) values ($1, $2, 0) on conflict do nothing',
        values: [tx.tenant, id],
      })
      const [head] = await tx.query<{ active: number; source: string | null; latest: number }>({
        text: `select p.active_version as active, a.source,
                 (select coalesce(max(version), 0) from pathway_version where tenant_id = $1 and pathway = $2)::int as latest
               from pathway p left join pathway_version a on a.tenant_id = p.tenant_id and a.pathway = p.id and a.version = p.active_version
               where p.tenant_id = $1 and p.id = $2 for update of p`,
        values: [tx.tenant, id],
      })
      if (head?.source === source) return { pathway: id, version: head.active, findings, changed: false }
      const version = (head?.latest ?? 0) + 1
      await tx.run({
        text: `update pathway_version set status = 'retired' where tenant_id = $1 and pathway = $2 and status = 'active'`,
        values: [tx.tenant, id],
      })
      await tx.run({
        text: `insert into pathway_version (tenant_id, pathway, version, status, source, definition, note, published_at, published_by) values ($1, $2, $3, 'active', $4, $5, $6, $7, $8)`,
        values: [
          tx.tenant,
          id,
          version,
          source,
          JSON.stringify(definition),
          note,
          new Date(context.clock.now()),
          context.actor.name,
        ],
      })
      await tx.run({
        text: 'update pathway set active_version = $3 where tenant_id = $1 and id = $2',
        values: [tx.tenant, id, version],
      })
      return { pathway: id, version, findings, changed: true }
    },
  }
}
