import type { Board } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { type JourneyState, waitingFor } from '../pathways/index.ts'
import { type DeskDependencies, explaining, iso, patientsOf } from './desk.ts'
import { refuse } from './errors.ts'
import { endingTitle } from './pathway-words.ts'

const cardsPerStage = 30

interface CardRow {
  id: string
  stage: string
  version: number
  stage_since: Date
  due: Date | null
  state: string
}

/** A card tells the due time of its own beside the sentence. */
const withoutDues = (state: JourneyState): JourneyState => ({
  ...state,
  open: Object.fromEntries(Object.entries(state.open).map(([step, open]) => [step, { ...open, due: undefined }])),
})

/** The board of a pathway: every stage with its counts, and its oldest journeys as cards. Lateness is told as of now. */
export async function boardOf(
  tx: Tx,
  dependencies: DeskDependencies,
  context: CallContext,
  pathway: string,
): Promise<Board> {
  const active = (await dependencies.pathways.active(tx)).find((one) => one.id === pathway)
  if (!active)
    throw refuse('pathway-not-found', {
      faults: [{ path: 'query.pathway', message: 'no active pathway has this name' }],
    })
  const now = new Date(context.clock.now())
  const counts = await tx.query<{ stage: string | null; count: number; overdue: number; oldest: Date }>({
    name: 'board-counts',
    text: `select stage, count(*)::int as count, (count(*) filter (where due < $3))::int as overdue, min(stage_since) as oldest
           from journey where tenant_id = $1 and pathway = $2 and status = 'active' group by stage`,
    values: [tx.tenant, pathway, now],
  })
  const cards = await tx.query<CardRow>({
    name: 'board-cards',
    text: `select c.* from unnest($3::text[]) as s (stage) cross join lateral (
             select id, stage, version, stage_since, due, state from journey
             where tenant_id = $1 and pathway = $2 and status = 'active' and stage = s.stage order by stage_since limit $4) c`,
    values: [tx.tenant, pathway, active.definition.stages.map((stage) => stage.id), cardsPerStage],
  })
  const ended = await tx.query<{ outcome: string; n: number }>({
    text: `select coalesce(outcome, status) as outcome, count(*)::int as n from journey where tenant_id = $1 and pathway = $2 and status <> 'active' and ended_at > $3 group by 1`,
    values: [tx.tenant, pathway, new Date(now.getTime() - 30 * 86_400_000)],
  })
  const states = cards.map((card): JourneyState => JSON.parse(card.state))
  const patients = await patientsOf(
    tx,
    dependencies.record,
    states.map((state) => state.subject),
  )
  const shown = await Promise.all(
    cards.map(async (card, index) => {
      const state = states[index]
      const subject = state?.subject ?? ''
      const how = await explaining(tx, dependencies, context, pathway, card.version)
      return {
        stage: card.stage,
        id: card.id,
        patient: patients.get(subject) ?? { id: subject, name: subject },
        since: iso(card.stage_since),
        due: card.due === null ? null : iso(card.due),
        overdue: card.due !== null && card.due < now,
        priority: state?.priority ?? 'routine',
        waitingFor: state ? (waitingFor(card.due === null ? state : withoutDues(state), how)[0] ?? '') : '',
      }
    }),
  )
  await dependencies.audit(tx, context, [
    { action: 'R', code: 'board', entities: [...new Set(states.map((state) => state.subject))] },
  ])
  return {
    pathway: { id: pathway, title: active.definition.title, version: active.version },
    stages: active.definition.stages.map(({ id, title }) => {
      const count = counts.find((row) => row.stage === id)
      return {
        id,
        title,
        count: count?.count ?? 0,
        overdue: count?.overdue ?? 0,
        oldestSince: count ? iso(count.oldest) : null,
        cards: shown.flatMap(({ stage, ...card }) => (stage === id ? [card] : [])),
      }
    }),
    ended: {
      lastThirtyDays: ended.reduce((sum, row) => sum + row.n, 0),
      byOutcome: ended
        .map(({ outcome, n }) => ({ outcome, title: endingTitle(active.definition, outcome), count: n }))
        .toSorted((a, b) => b.count - a.count),
    },
  }
}
