import type { AutomationWatch, FairGroups, WatchChart } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { type Dimension, dimensions } from '../decisions/groups.ts'
import { isSmall, smallestCell } from '../fairness.ts'
import { type ControlChart, pChart, xmrChart } from './charts.ts'
import { publishGroups } from './suppress.ts'
import { alarmsOf, type WatchedInput, watchInputs } from './watch-inputs.ts'

const week = 7 * 86_400_000
const weeks = 26
/** Five in a hundred: smaller differences of rates would change nothing for anybody. */
const margin = 0.05

/** Touched by the automation and answered: what it said stood, was changed, or was found wrong later. */
const settled = `touched_at is not null and status in ('acted', 'answered')`
const corrected = `${settled} and (disposition = 'edited' or reversed_at is not null)`
/** Given to people though it was asked; those who were held out are so by lot. */
const handed = `handed is not null and not held_out`

interface Week {
  ago: number
  asked: number
  settled: number
  corrected: number
  handed: number
  ended: number
  late: number
  timed: number
  wait: number | null
  lagged: number
  lag: number | null
}

async function weeksOf(tx: Tx, automation: string, now: number): Promise<Week[]> {
  const rows = await tx.query<Week>({
    text: `select floor(extract(epoch from ($3::timestamptz - d.asked_at)) * 1000 / $4)::int as ago,
             count(*)::int as asked, count(*) filter (where ${settled})::int as settled, count(*) filter (where ${corrected})::int as corrected,
             count(*) filter (where ${handed})::int as handed, count(*) filter (where (${settled}) or (${handed}))::int as ended,
             count(*) filter (where coalesce(d.answered_at, $3) > d.asked_at + (v.definition->'fallback'->>'due')::int * interval '1 minute' and d.status in ('proposed', 'handed', 'answered'))::int as late,
             count(*) filter (where d.status in ('proposed', 'handed', 'answered'))::int as timed,
             percentile_cont(0.5) within group (order by extract(epoch from (case when d.status = 'acted' then d.settled_at else d.answered_at end) - d.asked_at) / 60)::float8 as wait,
             count(d.lag_seconds)::int as lagged, (percentile_cont(0.9) within group (order by d.lag_seconds) / 60)::float8 as lag
           from automation_decision d join automation_version v on v.tenant_id = d.tenant_id and v.automation = d.automation and v.version = d.version
           where d.tenant_id = $1 and d.automation = $2 and d.asked_at > $5 and d.asked_at <= $3 and d.status <> 'withdrawn' group by 1`,
    values: [tx.tenant, automation, new Date(now), week, new Date(now - weeks * week)],
  })
  const none = {
    asked: 0,
    settled: 0,
    corrected: 0,
    handed: 0,
    ended: 0,
    late: 0,
    timed: 0,
    wait: null,
    lagged: 0,
    lag: null,
  }
  return Array.from({ length: weeks }, (_none, index) => {
    const ago = weeks - 1 - index
    return rows.find((row) => row.ago === ago) ?? { ago, ...none }
  })
}

/** Weeks before the first question are no weeks without questions, and the week of the first one is not a whole one. */
const lived = (all: readonly Week[]): readonly Week[] => {
  const first = all.findIndex(({ asked }) => asked > 0)
  return first < 0 ? [] : all.slice(first === 0 ? 0 : first + 1)
}

function chartsOf(all: readonly Week[], now: number): WatchChart[] {
  const since = lived(all)
  const made = (
    name: WatchChart['name'],
    unit: WatchChart['unit'],
    { centre, points }: ControlChart,
    cases: (one: Week) => number,
  ): WatchChart => ({
    name,
    kind: unit === 'share' ? 'p' : 'xmr',
    unit,
    centre,
    points: points.map((point, index) => {
      const one = since[index]
      const from = new Date(now - ((one?.ago ?? 0) + 1) * week).toISOString().slice(0, 10)
      return { ...point, from, cases: one ? cases(one) : 0 }
    }),
  })
  const shares = (name: 'corrected' | 'handed' | 'late', all: (one: Week) => number) =>
    made(name, 'share', pChart(since.map((one) => ({ events: one[name], all: all(one) }))), all)
  return [
    shares('corrected', (one) => one.settled),
    shares('handed', (one) => one.ended),
    shares('late', (one) => one.timed),
    made('asked', 'cases', xmrChart(since.map(({ asked }) => asked)), ({ asked }) => asked),
    made('wait', 'minutes', xmrChart(since.map(({ wait }) => wait)), ({ asked }) => asked),
    made('lag', 'minutes', xmrChart(since.map(({ lag }) => lag)), ({ lagged }) => lagged),
  ]
}

