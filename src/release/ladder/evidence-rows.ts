import type { Tx } from '../../db/index.ts'
import { type CallContext, newId } from '../../kernel/index.ts'
import { type Level, levels } from '../authority.ts'
import type { AutomationDefinition } from '../automation/definition.ts'
import type { Output } from '../automation/compile.ts'
import { wilson } from '../distributions.ts'
import { refuse } from '../errors.ts'
import { discrimination } from '../learning/fit.ts'
import { type Case, matches, type Scope } from '../scope.ts'
import { tellEvent } from './events.ts'
import { lockHead, readLevel, scopeText } from './standings.ts'

const day = 86_400_000
/** How long evidence counts. */
const countsFor = 90 * day

export interface Observed {
  level: Level
  cases: number
  /** Cases in which people came to what the automation said; of what it did alone, those that nobody reversed. */
  agreed: number
  /** Lower end of the 90 % interval of the share that agreed (Wilson). */
  atLeast: number
}

const next = (level: Level): Level => levels[levels.indexOf(level) + 1] ?? level

/**
 * What a version's settled decisions show at one level and scope. In shadow: whether the person, who did not see it, came
 * to the same. Proposed: whether it was accepted as it stood. Acted: whether nobody reversed it.
 */
export async function observe(
  tx: Tx,
  asked: { automation: string; version: number; scope: Scope; level: Level; since: number },
): Promise<Observed> {
  const rows = await tx.query<{ circumstances: Case; confidence: number | null; agreed: boolean }>({
    text: `select d.circumstances, (o.output->>'confidence')::float8 as confidence,
             case when d.status = 'acted' then d.reversed_at is null
                  else o.output->>'gives' = coalesce(d.reversed_to, d.answer) end as agreed
           from automation_decision d
           join automation_opinion o on o.tenant_id = d.tenant_id and o.decision = d.id and o.version = $3
           where d.tenant_id = $1 and d.automation = $2 and d.asked_at >= $5 and o.output is not null
             and case when $4 = 'shadow' then d.answer is not null and d.answered_by is not null and (d.version <> $3 or d.level = 'shadow') and d.touched_at is null
                      else d.version = $3 and d.level = $4 and (d.answer is not null or d.status = 'acted') end`,
    values: [tx.tenant, asked.automation, asked.version, asked.level, new Date(asked.since)],
  })
  const inside = rows.filter((row) =>
    matches(asked.scope, { ...row.circumstances, ...(row.confidence === null ? {} : { confidence: row.confidence }) }),
  )
  const agreed = inside.filter((row) => row.agreed).length
  const cases = inside.length
  return { level: asked.level, cases, agreed, atLeast: cases === 0 ? 0 : wilson(agreed, cases, 1.6449).low }
}

interface Foretold {
  level: Level
  cases: number
  happened: number
  /** How well what happened was told apart from what did not, and the lower end of its 90 % interval. */
  area: number
  atLeast: number
}

/** What came of cases, by what began them. */
export type Outcomes = (tx: Tx, triggers: readonly string[]) => Promise<ReadonlyMap<string, boolean>>

/**
 * What a version that learns foretold while it only looked on, held against what came of it. An answer without a chance
 * counts as certain.
 */
async function observeOutcomes(
  tx: Tx,
  asked: { automation: string; version: number; scope: Scope; since: number; gives: string },
  outcomes: Outcomes,
): Promise<Foretold> {
  const rows = await tx.query<{ trigger: string; circumstances: Case; output: Output }>({
    text: `select d.trigger, d.circumstances, o.output from automation_decision d
           join automation_opinion o on o.tenant_id = d.tenant_id and o.decision = d.id and o.version = $3
           where d.tenant_id = $1 and d.automation = $2 and d.asked_at >= $4 and o.output is not null and d.touched_at is null`,
    values: [tx.tenant, asked.automation, asked.version, new Date(asked.since)],
  })
  const inside = rows.filter((row) => matches(asked.scope, { ...row.circumstances, confidence: row.output.confidence }))
  const known = await outcomes(tx, [...new Set(inside.map(({ trigger }) => trigger))])
  const scored = inside.flatMap(({ trigger, output }) => {
    const happened = known.get(trigger)
    return happened === undefined ? [] : [{ score: output.score ?? Number(output.gives === asked.gives), happened }]
  })
  const told = discrimination(scored)
  return {
    level: 'shadow',
    cases: scored.length,
    happened: scored.filter(({ happened }) => happened).length,
    area: told?.area ?? 0,
    atLeast: told?.atLeast ?? 0,
  }
}

export interface EvidenceAsked {
  automation: string
  version: number
  scope: Scope
  /** The level whose cases are looked at; the evidence counts for the next. */
  level: Level
  review?: string | undefined
}

/**
 * Makes evidence for the next level out of what was decided. For the first one, shadow, there is nothing to count: it is
 * a person's review of what the automation is for, in words.
 */
export async function makeEvidence(
  tx: Tx,
  context: CallContext,
  asked: EvidenceAsked & { definition: AutomationDefinition; outcomes?: Outcomes | undefined },
): Promise<{ id: string; supports: Level }> {
  await lockHead(tx, asked.automation, 'share')
  const now = context.clock.now()
  const { automation, version, scope, level } = asked
  const supports = next(level)
  let summary: Record<string, unknown>
  if (level === 'off') {
    if (asked.review === undefined)
      throw refuse('evidence-missing', { faults: [{ path: 'review', message: 'say what was reviewed' }] })
    summary = { review: asked.review }
  } else {
    const { cases: needed, agreement } = asked.definition.proves
    const { learns } = asked.definition
    const since = now - countsFor
    const seen =
      level === 'shadow' && learns && asked.outcomes
        ? await observeOutcomes(tx, { automation, version, scope, since, gives: learns.gives }, asked.outcomes)
        : await observe(tx, { automation, version, scope, level, since })
    if (seen.cases < needed)
      throw refuse('evidence-too-thin', {
        faults: [{ path: 'cases', message: `${seen.cases} of ${needed} that are needed at ${level}` }],
      })
    if (seen.atLeast < agreement)
      throw refuse('evidence-against', {
        faults: [
          {
            path: 'agreed',
            message:
              'agreed' in seen
                ? `${seen.agreed} of ${seen.cases}: at least ${(seen.atLeast * 100).toFixed(1)} %, ${agreement * 100} % are needed`
                : `area ${seen.area.toFixed(2)} over ${seen.cases}: at least ${seen.atLeast.toFixed(2)}, ${agreement} is needed`,
          },
        ],
      })
    summary = { ...seen }
  }
  const id = newId(context.clock)
  await tx.run({
    text: `insert into automation_evidence (tenant_id, id, automation, version, scope, supports, kind, summary, until, at, by_account, by_name)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    values: [
      tx.tenant,
      id,
      automation,
      version,
      scopeText(scope),
      supports,
      level === 'off' ? 'review' : level,
      JSON.stringify(summary),
      new Date(now + countsFor),
      new Date(now),
      context.actor.id,
      context.actor.name,
    ],
  })
  await tellEvent(tx, context, { automation, version, kind: 'evidence', data: { evidence: id, scope, supports } })
  return { id, supports: readLevel(supports) }
}
