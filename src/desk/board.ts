import type { Board } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { prepared } from '../fhir/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { type JourneyState, waitingFor } from '../pathways/index.ts'
import { type DeskDependencies, explaining, inSight, iso, patientsOf } from './desk.ts'
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
  // The newest version: that of a retired pathway has its running journeys still to show.
  const [newest] = await tx.query<{ version: number | null }>({
    text: 'select max(version) as version from pathway_version where tenant_id = $1 and pathway = $2',
    values: [tx.tenant, pathway],
  })
  if (!newest?.version)
    throw refuse('pathway-not-found', {
      faults: [{ path: 'query.pathway', message: 'no pathway has this name' }],
    })
  const { definition } = await dependencies.pathways.version(tx, pathway, newest.version)
  const now = new Date(context.clock.now())
  const sight = await dependencies.sight(tx, context)
  const ask = <Row>(values: unknown[], text: (seen: string) => string) =>
    tx.query<Row>(prepared({ text: text(inSight(sight, values, 'j.subject')), values }))
  const counts = await ask<{ stage: string | null; count: number; overdue: number; oldest: Date }>(
    [tx.tenant, pathway, now],
    (seen) => `
      select j.stage, count(*)::int as count, (count(*) filter (where j.due < $3))::int as overdue, min(j.stage_since) as oldest
      from journey j where j.tenant_id = $1 and j.pathway = $2 and j.status = 'active'${seen} group by j.stage`,
  )
  const cards = await ask<CardRow>(
    [tx.tenant, pathway, definition.stages.map((stage) => stage.id), cardsPerStage],
    (seen) => `
      select c.* from unnest($3::text[]) as s (stage) cross join lateral (
        select j.id, j.stage, j.version, j.stage_since, j.due, j.state from journey j
        where j.tenant_id = $1 and j.pathway = $2 and j.status = 'active' and j.stage = s.stage${seen} order by j.stage_since limit $4) c`,
  )
  const ended = await ask<{ outcome: string; n: number }>(
    [tx.tenant, pathway, new Date(now.getTime() - 30 * 86_400_000)],
    (seen) => `
      select coalesce(j.outcome, j.status) as outcome, count(*)::int as n from journey j
      where j.tenant_id = $1 and j.pathway = $2 and j.status <> 'active' and j.ended_at > $3${seen} group by 1`,
  )
  const states = cards.map((card): JourneyState => JSON.parse(card.state))
  const patients = await patientsOf(
    tx,
    dependencies.record,
    states.map((state) => state.subject),
    sight,
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
    pathway: { id: pathway, title: definition.title, version: newest.version },
    stages: definition.stages.map(({ id, title }) => {
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
        .map(({ outcome, n }) => ({ outcome, title: endingTitle(definition, outcome), count: n }))
        .toSorted((a, b) => b.count - a.count),
    },
  }
}
