import type { PathwayHistory, PathwayList, PathwayVersion } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { type Localized, pictureOf, runScenarios } from '../../pathways/index.ts'
import { refuse } from '../errors.ts'
import { readVersion } from './begin-draft.ts'
import type { ExamineDependencies } from './examine.ts'
import type { Person, Signed } from './put-live.ts'

interface VersionRow {
  id: string
  active: number
  version: number
  status: 'active' | 'retired'
  note: string
  published_at: Date
  published_by: string
  title: Localized
  writers: Person[]
  approved: Signed | null
  restores: number | null
  emergency: string | null
  seconded: Signed | null
  draft: string | null
  running: number
}

const rowsOf = (tx: Tx, pathway?: string): Promise<VersionRow[]> =>
  tx.query<VersionRow>({
    text: `select p.id, p.active_version as active, v.version, v.status, v.note, v.published_at, v.published_by,
             v.definition->'title' as title, v.writers, v.approved, v.restores, v.emergency, v.seconded, v.draft,
             (select count(*)::int from journey j where j.tenant_id = $1 and j.pathway = p.id and j.version = v.version and j.status = 'active') as running
           from pathway p join pathway_version v on v.tenant_id = p.tenant_id and v.pathway = p.id
           where p.tenant_id = $1 and ($2::text is null or p.id = $2) order by p.id, v.version desc`,
    values: [tx.tenant, pathway ?? null],
  })

type Item = PathwayList['items'][number]

const versionLine = (row: VersionRow): Item['versions'][number] => ({
  version: row.version,
  status: row.status,
  note: row.note,
  publishedAt: row.published_at.toISOString(),
  by: row.published_by,
  writers: row.writers,
  approved: row.approved,
  restores: row.restores,
  emergency: row.emergency,
  seconded: row.seconded,
  draft: row.draft,
  running: row.running,
})

/** Every pathway that was ever published, with its versions, the newest first; the busiest pathway first: it is the one people come for. */
export async function listPathways(tx: Tx): Promise<Item[]> {
  const rows = await rowsOf(tx)
  const clinics = await tx.query<{ pathway: string; clinic: string; version: number }>({
    text: 'select pathway, clinic, version from pathway_clinic where tenant_id = $1 order by pathway, clinic',
    values: [tx.tenant],
  })
  const byPathway = new Map<string, VersionRow[]>()
  for (const row of rows) byPathway.set(row.id, [...(byPathway.get(row.id) ?? []), row])
  const items = [...byPathway].map(([id, own]): Item => {
    const shown = own.find((row) => row.version === row.active) ?? own[0]
    return {
      id,
      title: shown?.title ?? { en: id, fr: id },
      activeVersion: own[0]?.active ?? 0,
      clinics: clinics.flatMap(({ pathway, clinic, version }) => (pathway === id ? [{ clinic, version }] : [])),
      versions: own.map(versionLine),
    }
  })
  const running = (item: Item) => item.versions.reduce((sum, one) => sum + one.running, 0)
  return items.toSorted((a, b) => running(b) - running(a))
}

/** A version in full, as it was published; what the checker says of it is said as of today. */
export async function versionView(
  tx: Tx,
  { pathways, calendar }: ExamineDependencies,
  id: string,
  version: number,
): Promise<PathwayVersion> {
  const row = (await rowsOf(tx, id)).find((one) => one.version === version)
  if (!row) throw refuse('pathway-not-found', { faults: [{ path: 'params', message: 'no pathway has this version' }] })
  const { source, templates, scenarios } = await readVersion(tx, id, version)
  const compiled = await pathways.version(tx, id, version)
  const { definition } = compiled
  return {
    ...versionLine(row),
    id,
    title: definition.title,
    description: definition.description ?? null,
    source,
    templates: [...templates],
    scenarios: [...scenarios],
    graph: pictureOf(definition),
    findings: (await pathways.check(tx, { source, templates })).findings,
    report: runScenarios(compiled, scenarios, calendar),
  }
}

/** What happened to a pathway, the newest first. */
export async function pathwayHistory(tx: Tx, pathway: string): Promise<PathwayHistory['items']> {
  const rows = await tx.query<Omit<PathwayHistory['items'][number], 'at'> & { at: Date }>({
    text: `select id, at, act, by_whom as by, draft, version, clinics, note from pathway_change
           where tenant_id = $1 and pathway = $2 order by at desc, id desc limit 500`,
    values: [tx.tenant, pathway],
  })
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }))
}
