import type { Tx } from '../../db/index.ts'
import { type CallContext, newId } from '../../kernel/index.ts'
import { enqueueJobs } from '../../jobs/index.ts'
import type { Level } from '../authority.ts'
import { assign, type Cohort } from '../cohort.ts'
import { refuse } from '../errors.ts'
import {
  alphaOf,
  type Evidence,
  harm,
  type Hypotheses,
  noEvidence,
  noWorseThan,
  sampleRatio,
  strength,
  weigh,
} from '../evidence.ts'
import { tellEvent } from '../ladder/events.ts'
import { lockHead, readLevel } from '../ladder/standings.ts'
import type { Case } from '../scope.ts'
import { type Metric, missingOf, type Standing, type Verdict, verdictOf } from './verdict.ts'

/** What is watched in a release. `margin`: how much worse would matter; times in minutes. */
export interface Criterion {
  metric: string
  kind: Metric['kind']
  margin: number
  freshFor: number
  grace: number
}

export interface Rollout {
  id: string
  automation: string
  version: number
  cohort: Cohort
  controls: Level
  criteria: Criterion[]
  alpha: number
  status: 'running' | 'killed' | 'stepped-down' | 'promoted' | 'ended'
}

export const lookJob = 'rollout-look'

const columns = 'id, automation, version, cohort, controls, criteria, alpha, status'
interface Row extends Omit<Rollout, 'controls'> {
  controls: string
}
const rollout = (row: Row): Rollout => ({ ...row, controls: readLevel(row.controls) })

/** All that may be spent on all attempts together. */
const wholeAlpha = 0.1

/** Begins a release. What is watched is frozen with it; an attempt after a kill has half as much left to spend. */
export async function startRollout(
  tx: Tx,
  context: CallContext,
  asked: Pick<Rollout, 'automation' | 'version' | 'cohort' | 'controls' | 'criteria'>,
): Promise<string> {
  const { automation, version, cohort } = asked
  const head = await lockHead(tx, automation, 'update')
  if (version !== head.active && version !== head.candidate)
    throw refuse('automation-not-found', { faults: [{ path: 'version', message: `neither answers nor looks on` }] })
  if (!asked.criteria.some(({ kind }) => kind === 'harm'))
    throw refuse('criteria-missing', { faults: [{ path: 'criteria', message: 'none of them is about harm' }] })
  const [before] = await tx.query<{ running: string | null; killed: number }>({
    text: `select max(id) filter (where status = 'running') as running, count(*) filter (where status in ('killed', 'stepped-down'))::int as killed
           from rollout where tenant_id = $1 and automation = $2`,
    values: [tx.tenant, automation],
  })
  if (before?.running) throw refuse('rollout-running', { faults: [{ path: 'automation', message: before.running }] })
  const attempt = before?.killed ?? 0
  const id = newId(context.clock)
  const now = new Date(context.clock.now())
  await tx.run({
    text: `insert into rollout (tenant_id, id, automation, version, cohort, controls, criteria, alpha, attempt, status, started_at, started_by)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'running', $10, $11)`,
    values: [
      tx.tenant,
      id,
      automation,
      version,
      JSON.stringify(cohort),
      asked.controls,
      JSON.stringify(asked.criteria),
      alphaOf(wholeAlpha, attempt),
      attempt,
      now,
      context.actor.name,
    ],
  })
  await tx.run({
    text: 'insert into rollout_feed (tenant_id, rollout, metric, told_at) select $1, $2, metric, $4 from unnest($3::text[]) as t (metric)',
    values: [tx.tenant, id, asked.criteria.map(({ metric }) => metric), now],
  })
  await enqueueJobs(tx, context.clock, [{ kind: lookJob, key: `${lookJob} ${id}`, payload: { rollout: id } }])
  await tellEvent(tx, context, {
    automation,
    version,
    kind: 'release-started',
    data: { rollout: id, share: cohort.share },
  })
  return id
}

/** The releases that run for some automations now. */
export async function runningRollouts(tx: Tx, automations: readonly string[]): Promise<Map<string, Rollout>> {
  const rows = await tx.query<Row>({
    name: 'running-rollouts',
    text: `select ${columns} from rollout where tenant_id = $1 and automation = any($2) and status = 'running'`,
    values: [tx.tenant, automations],
  })
  return new Map(rows.map((row) => [row.automation, rollout(row)]))
}

