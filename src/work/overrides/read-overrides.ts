import type { OverrideKind } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'

export interface OverrideGroup {
  kind: OverrideKind
  pathway: string | null
  version: number | null
  step: string | null
  count: number
  minutes: number
  people: number
  reason: string
  last: Date
}

/** What was done otherwise since a moment (milliseconds), by kind, step and version, the most frequent first; at most 200 rows. */
export const overrideGroups = (tx: Tx, since: number): Promise<OverrideGroup[]> =>
  tx.query<OverrideGroup>({
    name: 'override-groups',
    text: `select kind, pathway, version, step, count(*)::int as count, coalesce(sum(minutes), 0)::int as minutes,
             count(distinct actor)::int as people, mode() within group (order by reason) as reason, max(at) as last
           from work_override where tenant_id = $1 and at >= $2
           group by kind, pathway, version, step order by count(*) desc, max(at) desc limit 200`,
    values: [tx.tenant, new Date(since)],
  })

/** How often each reason was given since a moment, and the minutes lost with it. */
export const overrideReasonsSince = (
  tx: Tx,
  since: number,
): Promise<{ reason: string; count: number; minutes: number }[]> =>
  tx.query({
    name: 'override-reasons',
    text: `select reason, count(*)::int as count, coalesce(sum(minutes), 0)::int as minutes
           from work_override where tenant_id = $1 and at >= $2 group by reason order by count(*) desc, reason`,
    values: [tx.tenant, new Date(since)],
  })

export interface OverrideRow {
  id: string
  at: Date
  kind: OverrideKind
  reason: string
  minutes: number | null
  task: string | null
  journey: string | null
  actor: string
  /** Whom the task is for. */
  patient: string | null
}

/** The newest hundred of one kind, step and version since a moment. */
export const listOverrides = (
  tx: Tx,
  asked: {
    since: number
    kind: string
    pathway: string | undefined
    version: number | undefined
    step: string | undefined
  },
): Promise<OverrideRow[]> =>
  tx.query<OverrideRow>({
    name: 'list-overrides',
    text: `select o.id, o.at, o.kind, o.reason, o.minutes, o.task, o.journey, o.actor, w.patient from work_override o
           left join work_item w on w.tenant_id = o.tenant_id and w.id = o.task
           where o.tenant_id = $1 and o.at >= $2 and o.kind = $3 and o.pathway is not distinct from $4
             and o.version is not distinct from $5 and o.step is not distinct from $6
           order by o.at desc, o.id desc limit 100`,
    values: [
      tx.tenant,
      new Date(asked.since),
      asked.kind,
      asked.pathway ?? null,
      asked.version ?? null,
      asked.step ?? null,
    ],
  })
