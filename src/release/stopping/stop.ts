import type { Task } from '@medplum/fhirtypes'
import { recordAccess } from '../../audit/index.ts'
import type { Tx } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import { type CallContext, newId } from '../../kernel/index.ts'
import type { Level } from '../authority.ts'
import type { PublishedAutomations } from '../automation/published.ts'
import { lockUnanswered } from '../decisions/decision-rows.ts'
import { handOver, type MakeTask } from '../decisions/settle.ts'
import type { Words } from '../decisions/words.ts'
import { tellEvent } from '../ladder/events.ts'
import { lockHead, lowerStandings, scopeText } from '../ladder/standings.ts'
import { type Case, contains, matches, type Scope } from '../scope.ts'
import { findings, lookBackSystem, type Touched } from './look-back.ts'

export type Cause = 'person' | 'criterion' | 'hard-stop' | 'feed' | 'health'

export interface StopDependencies {
  record: FhirRecord
  automations: PublishedAutomations
  makeTask: MakeTask
  /** A Task for one patient's record in a role's queue, with outcomes to choose from. */
  makeReview(asked: {
    id: string
    title: Words
    description: Words
    role: string
    identifier: { system: string; value: string }
    outcomes: readonly { code: string; title: Words }[]
    now: number
    due: number
  }): Task & { id: string }
  /** Tells the people of a role that an automation was stopped. */
  tell(tx: Tx, context: CallContext, roles: readonly string[]): Promise<void>
}

export interface Stop {
  automation: string
  /** One version alone, of a release; all of them unless told. */
  version?: number | undefined
  scope: Scope
  to: Level
  cause: Cause
  reason: string
  /** Milliseconds; the last rise or promotion unless told. */
  knownGoodAt?: number | undefined
}

export interface Stopped {
  incident: string
  held: number
  lookBack: number
}

const reviewWithin = 24 * 3_600_000

/**
 * Stops an automation in a scope, in one transaction: nothing inside stays above the level; what it has not yet done and
 * what it has proposed to people who have not answered goes to people with the reason; an incident is opened, with every
 * patient whose care it has touched since the last known good state, and a review of each. Never refused for what state
 * things are in.
 */
