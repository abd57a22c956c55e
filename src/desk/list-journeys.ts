import type { JourneyList } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { prepared } from '../fhir/index.ts'
import type { CallContext } from '../kernel/index.ts'
import type { JourneyState } from '../pathways/index.ts'
import { type DeskDependencies, inSight, iso, patientsOf } from './desk.ts'
import { endingTitle } from './pathway-words.ts'

export interface JourneyFilter {
  pathway: string
  stage?: string | undefined
  status: 'active' | 'ended'
  overdue: boolean
  after?: string | undefined
}

const page = 50

/** Journeys of a pathway: running ones by how long they stand in their stage, ended ones by when they ended. */
export async function listJourneys(
  tx: Tx,
  dependencies: DeskDependencies,
  context: CallContext,
  filter: JourneyFilter,
): Promise<JourneyList> {
  const now = new Date(context.clock.now())
  const active = filter.status === 'active'
  const [at = '', id = ''] = filter.after?.split(' ') ?? []
  const since = Number.isNaN(Date.parse(at)) ? undefined : new Date(at)
  const order = active ? 'stage_since' : 'ended_at'
  const sight = await dependencies.sight(tx, context)
  const values = [tx.tenant, filter.pathway, filter.stage ?? null, filter.overdue, now, since ?? null, id, page + 1]
  const text = `
    select j.id, j.version, j.status, j.outcome, j.stage, j.stage_since, j.started_at, j.ended_at, j.due, j.state, j.${order} as at from journey j
    where j.tenant_id = $1 and j.pathway = $2 and ${active ? `j.status = 'active'` : `j.status <> 'active'`}
      and ($3::text is null or j.stage = $3) and (not $4::boolean or j.due < $5)
      and ($6::timestamptz is null or ${active ? `(j.${order}, j.id) > ($6, $7)` : `(j.${order}, j.id) < ($6, $7)`})${inSight(sight, values, 'j.subject')}
    order by j.${order} ${active ? 'asc' : 'desc'}, j.id ${active ? 'asc' : 'desc'} limit $8`
  const rows = await tx.query<{
    id: string
    version: number
    status: string
    outcome: string | null
    stage: string | null
    stage_since: Date
    started_at: Date
    ended_at: Date | null
    due: Date | null
    state: string
    at: Date
  }>(prepared({ text, values }))
  const shown = rows.slice(0, page)
  const states = shown.map((row): JourneyState => JSON.parse(row.state))
  const patients = await patientsOf(
    tx,
    dependencies.record,
    states.map((state) => state.subject),
    sight,
  )
  const items = await Promise.all(
    shown.map(async (row, index) => {
      const state = states[index]
      const subject = state?.subject ?? ''
      const { definition } = await dependencies.pathways.version(tx, filter.pathway, row.version)
      const stage = definition.stages.find((one) => one.id === row.stage)
      return {
        id: row.id,
        pathway: filter.pathway,
        version: row.version,
        patient: patients.get(subject) ?? { id: subject, name: subject },
        status: row.status,
        outcome: row.outcome,
        outcomeTitle: endingTitle(definition, row.outcome),
        stage: stage ?? null,
        since: iso(row.stage_since),
        startedAt: iso(row.started_at),
        endedAt: row.ended_at === null ? null : iso(row.ended_at),
        due: row.due === null ? null : iso(row.due),
        overdue: active && row.due !== null && row.due < now,
        priority: state?.priority ?? 'routine',
      }
    }),
  )
  const last = shown.at(-1)
  return { items, next: rows.length > page && last ? `${iso(last.at)} ${last.id}` : null }
}
