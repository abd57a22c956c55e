import type { RolloutList } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import type { Cohort } from '../cohort.ts'
import { harm, noWorseThan, strength } from '../evidence.ts'
import { readLevel } from '../ladder/standings.ts'
import { type Criterion, readStanding, type Rollout } from '../rollouts/rollouts.ts'
import { missingOf, type Verdict, verdictOf } from '../rollouts/verdict.ts'

type Item = RolloutList['items'][number]

interface Row {
  id: string
  automation: string
  version: number
  cohort: Cohort
  controls: string
  criteria: Criterion[]
  alpha: number
  attempt: number
  status: Rollout['status']
  verdict: Verdict | null
  started_at: Date
  started_by: string
  ended_at: Date | null
  incident: string | null
  canary: number
  control: number
}

/** The releases of an automation as they stand now; of those that run, what the next look would say. */
export async function listRollouts(tx: Tx, automation: string, now: number): Promise<RolloutList> {
  const rows = await tx.query<Row>({
    text: `select r.*, (select count(*)::int from rollout_unit u where u.tenant_id = r.tenant_id and u.rollout = r.id and u.arm = 'canary') as canary,
             (select count(*)::int from rollout_unit u where u.tenant_id = r.tenant_id and u.rollout = r.id and u.arm = 'control') as control
           from rollout r where r.tenant_id = $1 and r.automation = $2 order by r.id desc limit 20`,
    values: [tx.tenant, automation],
  })
  const items: Item[] = []
  for (const row of rows) items.push(await item(tx, row, now))
  return { items }
}

async function item(tx: Tx, row: Row, now: number): Promise<Item> {
  const standing = await readStanding(tx, { ...row, controls: readLevel(row.controls) })
  const verdict = row.status === 'running' ? verdictOf(standing, now) : row.verdict
  const counts = await tx.query<{ metric: string; arm: string; n: number }>({
    text: `select e.metric, u.arm, count(*)::int as n from rollout_event e
           join rollout_unit u on u.tenant_id = e.tenant_id and u.rollout = e.rollout and u.unit = e.unit
           where e.tenant_id = $1 and e.rollout = $2 group by 1, 2`,
    values: [tx.tenant, row.id],
  })
  const count = (metric: string, arm: string) => counts.find((one) => one.metric === metric && one.arm === arm)?.n ?? 0
  return {
    id: row.id,
    automation: row.automation,
    version: row.version,
    name: row.cohort.name,
    share: row.cohort.share,
    slices: row.cohort.slices as Item['slices'],
    unit: row.cohort.unit,
    controls: readLevel(row.controls),
    status: row.status,
    attempt: row.attempt,
    startedAt: row.started_at.toISOString(),
    by: row.started_by,
    endedAt: row.ended_at?.toISOString() ?? null,
    incident: row.incident,
    needed: 1 / row.alpha,
    units: { canary: row.canary, control: row.control },
    verdict: {
      does: verdict?.does ?? 'hold',
      because: verdict && 'because' in verdict ? verdict.because : null,
      missing: row.status === 'running' ? missingOf(standing, now) : [],
    },
    metrics: row.criteria.map((criterion) => {
      const metric = standing.metrics.find(({ name }) => name === criterion.metric)
      return {
        ...criterion,
        canary: count(criterion.metric, 'canary'),
        control: count(criterion.metric, 'control'),
        worse: metric ? strength(harm, metric.worse) : 1,
        noWorse: metric ? strength(noWorseThan(criterion.margin), metric.noWorse) : 1,
        toldAt: new Date(metric?.toldAt ?? 0).toISOString(),
        late: row.status === 'running' && metric !== undefined && now - metric.toldAt > metric.freshFor,
      }
    }),
  }
}
