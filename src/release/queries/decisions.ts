import type { DecisionDetail, DecisionItem, DecisionList } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import type { Output } from '../automation/compile.ts'
import type { Snapshot } from '../decisions/snapshot.ts'
import { refuse } from '../errors.ts'
import { readLevel } from '../ladder/standings.ts'

/** Those of the patients whom the caller may see, by name. */
export type Sees = (patients: readonly string[]) => Promise<ReadonlyMap<string, string>>

interface Row {
  id: string
  automation: string
  version: number
  journey: string
  step: string
  patient: string
  asked_at: Date
  status: DecisionItem['status']
  level: string | null
  because: string | null
  handed: string | null
  output: Output | null
  answer: string | null
  disposition: DecisionItem['disposition']
  taken_at: Date | null
  settled_at: Date | null
  answered_at: Date | null
  answered_by: string | null
  note: string | null
  reversed_at: Date | null
  reversed_by: string | null
  reversed_to: string | null
  reversed_why: string | null
  conservative: boolean | null
  inputs: Snapshot
  inputs_hash: string
}

const select = `select d.*, o.output from automation_decision d
  left join automation_opinion o on o.tenant_id = d.tenant_id and o.decision = d.id and o.version = d.version`

function item(row: Row, seen: ReadonlyMap<string, string>): DecisionItem {
  // Who decides without a proposal is not to be led by one that they could look up.
  const blind = row.status === 'waiting' || row.status === 'handed'
  return {
    id: row.id,
    automation: row.automation,
    version: row.version,
    journey: row.journey,
    step: row.step,
    patient: row.patient,
    name: seen.get(row.patient) ?? row.patient,
    askedAt: row.asked_at.toISOString(),
    status: row.status,
    level: row.level === null ? null : readLevel(row.level),
    because: row.because,
    handed: row.handed,
    output: blind ? null : row.output,
    answer: row.answer,
    disposition: row.disposition,
    diff:
      row.disposition === 'edited' && row.output && row.answer !== null
        ? { from: row.output.gives, to: row.answer }
        : null,
    answeredAt: row.answered_at?.toISOString() ?? null,
    answeredBy: row.answered_by,
    seconds:
      row.answered_at && row.taken_at ? Math.round((row.answered_at.getTime() - row.taken_at.getTime()) / 1_000) : null,
    note: row.note,
    reversal: row.reversed_at
      ? {
          at: row.reversed_at.toISOString(),
          by: row.reversed_by ?? '',
          to: row.reversed_to,
          why: row.reversed_why ?? '',
        }
      : null,
    conservative: row.conservative,
  }
}

export const decisionShows = {
  all: 'true',
  waiting: `d.status in ('waiting', 'proposed', 'handed')`,
  acted: `d.status = 'acted'`,
  // An override: a person came to something else than was proposed or done.
  overrides: `(d.disposition = 'edited' or d.reversed_at is not null)`,
} as const

const page = 50

/** Decisions, newest first; those about patients whom the caller may not see are left out. */
export async function listDecisions(
  tx: Tx,
  asked: { automation: string | undefined; show: keyof typeof decisionShows; after: string | undefined },
  sees: Sees,
): Promise<DecisionList> {
  const [at, id] = asked.after?.split(' ') ?? []
  const rows = await tx.query<Row>({
    text: `${select} where d.tenant_id = $1 and ($2::text is null or d.automation = $2) and ${decisionShows[asked.show]}
             and ($3::timestamptz is null or (d.asked_at, d.id) < ($3, $4)) order by d.asked_at desc, d.id desc limit ${page + 1}`,
    values: [tx.tenant, asked.automation ?? null, at ?? null, id ?? null],
  })
  const shown = rows.slice(0, page)
  const seen = await sees([...new Set(shown.map(({ patient }) => patient))])
  const last = shown.at(-1)
  return {
    items: shown.filter(({ patient }) => seen.has(patient)).map((row) => item(row, seen)),
    next: rows.length > page && last ? `${last.asked_at.toISOString()} ${last.id}` : null,
  }
}

/** One decision with what it went by. A patient whom the caller may not see has none. */
export async function readDecisionPage(tx: Tx, id: string, sees: Sees): Promise<DecisionDetail> {
  const [row] = await tx.query<Row>({ text: `${select} where d.tenant_id = $1 and d.id = $2`, values: [tx.tenant, id] })
  const seen = row ? await sees([row.patient]) : undefined
  if (!row || !seen?.has(row.patient)) throw refuse('decision-not-found')
  const opinions = await tx.query<DecisionDetail['others'][number]>({
    text: 'select version, output, silence from automation_opinion where tenant_id = $1 and decision = $2 and version <> $3 order by version',
    values: [tx.tenant, id, row.version],
  })
  const feedback = await tx.query<Omit<DecisionDetail['feedback'][number], 'happenedAt'> & { happened_at: Date }>({
    text: `select outcome, suggestions, reason, comment, happened_at, by_name as by from automation_feedback
           where tenant_id = $1 and decision = $2 order by id`,
    values: [tx.tenant, id],
  })
  const shown = item(row, seen)
  return {
    ...shown,
    inputsHash: row.inputs_hash,
    settledAt: row.settled_at?.toISOString() ?? null,
    takenAt: row.taken_at?.toISOString() ?? null,
    feedback: feedback.map(({ happened_at, ...one }) => ({ ...one, happenedAt: happened_at.toISOString() })),
    inputs: Object.entries(row.inputs).map(([name, input]) => ({ name, ...input })),
    others: shown.status === 'waiting' || shown.status === 'handed' ? [] : opinions,
  }
}