export async function stop(
  tx: Tx,
  context: CallContext,
  dependencies: StopDependencies,
  asked: Stop,
): Promise<Stopped> {
  const head = await lockHead(tx, asked.automation, 'update')
  const now = context.clock.now()
  const { automation, scope, to, reason } = asked
  const version = asked.version ?? head.active
  const good = asked.knownGoodAt ?? (await lastGood(tx, { automation, version, scope }))
  await lowerStandings(tx, automation, { scope, to, version: asked.version }, now)
  const held = await hold(tx, context, dependencies, asked)
  const incident = newId(context.clock)
  await tx.run({
    text: `insert into incident (tenant_id, id, automation, version, scope, cause, reason, known_good_at, opened_at, opened_by, held)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    values: [
      tx.tenant,
      incident,
      automation,
      version,
      scopeText(scope),
      asked.cause,
      reason,
      new Date(good),
      new Date(now),
      context.actor.name,
      held,
    ],
  })
  const touched = await touchedSince(tx, asked, good)
  const { definition } = await dependencies.automations.version(tx, automation, version)
  await askReviews(tx, context, dependencies, {
    incident,
    touched,
    title: definition.title,
    role: definition['clinical-owner'],
    reason,
  })
  await dependencies.tell(tx, context, [...new Set([definition.owner, definition['clinical-owner']])])
  await tellEvent(tx, context, {
    automation,
    version,
    kind: 'fallen',
    data: { scope, to, cause: asked.cause, reason, incident, held, lookBack: touched.length },
  })
  await recordAccess(tx, context, [
    {
      action: 'E',
      code: 'automation-stopped',
      entities: [],
      patients: touched.map(({ patient }) => patient),
      about: [
        { kind: 'automation', id: automation },
        { kind: 'incident', id: incident },
      ],
    },
  ])
  return { incident, held, lookBack: touched.length }
}

/**
 * Before a promotion somebody vouched for what it did, and before a rise for what it did where it rose: a rise of one site says
 * nothing about another, nor one of a part about the whole. Without any, nothing was ever vouched for.
 * @returns milliseconds, 0 when never
 */
async function lastGood(
  tx: Tx,
  { automation, version, scope }: { automation: string; version: number; scope: Scope },
): Promise<number> {
  const vouched = await tx.query<{ at: Date; scope: Scope | null }>({
    text: `select at, data->'scope' as scope from automation_event
           where tenant_id = $1 and automation = $2 and version = $3 and kind in ('risen', 'promoted') order by at desc`,
    values: [tx.tenant, automation, version],
  })
  return vouched.find((event) => event.scope === null || contains(event.scope, scope))?.at.getTime() ?? 0
}

/** Everything not yet done, and everything proposed and not yet answered, goes to people. */
async function hold(tx: Tx, context: CallContext, dependencies: StopDependencies, asked: Stop): Promise<number> {
  const waiting = (await lockUnanswered(tx, asked.automation)).filter(
    ({ circumstances, version }) =>
      insideOf(asked.scope, circumstances) && (asked.version === undefined || version === asked.version),
  )
  const handed = []
  for (const decision of waiting)
    handed.push({
      decision,
      automation: await dependencies.automations.version(tx, decision.automation, decision.version),
      handed: 'stopped' as const,
      level: asked.to,
      because: 'standing',
      why: asked.reason,
    })
  await handOver(tx, context, dependencies, handed)
  return waiting.length
}

/** Whether a case lies in a scope, whatever its confidence: a stop does not ask how sure the automation was. */
function insideOf({ confidence: _confidence, ...scope }: Scope, given: Case): boolean {
  return matches(scope, given)
}

/** Patients whose care it touched since then: it acted, or a person saw what it proposed. */
async function touchedSince(tx: Tx, { automation, version, scope }: Stop, since: number): Promise<Touched[]> {
  const rows = await tx.query<{ id: string; patient: string; circumstances: Case }>({
    text: `select id, patient, circumstances from automation_decision
           where tenant_id = $1 and automation = $2 and touched_at >= $3 and ($4::int is null or version = $4) order by patient, id`,
    values: [tx.tenant, automation, new Date(since), version ?? null],
  })
  const patients = new Map<string, string[]>()
  for (const { id, patient, circumstances } of rows)
    if (insideOf(scope, circumstances)) patients.set(patient, [...(patients.get(patient) ?? []), id])
  return [...patients].map(([patient, decisions]) => ({ patient, decisions }))
}

async function askReviews(
  tx: Tx,
  context: CallContext,
  { record, makeReview }: StopDependencies,
  asked: { incident: string; touched: readonly Touched[]; title: Words; role: string; reason: string },
): Promise<void> {
  const { incident, touched, title, role, reason } = asked
  if (touched.length === 0) return
  const now = context.clock.now()
  const tasks = touched.map(({ patient, decisions }) => ({
    ...makeReview({
      id: newId(context.clock),
      title: { en: `Look back: ${title.en}`, fr: `Revoir : ${title.fr}` },
      description: {
        en: `This automation was stopped: ${reason} It touched this patient's care ${decisions.length === 1 ? 'once' : `${decisions.length} times`}. Was anything done wrong?`,
        fr: `Cet automatisme a été arrêté : ${reason} Il est intervenu ${decisions.length} fois dans les soins de cette personne. Une erreur a-t-elle été commise ?`,
      },
      role,
      identifier: { system: lookBackSystem, value: incident },
      outcomes: findings,
      now,
      due: now + reviewWithin,
    }),
    for: { reference: patient },
  }))
  await record.write(
    tx,
    context,
    tasks.map((resource) => ({ interaction: 'create', resource })),
    { validate: false },
  )
  await tx.run({
    text: `insert into look_back (tenant_id, incident, patient, decisions, task)
           select $1, $2, patient, string_to_array(decisions, ' '), task from unnest($3::text[], $4::text[], $5::text[]) as t (patient, decisions, task)`,
    values: [
      tx.tenant,
      incident,
      touched.map(({ patient }) => patient),
      touched.map(({ decisions }) => decisions.join(' ')),
      tasks.map(({ id }) => id),
    ],
  })
}