/** The arm of a case: the one its unit came into first, whatever the plan says since. */
export async function armOf(
  tx: Tx,
  { id, cohort }: Rollout,
  patient: string,
  given: Case,
): Promise<'canary' | 'control' | 'outside'> {
  const { unit, arm, share } = assign(cohort, patient, given)
  if (arm === 'outside') return arm
  const [row] = await tx.query<{ arm: 'canary' | 'control' }>({
    text: `with fresh as (
             insert into rollout_unit (tenant_id, rollout, unit, arm, share, assigned_at) values ($1, $2, $3, $4, $5, $6)
             on conflict do nothing returning arm)
           select arm from fresh union all
           select arm from rollout_unit where tenant_id = $1 and rollout = $2 and unit = $3 limit 1`,
    values: [tx.tenant, id, unit, arm, share, new Date(given.at)],
  })
  return row?.arm ?? arm
}

export async function lockRollout(tx: Tx, id: string): Promise<Rollout> {
  const [found] = await tx.query<Row>({
    text: `select ${columns} from rollout where tenant_id = $1 and id = $2`,
    values: [tx.tenant, id],
  })
  if (!found) throw refuse('rollout-not-found')
  // In the order in which everybody locks: the automation first.
  await lockHead(tx, found.automation, 'update')
  const [row] = await tx.query<Row>({
    text: `select ${columns} from rollout where tenant_id = $1 and id = $2 for update`,
    values: [tx.tenant, id],
  })
  if (!row) throw refuse('rollout-not-found')
  return rollout(row)
}

interface Cell {
  canary: boolean
  share: number
  n: number
}

/** Evidence of cells of equal events: the order in which they came changes nothing. */
function weighed(hypotheses: Hypotheses, cells: readonly Cell[]): Evidence {
  let evidence = noEvidence(hypotheses)
  for (const { n, ...event } of cells)
    for (let one = 0; one < n; one += 1) evidence = weigh(hypotheses, evidence, event)
  return evidence
}

/** A release as its rows stand, for the rules to judge. Only units that were randomised count. */
export async function readStanding(tx: Tx, { id, criteria, alpha }: Rollout): Promise<Standing> {
  const units = await tx.query<Cell>({
    text: `select arm = 'canary' as canary, share, count(*)::int as n from rollout_unit
           where tenant_id = $1 and rollout = $2 and share > 0 and share < 1 group by 1, 2`,
    values: [tx.tenant, id],
  })
  const events = await tx.query<Cell & { metric: string }>({
    text: `select e.metric, u.arm = 'canary' as canary, u.share, count(*)::int as n
           from rollout_event e join rollout_unit u on u.tenant_id = e.tenant_id and u.rollout = e.rollout and u.unit = e.unit
           where e.tenant_id = $1 and e.rollout = $2 and u.share > 0 and u.share < 1 group by 1, 2, 3`,
    values: [tx.tenant, id],
  })
  const feeds = await tx.query<{ metric: string; told_at: Date }>({
    text: 'select metric, told_at from rollout_feed where tenant_id = $1 and rollout = $2',
    values: [tx.tenant, id],
  })
  const metrics = criteria.map(({ metric, kind, margin, freshFor, grace }): Metric => {
    const cells = events.filter((one) => one.metric === metric)
    return {
      name: metric,
      kind,
      margin,
      worse: weighed(harm, cells),
      noWorse: weighed(noWorseThan(margin), cells),
      toldAt: feeds.find((one) => one.metric === metric)?.told_at.getTime() ?? 0,
      freshFor: freshFor * 60_000,
      grace: grace * 60_000,
    }
  })
  return { metrics, assignments: weighed(sampleRatio, units), alpha, hardStop: undefined }
}

/** What acting on a verdict takes. */
export interface Acting {
  /** Stops the canary's version; gives the incident. */
  stop(
    tx: Tx,
    context: CallContext,
    asked: { rollout: Rollout; cause: 'criterion' | 'feed'; reason: string },
  ): Promise<string>
}

/**
 * One look at a release: every metric's evidence goes into a row with what would have been needed, and a proven harm, or
 * silence about harm that lasts too long, acts at once, in the same transaction.
 */
