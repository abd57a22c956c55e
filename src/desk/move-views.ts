import type { Move, MovedJourney, MoveEditor } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { cohortsOf, type MoveRow, type Previewed, progressOf, type StoredMove } from '../journeys/index.ts'
import type { CallContext } from '../kernel/index.ts'
import {
  type CompiledPathway,
  fitting,
  type JourneyState,
  type MovePlan,
  pictureOf,
  proposeMapping,
  sayChange,
  sayReason,
  type SayingMove,
  titleOf,
  waitingFor,
} from '../pathways/index.ts'
import { type DeskDependencies, iso } from './desk.ts'

/** Moves as the API shows them. */
export async function viewsOf(
  tx: Tx,
  { pathways }: Pick<DeskDependencies, 'pathways'>,
  moves: readonly StoredMove[],
): Promise<Move[]> {
  const progress = await progressOf(
    tx,
    moves.map((move) => move.id),
  )
  const running = await tx.query<{ pathway: string; version: number; n: number }>({
    text: `select pathway, version, count(*)::int as n from journey where tenant_id = $1 and status = 'active' and pathway = any($2) group by pathway, version`,
    values: [tx.tenant, [...new Set(moves.map((move) => move.pathway))]],
  })
  return Promise.all(
    moves.map(async ({ writers: _writers, ...move }) => ({
      ...move,
      title: (await pathways.version(tx, move.pathway, move.to)).definition.title,
      madeAt: iso(move.madeAt),
      approvedAt: move.approvedAt === null ? null : iso(move.approvedAt),
      cohorts: (await cohortsOf(tx, move.id)).map((one) => ({ ...one, at: iso(one.at) })),
      progress: progress.get(move.id) ?? {},
      running: running.find((one) => one.pathway === move.pathway && one.version === move.from)?.n ?? 0,
    })),
  )
}

/** What somebody who edits a mapping goes by. */
export async function editorOf(tx: Tx, { pathways }: DeskDependencies, move: StoredMove): Promise<MoveEditor> {
  const from = (await pathways.version(tx, move.pathway, move.from)).definition
  const to = (await pathways.version(tx, move.pathway, move.to)).definition
  const counts = await tx.query<{ step: string; n: number }>({
    text: `select step, count(*)::int as n from journey j, lateral jsonb_object_keys(j.state::jsonb->'open') step
           where j.tenant_id = $1 and j.pathway = $2 and j.version = $3 and j.status = 'active' group by step`,
    values: [tx.tenant, move.pathway, move.from],
  })
  const running = (step: string) => counts.find((one) => one.step === step)?.n ?? 0
  const graphs = { from: pictureOf(from), to: pictureOf(to) }
  const before = new Map(
    Object.entries(move.mapping.steps).flatMap(([step, choice]) => (choice.do === 'pair' ? [[choice.to, step]] : [])),
  )
  return {
    pairs: proposeMapping(from, to).pairs,
    fits: fitting(from, to),
    steps: graphs.from.nodes.map(({ id, kind, title }) => ({ id, kind, title, running: running(id) })),
    newSteps: graphs.to.nodes.map(({ id, kind, title }) => ({
      id,
      kind,
      title,
      running: running(before.get(id) ?? ''),
    })),
    graphs,
  }
}

/** How often a plan changes what how: `task withdrawn` → 1. */
export function sumsOf({ moved }: MovePlan): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { what, change } of moved?.changes ?? []) sums[`${what} ${change}`] = (sums[`${what} ${change}`] ?? 0) + 1
  return sums
}

/** One journey before and after, in the asker's language. */
export async function movedJourneyOf(
  tx: Tx,
  { pathways, library }: DeskDependencies,
  context: CallContext,
  move: StoredMove,
  { journey, before, plan }: Previewed,
  row: MoveRow | undefined,
): Promise<MovedJourney> {
  const { locale } = context
  const saying: SayingMove = {
    from: await pathways.version(tx, move.pathway, move.from),
    to: await pathways.version(tx, move.pathway, move.to),
    roles: library.roles,
    locale,
    zone: library.calendar.zone,
  }
  const side = (state: JourneyState, pathway: CompiledPathway): MovedJourney['before'] => ({
    stage: pathway.definition.stages.find((stage) => stage.id === state.stage)?.title ?? null,
    waitingFor: waitingFor(state, { ...saying, definition: pathway.definition, version: pathway.version }),
    timers: Object.values({ ...state.timers, ...state.paused?.timers })
      .toSorted((a, b) => a.due - b.due)
      .map((timer) => {
        const step = pathway.steps[timer.step]
        return {
          of: step ? titleOf(step.id, step.step)[locale] : state.paused ? restWords[locale] : timer.step,
          due: iso(timer.due),
        }
      }),
  })
  return {
    journey,
    status: row?.status ?? null,
    fate: plan.fate,
    reasons: plan.reasons.map((reason) => sayReason(reason, saying)),
    asked: plan.reasons.flatMap(({ code, step }) => {
      const one = step === null ? undefined : saying.from.steps[step]
      return code === 'no-counterpart-asked' && one ? [{ step: one.id, title: titleOf(one.id, one.step) }] : []
    }),
    changes: (plan.moved?.changes ?? []).map((change) => ({ ...change, sentence: sayChange(change, saying) })),
    before: side(before, saying.from),
    after: plan.moved ? side(plan.moved.state, saying.to) : null,
    notUndone: row?.status === 'not-undone' ? whyNotUndone(row, locale) : null,
  }
}

const restWords = { en: 'End of the rest', fr: 'Fin de la suspension' }

const words: Readonly<Record<string, { en: string; fr: string }>> = {
  'went-on': {
    en: 'The journey has gone on since: taking it back would undo what people did, or what the patient was told.',
    fr: 'Le parcours a continué depuis : le remettre effacerait ce que des gens ont fait, ou ce que la personne a appris.',
  },
  'resource-changed': {
    en: 'Somebody has changed {} since the move.',
    fr: 'Quelqu’un a modifié {} depuis le changement.',
  },
  'message-stopped': {
    en: 'The move stopped a message before it left; it cannot be put under way again.',
    fr: 'Le changement a arrêté un message avant son envoi ; il ne peut pas être relancé.',
  },
  'journey-begun': {
    en: 'The move began another journey, which would be left alone.',
    fr: 'Le changement a commencé un autre parcours, qui resterait seul.',
  },
  ended: { en: 'The journey has ended since.', fr: 'Le parcours s’est terminé depuis.' },
}

function whyNotUndone({ reasons }: MoveRow, locale: 'en' | 'fr'): { sentence: string; instead: string } {
  const [reason] = reasons
  return {
    sentence: (words[reason?.code ?? '']?.[locale] ?? '').replace('{}', reason?.step ?? ''),
    instead:
      locale === 'fr'
        ? 'À la place : un changement dans l’autre sens, qui garde ce qui a été fait, ou la laisser sur sa nouvelle version.'
        : 'Instead: a move the other way round, which keeps what was done, or leave it on its new version.',
  }
}
