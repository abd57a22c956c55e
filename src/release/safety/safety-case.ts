import type { Automation, ModelCard, SafetyCase } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import type { AutomationDefinition } from '../automation/definition.ts'
import { levels } from '../authority.ts'
import { refuse } from '../errors.ts'
import { listFlags } from '../flags/changes.ts'
import { readLevel, readScope } from '../ladder/standings.ts'
import { readAutomationPage } from '../queries/automations.ts'
import { listDrills } from '../runbooks/drills.ts'
import { latestRunbook } from '../runbooks/runbooks.ts'
import { readWatch } from '../watching/read-watch.ts'
import { type HazardFile, hazardsOf } from './hazards.ts'

async function versionOf(tx: Tx, automation: string, version: number, now: number) {
  const page = await readAutomationPage(tx, automation, now)
  const one = page.versions.find((each) => each.version === version)
  if (!one)
    throw refuse('automation-not-found', { faults: [{ path: 'version', message: `there is no version ${version}` }] })
  return { page, one }
}

async function fairnessNow(tx: Tx, automation: string, now: number) {
  const watch = await readWatch(tx, automation, now, 0)
  const states = watch.fairness.flatMap(({ groups }) => groups.map(({ state }) => state))
  const count = (state: string) => states.filter((one) => one === state).length
  return {
    alarms: watch.alarms,
    fairness: { equivalent: count('equivalent'), disparity: count('disparity'), notEnough: count('not-enough') },
  }
}

async function signersOf(tx: Tx, automation: string, version: number): Promise<SafetyCase['signers']> {
  const rows = await tx.query<{ level: string; scope: string; side: 'clinical' | 'technical'; name: string; at: Date }>(
    {
      text: `select r.level, r.scope, s.side, s.name, s.at from automation_rise r join automation_signature s on s.tenant_id = r.tenant_id and s.rise = r.id
           where r.tenant_id = $1 and r.automation = $2 and r.version = $3 and r.status = 'done' order by s.at`,
      values: [tx.tenant, automation, version],
    },
  )
  return rows.map(({ level, scope, side, name, at }) => ({
    level: readLevel(level),
    scope: readScope(scope) as SafetyCase['signers'][number]['scope'],
    side,
    by: name,
    at: at.toISOString(),
  }))
}

async function incidentsOf(tx: Tx, automation: string) {
  const rows = await tx.query<{
    id: string
    opened_at: Date
    closed_at: Date | null
    reason: string
    watched_by: string | null
    open: number
  }>({
    text: `select i.id, i.opened_at, i.closed_at, i.reason, i.watched_by,
             (select count(*)::int from postmortem_action a where a.tenant_id = i.tenant_id and a.incident = i.id and a.closed_at is null) as open
           from incident i where i.tenant_id = $1 and i.automation = $2 order by i.id desc limit 50`,
    values: [tx.tenant, automation],
  })
  return {
    openActions: rows.reduce((sum, { open }) => sum + open, 0),
    incidents: rows.map((row) => ({
      id: row.id,
      openedAt: row.opened_at.toISOString(),
      closedAt: row.closed_at?.toISOString() ?? null,
      reason: row.reason,
      watchedBy: row.watched_by,
    })),
  }
}

const answersAlone = (page: Automation['versions'][number]): boolean =>
  page.standings.some(({ level }) => levels.indexOf(level) >= levels.indexOf('bounded'))