export async function look(tx: Tx, context: CallContext, acting: Acting, id: string): Promise<Verdict | undefined> {
  const current = await lockRollout(tx, id)
  if (current.status !== 'running') return undefined
  const now = context.clock.now()
  const standing = await readStanding(tx, current)
  const verdict = verdictOf(standing, now)
  const at = new Date(now)
  await tx.run({
    text: `insert into rollout_look (tenant_id, rollout, id, metric, at, events, worse, no_worse, needed, verdict)
           select $1, $2, $3, metric, $4, events, worse, no_worse, $5, $6
           from unnest($7::text[], $8::int[], $9::float8[], $10::float8[]) as t (metric, events, worse, no_worse)`,
    values: [
      tx.tenant,
      id,
      newId(context.clock),
      at,
      1 / standing.alpha,
      verdict.does,
      standing.metrics.map(({ name }) => name),
      standing.metrics.map(({ worse }) => worse.events),
      standing.metrics.map(({ worse }) => strength(harm, worse)),
      standing.metrics.map(({ noWorse, margin }) => strength(noWorseThan(margin), noWorse)),
    ],
  })
  if (verdict.does === 'kill' || verdict.does === 'step-down') {
    const killed = verdict.does === 'kill'
    const incident = await acting.stop(tx, context, {
      rollout: current,
      cause: killed ? 'criterion' : 'feed',
      reason: killed ? `Proven harm: ${verdict.because}.` : `No word about harm for too long: ${verdict.because}.`,
    })
    await endRollout(tx, context, current, { status: killed ? 'killed' : 'stepped-down', verdict, incident })
  } else
    await tx.run({
      text: 'update rollout set verdict = $3 where tenant_id = $1 and id = $2',
      values: [tx.tenant, id, JSON.stringify(verdict)],
    })
  return verdict
}

export async function endRollout(
  tx: Tx,
  context: CallContext,
  { id, automation, version }: Rollout,
  ended: { status: Rollout['status']; verdict?: Verdict; incident?: string },
): Promise<void> {
  await tx.run({
    text: `update rollout set status = $3, verdict = coalesce($4, verdict), incident = $5, ended_at = $6, ended_by = $7 where tenant_id = $1 and id = $2`,
    values: [
      tx.tenant,
      id,
      ended.status,
      ended.verdict ? JSON.stringify(ended.verdict) : null,
      ended.incident ?? null,
      new Date(context.clock.now()),
      context.actor.name,
    ],
  })
  await tellEvent(tx, context, {
    automation,
    version,
    kind: 'release-ended',
    data: { rollout: id, reason: ended.status },
  })
}

/**
 * Somebody tells what happened to patients of a release (their first event of a metric counts), and with that vouches that
 * all until now was told; an empty list is word that nothing happened.
 */
export async function tellRollout(
  tx: Tx,
  context: CallContext,
  acting: Acting,
  asked: { rollout: string; metric: string; units: readonly string[] },
): Promise<Verdict | undefined> {
  const current = await lockRollout(tx, asked.rollout)
  if (current.status !== 'running') throw refuse('rollout-ended')
  if (!current.criteria.some(({ metric }) => metric === asked.metric))
    throw refuse('metric-unknown', {
      faults: [{ path: 'metric', message: `one of ${current.criteria.map(({ metric }) => metric).join(', ')}` }],
    })
  const now = new Date(context.clock.now())
  const known = await tx.query<{ unit: string }>({
    text: 'select unit from rollout_unit where tenant_id = $1 and rollout = $2 and unit = any($3)',
    values: [tx.tenant, asked.rollout, asked.units],
  })
  const strange = asked.units.findIndex((unit) => !known.some((one) => one.unit === unit))
  if (strange >= 0)
    throw refuse('unit-unknown', { faults: [{ path: `units.${strange}`, message: 'is not in this release' }] })
  if (asked.units.length > 0)
    await tx.run({
      text: `insert into rollout_event (tenant_id, rollout, metric, unit, at, by_name) select $1, $2, $3, unit, $5, $6 from unnest($4::text[]) as t (unit)
             on conflict do nothing`,
      values: [tx.tenant, asked.rollout, asked.metric, [...new Set(asked.units)], now, context.actor.name],
    })
  await tx.run({
    text: 'update rollout_feed set told_at = $4 where tenant_id = $1 and rollout = $2 and metric = $3',
    values: [tx.tenant, asked.rollout, asked.metric, now],
  })
  return look(tx, context, acting, asked.rollout)
}

/** Refuses, naming what is missing, unless everything is proven; then the release has ended well. */
export async function concludeRollout(tx: Tx, context: CallContext, id: string): Promise<Rollout> {
  const current = await lockRollout(tx, id)
  if (current.status !== 'running') throw refuse('rollout-ended')
  const standing = await readStanding(tx, current)
  const now = context.clock.now()
  const verdict = verdictOf(standing, now)
  if (verdict.does !== 'promotable')
    throw refuse('promotion-unproven', {
      faults: ('missing' in verdict ? verdict.missing : missingOf(standing, now)).map((missing) => ({
        path: missing,
        message: 'is not shown yet',
      })),
    })
  await endRollout(tx, context, current, { status: 'promoted', verdict })
  return current
}
