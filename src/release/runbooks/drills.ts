import type { Drill } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import { enqueueJobs, type JobHandler } from '../../jobs/index.ts'
import { type CallContext, type Clock, newId } from '../../kernel/index.ts'
import { levelIn, levels } from '../authority.ts'
import { refuse } from '../errors.ts'
import { tellEvent } from '../ladder/events.ts'
import { lockHead, readScope, readStandings, scopeText } from '../ladder/standings.ts'
import { type Case, contains, matches, type Scope } from '../scope.ts'

const drillJob = 'automation-drill'
const day = 86_400_000
/** How long a passed drill counts. */
const countsFor = 180 * day
/** What a drill must have seen to show anything. */
const leastCases = 3
/** A case must stand in a person's queue within this time. */
const withinSeconds = 60

interface Row {
  id: string
  automation: string
  version: number
  scope: string
  fallback_role: string
  reason: string
  started_at: Date
  started_by: string
  until: Date
  ended_at: Date | null
  cases: number | null
  reached: number | null
  taken: number | null
  slowest: number | null
  findings: NonNullable<Drill['result']>['findings'] | null
  counts_until: Date | null
}

/**
 * Really switches an automation's fallback on in a part of the organisation, for a time: its questions go to people as they
 * would if it were stopped, and what has reached them is counted at the end.
 */
export async function startDrill(
  tx: Tx,
  context: CallContext,
  asked: { automation: string; scope: Scope; minutes: number; reason: string },
): Promise<{ id: string; until: number }> {
  const { automation, scope, reason } = asked
  const { active: version } = await lockHead(tx, automation, 'update')
  if (Object.keys(scope).length === 0)
    throw refuse('drill-unbounded', {
      faults: [{ path: 'scope', message: 'name a place, a step, a shift or an acuity' }],
    })
  const level = levelIn(await readStandings(tx, automation, version), scope)
  if (levels.indexOf(level) <= levels.indexOf('shadow'))
    throw refuse('drill-of-nothing', { faults: [{ path: 'scope', message: `people decide there already: ${level}` }] })
  const [running] = await tx.query<{ id: string }>({
    text: 'select id from automation_drill where tenant_id = $1 and automation = $2 and ended_at is null',
    values: [tx.tenant, automation],
  })
  if (running) throw refuse('drill-running', { faults: [{ path: 'automation', message: running.id }] })
  const id = newId(context.clock)
  const now = context.clock.now()
  const until = now + asked.minutes * 60_000
  await tx.run({
    text: `insert into automation_drill (tenant_id, id, automation, version, scope, fallback_role, reason, started_at, started_by, until)
           select $1, $2, $3, $4, $5, v.definition->'fallback'->>'role', $6, $7, $8, $9
           from automation_version v where v.tenant_id = $1 and v.automation = $3 and v.version = $4`,
    values: [
      tx.tenant,
      id,
      automation,
      version,
      scopeText(scope),
      reason,
      new Date(now),
      context.actor.name,
      new Date(until),
    ],
  })
  await enqueueJobs(tx, context.clock, [
    { kind: drillJob, key: `${drillJob} ${id}`, payload: { drill: id }, runAt: until },
  ])
  await tellEvent(tx, context, { automation, version, kind: 'drill-started', data: { drill: id, scope, reason } })
  return { id, until }
}

/** Whether a drill holds a case back now. Read where the answer would take effect, with the automation's row shared. */
export async function drilledNow(tx: Tx, automation: string, given: Case, now: number): Promise<boolean> {
  const rows = await tx.query<{ scope: string }>({
    name: 'running-drill',
    text: 'select scope from automation_drill where tenant_id = $1 and automation = $2 and ended_at is null and until > $3',
    values: [tx.tenant, automation, new Date(now)],
  })
  return rows.some(({ scope }) => matches(readScope(scope), given))
}