async function fairnessOver(tx: Tx, automation: string, since: Date): Promise<FairGroups[]> {
  const rows = await tx.query<{
    dimension: Dimension
    name: string
    settled: number
    corrected: number
    handed: number
  }>({
    text: `select g.key as dimension, g.value as name, count(*) filter (where ${settled})::int as settled,
             count(*) filter (where ${corrected})::int as corrected, count(*) filter (where ${handed})::int as handed
           from automation_decision d, jsonb_each_text(d.groups) g
           where d.tenant_id = $1 and d.automation = $2 and d.asked_at > $3 and ((${settled}) or (${handed})) group by 1, 2 order by 1, 2`,
    values: [tx.tenant, automation, since],
  })
  return dimensions.flatMap((dimension) =>
    (['corrected', 'handed'] as const).map((measure) => {
      const groups = rows
        .filter((row) => row.dimension === dimension)
        .map((row) => ({
          name: row.name,
          events: row[measure],
          all: measure === 'corrected' ? row.settled : row.settled + row.handed,
        }))
      return {
        dimension,
        measure,
        margin,
        groups: publishGroups(groups, margin).map(({ name, all, rate, difference, interval, state }) => ({
          name,
          cases: all ?? null,
          rate: rate ?? null,
          difference: difference ?? null,
          low: interval?.low ?? null,
          high: interval?.high ?? null,
          state,
        })),
      }
    }),
  )
}

async function armsOf(tx: Tx, automation: string, since: Date): Promise<Omit<AutomationWatch['holdout'], 'share'>> {
  const rows = await tx.query<{ held_out: boolean; cases: number; wait: number | null; reversed: number }>({
    text: `select held_out, count(*)::int as cases, count(*) filter (where reversed_at is not null)::int as reversed,
             percentile_cont(0.5) within group (order by extract(epoch from (case when status = 'acted' then settled_at else answered_at end) - asked_at) / 60)::float8 as wait
           from automation_decision where tenant_id = $1 and automation = $2 and asked_at > $3 and (held_out or touched_at is not null)
             and status in ('acted', 'answered') group by 1`,
    values: [tx.tenant, automation, since],
  })
  const arm = (held: boolean) => {
    const { cases = 0, wait = null, reversed = 0 } = rows.find((row) => row.held_out === held) ?? {}
    return { cases, wait, reversed: cases === 0 || isSmall(reversed) ? null : reversed / cases }
  }
  return { held: arm(true), others: arm(false) }
}

async function safetyOf(tx: Tx, automation: string, since: Date): Promise<AutomationWatch['safety']> {
  const [row] = await tx.query<AutomationWatch['safety']>({
    text: `select (select count(*)::int from incident where tenant_id = $1 and automation = $2 and opened_at > $3) as incidents,
             (select count(*)::int from incident where tenant_id = $1 and automation = $2 and opened_at > $3 and cause = 'hard-stop') as "hardStops",
             count(*) filter (where handed in ('automation-failed', 'flag-unreachable', 'answer-unknown-here'))::int as failed,
             count(*) filter (where conservative)::int as "tooBold"
           from automation_decision where tenant_id = $1 and automation = $2 and asked_at > $3`,
    values: [tx.tenant, automation, since],
  })
  return row ?? { incidents: 0, hardStops: 0, failed: 0, tooBold: 0 }
}

/** What somebody should look at now. */
export const alarmsNow = async (tx: Tx, automation: string, inputs: readonly WatchedInput[], now: number) =>
  alarmsOf(inputs, chartsOf(await weeksOf(tx, automation, now), now))

/**
 * How an automation does: control charts of 26 weeks, how its inputs lie, whether it does as well for all groups, and how it
 * goes for those who were held out. Small cells are hidden here, so that nobody further on can show them.
 */
export async function readWatch(tx: Tx, automation: string, now: number, share: number): Promise<AutomationWatch> {
  const since = new Date(now - weeks * week)
  const charts = chartsOf(await weeksOf(tx, automation, now), now)
  const inputs = await watchInputs(tx, automation, now)
  return {
    automation,
    smallestCell,
    charts,
    inputs: inputs.map(({ name, windows, missing, fresh }) => ({
      name,
      windows: windows.map(({ cases, psi, chance, state }) => ({ cases, psi, chance, state })),
      missing: {
        before: shown(missing.before),
        now: shown(missing.now),
        alarm: missing.alarm,
      },
      fresh: fresh.map(({ value, count }) => ({ value, count: isSmall(count) ? null : count })),
    })),
    alarms: alarmsOf(inputs, charts),
    fairness: await fairnessOver(tx, automation, since),
    safety: await safetyOf(tx, automation, since),
    holdout: { share, ...(await armsOf(tx, automation, since)) },
    since: since.toISOString(),
  }
}

const shown = ({ events, all }: { events: number; all: number }): number | null =>
  all === 0 || isSmall(events) || isSmall(all - events) ? null : events / all
