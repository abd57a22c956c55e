import type { Tx } from '../../db/index.ts'
import { type CallContext, newId } from '../../kernel/index.ts'
import { type Level, levels } from '../authority.ts'
import type { AutomationDefinition } from '../automation/definition.ts'
import { wilson } from '../distributions.ts'
import { refuse } from '../errors.ts'
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
             and case when $4 = 'shadow' then d.answer is not null and (d.version <> $3 or d.level = 'shadow') and d.touched_at is null
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
  asked: EvidenceAsked & { definition: AutomationDefinition },
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
    const seen = await observe(tx, { automation, version, scope, level, since: now - countsFor })
    if (seen.cases < needed)
      throw refuse('evidence-too-thin', {
        faults: [{ path: 'cases', message: `${seen.cases} of ${needed} that are needed at ${level}` }],
      })
    if (seen.atLeast < agreement)
      throw refuse('evidence-against', {
        faults: [
          {
            path: 'agreed',
            message: `${seen.agreed} of ${seen.cases}: at least ${(seen.atLeast * 100).toFixed(1)} %, ${agreement * 100} % are needed`,
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