/** Ends a drill and says what it has shown. One that has ended already stays as it was. */
export async function endDrill(
  tx: Tx,
  context: CallContext,
  record: FhirRecord,
  id: string,
): Promise<{ automation: string; ended: boolean }> {
  const [seen] = await tx.query<{ automation: string }>({
    text: 'select automation from automation_drill where tenant_id = $1 and id = $2',
    values: [tx.tenant, id],
  })
  if (!seen) throw refuse('drill-not-found')
  await lockHead(tx, seen.automation, 'update')
  const [row] = await tx.query<Row>({
    text: 'select * from automation_drill where tenant_id = $1 and id = $2 for update',
    values: [tx.tenant, id],
  })
  if (!row || row.ended_at) return { automation: seen.automation, ended: false }
  const now = context.clock.now()
  const cases = await tx.query<{ id: string; seconds: number; taken: boolean }>({
    text: `select id, ceil(extract(epoch from settled_at - asked_at))::int as seconds, (taken_at is not null or answer is not null) as taken
           from automation_decision where tenant_id = $1 and automation = $2 and handed = 'drill' and settled_at >= $3 and settled_at <= $4`,
    values: [tx.tenant, row.automation, row.started_at, new Date(now)],
  })
  const tasks = await record.readMany(
    tx,
    cases.map((one) => `Task/${one.id}`),
  )
  const inQueue = (one: { id: string }) => {
    const task = tasks.get(`Task/${one.id}`)
    if (task?.resourceType !== 'Task') return false
    const role = task.performerType?.some(({ coding }) => coding?.some(({ code }) => code === row.fallback_role))
    return task.owner !== undefined || (role === true && task.status !== 'cancelled' && task.status !== 'failed')
  }
  const reached = cases.filter(inQueue).length
  const taken = cases.filter((one) => one.taken).length
  const slowest = Math.max(0, ...cases.map(({ seconds }) => seconds))
  const findings = [
    ...(cases.length < leastCases ? ['too-few-cases'] : []),
    ...(reached < cases.length ? ['not-reached'] : []),
    ...(slowest > withinSeconds ? ['too-slow'] : []),
    ...(cases.length > 0 && taken === 0 ? ['nobody-took-one'] : []),
  ]
  await tx.run({
    text: `update automation_drill set ended_at = $3, ended_by = $4, cases = $5, reached = $6, taken = $7, slowest = $8, findings = $9, counts_until = $10
           where tenant_id = $1 and id = $2`,
    values: [
      tx.tenant,
      id,
      new Date(now),
      context.actor.name,
      cases.length,
      reached,
      taken,
      slowest,
      findings,
      findings.length === 0 ? new Date(now + countsFor) : null,
    ],
  })
  const reason = `${reached} / ${cases.length}${findings.length === 0 ? '' : `: ${findings.join(', ')}`}`
  await tellEvent(tx, context, {
    automation: row.automation,
    version: row.version,
    kind: findings.length === 0 ? 'drill-passed' : 'drill-failed',
    data: { drill: id, scope: readScope(row.scope), reason },
  })
  return { automation: row.automation, ended: true }
}

/** The newest passed drill for a scope: held in it, in a part of it, or around it, with the fallback that the version has. */
export async function drillFor(
  tx: Tx,
  asked: { automation: string; version: number; scope: Scope },
): Promise<{ id: string; until: number } | undefined> {
  const rows = await tx.query<{ id: string; scope: string; counts_until: Date }>({
    text: `select d.id, d.scope, d.counts_until from automation_drill d
           join automation_version v on v.tenant_id = d.tenant_id and v.automation = d.automation and v.version = $3
           where d.tenant_id = $1 and d.automation = $2 and d.counts_until is not null and v.definition->'fallback'->>'role' = d.fallback_role
           order by d.counts_until desc`,
    values: [tx.tenant, asked.automation, asked.version],
  })
  const fits = rows.find((row) => {
    const scope = readScope(row.scope)
    return contains(asked.scope, scope) || contains(scope, asked.scope)
  })
  return fits && { id: fits.id, until: fits.counts_until.getTime() }
}

/** The last twenty drills of an automation, newest first. */
export async function listDrills(tx: Tx, automation: string): Promise<Drill[]> {
  const rows = await tx.query<Row>({
    text: 'select * from automation_drill where tenant_id = $1 and automation = $2 order by id desc limit 20',
    values: [tx.tenant, automation],
  })
  return rows.map((row) => ({
    id: row.id,
    scope: readScope(row.scope) as Drill['scope'],
    fallbackRole: row.fallback_role,
    reason: row.reason,
    startedAt: row.started_at.toISOString(),
    by: row.started_by,
    until: row.until.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    result: row.ended_at && {
      cases: row.cases ?? 0,
      reached: row.reached ?? 0,
      taken: row.taken ?? 0,
      slowestSeconds: row.slowest ?? 0,
      findings: row.findings ?? [],
      countsUntil: row.counts_until?.toISOString() ?? null,
    },
  }))
}

/** Ends each drill at its time. It no longer holds anything back then, whether this job comes in time or not. */
export function createDrillHandler({ record, clock }: { record: FhirRecord; clock: Clock }): JobHandler {
  return {
    kind: drillJob,
    tries: 8,
    perform: async (tenant, job) => async (tx) => {
      const context: CallContext = {
        tenant,
        actor: { kind: 'system', id: 'release', name: 'Throughline', roles: [] },
        clock,
        requestId: newId(clock),
        locale: 'en',
      }
      await endDrill(tx, context, record, String(job.payload['drill']))
    },
    async givenUp() {},
  }
}
