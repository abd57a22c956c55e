import type { Automation, AutomationList, Training } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import type { AutomationDefinition } from '../automation/definition.ts'
import { refuse } from '../errors.ts'
import { readHealth, readLevel, readScope } from '../ladder/standings.ts'

type Item = AutomationList['items'][number]
type Counts = Item['counts']

const none: Counts = { asked: 0, waiting: 0, acted: 0, proposed: 0, accepted: 0, edited: 0, handed: 0, reversed: 0 }
const days = 30

async function countsOf(tx: Tx, ids: readonly string[], now: number): Promise<Map<string, Counts>> {
  const rows = await tx.query<Counts & { automation: string }>({
    text: `select automation, count(*)::int as asked, count(*) filter (where status = 'waiting')::int as waiting,
             count(*) filter (where status = 'acted')::int as acted, count(*) filter (where status <> 'acted' and touched_at is not null)::int as proposed,
             count(*) filter (where disposition = 'accepted')::int as accepted, count(*) filter (where disposition = 'edited')::int as edited,
             count(*) filter (where handed is not null)::int as handed, count(*) filter (where reversed_at is not null)::int as reversed
           from automation_decision where tenant_id = $1 and automation = any($2) and asked_at >= $3 group by automation`,
    values: [tx.tenant, ids, new Date(now - days * 86_400_000)],
  })
  return new Map(rows.map(({ automation, ...counts }) => [automation, counts]))
}

async function standingsOf(tx: Tx, ids: readonly string[]) {
  const rows = await tx.query<{ automation: string; version: number; scope: string; level: string; since: Date }>({
    text: 'select automation, version, scope, level, since from automation_standing where tenant_id = $1 and automation = any($2) order by automation, version, length(scope), scope',
    values: [tx.tenant, ids],
  })
  return (automation: string, version: number): Item['standings'] =>
    rows
      .filter((row) => row.automation === automation && row.version === version)
      .map((row) => ({
        scope: readScope(row.scope) as Item['standings'][number]['scope'],
        level: readLevel(row.level),
        since: row.since.toISOString(),
      }))
}

async function risesOf(tx: Tx, ids: readonly string[]) {
  const rows = await tx.query<{
    id: string
    automation: string
    version: number
    scope: string
    level: string
    reason: string
    asked_at: Date
    asked_by: string
    signatures: { side: 'clinical' | 'technical'; name: string; at: string }[]
  }>({
    text: `select r.id, r.automation, r.version, r.scope, r.level, r.reason, r.asked_at, r.asked_by,
             coalesce((select jsonb_agg(jsonb_build_object('side', s.side, 'name', s.name, 'at', s.at) order by s.at)
               from automation_signature s where s.tenant_id = r.tenant_id and s.rise = r.id), '[]') as signatures
           from automation_rise r where r.tenant_id = $1 and r.automation = any($2) and r.status = 'open' order by r.id`,
    values: [tx.tenant, ids],
  })
  return (automation: string): Item['rises'] =>
    rows
      .filter((row) => row.automation === automation)
      .map((row) => ({
        id: row.id,
        version: row.version,
        scope: readScope(row.scope) as Item['rises'][number]['scope'],
        to: readLevel(row.level),
        reason: row.reason,
        askedAt: row.asked_at.toISOString(),
        by: row.asked_by,
        signatures: row.signatures.map(({ side, name, at }) => ({ side, by: name, at: new Date(at).toISOString() })),
      }))
}

async function healthOf(tx: Tx, automation: string, version: number): Promise<Item['health']> {
  const { level, reason } = await readHealth(tx, automation, version)
  return reason === undefined ? null : { level, reason }
}

/** The ladder board: every automation, what the version that answers may do where, and how its decisions of 30 days ended. */
export async function listAutomations(tx: Tx, now: number): Promise<AutomationList> {
  const heads = await tx.query<{
    id: string
    active: number
    candidate: number | null
    definition: AutomationDefinition
    incidents: number
  }>({
    text: `select a.id, a.active_version as active, a.candidate_version as candidate, v.definition,
             (select count(*)::int from incident i where i.tenant_id = a.tenant_id and i.automation = a.id and i.closed_at is null) as incidents
           from automation a join automation_version v on v.tenant_id = a.tenant_id and v.automation = a.id and v.version = a.active_version
           where a.tenant_id = $1 order by a.id`,
    values: [tx.tenant],
  })
  const ids = heads.map(({ id }) => id)
  const [counts, standings, rises] = [await countsOf(tx, ids, now), await standingsOf(tx, ids), await risesOf(tx, ids)]
  const items: Item[] = []
  for (const { id, active, candidate, definition, incidents } of heads)
    items.push({
      id,
      title: definition.title,
      owner: definition.owner,
      clinicalOwner: definition['clinical-owner'],
      active,
      candidate,
      standings: standings(id, active),
      health: await healthOf(tx, id, active),
      counts: counts.get(id) ?? none,
      rises: rises(id),
      openIncidents: incidents,
    })
  return { items }
}

