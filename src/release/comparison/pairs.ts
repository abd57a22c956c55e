import type { VersionComparison } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import type { PublishedAutomations } from '../automation/published.ts'
import { stableFraction } from '../cohort.ts'
import { type Snapshot, valuesOf } from '../decisions/snapshot.ts'
import { type Evidence, harm, type Hypotheses, noEvidence, noWorseThan, strength, weigh } from '../evidence.ts'
import { refuse } from '../errors.ts'
import type { Sees } from '../queries/decisions.ts'

/** Cases of the last days count. */
const since = 90 * 86_400_000
const shown = 20
const margin = 1.5
const alpha = 0.05

export interface Pair {
  id: string
  patient: string
  journey: string
  step: string
  asked_at: Date
  /** What counted, and what the version said. */
  answer: string
  said: string
  answered_by: string | null
  inputs: Snapshot
  prefers: 'version' | 'other' | 'both' | 'neither' | null
}

/**
 * Cases in which a version said something and nobody was shown it, with what counted instead: a person's answer, or that of
 * the version that acted. What the fallback answered unasked is nobody's judgement.
 */
const select = `select d.id, d.patient, d.journey, d.step, d.asked_at, d.answer, o.output->>'gives' as said, d.answered_by, d.inputs, a.prefers
  from automation_decision d
  join automation_opinion o on o.tenant_id = d.tenant_id and o.decision = d.id and o.version = $2
  left join automation_adjudication a on a.tenant_id = d.tenant_id and a.decision = d.id and a.version = $2
  where d.tenant_id = $1 and o.output is not null and d.answer is not null and (d.status = 'acted' or d.answered_by is not null)
    and not (d.version = $2 and d.touched_at is not null)`

/** Whether a pair's first answer is the version's: always the same for a pair, and known to nobody who judges it. */
export const firstIsVersion = (decision: string, version: number): boolean =>
  stableFraction(`${decision} ${version}`) < 0.5

export async function readPair(tx: Tx, decision: string, version: number): Promise<Pair | undefined> {
  const [row] = await tx.query<Pair>({ text: `${select} and d.id = $3`, values: [tx.tenant, version, decision] })
  return row && row.answer !== row.said ? row : undefined
}

/** One test for all: each judged pair is an event of a comparison in which either side could be the wrong one. */
function judgedEvidence(hypotheses: Hypotheses, versionWrong: number, otherWrong: number): number {
  let evidence: Evidence = noEvidence(hypotheses)
  for (let n = 0; n < versionWrong; n += 1) evidence = weigh(hypotheses, evidence, { canary: true, share: 0.5 })
  for (let n = 0; n < otherWrong; n += 1) evidence = weigh(hypotheses, evidence, { canary: false, share: 0.5 })
  return strength(hypotheses, evidence)
}

/** What a version said while it only looked on, against what counted, and the differences that wait for a judge. */
export async function readComparison(
  tx: Tx,
  context: CallContext,
  automations: PublishedAutomations,
  asked: { automation: string; version: number | undefined },
  sees: Sees,
): Promise<VersionComparison> {
  const [head] = await tx.query<{ active: number; candidate: number | null }>({
    text: 'select active_version as active, candidate_version as candidate from automation where tenant_id = $1 and id = $2',
    values: [tx.tenant, asked.automation],
  })
  if (!head) throw refuse('automation-not-found')
  const version = asked.version ?? head.candidate ?? head.active
  const { definition } = await automations.version(tx, asked.automation, version)
  const pairs = await tx.query<Pair>({
    text: `${select} and d.automation = $3 and d.asked_at >= $4 order by d.asked_at, d.id`,
    values: [tx.tenant, version, asked.automation, new Date(context.clock.now() - since)],
  })
  const apart = pairs.filter(({ answer, said }) => answer !== said)
  const judged = { version: 0, other: 0, both: 0, neither: 0 }
  for (const { prefers } of apart) if (prefers !== null) judged[prefers] += 1
  // Whoever gave one of the two answers does not judge them.
  const open = apart.filter(({ prefers, answered_by }) => prefers === null && answered_by !== context.actor.name)
  const names = await sees([...new Set(open.map(({ patient }) => patient))])
  const titled = (code: string) => ({
    code,
    title: definition.answers.find((one) => one.code === code)?.title ?? { en: code, fr: code },
  })
  return {
    version,
    cases: pairs.length,
    agreed: pairs.length - apart.length,
    discordant: apart.length,
    judged,
    worse: judgedEvidence(harm, judged.other, judged.version),
    noWorse: judgedEvidence(noWorseThan(margin), judged.other, judged.version),
    margin,
    needed: 1 / alpha,
    queue: open
      .filter(({ patient }) => names.has(patient))
      .slice(0, shown)
      .map((pair) => {
        const [first, second] = firstIsVersion(pair.id, version) ? [pair.said, pair.answer] : [pair.answer, pair.said]
        return {
          decision: pair.id,
          patient: pair.patient,
          name: names.get(pair.patient) ?? pair.patient,
          journey: pair.journey,
          step: pair.step,
          askedAt: pair.asked_at.toISOString(),
          inputs: Object.entries(valuesOf(pair.inputs)).map(([name, value]) => ({ name, value })),
          first: titled(first),
          second: titled(second),
        }
      }),
  }
}