/** Why a version is held to be safe enough, out of what stands in the store now, and what is missing for that. */
export async function safetyCaseOf(
  tx: Tx,
  files: readonly HazardFile[],
  asked: { automation: string; version: number; now: number },
): Promise<SafetyCase> {
  const { automation, version, now } = asked
  const { page, one } = await versionOf(tx, automation, version, now)
  const evidence = page.evidence.filter((each) => each.version === version && Date.parse(each.until) > now)
  const signers = await signersOf(tx, automation, version)
  const flags = (await listFlags(tx, now)).items.filter((flag) => flag.automation === automation)
  const drill = (await listDrills(tx, automation)).find(
    ({ result }) => result?.countsUntil !== null && result !== null && Date.parse(result.countsUntil) > now,
  )
  const runbook = await latestRunbook(tx, automation)
  const { alarms, fairness } = await fairnessNow(tx, automation, now)
  const { incidents, openActions } = await incidentsOf(tx, automation)
  const hazards = hazardsOf(files, automation)
  const rises = one.standings.some(({ level }) => level !== 'off')
  const gaps: [SafetyCase['gaps'][number], boolean][] = [
    [
      'no-hazards',
      !hazards.some(({ id }) =>
        files.some((file) => file.automation === automation && file.hazards.some((each) => each.id === id)),
      ),
    ],
    ['open-incident', incidents.some(({ closedAt }) => closedAt === null)],
    ['open-action', openActions > 0],
    ['unsigned', rises && signers.length === 0],
    ['no-evidence', rises && evidence.length === 0],
    ['no-drill', answersAlone(one) && !drill],
    ['no-runbook', runbook === null],
    ['no-flag', flags.length === 0],
    ['disparity', fairness.disparity > 0],
    ['alarm', alarms.length > 0],
  ]
  return {
    automation,
    title: page.title,
    version,
    hash: one.hash,
    at: new Date(now).toISOString(),
    hazards,
    standings: one.standings,
    evidence: evidence.map(({ supports, scope, cases, agreed, until, by }) => ({
      supports,
      scope,
      cases,
      agreed,
      until,
      by,
    })),
    signers,
    flags: flags.map(({ key, lets, expires }) => ({ key, lets, expires })),
    drill:
      drill?.result?.countsUntil == null
        ? null
        : { at: drill.startedAt, cases: drill.result.cases, countsUntil: drill.result.countsUntil },
    runbook: runbook?.version ?? null,
    incidents,
    openActions,
    alarms,
    fairness,
    gaps: gaps.flatMap(([gap, holds]) => (holds ? [gap] : [])),
  }
}

/** What a version is for, what it goes by, and how it does. */
export async function modelCardOf(
  tx: Tx,
  asked: { automation: string; version: number; now: number },
): Promise<ModelCard> {
  const { automation, version, now } = asked
  const { page, one } = await versionOf(tx, automation, version, now)
  const [row] = await tx.query<{ definition: AutomationDefinition }>({
    text: 'select definition from automation_version where tenant_id = $1 and automation = $2 and version = $3',
    values: [tx.tenant, automation, version],
  })
  if (!row) throw refuse('automation-not-found')
  const { definition } = row
  const { asked: all, acted, accepted, edited, reversed } = page.counts
  return {
    automation,
    title: definition.title,
    version,
    hash: one.hash,
    publishedAt: one.publishedAt,
    by: one.by,
    owner: definition.owner,
    clinicalOwner: definition['clinical-owner'],
    intendedUse: definition['intended-use'],
    exclusions: definition.exclusions.map(({ because }) => because),
    kind: definition.rules ? 'rules' : definition.table ? 'table' : definition.text ? 'text' : 'model',
    inputs: Object.entries(definition.inputs)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, spec]) => ({
        name,
        type: spec.type,
        from:
          'variable' in spec
            ? spec.variable
            : 'count' in spec
              ? `${spec.count}: ${spec.where}`
              : `${spec.on}.${spec.path}`,
        required: spec.required,
      })),
    answers: definition.answers.map(({ code, title }) => ({ code, title, alone: definition.bounds.includes(code) })),
    training: one.training,
    measures: { asked: all, acted, accepted, edited, reversed },
    fairness: (await fairnessNow(tx, automation, now)).fairness,
    freshFor: definition['fresh-for'],
    proves: definition.proves,
    fallbackRole: definition.fallback.role,
  }
}
