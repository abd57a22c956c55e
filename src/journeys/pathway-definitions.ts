import type { ActivityDefinition, PlanDefinition } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import type { Made, MadeAsked, Sight, Use } from '../fhir/index.ts'
import { parse, toFhir } from '../pathways/index.ts'

type Definitional = (PlanDefinition | ActivityDefinition) & { id: string }
interface Row {
  pathway: string
  version: number
  status: 'active' | 'retired'
  published_at: Date
}

/** Published versions of pathways as PlanDefinitions and ActivityDefinitions, made when they are read: never other than what is live. */
export function pathwayDefinitions(): Made[] {
  // A version's text is frozen: what was made of it once stays right but for its status.
  const known = new Map<string, Definitional[]>()
  const resourcesOf = async (tx: Tx, { pathway, version, published_at }: Row): Promise<Definitional[]> => {
    const key = `${tx.tenant} ${pathway} ${version}`
    const made = known.get(key)
    if (made) return made
    const [row] = await tx.query<{ source: string }>({
      text: 'select source from pathway_version where tenant_id = $1 and pathway = $2 and version = $3',
      values: [tx.tenant, pathway, version],
    })
    const { definition } = parse(row?.source ?? '')
    const bundle = definition ? toFhir(definition, version, { date: published_at.toISOString() }) : undefined
    const resources = (bundle?.entry ?? []).map(({ resource }) => resource as Definitional)
    known.set(key, resources)
    return resources
  }
  return (['PlanDefinition', 'ActivityDefinition'] as const).map((type) => ({
    type,
    what: 'pathways',
    by: ['url', 'version', 'status', 'name', 'title'],
    never: [
      '_profile',
      '_security',
      '_tag',
      'identifier',
      'context',
      'context-type',
      'jurisdiction',
      'publisher',
      'topic',
    ],
    async find(tx, sight, use, asked, limit) {
      const rows = await tx.query<Row>({
        name: 'published-versions',
        text: `select pathway, version, status, published_at from pathway_version where tenant_id = $1 order by pathway, status = 'retired', version desc`,
        values: [tx.tenant],
      })
      const found: { id: string; version: number; updated: Date; content: string }[] = []
      for (const row of rows) {
        for (const resource of await resourcesOf(tx, row)) {
          const now = { ...resource, status: row.status }
          if (resource.resourceType !== type || !meets(now, asked)) continue
          // What is retired was another version of the resource before.
          const version = row.status === 'active' ? 1 : 2
          const meta = { ...now.meta, versionId: String(version), lastUpdated: row.published_at.toISOString() }
          found.push({ id: now.id, version, updated: row.published_at, content: JSON.stringify({ ...now, meta }) })
        }
      }
      const seen = await seenOf(tx, sight, use, type, found)
      return found.filter(({ id }) => seen.has(id)).slice(0, limit)
    },
  }))
}

function meets(resource: Definitional, asked: MadeAsked): boolean {
  const texts: Readonly<Record<string, string | undefined>> = {
    _id: resource.id,
    url: resource.url,
    version: resource.version,
    status: resource.status,
  }
  return Object.entries(asked).every(([name, values]) => {
    if (name in texts) return values.includes(texts[name] ?? '')
    const text = (name === 'name' ? resource.name : resource.title)?.toLowerCase() ?? ''
    return values.some((value) => text.startsWith(value.toLowerCase()))
  })
}

/** Those that the caller may use so, as resources of the type that lie in nobody's record. */
async function seenOf(
  tx: Tx,
  sight: Sight | undefined,
  use: Use,
  type: string,
  found: readonly { id: string }[],
): Promise<Set<string>> {
  const ids = found.map(({ id }) => id)
  if (!sight || ids.length === 0) return new Set(ids)
  const values: unknown[] = [tx.tenant, ids]
  const visible = sight.visible(use)(type, 'v', (value, kind) => `$${values.push(value)}::${kind}`)
  // $1 is the tenant wherever the record's guard writes a condition.
  const text = `select v.id from unnest($2::text[]) as v (id) where $1::text is not null and (${visible})`
  const rows = await tx.query<{ id: string }>({ text, values })
  return new Set(rows.map(({ id }) => id))
}