/** One automation with its versions, evidence, requests, and the last hundred things that happened to it. */
export async function readAutomationPage(tx: Tx, id: string, now: number): Promise<Automation> {
  const [head] = await tx.query<{ active: number; candidate: number | null }>({
    text: 'select active_version as active, candidate_version as candidate from automation where tenant_id = $1 and id = $2',
    values: [tx.tenant, id],
  })
  const versions = await tx.query<{
    version: number
    source: string
    definition: AutomationDefinition
    artefact_hash: string
    note: string
    published_at: Date
    published_by: string
    training: Training | null
  }>({
    text: `select v.version, v.source, v.definition, v.artefact_hash, v.note, v.published_at, v.published_by, t.report as training
           from automation_version v
           left join automation_training t on t.tenant_id = v.tenant_id and t.automation = v.automation and t.version = v.version
           where v.tenant_id = $1 and v.automation = $2 order by v.version desc`,
    values: [tx.tenant, id],
  })
  const active = versions.find(({ version }) => version === head?.active)
  if (!head || !active) throw refuse('automation-not-found')
  const { definition } = active
  const [counts, standings, rises] = [
    await countsOf(tx, [id], now),
    await standingsOf(tx, [id]),
    await risesOf(tx, [id]),
  ]
  return {
    id,
    title: definition.title,
    intendedUse: definition['intended-use'],
    exclusions: definition.exclusions.map(({ because }) => because),
    owner: definition.owner,
    clinicalOwner: definition['clinical-owner'],
    fallbackRole: definition.fallback.role,
    active: head.active,
    candidate: head.candidate,
    source: active.source,
    answers: definition.answers,
    bounds: definition.bounds,
    learns: definition.learns !== undefined,
    versions: versions.map((one) => ({
      version: one.version,
      note: one.note,
      hash: one.artefact_hash,
      publishedAt: one.published_at.toISOString(),
      by: one.published_by,
      standings: standings(id, one.version),
      training: one.training,
    })),
    health: await healthOf(tx, id, head.active),
    counts: counts.get(id) ?? none,
    evidence: await evidenceOf(tx, id),
    rises: rises(id),
    events: await eventsOf(tx, id),
    incidents: (
      await tx.query<{ id: string; opened_at: Date; closed_at: Date | null; reason: string }>({
        text: 'select id, opened_at, closed_at, reason from incident where tenant_id = $1 and automation = $2 order by id desc limit 50',
        values: [tx.tenant, id],
      })
    ).map((one) => ({
      id: one.id,
      openedAt: one.opened_at.toISOString(),
      closedAt: one.closed_at?.toISOString() ?? null,
      reason: one.reason,
    })),
  }
}

async function evidenceOf(tx: Tx, id: string): Promise<Automation['evidence']> {
  const rows = await tx.query<{
    id: string
    version: number
    scope: string
    supports: string
    kind: string
    summary: { cases?: number; agreed?: number; review?: string; area?: number }
    until: Date
    at: Date
    by_name: string
  }>({
    text: 'select id, version, scope, supports, kind, summary, until, at, by_name from automation_evidence where tenant_id = $1 and automation = $2 order by id desc limit 50',
    values: [tx.tenant, id],
  })
  return rows.map((row) => ({
    id: row.id,
    version: row.version,
    scope: readScope(row.scope) as Automation['evidence'][number]['scope'],
    supports: readLevel(row.supports),
    kind: row.kind,
    cases: row.summary.cases ?? null,
    agreed: row.summary.agreed ?? null,
    area: row.summary.area ?? null,
    review: row.summary.review ?? null,
    until: row.until.toISOString(),
    at: row.at.toISOString(),
    by: row.by_name,
  }))
}

async function eventsOf(tx: Tx, id: string): Promise<Automation['events']> {
  const rows = await tx.query<{
    at: Date
    by_name: string
    kind: string
    version: number
    data: {
      scope?: Automation['events'][number]['scope']
      to?: string
      supports?: string
      reason?: string
      incident?: string
    }
  }>({
    text: 'select at, by_name, kind, version, data from automation_event where tenant_id = $1 and automation = $2 order by id desc limit 100',
    values: [tx.tenant, id],
  })
  return rows.map(({ at, by_name, kind, version, data }) => {
    const to = data.to ?? data.supports
    return {
      at: at.toISOString(),
      by: by_name,
      kind,
      version,
      scope: data.scope ?? null,
      to: to === undefined ? null : readLevel(to),
      reason: data.reason ?? null,
      incident: data.incident ?? null,
    }
  })
}
