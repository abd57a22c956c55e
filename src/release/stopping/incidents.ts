import type { Incident, IncidentList } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import type { AutomationDefinition } from '../automation/definition.ts'
import { refuse } from '../errors.ts'
import { readScope } from '../ladder/standings.ts'
import { listActions } from './actions.ts'

interface Row {
  id: string
  automation: string
  version: number
  scope: string
  cause: Incident['cause']
  reason: string
  known_good_at: Date
  opened_at: Date
  opened_by: string
  held: number
  to_review: number
  reviewed: number
  closed_at: Date | null
  closed_by: string | null
  learned: string | null
  watched_by: string | null
  definition: AutomationDefinition
}

const select = `select i.*, v.definition,
    (select count(*)::int from look_back l where l.tenant_id = i.tenant_id and l.incident = i.id) as to_review,
    (select count(*)::int from look_back l where l.tenant_id = i.tenant_id and l.incident = i.id and l.reviewed_at is not null) as reviewed
  from incident i join automation_version v on v.tenant_id = i.tenant_id and v.automation = i.automation and v.version = i.version`

const item = (row: Row): IncidentList['items'][number] => ({
  id: row.id,
  automation: row.automation,
  title: row.definition.title,
  version: row.version,
  scope: readScope(row.scope) as Incident['scope'],
  cause: row.cause,
  reason: row.reason,
  knownGoodAt: row.known_good_at.toISOString(),
  openedAt: row.opened_at.toISOString(),
  by: row.opened_by,
  held: row.held,
  toReview: row.to_review,
  reviewed: row.reviewed,
  closedAt: row.closed_at?.toISOString() ?? null,
})

/** The last hundred incidents, open ones first. */
export async function listIncidents(tx: Tx): Promise<IncidentList> {
  const rows = await tx.query<Row>({
    text: `${select} where i.tenant_id = $1 order by (i.closed_at is null) desc, i.id desc limit 100`,
    values: [tx.tenant],
  })
  return { items: rows.map(item) }
}

/** An incident with the patients whom the caller may see, by name, and what happened around it. */
export async function readIncident(
  tx: Tx,
  id: string,
  names: (patients: readonly string[]) => Promise<ReadonlyMap<string, string>>,
): Promise<Incident> {
  const [row] = await tx.query<Row>({ text: `${select} where i.tenant_id = $1 and i.id = $2`, values: [tx.tenant, id] })
  if (!row) throw refuse('incident-not-found')
  const patients = await tx.query<{
    patient: string
    decisions: string[]
    task: string
    finding: string | null
    note: string | null
    reviewed_at: Date | null
    reviewed_by: string | null
  }>({
    text: 'select patient, decisions, task, finding, note, reviewed_at, reviewed_by from look_back where tenant_id = $1 and incident = $2 order by patient',
    values: [tx.tenant, id],
  })
  const named = await names(patients.map(({ patient }) => patient))
  const seen = patients.filter(({ patient }) => named.has(patient))
  const events = await tx.query<{ at: Date; by_name: string; kind: string; data: { to?: string; reason?: string } }>({
    text: `select at, by_name, kind, data from automation_event where tenant_id = $1 and automation = $2 and at between $3 and $4 order by id`,
    values: [tx.tenant, row.automation, row.known_good_at, row.closed_at ?? new Date(8_640_000_000_000_000)],
  })
  const actions = (await listActions(tx, id)).items
  return {
    ...item(row),
    learned: row.learned,
    watchedBy: row.watched_by,
    patients: seen.map((one) => ({
      patient: one.patient,
      name: named.get(one.patient) ?? '',
      decisions: one.decisions,
      task: one.task,
      finding: one.finding,
      note: one.note,
      reviewedAt: one.reviewed_at?.toISOString() ?? null,
      by: one.reviewed_by,
    })),
    timeline: [
      ...events.map(({ at, by_name, kind, data }) => ({
        at: at.toISOString(),
        by: by_name,
        kind,
        text: data.reason ?? data.to ?? null,
      })),
      ...seen.flatMap((one) =>
        one.reviewed_at
          ? [{ at: one.reviewed_at.toISOString(), by: one.reviewed_by ?? '', kind: 'reviewed', text: one.finding }]
          : [],
      ),
      ...actions.flatMap(({ openedAt, by, says, closed }) => [
        { at: openedAt, by, kind: 'action-planned', text: says },
        ...(closed ? [{ at: closed.at, by: closed.by, kind: 'action-closed', text: closed.watch }] : []),
      ]),
      ...(row.closed_at
        ? [{ at: row.closed_at.toISOString(), by: row.closed_by ?? '', kind: 'closed', text: row.learned }]
        : []),
    ].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
  }
}

/** Closes an incident. Not before every patient was looked back on, and not without what now watches for it. */
export async function closeIncident(
  tx: Tx,
  context: CallContext,
  id: string,
  asked: { learned: string; watchedBy: string },
): Promise<void> {
  const [row] = await tx.query<{ closed_at: Date | null; left: number }>({
    text: `select i.closed_at, (select count(*)::int from look_back l where l.tenant_id = i.tenant_id and l.incident = i.id and l.reviewed_at is null) as left
           from incident i where i.tenant_id = $1 and i.id = $2 for update`,
    values: [tx.tenant, id],
  })
  if (!row) throw refuse('incident-not-found')
  if (row.closed_at) throw refuse('incident-closed')
  const [undone] = await tx.query<{ open: number }>({
    text: 'select count(*)::int as open from postmortem_action where tenant_id = $1 and incident = $2 and closed_at is null',
    values: [tx.tenant, id],
  })
  if (undone && undone.open > 0)
    throw refuse('actions-open', { faults: [{ path: 'actions', message: `${undone.open} not yet` }] })
  if (row.left > 0) throw refuse('look-back-open', { faults: [{ path: 'patients', message: `${row.left} not yet` }] })
  await tx.run({
    text: 'update incident set closed_at = $3, closed_by = $4, learned = $5, watched_by = $6 where tenant_id = $1 and id = $2',
    values: [tx.tenant, id, new Date(context.clock.now()), context.actor.name, asked.learned, asked.watchedBy],
  })
}
